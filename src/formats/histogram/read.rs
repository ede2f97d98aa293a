//! The samples of a run from the files of its histogram.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::error::{damaged, other_layout, unless_it_panics};
use super::layout::{self, VERSION};
use super::rows::{Row, Rows};
use crate::error::{Error, Result};
use crate::formats::about::About;
use crate::formats::meter::Meter;
use crate::run::{
    Gauges, Histograms, MetricDeclaration, MetricType, Samples, SamplesBuilder, Skipped, second_of,
};
use crate::stats::buckets::LogBuckets;
use crate::units::{self, counted};

/// What the files of a histogram hold.
pub(in crate::formats) struct Parts {
    pub(in crate::formats) samples: Samples,
    /// What of the packed files was not used.
    pub(in crate::formats) skipped: Skipped,
    pub(in crate::formats) notes: Vec<String>,
}

/// Reads the files of one run.
pub(in crate::formats) fn read(paths: &[PathBuf], meter: &Meter) -> Result<Parts> {
    let mut reading = Reading::default();
    for path in paths {
        let read = unless_it_panics(|| reading.file(path, meter));
        read.unwrap_or_else(|| Err(damaged(path, "its pages contradict themselves")))?;
    }
    let first = paths.first().map_or(Path::new("-"), PathBuf::as_path);
    reading.finish(first)
}

/// What all rows of a result say alike: the bits of the error, files, copies, strays.
type Facts = (u64, [i64; 3]);

#[derive(Default)]
struct Reading {
    samples: SamplesBuilder,
    histograms: Option<Histograms>,
    gauges: Gauges,
    kinds: HashMap<String, Option<MetricType>>,
    pods: HashMap<String, usize>,
    facts: Option<Facts>,
    skipped: Skipped,
    /// What tells a file from a copy of it.
    checksums: Vec<(String, PathBuf)>,
    counts: Vec<u32>,
    read: u64,
}

impl Reading {
    fn file(&mut self, path: &Path, meter: &Meter) -> Result<()> {
        let rows = Rows::open(path)?;
        let (stated, metadata): (Vec<_>, Vec<_>) = rows
            .metadata()
            .into_iter()
            .partition(|(key, _)| key == layout::CHECKSUM);
        let about = About::of_histogram(path, &metadata)?;
        let mut checksum = Sha256::new();
        rows.read(|number, row| {
            row.sum_up(&mut checksum);
            self.row(path, row).map_err(|problem| match problem {
                Wrong::Row(problem) => damaged(path, format!("row {number}: {problem}")),
                Wrong::File(error) => error,
            })?;
            meter.add_samples(usize::try_from(row.whole[3]).unwrap_or(0));
            Ok(())
        })?;
        // Engines leave no metadata of ours.
        let is_ours = about.is_some() || !stated.is_empty();
        let checksum = layout::checksum(checksum, &metadata);
        if is_ours && stated.iter().all(|(_, stated)| *stated != checksum) {
            return Err(damaged(path, "it does not hold what was written"));
        }
        if let Some(about) = about {
            self.skipped.add_all(&about.skipped, 0);
            if !about.finished {
                self.skipped.cut = Some("the stream ended before its end".to_owned());
            }
            for metric in about.metrics {
                self.samples.declare(metric);
            }
        }
        // Parts without a row are all alike.
        if rows.is_empty() {
            return Ok(());
        }
        let twin = self.checksums.iter().find(|(known, _)| *known == checksum);
        if let Some((_, twin)) = twin {
            return Err(Error::usage(
                format!(
                    "{} is a copy of {}: its samples would count twice",
                    path.display(),
                    twin.display()
                ),
                "remove one of them",
            ));
        }
        self.checksums.push((checksum, path.to_owned()));
        Ok(())
    }

    fn row(&mut self, path: &Path, row: &Row<'_>) -> std::result::Result<(), Wrong> {
        self.same_result(path, row)?;
        let count = check(row, &mut self.counts)?;
        self.read += count;
        let kind = self.kind(row)?;
        let series = self.samples.series(row.metric, row.tags.iter().copied());
        let cell = row.cell(series, &self.counts);
        if kind == Some(MetricType::Gauge) || Gauges::counts_users(row.metric) {
            let pod = row.pod.unwrap_or_default();
            let next = self.pods.len();
            let known = self.pods.get(pod).copied();
            let pod = known.unwrap_or_else(|| *self.pods.entry(pod.to_owned()).or_insert(next));
            self.gauges.add(row.metric, pod, &cell);
        } else if let Some(histograms) = &mut self.histograms {
            histograms.push(&cell);
        }
        Ok(())
    }

    /// All rows have to be of one result.
    fn same_result(&mut self, path: &Path, row: &Row<'_>) -> std::result::Result<(), Wrong> {
        if row.version != VERSION {
            return Err(Wrong::File(other_layout(
                path,
                format!("it is {:?}, and only {VERSION:?} is known", row.version),
            )));
        }
        let facts: Facts = (row.error.to_bits(), row.lake);
        match self.facts {
            Some(known) if known == facts => {}
            Some(_) => {
                return Err(Wrong::File(Error::input(
                    path,
                    "this file and others of its run are results of different statements: their errors or \
                     what they counted differ",
                    "let the statement write into a new folder, or name the results one by one with --merge",
                )));
            }
            None => {
                if LogBuckets::new(row.error).is_none() {
                    return Err(Wrong::Row(format!("{} is no error of buckets", row.error)));
                }
                self.histograms = Some(Histograms::new(row.error));
                self.facts = Some(facts);
            }
        }
        Ok(())
    }

    /// The type of a metric, which its first row says for all.
    fn kind(&mut self, row: &Row<'_>) -> std::result::Result<Option<MetricType>, Wrong> {
        if let Some(kind) = self.kinds.get(row.metric) {
            return Ok(*kind);
        }
        let kind = row.kind.map(|kind| {
            let parsed = kind.parse::<MetricType>();
            parsed.map_err(|()| Wrong::Row(format!("{kind:?} is no type of a metric")))
        });
        let kind = kind.transpose()?;
        self.samples.declare(MetricDeclaration {
            kind,
            ..MetricDeclaration::undeclared(row.metric)
        });
        self.kinds.insert(row.metric.to_owned(), kind);
        Ok(kind)
    }

    fn finish(self, path: &Path) -> Result<Parts> {
        let Self {
            mut samples,
            histograms,
            gauges,
            facts,
            mut skipped,
            read,
            ..
        } = self;
        let (Some(mut histograms), Some((error, lake))) = (histograms, facts) else {
            return Err(Error::input(
                path,
                "this histogram has no row",
                "did the statement's --from name the packed files?",
            ));
        };
        gauges.finish(&mut samples, |_, cell| histograms.push(cell));
        let [pods, copies, strays] = lake.map(|number| u64::try_from(number).unwrap_or(0));
        skipped.lines = skipped.lines.saturating_add(strays);
        Ok(Parts {
            samples: samples.finish_with(histograms).with_points_read(read),
            notes: notes(f64::from_bits(error), pods, copies, strays),
            skipped,
        })
    }
}

/// What is wrong with a row, or with its file.
enum Wrong {
    Row(String),
    File(Error),
}

/// Checks a row against itself; `counts` are then those of its buckets. The number of its samples.
fn check(row: &Row<'_>, counts: &mut Vec<u32>) -> std::result::Result<u64, Wrong> {
    let wrong = |problem: String| Err(Wrong::Row(problem));
    let [second, first, last, count] = row.whole;
    let in_second = |time: i64| second_of(time) == second;
    if first > last || !in_second(first) || !in_second(last) {
        return wrong(format!(
            "the times {first} and {last} are not in second {second}"
        ));
    }
    counts.clear();
    for count in row.counts {
        match u32::try_from(*count) {
            Ok(count) if count > 0 => counts.push(count),
            _ => return wrong(format!("a bucket of {count} samples")),
        }
    }
    let held: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    if counts.len() != row.buckets.len() || u64::try_from(count).ok() != Some(held) {
        return wrong(format!(
            "{} buckets hold {held} samples, and it says {count}",
            row.buckets.len()
        ));
    }
    let [_, min, max, _] = row.numbers;
    if min > max
        || row
            .buckets
            .iter()
            .chain([&min, &max])
            .any(|value| value.is_nan())
    {
        return wrong(format!("no values from {min} to {max}"));
    }
    if held == 0 {
        return wrong("no sample".to_owned());
    }
    Ok(held)
}

fn notes(error: f64, pods: u64, copies: u64, strays: u64) -> Vec<String> {
    let mut notes = vec![format!(
        "medians and percentiles are from histograms: each is within {} of the exact value; all other \
         numbers are exact",
        units::percent(error)
    )];
    if pods > 1 {
        notes.push(format!("reduced from {}", counted(pods, "packed file")));
    }
    if copies > 0 {
        notes.push(format!(
            "{} the same samples as another, and was left out",
            match copies {
                1 => "one packed file holds".to_owned(),
                copies => format!("{copies} packed files hold"),
            }
        ));
    }
    if strays > 0 {
        notes.push(format!(
            "{} of other files in the place of the packed ones were left out, as they are no samples",
            counted(strays, "row")
        ));
    }
    notes
}
