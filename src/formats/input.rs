//! Opening an input: a file or stdin, plain or compressed, known by its first bytes.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::detect::{self, Format};
use crate::error::{Error, Result};

/// How much of an input is looked at to tell its format. Log lines may stand before the first
/// sample.
const HEAD: u64 = 1 << 20;

/// No summary is larger. k6's grow with the number of metrics and checks, not with the test.
const SUMMARY_LIMIT: u64 = 256 << 20;

/// No line of a stream is longer; k6's are some hundred bytes.
const LINE_LIMIT: u64 = 16 << 20;

/// The name under which stdin is given.
pub(crate) const STDIN: &str = "-";

/// An opened input whose format is known.
pub(crate) struct Input {
    /// The path as given; `-` for stdin.
    pub(crate) path: PathBuf,
    /// What it holds.
    pub(crate) format: Format,
    /// The bytes read so far, before decompression.
    pub(crate) bytes: Rc<Cell<u64>>,
    reader: Box<dyn BufRead>,
}

/// Opens an input and finds out what it is.
pub(crate) fn open(path: &Path) -> Result<Input> {
    let bytes = Rc::new(Cell::new(0));
    let raw: Box<dyn Read> = if path.as_os_str() == STDIN {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(|e| Error::read(path, e))?)
    };
    let counted = Counted {
        inner: raw,
        bytes: Rc::clone(&bytes),
    };
    let mut reader = decompressed(counted).map_err(|e| Error::read(path, e))?;
    let mut head = Vec::new();
    // A decompressor that fails inside the head gives what it has; the rest is met again later.
    let cut = match reader.by_ref().take(HEAD).read_to_end(&mut head) {
        Ok(_) => None,
        Err(error) if error.raw_os_error().is_some() => return Err(Error::read(path, error)),
        Err(error) => Some(error),
    };
    let whole = (head.len() as u64) < HEAD;
    let format = detect::detect(path, &head, whole, cut.as_ref())?;
    let rest: Box<dyn Read> = match cut {
        Some(error) => Box::new(Failing(Some(error))),
        None => Box::new(reader),
    };
    let reader = Box::new(BufReader::with_capacity(
        1 << 16,
        Cursor::new(head).chain(rest),
    ));
    Ok(Input {
        path: path.to_owned(),
        format,
        bytes,
        reader,
    })
}

impl Input {
    /// The lines of a stream.
    pub(crate) fn into_lines(self) -> Lines {
        Lines {
            path: self.path,
            reader: self.reader,
            buffer: Vec::new(),
            number: 0,
            cut: None,
        }
    }

    /// The whole text of a summary.
    pub(crate) fn into_summary_text(self) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        let read = self.reader.take(SUMMARY_LIMIT + 1).read_to_end(&mut text);
        if let Err(error) = read {
            return Err(if error.raw_os_error().is_some() {
                Error::read(self.path, error)
            } else {
                detect::cut_summary(&self.path, &error.to_string())
            });
        }
        if text.len() as u64 > SUMMARY_LIMIT {
            return Err(Error::input(
                self.path,
                format!("a summary of more than {} MiB", SUMMARY_LIMIT >> 20),
                "k6's summaries are small; is this a stream, with its first lines missing?",
            ));
        }
        Ok(text)
    }
}

/// The SHA-256 of a file as it lies on the disk, in hexadecimal.
pub(crate) fn sha256(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(|e| Error::read(path, e))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => hasher.update(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::read(path, error)),
        }
    }
    let mut hexadecimal = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing to a string does not fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    Ok(hexadecimal)
}

fn decompressed(raw: Counted) -> io::Result<Box<dyn BufRead>> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    let mut raw = BufReader::with_capacity(1 << 16, raw);
    let start = raw.fill_buf()?;
    Ok(if start.starts_with(&GZIP) {
        // Several members may follow one another.
        Box::new(BufReader::with_capacity(
            1 << 16,
            flate2::bufread::MultiGzDecoder::new(raw),
        ))
    } else if start.starts_with(&ZSTD) {
        Box::new(BufReader::with_capacity(
            1 << 16,
            zstd::Decoder::with_buffer(raw)?,
        ))
    } else {
        Box::new(raw)
    })
}

struct Counted {
    inner: Box<dyn Read>,
    bytes: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.bytes.set(self.bytes.get() + n as u64);
        Ok(n)
    }
}

/// Stands for the rest of an input that could not be decompressed.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// The lines of a stream, without their ends. What cannot be decompressed ends the stream and is
/// remembered.
pub(crate) struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    buffer: Vec<u8>,
    number: u64,
    cut: Option<String>,
}

/// One line.
pub(crate) struct Line<'a> {
    /// Counted from 1.
    pub(crate) number: u64,
    /// Without CR and LF.
    pub(crate) bytes: &'a [u8],
    /// Whether its end was seen.
    pub(crate) ended: bool,
    /// Whether it is longer than any line that is read; `bytes` is its beginning.
    pub(crate) too_long: bool,
}

impl Lines {
    /// The next line; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>> {
        self.buffer.clear();
        let read = self
            .reader
            .by_ref()
            .take(LINE_LIMIT)
            .read_until(b'\n', &mut self.buffer);
        self.check(read.err())?;
        if self.buffer.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let mut ended = self.buffer.ends_with(b"\n");
        let too_long = !ended && self.buffer.len() as u64 == LINE_LIMIT;
        if too_long {
            let skipped = self.reader.skip_until(b'\n');
            self.check(skipped.err())?;
            ended = true;
        }
        let mut bytes = self.buffer.as_slice();
        if self.number == 1 {
            bytes = bytes.strip_prefix(detect::BOM).unwrap_or(bytes);
        }
        bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Ok(Some(Line {
            number: self.number,
            bytes,
            ended,
            too_long,
        }))
    }

    /// Why the stream ended before its end.
    pub(crate) fn cut(&self) -> Option<&str> {
        self.cut.as_deref()
    }

    fn check(&mut self, error: Option<io::Error>) -> Result<()> {
        match error {
            None => Ok(()),
            Some(error) if error.raw_os_error().is_some() => Err(Error::read(&self.path, error)),
            Some(error) => {
                self.cut = Some(format!(
                    "the compressed data ends or breaks early ({error})"
                ));
                Ok(())
            }
        }
    }
}
