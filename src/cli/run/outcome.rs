//! What became of each scenario, and why the exit code is what it is.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::cli::exit::ExitStatus;
use crate::report::{SummaryReport, ThresholdReport, thresholds_in_words};
use crate::run::K6Exit;
use crate::thresholds::Verdict;
use crate::units::printable;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const UNSURE: Style = AnsiColor::Yellow.on_default();

/// What became of a scenario.
pub(super) struct Outcome {
    name: String,
    pub(super) status: ExitStatus,
    style: Style,
    word: &'static str,
    how: String,
}

impl Outcome {
    /// One that ran and was reported.
    pub(super) fn of(name: &str, exit: K6Exit, summary: &SummaryReport) -> Self {
        let runs = summary.runs.iter();
        let thresholds: Vec<&ThresholdReport> = runs.flat_map(|run| &run.thresholds).collect();
        let how = thresholds_in_words(&thresholds);
        let hold = thresholds.iter().all(|t| t.verdict == Verdict::Passed);
        let (status, style, word, how) = match exit.problem() {
            Some(problem) => {
                let word = if exit.is_finished() {
                    "failed"
                } else {
                    "not finished"
                };
                (ExitStatus::Usage, BAD, word, problem)
            }
            None if exit.code == Some(0) && hold => (ExitStatus::Success, GOOD, "passed", how),
            None if hold => {
                let how = format!("k6's own verdict (exit code 99), though here {how}");
                (ExitStatus::ThresholdCrossed, BAD, "crossed", how)
            }
            None => (ExitStatus::ThresholdCrossed, BAD, "crossed", how),
        };
        Self {
            name: name.to_owned(),
            status,
            style,
            word,
            how,
        }
    }

    /// One of which there is nothing to report; an error, or a remark, tells more.
    pub(super) fn failed(name: &str, how: &str) -> Self {
        Self {
            name: name.to_owned(),
            status: ExitStatus::Usage,
            style: BAD,
            word: "failed",
            how: how.to_owned(),
        }
    }

    /// One that was not begun.
    pub(super) fn left(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            status: ExitStatus::Usage,
            style: UNSURE,
            word: "did not run",
            how: "interrupted before it began".to_owned(),
        }
    }
}

/// Writes a line for every scenario, and the reason of the exit code.
pub(super) fn write(
    outcomes: &[Outcome],
    status: ExitStatus,
    out: &mut dyn Write,
) -> io::Result<()> {
    let widest = |of: &dyn Fn(&Outcome) -> usize| outcomes.iter().map(of).max().unwrap_or(0);
    let width = |text: &str| unicode_width::UnicodeWidthStr::width(text);
    let (name_width, word_width) = (
        widest(&|outcome| width(&printable(&outcome.name))),
        widest(&|outcome| width(outcome.word)),
    );
    writeln!(out)?;
    for Outcome {
        name,
        style,
        word,
        how,
        ..
    } in outcomes
    {
        let name = printable(name);
        let gap = " ".repeat(name_width.saturating_sub(width(&name)));
        let rest = " ".repeat(word_width.saturating_sub(width(word)));
        writeln!(
            out,
            "  {name}{gap}  {style}{word}{style:#}{rest}  {}",
            printable(how)
        )?;
    }
    if let Some(reason) = reason(outcomes, status) {
        writeln!(out, "  exit code {}: {reason}", status as u8)?;
    }
    Ok(())
}

fn reason(outcomes: &[Outcome], status: ExitStatus) -> Option<String> {
    let names = outcomes.iter().filter(|outcome| outcome.status == status);
    let names: Vec<&str> = names.map(|outcome| outcome.name.as_str()).collect();
    let names = names.join(", ");
    Some(match status {
        ExitStatus::Success => return None,
        ExitStatus::ThresholdCrossed => format!("thresholds are crossed ({names})"),
        ExitStatus::Regression => "the comparison found a regression".to_owned(),
        ExitStatus::Undecided => "the comparison found what --fail-on names".to_owned(),
        ExitStatus::Usage | ExitStatus::Unverified => {
            format!("not every test came to its end ({names})")
        }
    })
}
