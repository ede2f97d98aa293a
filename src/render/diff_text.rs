//! A comparison on the terminal: the sentence, the rows that matter, and what to know beside them.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::table;
use crate::compare::{Change, Comparable};
use crate::report::{DiffReport, PairReport, RowReport, SideReport};
use crate::thresholds::Verdict;
use crate::units::{counted, printable};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const UNSURE: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

/// Writes a comparison; `all` shows every row and every reason. Names are shortened to what fits into
/// `width`, that of a terminal.
///
/// # Errors
/// When it cannot be written.
pub fn diff(
    report: &DiffReport,
    all: bool,
    width: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = style(report.verdict);
    let sentence = printable(&report.sentence);
    writeln!(out, "{style}{STRONG}{sentence}{STRONG:#}{style:#}")?;
    for pair in &report.pairs {
        writeln!(out)?;
        head(pair, report.pairs.len() > 1, out)?;
        let rows: Vec<&RowReport> = if all {
            let is_both = |row: &&RowReport| !is_one_sided(row);
            pair.rows.iter().filter(is_both).collect()
        } else {
            pair.rows_that_matter()
        };
        change_table(&rows, width, out)?;
        if all {
            reasons(&rows, out)?;
        } else {
            left_open(pair, out)?;
            rest(pair, &rows, out)?;
        }
        findings(pair, out)?;
        limits(pair, out)?;
        waivers(pair, out)?;
        one_sided(pair, all, out)?;
    }
    if !report.unpaired.is_empty() {
        writeln!(out)?;
    }
    for run in &report.unpaired {
        let name = printable(&run.name);
        let side = match run.verdict {
            Change::Added => "is new: the baseline has no such run",
            _ => "is missing: the candidate has no such run",
        };
        writeln!(
            out,
            "  {UNSURE}{}{UNSURE:#} {name} {side}",
            symbol_of(run.verdict)
        )?;
    }
    Ok(())
}

fn head(pair: &PairReport, has_sentence: bool, out: &mut dyn Write) -> io::Result<()> {
    let (before, now) = (
        printable(&pair.baseline.name),
        printable(&pair.candidate.name),
    );
    if before == now {
        writeln!(out, "  {STRONG}{now}{STRONG:#}")?;
    } else {
        writeln!(out, "  {STRONG}{before} → {now}{STRONG:#}")?;
    }
    for (which, side) in [("baseline", &pair.baseline), ("candidate", &pair.candidate)] {
        writeln!(out, "  {FAINT}{which:9} {}{FAINT:#}", files(side))?;
    }
    if has_sentence {
        writeln!(out, "  {}", printable(&pair.sentence))?;
    }
    let (style, comparable) = match pair.comparable {
        Comparable::Yes => (
            GOOD,
            "yes; duration, load, scenarios and request mix are alike",
        ),
        Comparable::No if pair.is_judged() => (UNSURE, "not in all, and compared nevertheless"),
        Comparable::No => (BAD, "no; these are different tests"),
        Comparable::Unknown => (UNSURE, "unknown"),
    };
    writeln!(out, "  comparable: {style}{comparable}{style:#}")?;
    for warning in &pair.warnings {
        writeln!(out, "  {UNSURE}! {}{UNSURE:#}", printable(warning))?;
    }
    Ok(())
}

/// The first file, and how many more there are.
fn files(side: &SideReport) -> String {
    let first = side.sources.first().map_or("-", |s| s.path.as_str());
    let first = printable(first);
    let runs = match side.runs {
        0 | 1 => String::new(),
        n => format!("{n} runs: "),
    };
    let more = match side.sources.len() {
        0 | 1 => String::new(),
        2 => " and 1 more file".to_owned(),
        n => format!(" and {} more files", n - 1),
    };
    format!("{runs}{first}{more}")
}

const COLUMNS: [&str; 7] = [
    "",
    "",
    "baseline",
    "candidate",
    "change",
    "interval",
    "against the others",
];

/// Names and statistics stand left, numbers right.
const LEFT: usize = 2;

/// Columns: name, statistic, values, change, its interval, that of an endpoint against the others
/// where there are some, verdict. The verdict is a sign and a word,
/// never a colour alone.
fn change_table(rows: &[&RowReport], width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let mut titles = COLUMNS.map(str::to_owned).to_vec();
    let mut cells: Vec<Vec<String>> = rows.iter().map(|row| cells(row)).collect();
    if cells.iter().all(|cells| cells[6].is_empty()) {
        titles[6].clear();
    }
    // Behind the columns stand a sign and a word, and two spaces before each.
    let words = rows.iter().map(|row| word(row).width() + 2);
    let taken = 4 + words.max().unwrap_or(0);
    let room = width.map(|width| width.saturating_sub(taken));
    table::fit(&titles, &mut cells, &[0], room);
    let widths = table::widths(&titles, &cells);
    let titles = table::line(&titles, &widths, LEFT);
    writeln!(out, "  {FAINT}{}{FAINT:#}", titles.trim_end())?;
    for (row, cells) in rows.iter().zip(&cells) {
        let (style, word) = (style(row.verdict), word(row));
        let line = table::line(cells, &widths, LEFT);
        writeln!(out, "  {line}  {style}{} {word}{style:#}", symbol(row))?;
    }
    Ok(())
}

fn cells(row: &RowReport) -> Vec<String> {
    vec![
        printable(&row.name).into_owned(),
        row.stat.clone(),
        row.value_text(row.baseline),
        row.value_text(row.candidate),
        row.change_text().unwrap_or_default(),
        row.interval_text().unwrap_or_default(),
        row.own_text().unwrap_or_default(),
    ]
}

/// Which way the value went; the word beside it says whether that is good.
fn symbol(row: &RowReport) -> &'static str {
    match (row.verdict, row.change) {
        (Change::Regressed | Change::Improved, Some(change)) if change < 0.0 => "▼",
        (Change::Regressed | Change::Improved, _) => "▲",
        (verdict, _) => symbol_of(verdict),
    }
}

fn symbol_of(verdict: Change) -> &'static str {
    match verdict {
        Change::Regressed | Change::Improved => "▲",
        Change::Inconclusive => "?",
        Change::Unchanged => "=",
        Change::Added => "+",
        Change::Removed => "−",
    }
}

fn word(row: &RowReport) -> String {
    let word = row.verdict.word();
    match row.verdict {
        Change::Regressed if row.waived_until.is_some() => format!("{word} (accepted)"),
        Change::Regressed if !row.gate => format!("{word} (shown only)"),
        _ => word.to_owned(),
    }
}

fn style(verdict: Change) -> Style {
    match verdict {
        Change::Regressed => BAD,
        Change::Improved => GOOD,
        Change::Inconclusive | Change::Added | Change::Removed => UNSURE,
        Change::Unchanged => FAINT,
    }
}

/// Why rows that decide are inconclusive: a line for each reason, with the row that has it, unless the
/// sentence says it.
fn left_open(pair: &PairReport, out: &mut dyn Write) -> io::Result<()> {
    const FEW: usize = 5;
    let mut open: Vec<(&str, Vec<&RowReport>)> = Vec::new();
    for row in pair.rows_of(Change::Inconclusive).filter(|row| row.gate) {
        let Some(reason) = row.reason.as_deref() else {
            continue;
        };
        match open.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, rows)) => rows.push(row),
            None => open.push((reason, vec![row])),
        }
    }
    open.retain(|(reason, _)| !pair.sentence.contains(reason));
    if !open.is_empty() {
        writeln!(out)?;
    }
    for (reason, rows) in open.iter().take(FEW) {
        let Some(first) = rows.first() else { continue };
        let more = match rows.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (title, reason) = (first.title(), printable(reason));
        let title = printable(&title);
        writeln!(out, "  {UNSURE}?{UNSURE:#} {title}{more}: {reason}")?;
    }
    if open.len() > FEW {
        let more = counted((open.len() - FEW) as u64, "more reason");
        writeln!(out, "  {FAINT}and {more}; --all shows them{FAINT:#}")?;
    }
    Ok(())
}

/// The rows that the table does not show, counted, each kind with the largest of them.
fn rest(pair: &PairReport, shown: &[&RowReport], out: &mut dyn Write) -> io::Result<()> {
    let mut is_any = false;
    for (verdict, sign, what) in [
        (Change::Regressed, "▲", "got worse, and does not decide"),
        (Change::Improved, "▼", "got better, and does not decide"),
        (Change::Inconclusive, "?", "is inconclusive"),
        (Change::Unchanged, "=", "is unchanged"),
    ] {
        let hidden: Vec<&RowReport> = pair
            .rows_of(verdict)
            .filter(|row| !shown.iter().any(|s| std::ptr::eq(*s, *row)))
            .collect();
        let Some(largest) = hidden.iter().find(|row| row.gate).or(hidden.first()) else {
            continue;
        };
        if !is_any {
            writeln!(out)?;
            is_any = true;
        }
        let style = style(verdict);
        write!(out, "  {style}{sign} {}{style:#}", more(hidden.len(), what))?;
        if verdict != Change::Unchanged {
            let (name, stat) = (printable(&largest.name), &largest.stat);
            let change = largest.change_text().unwrap_or_default();
            write!(out, ", such as {name} {stat} {change}")?;
        }
        if let Some(reason) = largest
            .reason
            .as_ref()
            .filter(|_| verdict == Change::Inconclusive && !largest.gate)
        {
            write!(out, ": {}", printable(reason))?;
        }
        writeln!(out)?;
    }
    let repeated = pair.rows.iter().filter(|row| row.repeats).count();
    if repeated > 0 && is_any {
        let same = "show the same requests as another row";
        writeln!(out, "  {FAINT}≡ {}{FAINT:#}", more(repeated, same))?;
    }
    if is_any {
        writeln!(out, "  {FAINT}--all shows them{FAINT:#}")?;
    }
    Ok(())
}

fn more(rows: usize, what: &str) -> String {
    if rows == 1 {
        return format!("1 more row {what}");
    }
    let what = what.replace("is ", "are ").replace("does ", "do ");
    format!("{rows} more rows {what}")
}

/// Why rows are inconclusive: each reason once, with its rows counted.
fn reasons(rows: &[&RowReport], out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    let unsure = rows
        .iter()
        .filter(|row| row.verdict == Change::Inconclusive);
    for reason in unsure.filter_map(|row| row.reason.as_deref()) {
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((reason, 1)),
        }
    }
    if !reasons.is_empty() {
        writeln!(out, "\n  {STRONG}Inconclusive, because{STRONG:#}")?;
    }
    for (reason, count) in reasons {
        let rows = if count == 1 { "row" } else { "rows" };
        writeln!(
            out,
            "  {UNSURE}?{UNSURE:#} {} ({count} {rows})",
            printable(reason)
        )?;
    }
    Ok(())
}

fn findings(pair: &PairReport, out: &mut dyn Write) -> io::Result<()> {
    if !pair.findings.is_empty() {
        writeln!(out, "\n  {STRONG}Thresholds{STRONG:#}")?;
    }
    for finding in &pair.findings {
        writeln!(out, "  {UNSURE}!{UNSURE:#} {}", printable(&finding.text))?;
    }
    Ok(())
}

fn limits(pair: &PairReport, out: &mut dyn Write) -> io::Result<()> {
    if !pair.limits.is_empty() {
        writeln!(out, "\n  {STRONG}Limits{STRONG:#}")?;
    }
    for limit in &pair.limits {
        let (style, sign) = match limit.verdict {
            Verdict::Passed => (GOOD, "✓ holds"),
            Verdict::Failed => (BAD, "✗ crossed"),
            Verdict::NoData => (BAD, "? no data"),
        };
        writeln!(out, "  {style}{sign}{style:#} {}", printable(&limit.text()))?;
    }
    Ok(())
}

fn waivers(pair: &PairReport, out: &mut dyn Write) -> io::Result<()> {
    if !pair.waivers.is_empty() {
        writeln!(out, "\n  {STRONG}Accepted regressions{STRONG:#}")?;
    }
    for waiver in &pair.waivers {
        let (style, sign) = if waiver.expired {
            (BAD, "✗")
        } else {
            (UNSURE, "!")
        };
        writeln!(
            out,
            "  {style}{sign}{style:#} {}",
            printable(&waiver.text())
        )?;
    }
    Ok(())
}

fn is_one_sided(row: &RowReport) -> bool {
    matches!(row.verdict, Change::Added | Change::Removed)
}

/// What was measured on one side only. Of many, the first few are named.
fn one_sided(pair: &PairReport, all: bool, out: &mut dyn Write) -> io::Result<()> {
    const FEW: usize = 5;
    for (verdict, title, side) in [
        (Change::Added, "Added", "baseline"),
        (Change::Removed, "Removed", "candidate"),
    ] {
        let rows: Vec<&RowReport> = pair.rows_of(verdict).collect();
        if rows.is_empty() {
            continue;
        }
        writeln!(
            out,
            "\n  {STRONG}{title}{STRONG:#} {FAINT}(no samples in the {side}){FAINT:#}"
        )?;
        let shown = if all { rows.len() } else { FEW };
        for row in rows.iter().take(shown) {
            let value = row.value_text(row.candidate.or(row.baseline));
            let (name, sign) = (printable(&row.name), symbol_of(verdict));
            writeln!(
                out,
                "  {UNSURE}{sign}{UNSURE:#} {name} {} {value}",
                row.stat
            )?;
        }
        if rows.len() > shown {
            writeln!(out, "  {FAINT}and {} more{FAINT:#}", rows.len() - shown)?;
        }
    }
    Ok(())
}
