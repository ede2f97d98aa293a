//! The histograms of a run that was read, written anew.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::error::unwritable;
use super::write::{Group, Writer};
use crate::error::{Error, Result};
use crate::formats::about::About;
use crate::formats::detect::Format;
use crate::run::{Cell, Histograms, MetricDeclaration, Run, Samples, SeriesTable};

/// Writes the histograms of a run. `clean` gives each tag's value as it is to be kept, or nothing for a tag
/// that is not; `declarations` are the metrics' declarations as they are to be kept. The file is new, and on
/// the disk when this returns.
pub(in crate::formats) fn write(
    run: &Run,
    samples: &Samples,
    histograms: &Histograms,
    declarations: &[MetricDeclaration],
    clean: &dyn Fn(&str, &str) -> Option<String>,
    to: &Path,
) -> Result<()> {
    let mut table = SeriesTable::default();
    let mut numbers = Vec::with_capacity(samples.series().len());
    let mut keys: BTreeSet<String> = BTreeSet::new();
    for series in samples.series().iter() {
        let kept = series
            .tags()
            .filter_map(|(key, value)| Some((key, clean(key, value)?)));
        let kept: Vec<(&str, String)> = kept.collect();
        keys.extend(kept.iter().map(|(key, _)| (*key).to_owned()));
        let tags = kept.iter().map(|(key, value)| (*key, value.as_str()));
        numbers.push(table.intern(series.metric(), tags));
    }
    let error = samples.error().unwrap_or_default();
    let mut kept = Histograms::new(error);
    for cell in histograms.iter() {
        kept.push(&Cell {
            series: numbers[cell.series as usize],
            ..cell
        });
    }
    let failed = |error| unwritable(to, error);
    let file = File::create_new(to).map_err(|error| Error::write(to, error))?;
    let keys = keys.into_iter().collect();
    let writer = Writer::new(BufWriter::new(file), run.name(), error, keys);
    let mut writer = writer.map_err(failed)?;
    let kind = |metric: &str| run.kind_of(metric).map(|(kind, _)| kind);
    let group = Group {
        histograms: &kept,
        table: &table,
        kind: &kind,
    };
    writer.write(&group).map_err(failed)?;
    let about = About::new(Format::JsonStream, true, run.skipped(), declarations);
    let mut buffer = writer.finish(about.to_metadata()?).map_err(failed)?;
    buffer.flush().map_err(|error| Error::write(to, error))?;
    buffer
        .get_ref()
        .sync_all()
        .map_err(|error| Error::write(to, error))
}
