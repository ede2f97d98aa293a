//! A stream being reduced to histograms, in memory that does not grow with it.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

use super::error::unwritable;
use super::rows::Rows;
use super::write::{Group, Writer};
use crate::error::{Error, Result};
use crate::formats::about::About;
use crate::formats::detect::Format;
use crate::formats::sink::{Sink, Tag};
use crate::formats::strays::Strays;
use crate::run::{Declarations, Histograms, MetricType, Reduction, SeriesTable, Skipped, builtin};
use crate::stats::buckets::LogBuckets;
use crate::unfinished::Unfinished;

/// Samples can come so many seconds late. What is later still becomes a row of its own, which is added
/// up when it is read.
const LATE: i64 = 5;

/// So many seconds of series may be open.
const OPEN: usize = 1 << 14;

/// So many buckets are written together.
const GROUP: usize = 1 << 20;

/// So many series are kept before they are forgotten.
const SERIES: usize = 1 << 18;

/// The tags that k6 knows, some of which come only when something fails.
const USUAL: [&str; 16] = [
    "check",
    "error",
    "error_code",
    "expected_response",
    "group",
    "ip",
    "method",
    "name",
    "proto",
    "rpc_type",
    "scenario",
    "service",
    "status",
    "subproto",
    "tls_version",
    "url",
];

/// A stream being reduced.
pub(in crate::formats) struct Reducing<'a> {
    partial: &'a Path,
    run: String,
    origin: Format,
    buckets: LogBuckets,
    reduction: Reduction,
    declarations: Declarations,
    table: SeriesTable,
    generation: u64,
    /// Cells that are not yet written.
    pending: Histograms,
    pending_buckets: usize,
    /// So many buckets are written together.
    group: usize,
    keys: Vec<String>,
    writer: Option<Writer<BufWriter<File>>>,
    /// Files that were ended since a tag came that they have no column for.
    ended: Vec<Unfinished>,
    samples: u64,
    strays: Strays<'a>,
}

impl Sink for Reducing<'_> {
    fn generation(&self) -> u64 {
        self.generation
    }

    fn tables(&mut self) -> (&mut Declarations, &mut SeriesTable) {
        (&mut self.declarations, &mut self.table)
    }

    fn tags<'a>(&mut self, tags: impl Iterator<Item = Tag<'a>>) -> u32 {
        let keys = &mut self.keys;
        self.table.intern_tags(tags.inspect(|(key, _)| {
            if !keys.iter().any(|known| known == key) {
                keys.push(key.to_string());
            }
        }))
    }

    fn append(&mut self, series: &[u32], times: &[i64], values: &[f64], _: &Skipped) -> Result<()> {
        for ((series, time), value) in series.iter().zip(times).zip(values) {
            self.reduction.add(*series, *time, *value);
        }
        self.samples += series.len() as u64;
        if self.reduction.len() > OPEN {
            self.hand_over(LATE)?;
        }
        if self.reduction.len() > OPEN || self.table.len() > SERIES {
            // Very many series: a second of them does not fit.
            self.hand_over(0)?;
            self.write()?;
            self.table = SeriesTable::default();
            self.generation += 1;
        }
        Ok(())
    }

    fn strays(&mut self, lines: &[u8]) {
        self.strays.pass_on(lines);
    }
}

impl<'a> Reducing<'a> {
    /// Begins to reduce samples of this format into a file that is called `partial` for now.
    pub(in crate::formats) fn new(
        partial: &'a Path,
        run: String,
        origin: Format,
        buckets: LogBuckets,
        strays: Strays<'a>,
    ) -> Self {
        Self {
            partial,
            run,
            origin,
            buckets,
            reduction: Reduction::new(buckets),
            declarations: Declarations::default(),
            table: SeriesTable::default(),
            generation: 0,
            pending: Histograms::new(buckets.error()),
            pending_buckets: 0,
            group: GROUP,
            keys: USUAL.map(str::to_owned).to_vec(),
            writer: None,
            ended: Vec::new(),
            samples: 0,
            strays,
        }
    }

    /// Writes smaller row groups.
    #[cfg(test)]
    pub(super) fn grouped(mut self, group: usize) -> Self {
        self.group = group;
        self
    }

    /// The number of samples.
    pub(in crate::formats) fn samples(&self) -> u64 {
        self.samples
    }

    /// The number of lines that were passed on.
    pub(in crate::formats) fn strays_passed_on(&self) -> u64 {
        self.strays.lines()
    }

    /// Takes the cells of all but the latest so many seconds.
    fn hand_over(&mut self, but_latest: i64) -> Result<()> {
        let (pending, buckets) = (&mut self.pending, &mut self.pending_buckets);
        self.reduction.hand_over(but_latest, |cell| {
            *buckets += cell.values.len();
            pending.push(cell);
            Ok::<_, Error>(())
        })?;
        if self.pending_buckets > self.group {
            self.write()?;
        }
        Ok(())
    }

    /// Writes what is pending as a row group.
    fn write(&mut self) -> Result<()> {
        let pending = std::mem::replace(&mut self.pending, Histograms::new(self.buckets.error()));
        self.pending_buckets = 0;
        if pending.is_empty() {
            return Ok(());
        }
        let lacks = |writer: &Writer<_>| self.keys.iter().any(|key| !writer.has_key(key));
        if self.writer.as_ref().is_some_and(lacks) {
            self.end_part()?;
        }
        let partial = self.partial;
        let unwritable = |error| unwritable(partial, error);
        let begun = match self.writer.take() {
            Some(writer) => writer,
            None => self.begin_part().map_err(unwritable)?,
        };
        let writer = self.writer.insert(begun);
        let declarations = &self.declarations;
        let group = Group {
            histograms: &pending,
            table: &self.table,
            kind: &|metric| kind_of(declarations, metric),
        };
        writer.write(&group).map_err(unwritable)
    }

    fn begin_part(&self) -> std::result::Result<Writer<BufWriter<File>>, ParquetError> {
        // The partial file was created empty, and is emptied where its rows were put aside.
        let file = File::create(self.partial)?;
        let (run, error) = (&self.run, self.buckets.error());
        Writer::new(BufWriter::new(file), run, error, self.keys.clone())
    }

    /// Ends the file so far, which lacks the column of a tag, and puts it aside.
    fn end_part(&mut self) -> Result<()> {
        if let Some(writer) = self.writer.take() {
            self.close(writer, [])?;
            let mut aside = self.partial.as_os_str().to_owned();
            aside.push(format!(".{}", self.ended.len() + 1));
            let aside = PathBuf::from(aside);
            let begun = Unfinished::begin(aside.clone(), |aside| fs::rename(self.partial, aside));
            let (part, ()) = begun.map_err(|error| Error::write(aside, error))?;
            self.ended.push(part);
        }
        Ok(())
    }

    fn close(
        &self,
        writer: Writer<BufWriter<File>>,
        metadata: impl IntoIterator<Item = (String, String)>,
    ) -> Result<()> {
        let buffer = writer.finish(metadata);
        let buffer = buffer.map_err(|error| unwritable(self.partial, error))?;
        let file = buffer.into_inner();
        let file = file.map_err(|error| Error::write(self.partial, error.into_error()))?;
        file.sync_all()
            .map_err(|error| Error::write(self.partial, error))
    }

    /// Writes what is left, and ends the file. `origin` is the format in which k6 wrote the samples.
    pub(in crate::formats) fn finish(mut self, origin: Format, skipped: &Skipped) -> Result<()> {
        self.origin = origin;
        self.hand_over(0)?;
        self.write()?;
        let ended = if self.ended.is_empty() {
            Vec::new()
        } else {
            self.end_part()?;
            std::mem::take(&mut self.ended)
        };
        for part in ended {
            self.take_over(part.path())?;
        }
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self
                .begin_part()
                .map_err(|error| unwritable(self.partial, error))?,
        };
        let about = About::new(self.origin, true, skipped, self.declarations.list());
        self.close(writer, about.to_metadata()?)
    }

    /// Writes the rows of a file that was put aside, now that all tags are known.
    fn take_over(&mut self, part: &Path) -> Result<()> {
        let rows = Rows::open(part)?;
        self.table = SeriesTable::default();
        let mut counts = Vec::new();
        rows.read(|_, row| {
            counts.clear();
            let narrow = row
                .counts
                .iter()
                .map(|count| u32::try_from(*count).unwrap_or(u32::MAX));
            counts.extend(narrow);
            let series = self.table.intern(row.metric, row.tags.iter().copied());
            self.pending.push(&row.cell(series, &counts));
            self.pending_buckets += row.buckets.len();
            if self.pending_buckets > self.group {
                self.write()?;
            }
            Ok(())
        })?;
        self.write()
    }
}

fn kind_of(declarations: &Declarations, metric: &str) -> Option<MetricType> {
    let declared = declarations.get(metric).and_then(|known| known.kind);
    declared.or_else(|| Some(builtin(metric)?.0))
}
