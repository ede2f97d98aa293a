//! Samples that were read, written as a packed file or as histograms.

use std::fs::File;
use std::path::Path;

use super::detect::Format;
use super::histogram;
use super::packing::Packing;
use super::sink::Sink as _;
use super::strays::Strays;
use crate::error::{Error, Result};
use crate::run::{MetricDeclaration, Run, Samples};

/// So many samples are handed over together.
const STEP: usize = 1 << 16;

/// Writes the samples of a run as `perf-report pack` writes a stream, in their order. `clean` gives
/// each tag's value as it is to be kept, or nothing for a tag that is not; `declarations` are the metrics' declarations as they are to
/// be kept. The file is new, and on the disk when this returns.
///
/// # Errors
/// When the file cannot be written.
pub fn write_samples(
    run: &Run,
    samples: &Samples,
    declarations: Vec<MetricDeclaration>,
    clean: &dyn Fn(&str, &str) -> Option<String>,
    to: &Path,
) -> Result<()> {
    if let Some(histograms) = samples.histograms() {
        return histogram::write(run, samples, histograms, &declarations, clean, to);
    }
    let csv = Format::CsvStream;
    let is_csv = run.sources().iter().any(|s| s.format == csv.name());
    let origin = if is_csv { csv } else { Format::JsonStream };
    let file = File::create_new(to).map_err(|error| Error::write(to, error))?;
    let mut no_strays = |_: &[u8]| Ok(());
    let mut packing = Packing::new(file, to, origin, Strays::new(&mut no_strays))?;
    for declaration in declarations {
        packing.declare(declaration);
    }
    let table = samples.series();
    let mut numbers: Vec<Option<u32>> = Vec::new();
    let mut generation = packing.generation();
    let mut points = samples.iter();
    loop {
        // A row group numbers its series anew.
        if generation != packing.generation() {
            numbers.clear();
            generation = packing.generation();
        }
        numbers.resize(table.len(), None);
        let (mut series, mut times, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for point in points.by_ref().take(STEP) {
            let known = numbers.get_mut(point.series as usize);
            let number = match known {
                Some(Some(number)) => *number,
                known => {
                    let of = table.get(point.series);
                    let tags = of.tags();
                    let tags = tags
                        .filter_map(|(key, value)| Some((key.into(), clean(key, value)?.into())));
                    let tags = packing.tags(tags);
                    let metric = packing.metric(of.metric());
                    let number = packing.series(metric, tags);
                    if let Some(known) = known {
                        *known = Some(number);
                    }
                    number
                }
            };
            series.push(number);
            times.push(point.time);
            values.push(point.value);
        }
        if series.is_empty() {
            break;
        }
        packing.append(&series, &times, &values, run.skipped())?;
    }
    let file = packing.finish(origin, run.skipped())?;
    file.sync_all().map_err(|error| Error::write(to, error))
}
