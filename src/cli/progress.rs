//! Progress on stderr, for people who wait.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::global::{Talk, says};
use crate::formats::Meter;

/// What is read faster needs no progress.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often it is shown anew.
const TICK: Duration = Duration::from_millis(100);

/// Progress of reading: bytes, samples, rate, time left. On a terminal only.
pub(super) struct Progress {
    meter: Arc<Meter>,
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            meter: Arc::default(),
            bar: ProgressBar::hidden(),
        }
    }

    /// What counts the bytes and samples.
    pub(super) fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// Does something, and shows meanwhile how far it has come if it takes long.
    pub(super) fn watch<T>(&self, work: impl FnOnce() -> T) -> T {
        if !io::stderr().is_terminal() || !says(Talk::Usual) {
            return work();
        }
        let (done, is_done) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    self.show();
                    while is_done.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                        self.update();
                    }
                    self.bar.finish_and_clear();
                }
            });
            let result = work();
            drop(done);
            result
        })
    }

    /// Writes lines to stderr, above the progress.
    pub(super) fn write_above(&self, lines: &[u8]) -> io::Result<()> {
        self.bar.suspend(|| io::stderr().lock().write_all(lines))
    }

    fn show(&self) {
        let total = self.meter.total();
        let form = if total > 0 {
            "{wide_bar} {percent}% of {decimal_total_bytes}, {msg}, {decimal_bytes_per_sec}, {eta} left"
        } else {
            "{spinner} {decimal_bytes}, {msg}, {decimal_bytes_per_sec}"
        };
        if let Ok(style) = ProgressStyle::with_template(form) {
            self.bar.set_style(style);
        }
        if total > 0 {
            self.bar.set_length(total);
        }
        self.update();
        self.bar.set_draw_target(ProgressDrawTarget::stderr());
    }

    fn update(&self) {
        let samples = crate::units::counted(self.meter.samples(), "sample");
        self.bar.set_message(samples);
        self.bar.set_position(self.meter.bytes());
        self.bar.tick();
    }
}
