//! How statistics moved, on the terminal and as Markdown.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{markdown, table};
use crate::report::{Movement, Trend, TrendRelease, TrendReport};
use crate::units::printable;

const UNSURE: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

/// Columns that say what a release had.
const TITLES: [&str; 7] = [
    "release",
    "runs",
    "value",
    "range",
    "change",
    "noise",
    "thresholds",
];

/// Writes a table for each statistic.
///
/// # Errors
/// When it cannot be written.
pub fn text(report: &TrendReport, out: &mut dyn Write) -> io::Result<()> {
    for (at, trend) in report.trends.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let (scenario, title) = (printable(&trend.scenario), trend.title());
        writeln!(
            out,
            "  {STRONG}{}{STRONG:#} of {scenario}",
            printable(&title)
        )?;
        let rows: Vec<Vec<String>> = trend.releases.iter().map(|it| cells(trend, it)).collect();
        let titles = TITLES.map(str::to_owned);
        let widths = table::widths(&titles, &rows);
        let line = table::line(&titles, &widths, 1);
        writeln!(out, "  {FAINT}{}{FAINT:#}", line.trim_end())?;
        for (row, release) in rows.iter().zip(&trend.releases) {
            let style = match release.verdict {
                Movement::Above | Movement::Below => UNSURE,
                _ => Style::new(),
            };
            let line = table::line(row, &widths, 1);
            writeln!(out, "  {style}{}{style:#}", line.trim_end())?;
        }
        let band = trend.band_text(&report.reference);
        writeln!(out, "  {FAINT}{}{FAINT:#}", printable(&band))?;
    }
    Ok(())
}

/// Writes a table for each statistic, for a ticket or a pull request.
///
/// # Errors
/// When it cannot be written.
pub fn markdown(report: &TrendReport, out: &mut dyn Write) -> io::Result<()> {
    for (at, trend) in report.trends.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let (title, scenario) = (
            markdown::text(&trend.title()),
            markdown::text(&trend.scenario),
        );
        writeln!(out, "## {title} of {scenario}\n")?;
        writeln!(out, "| {} |", TITLES.join(" | "))?;
        writeln!(out, "|---|---:|---:|---:|---:|---|---|")?;
        for release in &trend.releases {
            let cells = cells(trend, release);
            let cells: Vec<String> = cells.iter().map(|cell| markdown::text(cell)).collect();
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
        writeln!(
            out,
            "\n{}",
            markdown::text(&trend.band_text(&report.reference))
        )?;
    }
    Ok(())
}

/// A release as a row of a table.
pub(super) fn cells(trend: &Trend, release: &TrendRelease) -> Vec<String> {
    let show = |value| trend.shown.show(value);
    let [low, high] = release.range;
    vec![
        printable(&release.release).into_owned(),
        release.runs.to_string(),
        show(release.value),
        if release.runs > 1 {
            format!("{} … {}", show(low), show(high))
        } else {
            String::new()
        },
        match (release.verdict, release.change) {
            (Movement::Reference, _) | (_, None) => String::new(),
            (_, Some(change)) => trend.change_text(change),
        },
        release.verdict.word().to_owned(),
        if release.failed > 0 {
            format!("✗ {} failed", release.failed)
        } else {
            "✓ passed".to_owned()
        },
    ]
}
