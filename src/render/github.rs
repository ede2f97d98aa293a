//! Annotations of GitHub's workflow runs: `::error title=…::…`, the gravest first, as only ten of a
//! kind are shown.

use std::io::{self, Write};

use crate::compare::{Change, ValidityVerdict};
use crate::report::{CheckReport, DiffReport, PairReport, SummaryReport, ThresholdReport};
use crate::run::K6Exit;
use crate::thresholds::Verdict;
use crate::units::printable;

/// Writes an annotation for every threshold that does not hold, and what speaks against a run.
///
/// # Errors
/// When it cannot be written.
pub fn summary(report: &SummaryReport, out: &mut dyn Write) -> io::Result<()> {
    for run in &report.runs {
        end(&run.title, run.k6_exit, out)?;
        thresholds(&run.title, &run.thresholds, out)?;
    }
    for run in &report.runs {
        remarks(&run.title, run.validity.verdict, &run.validity.reasons, out)?;
    }
    Ok(())
}

/// Writes an annotation for every threshold that does not hold, and what speaks against a run.
///
/// # Errors
/// When it cannot be written.
pub fn check(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    for run in &report.runs {
        end(&run.title, run.k6_exit, out)?;
        thresholds(&run.title, &run.thresholds, out)?;
    }
    for run in &report.runs {
        remarks(&run.title, run.validity.verdict, &run.validity.reasons, out)?;
    }
    Ok(())
}

/// Writes an annotation for every regression, crossed limit and loosened threshold, and for pairs
/// that are inconclusive.
///
/// # Errors
/// When it cannot be written.
pub fn diff(report: &DiffReport, out: &mut dyn Write) -> io::Result<()> {
    for pair in &report.pairs {
        regressions(pair, out)?;
    }
    for pair in &report.pairs {
        let title = format!("{}: {}", pair.name, pair.verdict.word());
        match pair.verdict {
            Change::Inconclusive => annotation("warning", &title, &pair.sentence, out)?,
            Change::Improved => annotation("notice", &title, &pair.sentence, out)?,
            _ => {}
        }
        let title = format!("{}: thresholds", pair.name);
        for finding in &pair.findings {
            annotation("warning", &title, &finding.text, out)?;
        }
    }
    for run in &report.unpaired {
        let text = match run.verdict {
            Change::Added => "the baseline has no such run",
            _ => "the candidate has no such run",
        };
        annotation("warning", &run.name, text, out)?;
    }
    Ok(())
}

fn regressions(pair: &PairReport, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("{}: regressed", pair.name);
    let rows = pair.rows_of(Change::Regressed).filter(|row| row.gate);
    for row in rows {
        let text = format!(
            "{} went from {} to {} ({})",
            row.title(),
            row.value_text(row.baseline),
            row.value_text(row.candidate),
            row.change_text().unwrap_or_default()
        );
        annotation("error", &title, &text, out)?;
    }
    let title = format!("{}: limit", pair.name);
    let limits = pair
        .limits
        .iter()
        .filter(|limit| limit.verdict != Verdict::Passed);
    for limit in limits {
        annotation("error", &title, &limit.text(), out)?;
    }
    Ok(())
}

/// What made a test no success beside its thresholds.
fn end(run: &str, k6_exit: Option<K6Exit>, out: &mut dyn Write) -> io::Result<()> {
    let Some(exit) = k6_exit else { return Ok(()) };
    let Some(problem) = exit.problem() else {
        return Ok(());
    };
    let what = if exit.is_finished() {
        "failed"
    } else {
        "not finished"
    };
    annotation("error", &format!("{run}: {what}"), &problem, out)
}

fn thresholds(run: &str, thresholds: &[ThresholdReport], out: &mut dyn Write) -> io::Result<()> {
    for threshold in thresholds.iter().filter(|t| t.verdict != Verdict::Passed) {
        let what = match threshold.verdict {
            Verdict::NoData => "threshold without data",
            _ => "threshold crossed",
        };
        let (name, expression) = (&threshold.name, &threshold.expression);
        let mut text = match threshold.verdict {
            Verdict::NoData => format!("{name} has no data for {expression}"),
            _ => format!(
                "{name} is {}, and should be {expression}",
                threshold.observed_text()
            ),
        };
        if let Some(note) = &threshold.note {
            text = format!("{text} ({note})");
        }
        annotation("error", &format!("{run}: {what}"), &text, out)?;
    }
    Ok(())
}

fn remarks(
    run: &str,
    verdict: ValidityVerdict,
    reasons: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let word = match verdict {
        ValidityVerdict::Valid => return Ok(()),
        ValidityVerdict::Suspect => "suspect",
        ValidityVerdict::Invalid => "invalid",
    };
    for reason in reasons {
        annotation("warning", &format!("{run}: {word} run"), reason, out)?;
    }
    Ok(())
}

fn annotation(level: &str, title: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let (title, text) = (printable(title), printable(text));
    let (title, text) = (escaped(&title, true), escaped(&text, false));
    writeln!(out, "::{level} title={title}::{text}")
}

/// As GitHub's toolkit escapes what stands in a command.
fn escaped(text: &str, is_property: bool) -> String {
    let text = text
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    if is_property {
        text.replace(':', "%3A").replace(',', "%2C")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_or_begins_another() {
        let mut out = Vec::new();
        annotation("error", "a:b,c%", "100%\n::error::x", &mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        assert_eq!(said, "::error title=a%3Ab%2Cc%25::100%25\\u{a}::error::x\n");
        assert_eq!(escaped("a\nb", false), "a%0Ab");
    }
}
