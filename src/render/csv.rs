//! CSV: a row for every statistic of every metric.

use std::io::{self, Write};

use crate::report::SummaryReport;

/// Writes `run,source,metric,type,unit,stat,value`, with a header; the source is the run's first
/// file, which tells runs of one name apart.
///
/// # Errors
/// When it cannot be written.
pub fn summary(report: &SummaryReport, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["run", "source", "metric", "type", "unit", "stat", "value"])?;
    for run in &report.runs {
        let source = run
            .sources
            .first()
            .map_or("", |source| source.path.as_str());
        for metric in &run.metrics {
            for (stat, value) in &metric.values {
                let unit = stat.parse().map_or("", |stat| metric.unit(stat).name());
                let value = value.to_string();
                let kind = metric.kind.to_string();
                let row = [&run.name, source, &metric.name, &kind, unit, stat, &value];
                csv.write_record(row)?;
            }
        }
    }
    csv.flush()
}
