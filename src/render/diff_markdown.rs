//! A comparison for a ticket or a pull request.

use std::io::{self, Write};

use super::markdown::{fold, text};
use crate::compare::{Change, Comparable};
use crate::report::{DiffReport, PairReport, RowReport, WaiverReport};
use crate::thresholds::Verdict;

/// Writes a comparison; `all` shows every row.
///
/// # Errors
/// When it cannot be written.
pub fn diff(report: &DiffReport, all: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "**{}**", text(&report.sentence))?;
    for pair in &report.pairs {
        writeln!(out, "\n## {}: {}", title(pair), verdict(pair.verdict))?;
        if report.pairs.len() > 1 {
            writeln!(out, "\n{}", text(&pair.sentence))?;
        }
        let is_decisive = |row: &&RowReport| {
            let moved = matches!(row.verdict, Change::Regressed | Change::Improved);
            row.gate && !row.repeats && moved
        };
        let decisive: Vec<&RowReport> = pair.rows.iter().filter(is_decisive).collect();
        small_table(&decisive, out)?;
        list(
            "Thresholds",
            pair.findings.iter().map(|f| f.text.clone()),
            out,
        )?;
        let limits = pair.limits.iter().map(|limit| {
            let sign = match limit.verdict {
                Verdict::Passed => "✅",
                Verdict::Failed => "❌",
                Verdict::NoData => "❓",
            };
            format!("{sign} {}", limit.text())
        });
        list("Limits", limits, out)?;
        let waivers = pair.waivers.iter().map(WaiverReport::text);
        list("Accepted regressions", waivers, out)?;
        fold("Details", false, out, |out| details(pair, all, out))?;
    }
    let unpaired = report.unpaired.iter().map(|run| match run.verdict {
        Change::Added => format!("{} is new: the baseline has no such run", run.name),
        _ => format!("{} is missing: the candidate has no such run", run.name),
    });
    list("Without a partner", unpaired, out)?;
    // Whatever comes after it is Markdown again.
    writeln!(out)
}

/// What one looks at who doubts, or wants to know more.
fn details(pair: &PairReport, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let comparable = match pair.comparable {
        Comparable::Yes => "yes",
        Comparable::No if pair.is_judged() => "not in all, and compared nevertheless",
        Comparable::No => "no",
        Comparable::Unknown => "unknown",
    };
    writeln!(out, "\nComparable: {comparable}")?;
    for warning in &pair.warnings {
        writeln!(out, "\n> {}", text(warning))?;
    }
    rows(pair, all, out)?;
    list("Added", one_sided(pair, Change::Added), out)?;
    list("Removed", one_sided(pair, Change::Removed), out)
}

fn title(pair: &PairReport) -> String {
    if pair.baseline.name == pair.candidate.name {
        text(&pair.candidate.name)
    } else {
        format!(
            "{} → {}",
            text(&pair.baseline.name),
            text(&pair.candidate.name)
        )
    }
}

/// The verdict with its sign, for what decides.
fn verdict(verdict: Change) -> &'static str {
    match verdict {
        Change::Regressed => "❌ regressed",
        Change::Inconclusive => "❓ inconclusive",
        Change::Improved => "✅ improved",
        other => other.word(),
    }
}

fn rows(pair: &PairReport, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let is_both = |row: &&RowReport| !matches!(row.verdict, Change::Added | Change::Removed);
    let both: Vec<&RowReport> = pair.rows.iter().filter(is_both).collect();
    let shown = if all {
        both.clone()
    } else {
        pair.rows_that_matter()
    };
    table(&shown, out)?;
    let hidden = |verdict: Change| {
        let count = |rows: &[&RowReport]| rows.iter().filter(|r| r.verdict == verdict).count();
        let count = count(&both) - count(&shown);
        (count > 0).then(|| format!("{count} {}", verdict.word()))
    };
    let verdicts = [
        Change::Regressed,
        Change::Improved,
        Change::Inconclusive,
        Change::Unchanged,
    ];
    let hidden: Vec<String> = verdicts.into_iter().filter_map(hidden).collect();
    if !hidden.is_empty() {
        writeln!(out, "\nRows not shown: {}.", hidden.join(", "))?;
    }
    Ok(())
}

/// What decides, in as few columns as tell it.
fn small_table(rows: &[&RowReport], out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n| what | baseline | candidate | change | |\n|---|---:|---:|---:|---|"
    )?;
    for row in rows {
        writeln!(
            out,
            "| {} {} | {} | {} | {} | {} |",
            text(&row.subject()),
            text(&row.figure_text()),
            row.value_text(row.baseline),
            row.value_text(row.candidate),
            row.change_text().unwrap_or_default(),
            verdict(row.verdict),
        )?;
    }
    Ok(())
}

fn table(rows: &[&RowReport], out: &mut dyn Write) -> io::Result<()> {
    if !rows.is_empty() {
        writeln!(
            out,
            "\n| metric | statistic | baseline | candidate | change | interval | against the others | verdict |\n\
             |---|---|---:|---:|---:|---:|---:|---|"
        )?;
    }
    for row in rows {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            text(&row.name),
            text(&row.stat),
            row.value_text(row.baseline),
            row.value_text(row.candidate),
            row.change_text().unwrap_or_default(),
            row.interval_text().unwrap_or_default(),
            row.own_text().unwrap_or_default(),
            word(row),
        )?;
    }
    Ok(())
}

fn word(row: &RowReport) -> String {
    let mut word = if row.gate {
        verdict(row.verdict)
    } else {
        row.verdict.word()
    }
    .to_owned();
    if let Some(until) = &row.waived_until {
        word = format!("{word}, accepted until {until}");
    }
    if let Some(reason) = &row.reason {
        word = format!("{word}: {}", text(reason));
    }
    word
}

fn one_sided(pair: &PairReport, verdict: Change) -> impl Iterator<Item = String> {
    pair.rows_of(verdict).map(|row| {
        let value = row.value_text(row.candidate.or(row.baseline));
        format!("{} {} {value}", row.name, row.stat)
    })
}

fn list(title: &str, items: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    let mut items = items.peekable();
    if items.peek().is_some() {
        writeln!(out, "\n### {title}\n")?;
    }
    for item in items {
        writeln!(out, "- {}", text(&item))?;
    }
    Ok(())
}
