//! Lines between samples that are none of k6's stream, as its own output on stdout has them.

use std::io;

type PassOn<'a> = &'a mut (dyn FnMut(&[u8]) -> io::Result<()> + Send);

/// Where such lines go.
pub(super) struct Strays<'a> {
    to: PassOn<'a>,
    lines: u64,
    failed: bool,
}

impl<'a> Strays<'a> {
    pub(super) fn new(to: PassOn<'a>) -> Self {
        Self {
            to,
            lines: 0,
            failed: false,
        }
    }

    /// Passes lines on.
    pub(super) fn pass_on(&mut self, lines: &[u8]) {
        if !self.failed && (self.to)(lines).is_err() {
            // Nobody reads them any more. That must not cost the samples.
            self.failed = true;
        }
        if !self.failed {
            let lines = lines.split(|byte| *byte == b'\n');
            let lines = lines.filter(|line| !line.trim_ascii().is_empty());
            self.lines += lines.count() as u64;
        }
    }

    /// The number of lines that were passed on.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }
}
