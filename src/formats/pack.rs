//! Packing a stream into a Parquet file, as it comes.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::detect::Format;
use super::histogram::Reducing;
use super::input::{self, Input};
use super::meter::Meter;
use super::packing::Packing;
use super::probed::state;
use super::strays::Strays;
use super::{paths, read, unpack};
use crate::error::{Error, Result};
use crate::run::Skipped;
use crate::stats::buckets::LogBuckets;
use crate::unfinished::{self, Unfinished};

/// How the name of a file ends that is being packed.
pub(crate) const PARTIAL: &str = "partial";

/// What was packed.
#[derive(Debug)]
pub struct Packed {
    /// The number of samples.
    pub samples: u64,
    /// What of the stream was not used.
    pub skipped: Skipped,
    /// How many of those lines were passed on.
    pub strays: u64,
    /// The size of the stream's text, inflated where it was compressed; `None` of a packed one.
    pub text: Option<u64>,
    /// The size of the packed file.
    pub bytes: u64,
    /// Whether the stream was written to meanwhile, so that the packed file may be of two states of it.
    pub changed: bool,
}

/// Packs a stream into a Parquet file, in bounded memory: its samples, or histograms of them in these
/// buckets. Lines that are none of k6's stream, as its
/// own output on stdout has them, are given to `strays` as they come.
///
/// Missing folders are made. The file has its name when it is whole. Until then it is
/// `<name>.partial`; whenever it is worth it, a footer is appended, so that what is left of a process
/// that was killed can be read.
///
/// # Errors
/// When the stream cannot be read, is no stream, or the file cannot be written.
pub fn pack(
    from: &Path,
    to: &Path,
    histogram: Option<LogBuckets>,
    strays: &mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
    meter: &Arc<Meter>,
) -> Result<Packed> {
    let before = state(from);
    let input = input::open(from, meter)?;
    if !input.format.is_stream() {
        return Err(Error::input(
            from,
            format!("this is no stream but a summary ({})", input.format.name()),
            "pack what k6 run --out json= or --out csv= writes",
        ));
    }
    if input.format == Format::Histogram {
        return Err(Error::input(
            from,
            "this is a histogram, in which no samples are left to be packed",
            "pack the stream itself; a histogram is a run as it is",
        ));
    }
    if let Ok(meta) = fs::metadata(from) {
        meter.expect(meta.len());
    }
    let to = &unfinished::follow_links(to).map_err(|error| Error::write(to, error))?;
    let (partial, file) = create_partial(to)?;
    let strays = Strays::new(strays);
    let packed = match histogram {
        None => pack_into(input, file, partial.path(), strays, meter),
        Some(buckets) => {
            let run = paths::stem(to);
            reduce_into(input, partial.path(), run, buckets, strays, meter)
        }
    };
    let mut packed = packed?;
    packed.changed = before != state(from);
    partial
        .finish(to)
        .map_err(|error| Error::write(to, error))?;
    Ok(packed)
}

fn pack_into<'a>(
    input: Input,
    file: File,
    partial: &'a Path,
    strays: Strays<'a>,
    meter: &Meter,
) -> Result<Packed> {
    let sink = Packing::new(file, partial, input.format, strays)?;
    let read = read::stream(input, sink, meter)?;
    let (samples, strays) = (read.sink.samples(), read.sink.strays_passed_on());
    let file = read.sink.finish(read.origin, &read.skipped)?;
    let unwritable = |error| Error::write(partial, error);
    file.sync_all().map_err(unwritable)?;
    Ok(Packed {
        samples,
        skipped: read.skipped,
        strays,
        text: read.text,
        bytes: file.metadata().map_err(unwritable)?.len(),
        changed: false,
    })
}

fn reduce_into<'a>(
    input: Input,
    partial: &'a Path,
    run: String,
    buckets: LogBuckets,
    strays: Strays<'a>,
    meter: &Meter,
) -> Result<Packed> {
    let sink = Reducing::new(partial, run, input.format, buckets, strays);
    let read = read::stream(input, sink, meter)?;
    let (samples, strays) = (read.sink.samples(), read.sink.strays_passed_on());
    read.sink.finish(read.origin, &read.skipped)?;
    let written = fs::metadata(partial).map_err(|error| Error::write(partial, error))?;
    Ok(Packed {
        samples,
        skipped: read.skipped,
        strays,
        text: read.text,
        bytes: written.len(),
        changed: false,
    })
}

/// Creates `<name>.partial`, or another name where that one is left of an earlier process. Of those that are
/// abandoned, what cannot be read helps nobody, and goes.
fn create_partial(to: &Path) -> Result<(Unfinished, File)> {
    if to.is_dir() || to.file_name().is_none() {
        return Err(Error::write(to, io::ErrorKind::IsADirectory.into()));
    }
    if to.exists() && !to.is_file() {
        return Err(Error::usage(
            format!(
                "{}: a packed file cannot be written to a device or a pipe",
                to.display()
            ),
            "give -o a file",
        ));
    }
    // k6 is waiting at the other end of the pipe: a missing folder must not end its test.
    if let Some(folder) = to.parent().filter(|folder| !folder.exists()) {
        fs::create_dir_all(folder).map_err(|error| Error::write(folder, error))?;
    }
    unfinished::remove_abandoned(to, is_partial_of(to), unpack::holds_samples);
    let mut number = 1;
    loop {
        let mut name = OsString::from(to);
        if number > 1 {
            name.push(format!(".{number}"));
        }
        name.push(".");
        name.push(PARTIAL);
        let path = PathBuf::from(name);
        match Unfinished::begin(path.clone(), |path| File::create_new(path)) {
            Ok((partial, file)) => return Ok((partial.unless(unpack::holds_samples), file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {
                number += 1;
            }
            Err(error) => return Err(Error::write(path, error)),
        }
    }
}

/// Whether a name is one under which a file is packed: `<name>.2.partial`, also with the number of a part.
fn is_partial_of(to: &Path) -> impl Fn(&str) -> bool {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let beginning = format!("{name}.");
    move |left: &str| {
        let rest = left.strip_prefix(&beginning).unwrap_or_default();
        let is_number = |part: &str| part.parse::<u32>().is_ok();
        let mut parts = rest.split('.');
        parts.all(|part| part == PARTIAL || is_number(part)) && rest.contains(PARTIAL)
    }
}
