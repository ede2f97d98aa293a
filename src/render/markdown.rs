//! Markdown tables for a ticket or a pull request.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::report::{
    CheckReport, MetricReport, RunReport, SummaryReport, ThresholdReport, thresholds_in_words,
    verdict_word, with_end,
};
use crate::run::{K6Exit, MetricType, Skipped, Stat};
use crate::thresholds::Verdict;
use crate::units::{counted, millis, moment_for_people, percent};

/// Writes a section for every run: a sentence, the thresholds that do not hold, and the rest folded.
///
/// # Errors
/// When it cannot be written.
pub fn summary(report: &SummaryReport, out: &mut dyn Write) -> io::Result<()> {
    for run in &report.runs {
        head(&run.title, run.verdict, run.k6_exit, &run.thresholds, out)?;
        facts(run, out)?;
        remarks(&run.validity.reasons, run.skipped.as_ref(), &run.notes, out)?;
        crossed(&run.thresholds, out)?;
        let counted = |noun: &str, count: usize| counted(count as u64, noun);
        let title = counted("threshold", run.thresholds.len());
        fold(&title, run.thresholds.is_empty(), out, |out| {
            thresholds(&run.thresholds.iter().collect::<Vec<_>>(), out)
        })?;
        let title = counted("check", run.checks.len());
        fold(&title, run.checks.is_empty(), out, |out| checks(run, out))?;
        let title = counted("metric", run.metrics.len());
        fold(&title, run.metrics.is_empty(), out, |out| {
            trends(run, out)?;
            others(run, out)
        })?;
        // Whatever comes after it is Markdown again.
        writeln!(out)?;
    }
    Ok(())
}

/// Writes a section for every run: a sentence, the thresholds that do not hold, and the rest folded.
///
/// # Errors
/// When it cannot be written.
pub fn check(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    for run in &report.runs {
        head(&run.title, run.verdict, run.k6_exit, &run.thresholds, out)?;
        remarks(&run.validity.reasons, run.skipped.as_ref(), &run.notes, out)?;
        crossed(&run.thresholds, out)?;
        let title = counted(run.thresholds.len() as u64, "threshold");
        fold(&title, run.thresholds.is_empty(), out, |out| {
            thresholds(&run.thresholds.iter().collect::<Vec<_>>(), out)
        })?;
        // Whatever comes after it is Markdown again.
        writeln!(out)?;
    }
    Ok(())
}

/// The verdict, and what it rests on, in a sentence.
fn head(
    title: &str,
    run: Verdict,
    k6_exit: Option<K6Exit>,
    thresholds: &[ThresholdReport],
    out: &mut dyn Write,
) -> io::Result<()> {
    let all_hold = thresholds.iter().all(|t| t.verdict == Verdict::Passed);
    let how = match thresholds.len() {
        1 if all_hold => "its threshold holds".to_owned(),
        all @ 2.. if all_hold => format!("all {all} thresholds hold"),
        _ => thresholds_in_words(thresholds),
    };
    let how = with_end(how, k6_exit);
    let (symbol, word) = (symbol(run), verdict_word(run, k6_exit));
    writeln!(out, "**{}: {symbol} {word}**, {how}.", text(title))
}

/// The thresholds that do not hold, as a table.
fn crossed(all: &[ThresholdReport], out: &mut dyn Write) -> io::Result<()> {
    let crossed = all.iter().filter(|t| t.verdict != Verdict::Passed);
    thresholds(&crossed.collect::<Vec<_>>(), out)
}

/// Writes what is folded away until somebody wants it; nothing if it is empty.
pub(super) fn fold(
    title: &str,
    is_empty: bool,
    out: &mut dyn Write,
    inside: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if is_empty {
        return Ok(());
    }
    // Markdown within HTML begins after an empty line.
    writeln!(out, "\n<details><summary>{title}</summary>")?;
    inside(out)?;
    writeln!(out, "\n</details>")
}

fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✅",
        Verdict::Failed => "❌",
        Verdict::NoData => "❓",
    }
}

fn verdict(verdict: Verdict) -> String {
    format!("{} {}", symbol(verdict), verdict_word(verdict, None))
}

fn facts(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let mut facts: Vec<String> = Vec::new();
    facts.extend(
        run.k6_version
            .iter()
            .map(|version| format!("k6 {}", text(version))),
    );
    facts.extend(run.span.map(|(start, _)| moment_for_people(start)));
    facts.extend(run.duration_ms.map(millis));
    facts.extend(run.points.map(|points| counted(points, "sample")));
    facts.extend(
        run.points
            .is_none()
            .then(|| "from the summary alone".to_owned()),
    );
    writeln!(out, "\n{}", facts.join(" · "))
}

fn remarks(
    reasons: &[String],
    skipped: Option<&Skipped>,
    notes: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let skipped = skipped.and_then(Skipped::sentence);
    for remark in reasons.iter().chain(&skipped).chain(notes) {
        writeln!(out, "\n> {}", text(remark))?;
    }
    Ok(())
}

fn thresholds(thresholds: &[&ThresholdReport], out: &mut dyn Write) -> io::Result<()> {
    if thresholds.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n| | threshold | expression | observed |\n|---|---|---|---:|"
    )?;
    for threshold in thresholds {
        let mut observed = threshold.observed_text();
        if let Some(k6) = threshold.k6_verdict.filter(|k6| *k6 != threshold.verdict) {
            let _ = write!(observed, "; k6 said {}", verdict(k6));
        }
        if let Some(note) = &threshold.note {
            let _ = write!(observed, "; {}", text(note));
        }
        let (symbol, name) = (verdict(threshold.verdict), text(&threshold.name));
        writeln!(
            out,
            "| {symbol} | {name} | {} | {observed} |",
            text(&threshold.expression)
        )?;
    }
    Ok(())
}

fn checks(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    if run.checks.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n| check | group | passed | failed | rate |\n|---|---|---:|---:|---:|"
    )?;
    for check in &run.checks {
        let group = check
            .group
            .as_deref()
            .unwrap_or("")
            .trim_start_matches("::")
            .replace("::", " › ");
        let rate = check.pass_rate().map_or("–".to_owned(), percent);
        let (name, group) = (text(&check.name), text(&group));
        writeln!(
            out,
            "| {name} | {group} | {} | {} | {rate} |",
            check.passes, check.fails
        )?;
    }
    Ok(())
}

fn trends(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let trends: Vec<&MetricReport> = run
        .metrics
        .iter()
        .filter(|metric| metric.kind == MetricType::Trend)
        .collect();
    if trends.is_empty() {
        return Ok(());
    }
    let titles: Vec<String> = run.trend_stats.iter().map(ToString::to_string).collect();
    let rules = "---:|".repeat(run.trend_stats.len());
    writeln!(out, "\n| trend | {} |\n|---|{rules}", titles.join(" | "))?;
    for metric in trends {
        let cells: Vec<String> = run
            .trend_stats
            .iter()
            .map(|stat| cell(metric, *stat))
            .collect();
        writeln!(out, "| {} | {} |", text(&metric.name), cells.join(" | "))?;
    }
    Ok(())
}

fn others(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let others: Vec<&MetricReport> = run
        .metrics
        .iter()
        .filter(|metric| metric.kind != MetricType::Trend)
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| metric | value | |\n|---|---:|---|")?;
    for metric in others {
        let (value, more) = match metric.kind {
            MetricType::Rate => (
                cell(metric, Stat::Rate),
                format!(
                    "{} yes, {} no",
                    cell(metric, Stat::Passes),
                    cell(metric, Stat::Fails)
                ),
            ),
            MetricType::Gauge => (
                cell(metric, Stat::Value),
                format!("{} to {}", cell(metric, Stat::Min), cell(metric, Stat::Max)),
            ),
            MetricType::Counter | MetricType::Trend => {
                (cell(metric, Stat::Count), cell(metric, Stat::Rate))
            }
        };
        writeln!(out, "| {} | {value} | {more} |", text(&metric.name))?;
    }
    Ok(())
}

fn cell(metric: &MetricReport, stat: Stat) -> String {
    if metric.kind == MetricType::Trend && metric.measure.is_empty() {
        return "–".to_owned();
    }
    metric
        .measure
        .get(stat)
        .map_or("–".to_owned(), |value| metric.unit(stat).show(value))
}

/// Text from an input, so that nothing in it is markup, ends a cell or a line, or calls anybody.
pub(super) fn text(raw: &str) -> String {
    /// Renders as nothing. GitHub looks for `@team` and `#1` in the rendered text, where an escaped one is one again.
    const NOTHING: &str = "&#8203;";
    let mut safe = String::with_capacity(raw.len());
    for c in crate::units::printable(raw).chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '@' | '#' => {
                safe.extend((c == '#').then_some('\\'));
                safe.push(c);
                safe.push_str(NOTHING);
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => {
                safe.push('\\');
                safe.push(c);
            }
            // A bare address would become a link.
            ':' if ends_with_one_of(&safe, &["http", "https", "ftp"]) => safe.push_str("&#58;"),
            '.' if ends_with_one_of(&safe, &["www"]) => safe.push_str("&#46;"),
            c => safe.push(c),
        }
    }
    safe
}

fn ends_with_one_of(text: &str, words: &[&str]) -> bool {
    let text = text.as_bytes();
    words.iter().any(|word| {
        let end = text.len().checked_sub(word.len()).map(|from| &text[from..]);
        end.is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(
            text("a|b\n<img src=x> [l](u) `c` *d*"),
            "a\\|b\\\\u{a}&lt;img src=x&gt; \\[l\\](u) \\`c\\` \\*d\\*"
        );
        assert_eq!(
            text("HTTPS://x www.x @team #1"),
            "HTTPS&#58;//x www&#46;x @&#8203;team \\#&#8203;1"
        );
    }
}
