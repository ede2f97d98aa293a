//! Samples on their way into a packed file.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::about::About;
use super::detect::Format;
use super::packed::{self, GroupSeries, SeriesRow, Writer, unwritable};
use super::sink::{Sink, Tag};
use super::strays::Strays;
use crate::error::{Error, Result};
use crate::run::{Declarations, SeriesTable, Skipped, builtin};

/// So many samples are written together: many enough to be packed well, few enough to be kept in
/// memory.
const GROUP: usize = 1 << 20;

/// Samples are written after this time, even if they are few, and a twentieth of the time before:
/// the footers that this takes must not outgrow the samples.
const SOON: Duration = Duration::from_secs(10);

/// What a sample takes in the file, roughly, in bytes.
const PACKED_SAMPLE: usize = 4;

/// Samples on their way into a packed file.
pub(super) struct Packing<'a> {
    writer: Writer<BufWriter<File>>,
    origin: Format,
    declarations: Declarations,
    /// The keys of all tags.
    keys: HashSet<String>,
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

impl Sink for Packing<'_> {
    fn generation(&self) -> u64 {
        self.generation
    }

    fn tables(&mut self) -> (&mut Declarations, &mut SeriesTable) {
        (&mut self.declarations, &mut self.table)
    }

    fn tags<'a>(&mut self, tags: impl Iterator<Item = Tag<'a>>) -> u32 {
        let keys = &mut self.keys;
        self.table.intern_tags(tags.inspect(|(key, _)| {
            if !keys.contains(&**key) {
                keys.insert(key.to_string());
            }
        }))
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
        if self.series.len() >= GROUP || self.is_heavy() || self.is_time() {
            self.write()?;
            let about = self.about(false, skipped)?;
            self.writer
                .checkpoint(&about)
                .map_err(|e| unwritable(self.partial, e))?;
        }
        Ok(())
    }

    fn strays(&mut self, lines: &[u8]) {
        self.strays.pass_on(lines);
    }
}

impl<'a> Packing<'a> {
    /// Begins a packed file, which is called `partial` for now, of samples of this format.
    pub(super) fn new(
        file: File,
        partial: &'a Path,
        origin: Format,
        strays: Strays<'a>,
    ) -> Result<Self> {
        let writer = Writer::new(BufWriter::new(file)).map_err(|e| unwritable(partial, e))?;
        Ok(Self {
            writer,
            origin,
            declarations: Declarations::default(),
            keys: HashSet::new(),
            table: SeriesTable::default(),
            series: Vec::new(),
            times: Vec::new(),
            values: Vec::new(),
            generation: 0,
            samples: 0,
            started: Instant::now(),
            written: Instant::now(),
            strays,
            partial,
        })
    }

    /// The number of samples.
    pub(super) fn samples(&self) -> u64 {
        self.samples
    }

    /// The number of lines that were passed on.
    pub(super) fn strays_passed_on(&self) -> u64 {
        self.strays.lines()
    }

    /// Whether the series take so much memory that a reader would refuse them together.
    fn is_heavy(&self) -> bool {
        self.table.weight(packed::FIXED + self.keys.len()) > packed::MAX_TABLE / 4
    }

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

    /// Writes what is left and the last footer. `origin` is the format in which k6 wrote the samples.
    pub(super) fn finish(mut self, origin: Format, skipped: &Skipped) -> Result<File> {
        self.origin = origin;
        self.write()?;
        let about = self.about(true, skipped)?;
        let failed = |error| unwritable(self.partial, error);
        let mut out = self.writer.finish(&about).map_err(failed)?;
        out.flush().map_err(|error| failed(error.into()))?;
        let file = out.into_inner();
        file.map_err(|error| Error::write(self.partial, error.into_error()))
    }
}
