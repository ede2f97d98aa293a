//! What noise does to a comparison, on the terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::table;
use crate::report::{CalibrationReport, NameReport, NoiseReport, endpoint_title};
use crate::units::{self, counted, printable};

const FAINT: Style = Style::new().dimmed();
const UNSURE: Style = AnsiColor::Yellow.on_default();
const STRONG: Style = Style::new().bold();

/// Writes how much runs differ, how often that alarms, and what is seen in spite of it.
///
/// # Errors
/// When it cannot be written.
pub fn calibration(report: &CalibrationReport, out: &mut dyn Write) -> io::Result<()> {
    for (at, name) in report.calibrations.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        one(name, &report.baseline_runs, out)?;
    }
    Ok(())
}

fn one(name: &NameReport, baseline_runs: &[usize], out: &mut dyn Write) -> io::Result<()> {
    let share = name.alarms as f64 / name.comparisons.max(1) as f64;
    writeln!(
        out,
        "{STRONG}{}: {} of {} of unchanged runs called a regression ({}), {} were left open{STRONG:#}",
        printable(&name.name),
        name.alarms,
        counted(name.comparisons as u64, "comparison"),
        units::percent(share),
        name.inconclusive,
    )?;
    writeln!(
        out,
        "  {FAINT}each of {} against each other; so few runs say little of that share, more of their noise{FAINT:#}\n",
        counted(name.runs as u64, "run"),
    )?;
    for remark in &name.remarks {
        writeln!(out, "  {UNSURE}! {}{UNSURE:#}", printable(remark))?;
    }
    if !name.remarks.is_empty() {
        writeln!(out)?;
    }
    let mut titles = ["", "", "typically", "runs differ", "against others"]
        .map(str::to_owned)
        .to_vec();
    titles.extend(baseline_runs.iter().map(|runs| match runs {
        1 => "seen with 1 run".to_owned(),
        runs => format!("{runs} runs"),
    }));
    let cells: Vec<Vec<String>> = name.rows.iter().map(cells).collect();
    table::write(&titles, &cells, 2, out)?;
    writeln!(
        out,
        "\n  Runs differ by one standard deviation; seen is the smallest slowdown that would be called in four of\n  \
         five comparisons with so many baseline runs. A change within these floors is noise here:\n"
    )?;
    writeln!(out, "# perf-report.toml\n[diff.floors]")?;
    for (stat, floor) in name.floors() {
        let key = if stat.contains('(') {
            format!("\"{stat}\"")
        } else {
            stat.to_owned()
        };
        writeln!(out, "{key} = {floor:.2}")?;
    }
    Ok(())
}

fn cells(row: &NoiseReport) -> Vec<String> {
    let percent = |share: f64| units::percent((share * 1e3).round() / 1e3);
    let mut cells = vec![
        if row.stat == "common" {
            "all endpoints together".to_owned()
        } else {
            printable(&endpoint_title(&row.id)).into_owned()
        },
        row.stat.clone(),
        units::millis(row.value),
        format!("±{}", percent(row.between_runs)),
        row.against_others
            .map(|own| format!("±{}", percent(own)))
            .unwrap_or_default(),
    ];
    cells.extend(row.smallest_detectable.iter().map(|seen| percent(*seen)));
    cells
}
