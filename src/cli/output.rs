//! Where results go: stdout, or a file that appears whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use terminal_size::terminal_size_of;

use crate::error::{Error, Result};
use crate::unfinished::{self, Unfinished};

/// Where to write.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Write to a file; - is stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl OutputArgs {
    /// A file; `-` is stdout.
    pub(super) fn to(file: &Path) -> Self {
        Self {
            output: Some(file.to_owned()),
        }
    }

    /// Whether it goes to stdout.
    pub(super) fn is_stdout(&self) -> bool {
        self.file().is_none()
    }

    /// Writes text for people to where it should go. Colours stay only on a terminal, whose width is given.
    pub(super) fn write_text(
        &self,
        render: impl FnOnce(&mut dyn Write, Option<usize>) -> io::Result<()>,
    ) -> Result<()> {
        let mut text = Vec::new();
        render(&mut text, self.width())?;
        match self.file() {
            None => write_all(&mut stdout(), &text),
            Some(path) => {
                let mut plain = anstream::StripStream::new(Vec::new());
                plain.write_all(&text)?;
                write_whole(path, &plain.into_inner())
            }
        }
    }

    /// The width of the terminal that shows it: of `COLUMNS`, if that is set; `None` elsewhere, where nothing
    /// is to be shortened.
    fn width(&self) -> Option<usize> {
        let out = io::stdout();
        if !self.is_stdout() || !out.is_terminal() {
            return None;
        }
        let stated = std::env::var("COLUMNS").ok();
        let stated = stated.and_then(|columns| columns.trim().parse().ok());
        let stated = stated.filter(|columns| *columns > 0);
        stated.or_else(|| Some(usize::from(terminal_size_of(out)?.0.0)))
    }

    /// Writes a document for machines, byte for byte.
    pub(super) fn write_document(
        &self,
        render: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        let mut document = Vec::new();
        render(&mut document)?;
        match self.file() {
            None => write_stdout(&document),
            Some(path) => write_whole(path, &document),
        }
    }

    /// Says where it went, if that is a file.
    pub(super) fn say_wrote(&self) -> Result<()> {
        if let Some(path) = self.file() {
            writeln!(stdout(), "wrote {}", path.display())?;
        }
        Ok(())
    }

    fn file(&self) -> Option<&Path> {
        self.output
            .as_deref()
            .filter(|path| path.as_os_str() != "-")
    }
}

/// Stdout, with colours on a terminal only.
pub(super) fn stdout() -> impl Write {
    Pipe(anstream::stdout())
}

/// What may be a pipe. Whoever reads it can go away, as `head` does when it has enough: that is no
/// error, what else is to be written is written, and the exit code says what it says.
struct Pipe<W>(W);

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match self.0.write(text) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(text.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}

/// Writes to stdout, byte for byte.
pub(super) fn write_stdout(contents: &[u8]) -> Result<()> {
    write_all(&mut Pipe(io::stdout().lock()), contents)
}

fn write_all(out: &mut impl Write, contents: &[u8]) -> Result<()> {
    out.write_all(contents)?;
    out.flush()?;
    Ok(())
}

/// Writes a file aside and renames it, so that nobody ever sees half of it.
pub(super) fn write_whole(path: &Path, contents: &[u8]) -> Result<()> {
    let fail = |error| Error::write(path, error);
    let path = &unfinished::follow_links(path).map_err(fail)?;
    // A device or a pipe is written to and not replaced.
    if fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
        let opened = OpenOptions::new().write(true).open(path);
        let written = opened.and_then(|file| Pipe(file).write_all(contents));
        return written.map_err(fail);
    }
    let write = || {
        let (aside, mut file) = Unfinished::beside(path)?;
        file.write_all(contents)?;
        file.sync_all()?;
        aside.finish(path)
    };
    write().map_err(fail)
}
