//! CSV: a row for every statistic of every metric, for every threshold, for every row of a comparison.

use std::io::{self, Write};

use crate::compare::Scale;
use crate::report::{CheckReport, DiffReport, SummaryReport};
use crate::run::K6Exit;
use crate::thresholds::{ThresholdSource, Verdict};

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

/// Writes `run,source,metric,expression,observed,limit,verdict,k6_verdict,from,note`, with a header.
///
/// # Errors
/// When it cannot be written.
pub fn check(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "run",
        "source",
        "metric",
        "expression",
        "observed",
        "limit",
        "verdict",
        "k6_verdict",
        "from",
        "note",
    ])?;
    for run in &report.runs {
        let source = run
            .sources
            .first()
            .map_or("", |source| source.path.as_str());
        if let Some(problem) = run.k6_exit.and_then(K6Exit::problem) {
            csv.write_record([
                &run.name, source, "", "", "", "", "failed", "", "k6", &problem,
            ])?;
        }
        for threshold in &run.thresholds {
            let from = match threshold.source {
                ThresholdSource::K6 => "k6",
                ThresholdSource::Config => "config",
                ThresholdSource::Cli => "cli",
            };
            let row: [&str; 10] = [
                &run.name,
                source,
                &threshold.name,
                &threshold.expression,
                &number(threshold.observed),
                &number(threshold.limit),
                verdict(threshold.verdict),
                threshold.k6_verdict.map_or("", verdict),
                from,
                threshold.note.as_deref().unwrap_or_default(),
            ];
            csv.write_record(row)?;
        }
    }
    csv.flush()
}

/// Writes a line for every row: `run,metric,stat,unit,baseline,candidate,scale,change,low,high,floor,
/// smallest_detectable,gate,verdict,reason`, with a header.
///
/// # Errors
/// When it cannot be written.
pub fn diff(report: &DiffReport, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "run",
        "metric",
        "stat",
        "unit",
        "baseline",
        "candidate",
        "scale",
        "change",
        "low",
        "high",
        "floor",
        "smallest_detectable",
        "gate",
        "verdict",
        "reason",
    ])?;
    for pair in &report.pairs {
        for row in &pair.rows {
            let scale = match row.scale {
                Scale::Relative => "relative",
                Scale::Absolute => "absolute",
            };
            let line: [&str; 15] = [
                &pair.name,
                &row.name,
                &row.stat,
                row.unit,
                &number(row.baseline),
                &number(row.candidate),
                scale,
                &number(row.change),
                &number(row.interval.map(|interval| interval[0])),
                &number(row.interval.map(|interval| interval[1])),
                &number(row.floor),
                &number(row.smallest_detectable),
                if row.gate { "true" } else { "false" },
                row.verdict.word(),
                row.reason.as_deref().unwrap_or_default(),
            ];
            csv.write_record(line)?;
        }
    }
    csv.flush()
}

/// A number, or nothing where it is not known.
fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::NoData => "no_data",
    }
}
