//! Packing a stream into a Parquet file, as it comes.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::about::About;
use super::detect::Format;
use super::input;
use super::meter::Meter;
use super::packed::{self, GroupSeries, SeriesRow, Writer};
use super::read;
use super::sink::{Sink, Tags};
use crate::error::{Error, Result};
use crate::run::{Declarations, MetricDeclaration, SeriesTable, Skipped, builtin};

/// So many samples are written together: many enough to be packed well, few enough to be kept in
/// memory.
const GROUP: usize = 1 << 20;

/// Samples are written after this time, even if they are few, and a twentieth of the time before:
/// the footers that this takes must not outgrow the samples.
const SOON: Duration = Duration::from_secs(10);

/// What a sample takes in the file, roughly, in bytes.
const PACKED_SAMPLE: usize = 4;

/// What was packed.
#[derive(Debug)]
pub struct Packed {
    /// The number of samples.
    pub samples: u64,
    /// What of the stream was not used.
    pub skipped: Skipped,
    /// How many of those lines were passed on.
    pub strays: u64,
    /// The size of the stream, compressed where it is.
    pub bytes_in: u64,
    /// The size of the packed file.
    pub bytes_out: u64,
}

/// Packs a stream into a Parquet file, in bounded memory. Lines that are none of k6's stream, as its
/// own output on stdout has them, are given to `strays` as they come.
///
/// The file has its name when it is whole. Until then it is `<name>.partial`; whenever it is worth
/// it, a footer is appended, so that what is left of a process that was killed can be read.
///
/// # Errors
/// When the stream cannot be read, is no stream, or the file cannot be written.
pub fn pack(
    from: &Path,
    to: &Path,
    strays: &mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
    meter: &Arc<Meter>,
) -> Result<Packed> {
    let input = input::open(from, meter)?;
    if !input.format.is_stream() {
        return Err(Error::input(
            from,
            format!("this is no stream but a summary ({})", input.format.name()),
            "pack what k6 run --out json= or --out csv= writes",
        ));
    }
    if let Ok(meta) = fs::metadata(from) {
        meter.expect(meta.len());
    }
    let bytes_in = Arc::clone(&input.bytes);
    let (partial, file) = create_partial(to)?;
    let failed = |error| unwritable(&partial, error);
    let sink = Packing {
        writer: Writer::new(BufWriter::new(file)).map_err(failed)?,
        origin: input.format,
        declarations: Declarations::default(),
        table: SeriesTable::default(),
        series: Vec::new(),
        times: Vec::new(),
        values: Vec::new(),
        generation: 0,
        samples: 0,
        started: Instant::now(),
        written: Instant::now(),
        strays: Strays {
            pass_on: strays,
            lines: 0,
        },
        partial: &partial,
    };
    let read = read::stream(input, sink, meter)?;
    let mut sink = read.sink;
    sink.origin = read.origin;
    let (samples, strays) = (sink.samples, sink.strays.lines);
    let file = sink.finish(&read.skipped)?;
    let bytes_out = file.metadata().map_or(0, |meta| meta.len());
    file.sync_all()
        .map_err(|error| Error::write(&partial, error))?;
    fs::rename(&partial, to).map_err(|error| Error::write(to, error))?;
    Ok(Packed {
        samples,
        skipped: read.skipped,
        strays,
        bytes_in: bytes_in.load(Ordering::Relaxed),
        bytes_out,
    })
}

/// Creates `<name>.partial`, or another name where that one is left of an earlier process.
fn create_partial(to: &Path) -> Result<(PathBuf, File)> {
    if to.is_dir() || to.file_name().is_none() {
        return Err(Error::write(to, io::ErrorKind::IsADirectory.into()));
    }
    let mut number = 1;
    loop {
        let mut name = OsString::from(to);
        if number > 1 {
            name.push(format!(".{number}"));
        }
        name.push(".partial");
        let path = PathBuf::from(name);
        match File::create_new(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {
                number += 1;
            }
            Err(error) => return Err(Error::write(path, error)),
        }
    }
}

/// Samples on their way into a packed file.
struct Packing<'a> {
    writer: Writer<BufWriter<File>>,
    origin: Format,
    declarations: Declarations,
    /// The series of the samples that are not yet written.
    table: SeriesTable,
    series: Vec<u32>,
    times: Vec<i64>,
    values: Vec<f64>,
    generation: u64,
    samples: u64,
    started: Instant,
    written: Instant,
    strays: Strays<'a>,
    partial: &'a Path,
}

/// Where lines go that are none of k6's stream.
struct Strays<'a> {
    pass_on: &'a mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
    lines: u64,
}

impl Sink for Packing<'_> {
    fn generation(&self) -> u64 {
        self.generation
    }

    fn metric(&mut self, name: &str) -> u32 {
        self.declarations.know(name);
        self.table.intern_metric(name)
    }

    fn tags(&mut self, tags: Tags<'_>) -> u32 {
        self.table.intern_tags(tags.into_iter())
    }

    fn series(&mut self, metric: u32, tags: u32) -> u32 {
        self.table.intern_pair(metric, tags)
    }

    fn declare(&mut self, declaration: MetricDeclaration) {
        self.declarations.add(declaration);
    }

    fn append(
        &mut self,
        series: &[u32],
        times: &[i64],
        values: &[f64],
        skipped: &Skipped,
    ) -> Result<()> {
        self.series.extend_from_slice(series);
        self.times.extend_from_slice(times);
        self.values.extend_from_slice(values);
        self.samples += series.len() as u64;
        if self.series.len() >= GROUP || self.is_time() {
            self.write()?;
            let about = self.about(false, skipped)?;
            self.writer
                .checkpoint(&about)
                .map_err(|e| unwritable(self.partial, e))?;
        }
        Ok(())
    }

    fn strays(&mut self, lines: &[u8]) -> Result<()> {
        self.strays.lines += lines.split_inclusive(|byte| *byte == b'\n').count() as u64;
        (self.strays.pass_on)(lines).map_err(Error::Output)
    }
}

impl Packing<'_> {
    /// Whether it is time to write samples, and they are worth a footer.
    fn is_time(&self) -> bool {
        let wait = SOON + self.started.elapsed() / 20;
        let bytes = (self.series.len() * PACKED_SAMPLE) as u64;
        self.written.elapsed() > wait && self.writer.is_checkpoint_worth(bytes)
    }

    /// Writes the samples so far.
    fn write(&mut self) -> Result<()> {
        let kind = |metric: &str| {
            let declared = self.declarations.get(metric).and_then(|known| known.kind);
            declared.or_else(|| Some(builtin(metric)?.0))
        };
        let mut group = GroupSeries::default();
        for series in self.table.iter() {
            let kind = kind(series.metric()).map(|kind| kind.to_string());
            let row = SeriesRow {
                metric: series.metric(),
                kind: kind.as_deref(),
                tags: series.tags().collect(),
            };
            group.push(&row).map_err(|e| unwritable(self.partial, e))?;
        }
        let written = self
            .writer
            .write_group(&group, &self.series, &self.times, &self.values);
        written.map_err(|e| unwritable(self.partial, e))?;
        self.table = SeriesTable::default();
        self.generation += 1;
        self.series.clear();
        self.times.clear();
        self.values.clear();
        self.written = Instant::now();
        Ok(())
    }

    fn about(&self, finished: bool, skipped: &Skipped) -> Result<[(String, String); 1]> {
        About::new(self.origin, finished, skipped, self.declarations.list()).to_metadata()
    }

    /// Writes what is left and the last footer.
    fn finish(mut self, skipped: &Skipped) -> Result<File> {
        self.write()?;
        let about = self.about(true, skipped)?;
        let failed = |error| unwritable(self.partial, error);
        let mut out = self.writer.finish(&about).map_err(failed)?;
        out.flush().map_err(|error| failed(error.into()))?;
        let file = out.into_inner();
        file.map_err(|error| Error::write(self.partial, error.into_error()))
    }
}

/// Says why a packed file cannot be written.
fn unwritable(path: &Path, error: packed::Error) -> Error {
    match error {
        packed::Error::Io(error) => Error::write(path, error),
        other => Error::write(path, io::Error::other(other)),
    }
}
