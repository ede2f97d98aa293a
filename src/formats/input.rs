//! Opening an input: a file or stdin, plain or compressed, known by its first bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::detect::{self, Format};
use super::histogram::is_histogram;
use super::meter::Meter;
use super::packed::is_parquet;
use crate::error::{Error, Result};

/// How much of an input is looked at, at most, to tell its format. Log lines may stand before the
/// first sample.
const HEAD: usize = 1 << 20;

/// How much is read at a time.
const STEP: usize = 1 << 16;

/// No summary is larger. k6's grow with the number of metrics and checks, not with the test.
const SUMMARY_LIMIT: u64 = 256 << 20;

/// The name under which stdin is given.
pub(crate) const STDIN: &str = "-";

/// An opened input whose format is known.
pub(crate) struct Input {
    /// The path as given; `-` for stdin.
    pub(crate) path: PathBuf,
    /// What it holds.
    pub(crate) format: Format,
    /// Whether it comes as it is written: stdin, or a pipe.
    pub(crate) live: bool,
    /// Whether it has to be inflated.
    pub(crate) compressed: bool,
    /// All of it, inflated, without a byte order mark.
    pub(crate) reader: Box<dyn Read + Send>,
    /// The file itself, if it is one and not compressed.
    pub(crate) file: Option<File>,
    /// The bytes read so far, before decompression.
    pub(crate) bytes: Arc<AtomicU64>,
}

/// Opens an input and finds out what it is. `meter` counts what is read of it.
pub(crate) fn open(path: &Path, meter: &Arc<Meter>) -> Result<Input> {
    let read = |error| Error::read(path, error);
    let (raw, file): (Box<dyn Read + Send>, Option<File>) = if path.as_os_str() == STDIN {
        (Box::new(io::stdin()), None)
    } else {
        let file = File::open(path).map_err(read)?;
        let is_file = file.metadata().is_ok_and(|meta| meta.is_file());
        let same = is_file.then(|| file.try_clone()).transpose();
        (Box::new(file), same.map_err(read)?)
    };
    let live = file.is_none();
    let bytes = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        inner: raw,
        bytes: Arc::clone(&bytes),
        meter: Arc::clone(meter),
    };
    let (mut reader, compressed) = decompressed(counted).map_err(read)?;
    let mut head = Head::default();
    // A decompressor that fails inside the head gives what it has; the rest is met again later.
    let cut = match head.read(path, &mut reader) {
        Ok(()) => None,
        Err(Error::Output(error)) if error.raw_os_error().is_some() => return Err(read(error)),
        Err(Error::Output(error)) => Some(error),
        Err(error) => return Err(error),
    };
    let is_whole = head.is_whole || cut.is_some();
    let format = match head.format {
        Some(format) => format,
        None => detect::detect(path, &head.text, is_whole, cut.as_ref())?,
    };
    let mut text = head.text;
    if text.starts_with(detect::BOM) {
        text.drain(..detect::BOM.len());
    }
    let rest: Box<dyn Read + Send> = match cut {
        Some(error) => Box::new(Failing(Some(error))),
        None => reader,
    };
    let format = match &file {
        Some(file) if format == Format::Packed && is_histogram(file) => Format::Histogram,
        _ => format,
    };
    Ok(Input {
        path: path.to_owned(),
        format,
        live,
        compressed,
        file: file.filter(|_| !compressed),
        reader: Box::new(Cursor::new(text).chain(rest)),
        bytes,
    })
}

/// The beginning of an input.
#[derive(Default)]
struct Head {
    text: Vec<u8>,
    /// Whether that is all of it.
    is_whole: bool,
    /// The format, when a whole line tells it.
    format: Option<Format>,
}

impl Head {
    /// Reads until the format of a stream is known, or enough to tell what else it is. A stream
    /// that is still being written is not waited for.
    fn read(&mut self, path: &Path, reader: &mut impl Read) -> Result<()> {
        let mut step = vec![0; STEP];
        let mut looked_at = 0;
        while self.text.len() < HEAD && self.format.is_none() {
            let n = match reader.read(&mut step) {
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            self.text.extend_from_slice(&step[..n]);
            if n == 0 {
                self.is_whole = true;
                return Ok(());
            }
            if is_parquet(&self.text) {
                self.format = Some(Format::Packed);
            } else if let Some(end) = memchr::memrchr(b'\n', &step[..n]) {
                let lines = self.text.len() - n + end + 1;
                self.format = detect::stream_format(path, &self.text[looked_at..lines])?;
                looked_at = lines;
            }
        }
        Ok(())
    }
}

impl Input {
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

/// A reader of what was compressed, and whether it was.
fn decompressed(raw: Counted) -> io::Result<(Box<dyn Read + Send>, bool)> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    let mut raw = BufReader::with_capacity(STEP, raw);
    let start = raw.fill_buf()?;
    Ok(if start.starts_with(&GZIP) {
        // Several members may follow one another.
        (Box::new(flate2::bufread::MultiGzDecoder::new(raw)), true)
    } else if start.starts_with(&ZSTD) {
        (Box::new(zstd::Decoder::with_buffer(raw)?), true)
    } else {
        (Box::new(raw), false)
    })
}

struct Counted {
    inner: Box<dyn Read + Send>,
    bytes: Arc<AtomicU64>,
    meter: Arc<Meter>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.bytes.fetch_add(n as u64, Ordering::Relaxed);
        self.meter.add_bytes(n);
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
