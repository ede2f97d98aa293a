//! CSV: a row for every statistic of every metric, for every threshold, for every row of a comparison.
//!
//! It is for spreadsheets, which calculate what looks like a formula. Names come from whoever answered the test, so a
//! cell that would be one begins with an apostrophe, as OWASP's page on CSV injection advises.

use std::borrow::Cow;
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
                record(&mut csv, row)?;
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
            let row = [
                &run.name, source, "", "", "", "", "failed", "", "k6", &problem,
            ];
            record(&mut csv, row)?;
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
            record(&mut csv, row)?;
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
            record(&mut csv, line)?;
        }
    }
    csv.flush()
}

/// Writes a row of which no cell is a formula.
fn record<const N: usize>(
    csv: &mut csv::Writer<&mut dyn Write>,
    cells: [&str; N],
) -> io::Result<()> {
    csv.write_record(cells.map(|cell| text(cell).into_owned()))?;
    Ok(())
}

/// A cell that a spreadsheet takes as a number or as text.
fn text(cell: &str) -> Cow<'_, str> {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if cell.starts_with(formula) && cell.parse::<f64>().is_err() {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay() {
        for formula in [
            "=1+1",
            "+1+1",
            "-1+1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "－1",
            "-",
            "=cmd|' /C calc'!A0",
        ] {
            assert_eq!(text(formula), format!("'{formula}"));
        }
        for plain in [
            "-1.5",
            "+2",
            "-1e-7",
            "GET /a=b",
            "",
            "p(95)<200",
            "'x",
            "5-1",
        ] {
            assert_eq!(text(plain), plain);
        }
    }
}
