//! Annotations of GitHub's workflow runs: `::error title=…::…`, the gravest first, as only ten of a
//! kind are shown.

use std::io::{self, Write};

use crate::compare::{Change, Validity, ValidityVerdict};
use crate::report::{CheckReport, DiffReport, PairReport, SummaryReport, ThresholdReport, Unit};
use crate::run::K6Exit;
use crate::thresholds::Verdict;
use crate::units::printable;

/// Writes an annotation for every threshold that does not hold, and what speaks against a run.
///
/// # Errors
/// When it cannot be written.
pub fn summary(report: &SummaryReport, out: &mut dyn Write) -> io::Result<()> {
    let mut annotations = Annotations::default();
    for run in &report.runs {
        annotations.end(&run.title, run.k6_exit);
        annotations.thresholds(&run.title, &run.thresholds);
        annotations.validity(&run.title, &run.validity);
    }
    annotations.write(out)
}

/// Writes an annotation for every threshold that does not hold, and what speaks against a run.
///
/// # Errors
/// When it cannot be written.
pub fn check(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let mut annotations = Annotations::default();
    for run in &report.runs {
        annotations.end(&run.title, run.k6_exit);
        annotations.thresholds(&run.title, &run.thresholds);
        annotations.validity(&run.title, &run.validity);
    }
    annotations.write(out)
}

/// Writes an annotation for every regression, crossed limit and loosened threshold, and for pairs
/// that are inconclusive.
///
/// # Errors
/// When it cannot be written.
pub fn diff(report: &DiffReport, out: &mut dyn Write) -> io::Result<()> {
    let mut annotations = Annotations::default();
    for pair in &report.pairs {
        annotations.regressions(pair);
        let title = format!("{}: {}", pair.name, pair.verdict.word());
        match pair.verdict {
            Change::Inconclusive => annotations.warning(title, &pair.sentence),
            Change::Improved => annotations.add(Level::Notice, 0.0, title, &pair.sentence),
            _ => {}
        }
        for finding in &pair.findings {
            annotations.warning(format!("{}: thresholds", pair.name), &finding.text);
        }
    }
    for run in &report.unpaired {
        let text = match run.verdict {
            Change::Added => "the baseline has no such run",
            _ => "the candidate has no such run",
        };
        annotations.warning(run.name.clone(), text);
    }
    annotations.write(out)
}

/// So many of a level are shown of a step.
const MOST: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

struct Annotation {
    level: Level,
    /// How bad it is among those of its level.
    weight: f64,
    title: String,
    text: String,
}

#[derive(Default)]
struct Annotations(Vec<Annotation>);

impl Annotations {
    fn add(&mut self, level: Level, weight: f64, title: String, text: &str) {
        self.0.push(Annotation {
            level,
            weight,
            title,
            text: text.to_owned(),
        });
    }

    fn warning(&mut self, title: String, text: &str) {
        self.add(Level::Warning, 0.0, title, text);
    }

    /// What made a test no success beside its thresholds.
    fn end(&mut self, run: &str, k6_exit: Option<K6Exit>) {
        let Some((exit, problem)) = k6_exit.and_then(|exit| Some((exit, exit.problem()?))) else {
            return;
        };
        let what = if exit.is_finished() {
            "failed"
        } else {
            "not finished"
        };
        self.add(
            Level::Error,
            f64::INFINITY,
            format!("{run}: {what}"),
            &problem,
        );
    }

    fn thresholds(&mut self, run: &str, thresholds: &[ThresholdReport]) {
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
            // The furthest beyond its limit first, and what is not known last.
            let weight = threshold.overshoot().unwrap_or(0.0);
            self.add(Level::Error, weight, format!("{run}: {what}"), &text);
        }
    }

    fn validity(&mut self, run: &str, validity: &Validity) {
        let word = match validity.verdict {
            ValidityVerdict::Valid => return,
            ValidityVerdict::Suspect => "suspect",
            ValidityVerdict::Invalid => "invalid",
        };
        for reason in &validity.reasons {
            self.warning(format!("{run}: {word} run"), reason);
        }
    }

    fn regressions(&mut self, pair: &PairReport) {
        let title = format!("{}: limit", pair.name);
        let limits = pair.limits.iter();
        for limit in limits.filter(|limit| limit.verdict != Verdict::Passed) {
            self.add(Level::Error, f64::INFINITY, title.clone(), &limit.text());
        }
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
            // More failures are worse than any slowness, as in the sentence.
            let weight = match row.change.map_or(0.0, f64::abs) {
                change if row.shown == Unit::Share => 1e9 + change,
                change => change,
            };
            self.add(Level::Error, weight, title.clone(), &text);
        }
    }

    /// Writes the worst of each level; a last one tells how many more there are.
    fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.0.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        for (level, word) in [
            (Level::Error, "error"),
            (Level::Warning, "warning"),
            (Level::Notice, "notice"),
        ] {
            let of_level: Vec<&Annotation> = self.0.iter().filter(|a| a.level == level).collect();
            let shown = match of_level.len() {
                all if all <= MOST => all,
                _ => MOST - 1,
            };
            for annotation in of_level.iter().take(shown) {
                write_one(word, &annotation.title, &annotation.text, out)?;
            }
            let more = of_level.len() - shown;
            if more > 0 {
                let text = format!("{more} more are in the step's summary");
                write_one(word, "perf-report", &text, out)?;
            }
        }
        Ok(())
    }
}

fn write_one(level: &str, title: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
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
        write_one("error", "a:b,c%", "100%\n::error::x", &mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        assert_eq!(said, "::error title=a%3Ab%2Cc%25::100%25\\u{a}::error::x\n");
        assert_eq!(escaped("a\nb", false), "a%0Ab");
    }

    #[test]
    fn the_worst_ten_are_shown_and_the_rest_is_counted() {
        let mut annotations = Annotations::default();
        for i in 0..25 {
            annotations.add(Level::Error, f64::from(i % 13), format!("e{i}"), "x");
        }
        for i in 0..10 {
            annotations.warning(format!("w{i}"), "x");
        }
        let mut out = Vec::new();
        annotations.write(&mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        assert_eq!(said.matches("::error").count(), 10, "{said}");
        assert_eq!(said.matches("::warning").count(), 10, "{said}");
        assert!(
            said.starts_with("::error title=e12::x\n::error title=e11::x\n::error title=e24::x\n"),
            "{said}"
        );
        assert!(
            said.contains(
                "::error title=perf-report::16 more are in the step's summary\n::warning title=w0"
            ),
            "{said}"
        );
    }
}
