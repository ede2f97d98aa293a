//! An archive on the terminal: its releases, and one of them.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::table;
use crate::archive::short;
use crate::report::{ArchiveReport, FactsEntry, ReleaseReport};
use crate::units::{counted, millis, printable};

const BAD: Style = AnsiColor::Red.on_default();
const UNSURE: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

/// Writes the releases of an archive. Texts are shortened to what fits into `width`, that of a terminal.
///
/// # Errors
/// When it cannot be written.
pub fn list(report: &ArchiveReport, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    if report.releases.is_empty() {
        return writeln!(out, "the archive has no release yet");
    }
    let titles = [
        "release",
        "first run",
        "scenarios",
        "runs",
        "discarded",
        "removed",
        "waivers",
        "root",
    ];
    let rows: Vec<Vec<String>> = report
        .releases
        .iter()
        .map(|line| {
            let is_baseline = report.baseline.as_ref() == Some(&line.release);
            let mark = if is_baseline { " (baseline)" } else { "" };
            let invalid = match line.invalid {
                0 => String::new(),
                n => format!(", {n} invalid"),
            };
            vec![
                format!("{}{mark}", printable(&line.release)),
                line.started_at
                    .as_deref()
                    .map_or_else(|| "–".to_owned(), day),
                printable(&line.scenarios.join(", ")).into_owned(),
                format!("{}{invalid}", line.runs),
                count(line.discarded),
                count(line.removed),
                count(line.waivers),
                short(&line.root).to_owned(),
            ]
        })
        .collect();
    table::write_within(&titles.map(str::to_owned), &rows, 3, &[0, 2], width, out)
}

fn count(number: usize) -> String {
    if number == 0 {
        "–".to_owned()
    } else {
        number.to_string()
    }
}

/// The minute of a moment.
fn day(moment: &str) -> String {
    moment.get(..16).unwrap_or(moment).replace('T', " ")
}

/// Writes a release.
///
/// # Errors
/// When it cannot be written.
pub fn show(report: &ReleaseReport, out: &mut dyn Write) -> io::Result<()> {
    let mark = if report.is_baseline {
        ", the baseline"
    } else {
        ""
    };
    writeln!(
        out,
        "  {STRONG}{}{STRONG:#}{mark}",
        printable(&report.release)
    )?;
    writeln!(out, "  root {}", report.root)?;
    let parts = [
        (report.runs.len(), "archived"),
        (report.discards.len(), "discarded"),
        (report.removed.len(), "removed"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let attempts = counted(report.attempts as u64, "attempt");
    writeln!(out, "  {attempts}: {}", parts.join(", "))?;
    runs(report, out)?;
    discards(report, out)?;
    waivers(report, out)?;
    removed(report, out)
}

fn runs(report: &ReleaseReport, out: &mut dyn Write) -> io::Result<()> {
    if !report.runs.is_empty() {
        writeln!(out)?;
        let titles = [
            "scenario",
            "run",
            "started",
            "took",
            "samples",
            "validity",
            "thresholds",
            "ticket",
            "commit",
        ];
        let rows: Vec<Vec<String>> = report
            .runs
            .iter()
            .map(|run| {
                let facts = &run.facts;
                let used = if run.used { "" } else { " (not used)" };
                let commit = facts.commit.as_deref().unwrap_or("");
                let mut cells = vec![
                    printable(&run.scenario).into_owned(),
                    format!("{}{used}", short(&run.run)),
                ];
                cells.extend(facts_cells(facts));
                cells.push(run.ticket.clone().unwrap_or_default());
                cells.push(printable(commit.get(..10).unwrap_or(commit)).into_owned());
                cells
            })
            .collect();
        table::write(&titles.map(str::to_owned), &rows, 3, out)?;
    }
    for run in &report.runs {
        if let Some(part) = &run.facts.part {
            let note = part.note();
            let (run, note) = (short(&run.run), printable(&note));
            writeln!(out, "  {UNSURE}!{UNSURE:#} {run}: {note}")?;
        }
        for reason in &run.facts.reasons {
            writeln!(
                out,
                "  {UNSURE}!{UNSURE:#} {} is {}: {}",
                short(&run.run),
                run.facts.validity,
                printable(reason)
            )?;
        }
    }
    Ok(())
}

fn discards(report: &ReleaseReport, out: &mut dyn Write) -> io::Result<()> {
    if !report.discards.is_empty() {
        writeln!(out, "\n  {STRONG}Discarded{STRONG:#}")?;
    }
    for discard in &report.discards {
        let reason = discard.reason.as_deref().unwrap_or("no reason given");
        let started = discard.facts.started_at.as_deref();
        writeln!(
            out,
            "  {UNSURE}–{UNSURE:#} {} of {}, {}, thresholds {}: {} ({}, {})",
            printable(&discard.scenario),
            started.map_or_else(|| "unknown time".to_owned(), day),
            discard.facts.validity,
            discard.facts.verdict,
            printable(reason),
            printable(&discard.by),
            day(&discard.at)
        )?;
    }
    Ok(())
}

fn waivers(report: &ReleaseReport, out: &mut dyn Write) -> io::Result<()> {
    if !report.waivers.is_empty() {
        writeln!(out, "\n  {STRONG}Accepted regressions{STRONG:#}")?;
    }
    for waiver in &report.waivers {
        let (style, over) = if waiver.expired {
            (BAD, ", which is over")
        } else {
            (UNSURE, "")
        };
        let scenario = waiver.scenario.as_ref().map(|name| format!(" of {name}"));
        let scenario = scenario.unwrap_or_default();
        writeln!(
            out,
            "  {style}!{style:#} {}{} until {}{over}: {} ({}, {})",
            printable(&waiver.row),
            printable(&scenario),
            waiver.until,
            printable(waiver.reason.as_deref().unwrap_or("no reason given")),
            printable(&waiver.by),
            day(&waiver.at)
        )?;
    }
    Ok(())
}

fn removed(report: &ReleaseReport, out: &mut dyn Write) -> io::Result<()> {
    if !report.removed.is_empty() {
        writeln!(out, "\n  {STRONG}Removed{STRONG:#}")?;
    }
    for removed in &report.removed {
        let (scenario, run) = (printable(&removed.scenario), short(&removed.run));
        let reason = removed.reason.as_ref();
        let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
        writeln!(
            out,
            "  {FAINT}–{FAINT:#} {scenario} {run} of {}{}",
            day(&removed.time),
            printable(&reason)
        )?;
    }
    Ok(())
}

/// Time, duration, samples, validity and verdict.
fn facts_cells(facts: &FactsEntry) -> Vec<String> {
    let dash = || "–".to_owned();
    vec![
        facts
            .started_at
            .as_deref()
            .map_or_else(dash, |at| at.get(..19).unwrap_or(at).replace('T', " ")),
        facts.duration_ms.map_or_else(dash, millis),
        facts
            .samples
            .map_or_else(dash, |samples| samples.to_string()),
        facts.validity.clone(),
        facts.verdict.clone(),
    ]
}
