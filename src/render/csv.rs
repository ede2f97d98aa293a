//! CSV: a row for every statistic of every metric.

use std::io::{self, Write};

use crate::report::SummaryReport;

/// Writes `run,metric,type,contains,stat,value`, with a header.
///
/// # Errors
/// When it cannot be written.
pub fn summary(report: &SummaryReport, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["run", "metric", "type", "unit", "stat", "value"])?;
    for run in &report.runs {
        for metric in &run.metrics {
            for (stat, value) in &metric.values {
                let unit = stat.parse().map_or("", |stat| metric.unit(stat).name());
                let value = value.to_string();
                let kind = metric.kind.to_string();
                csv.write_record([&run.name, &metric.name, &kind, unit, stat, &value])?;
            }
        }
    }
    csv.flush()
}
