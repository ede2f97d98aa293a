//! JUnit XML: a case for every threshold, check, limit, and row that decides.
//!
//! It follows both schemas in common use, that of Ant's `<junitreport>` and that of Jenkins.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::compare::Change;
use crate::report::{
    CheckReport, DiffReport, LimitReport, PairReport, RowReport, SummaryReport, ThresholdReport,
    UnpairedReport,
};
use crate::run::{Check, K6Exit, Stat};
use crate::thresholds::Verdict;
use crate::units::{counted, moment, percent, printable};

/// Writes a suite for every run, with its thresholds and checks.
///
/// # Errors
/// When it cannot be written.
pub fn summary(report: &SummaryReport, out: &mut dyn Write) -> io::Result<()> {
    let suites = report.runs.iter().map(|run| Suite {
        name: run.title.clone(),
        start: run.span.map(|(start, _)| start),
        milliseconds: run.duration_ms,
        cases: of_run(&run.name, run.k6_exit, &run.thresholds, &run.checks),
        remarks: run.notes.clone(),
    });
    write(&suites.collect::<Vec<_>>(), out)
}

/// Writes a suite for every run, with its thresholds and checks.
///
/// # Errors
/// When it cannot be written.
pub fn check(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let suites = report.runs.iter().map(|run| Suite {
        name: run.title.clone(),
        start: run.span.map(|(start, _)| start),
        milliseconds: run.duration_ms,
        cases: of_run(&run.name, run.k6_exit, &run.thresholds, &run.checks),
        remarks: run.notes.clone(),
    });
    write(&suites.collect::<Vec<_>>(), out)
}

/// Writes a suite for every pair, with the rows that decide and the limits.
///
/// # Errors
/// When it cannot be written.
pub fn diff(report: &DiffReport, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: Vec<Suite> = report.pairs.iter().map(of_pair).collect();
    let unpaired: Vec<Case> = report.unpaired.iter().map(of_unpaired).collect();
    if !unpaired.is_empty() {
        suites.push(Suite {
            name: "without a partner".to_owned(),
            start: None,
            milliseconds: None,
            cases: unpaired,
            remarks: Vec::new(),
        });
    }
    write(&suites, out)
}

struct Suite {
    name: String,
    /// In nanoseconds since 1970.
    start: Option<i64>,
    milliseconds: Option<f64>,
    cases: Vec<Case>,
    remarks: Vec<String>,
}

struct Case {
    class: String,
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    /// What kind, in a line, and all that is known.
    Failed(&'static str, String, String),
    /// Why nothing can be said.
    Skipped(String),
}

fn of_run(
    run: &str,
    k6_exit: Option<K6Exit>,
    thresholds: &[ThresholdReport],
    checks: &[Check],
) -> Vec<Case> {
    // What is not known of k6's end is no case.
    let end = k6_exit.map(|exit| Case {
        class: format!("{run}.test"),
        name: "came to its end".to_owned(),
        outcome: match exit.problem() {
            None => Outcome::Passed,
            Some(problem) => Outcome::Failed("test", problem, String::new()),
        },
    });
    let cases = thresholds.iter().map(|threshold| Case {
        class: format!("{run}.thresholds"),
        name: format!("{} {}", threshold.name, threshold.expression),
        outcome: of_threshold(threshold),
    });
    let checks = checks.iter().map(|check| Case {
        class: format!("{run}.checks"),
        name: match check.group.as_deref().unwrap_or_default() {
            "" => check.name.clone(),
            group => format!(
                "{} › {}",
                group.trim_start_matches("::").replace("::", " › "),
                check.name
            ),
        },
        outcome: of_check(check, thresholds),
    });
    end.into_iter().chain(cases).chain(checks).collect()
}

fn of_threshold(threshold: &ThresholdReport) -> Outcome {
    if threshold.verdict == Verdict::Passed {
        return Outcome::Passed;
    }
    let (name, expression) = (&threshold.name, &threshold.expression);
    let observed = threshold.observed_text();
    let message = match threshold.verdict {
        Verdict::NoData => format!("{name} has no data for {expression}"),
        _ => format!("{name} is {observed}, and should be {expression}"),
    };
    let mut lines = vec![format!("observed: {observed}")];
    if threshold.limit.is_some() {
        let (_, limit) = threshold.prose();
        lines.push(format!("limit: {limit} ({expression})"));
    }
    if let Some(k6) = threshold.k6_verdict.filter(|k6| *k6 != threshold.verdict) {
        lines.push(format!("k6 said: {}", verdict_word(k6)));
    }
    lines.extend(threshold.note.clone());
    Outcome::Failed("threshold", message, lines.join("\n"))
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::NoData => "no data",
    }
}

/// A check holds when all of its runs did, or as many as thresholds on checks ask for.
fn of_check(check: &Check, thresholds: &[ThresholdReport]) -> Outcome {
    let Some(rate) = check.pass_rate() else {
        return Outcome::Skipped("it never ran".to_owned());
    };
    let is_on_it = |threshold: &&ThresholdReport| {
        let name = &threshold.evaluated.name;
        let group = check.group.as_deref();
        name.metric() == "checks"
            && name.tags().iter().all(|(key, value)| match key.as_str() {
                "check" => *value == check.name,
                "group" => Some(value.as_str()) == group,
                _ => false,
            })
    };
    let asked = thresholds.iter().filter(is_on_it);
    let asked = asked.filter_map(|threshold| {
        let asked = threshold.evaluated.threshold?;
        (asked.stat == Stat::Rate).then_some((threshold, asked))
    });
    let asked: Vec<_> = asked.collect();
    let crossed = asked
        .iter()
        .find(|(_, asked)| !asked.operator.holds(rate, asked.limit));
    let limit = match crossed {
        Some((threshold, _)) => threshold.expression.clone(),
        None if asked.is_empty() && check.fails > 0 => {
            "rate==1, as no threshold on checks says less".to_owned()
        }
        None => return Outcome::Passed,
    };
    let message = format!(
        "{} of {} failed",
        check.fails,
        counted(check.passes + check.fails, "run")
    );
    let lines = format!("observed: {} passed\nlimit: {limit}", percent(rate));
    Outcome::Failed("check", message, lines)
}

fn of_pair(pair: &PairReport) -> Suite {
    let rows = pair.rows.iter().filter(|row| row.gate && !row.repeats);
    let rows = rows.map(|row| Case {
        class: format!("{}.changes", pair.name),
        name: format!("{} {}", row.name, row.stat),
        outcome: of_row(row),
    });
    let limits = pair.limits.iter().map(|limit| Case {
        class: format!("{}.limits", pair.name),
        name: format!("{}:{}", limit.name, limit.expression),
        outcome: of_limit(limit),
    });
    let sentence = std::iter::once(pair.sentence.clone());
    Suite {
        name: pair.name.clone(),
        start: pair.candidate.span.map(|(start, _)| start),
        milliseconds: pair
            .candidate
            .span
            .map(|(start, end)| end.saturating_sub(start) as f64 / 1e6),
        cases: rows.chain(limits).collect(),
        remarks: sentence.chain(pair.warnings.iter().cloned()).collect(),
    }
}

fn of_row(row: &RowReport) -> Outcome {
    let reason = || {
        row.reason
            .clone()
            .unwrap_or_else(|| row.verdict.word().to_owned())
    };
    let message = match row.verdict {
        Change::Improved | Change::Unchanged => return Outcome::Passed,
        Change::Inconclusive => return Outcome::Skipped(format!("inconclusive: {}", reason())),
        Change::Added => return Outcome::Skipped("the baseline has no samples of it".to_owned()),
        Change::Removed => {
            return Outcome::Skipped("the candidate has no samples of it".to_owned());
        }
        Change::Regressed => format!(
            "{} regressed from {} to {} ({})",
            row.title(),
            row.value_text(row.baseline),
            row.value_text(row.candidate),
            row.change_text().unwrap_or_default(),
        ),
    };
    let mut lines = vec![
        format!("observed: {}", row.value_text(row.candidate)),
        format!("baseline: {}", row.value_text(row.baseline)),
    ];
    let more = [
        ("change", row.change_text()),
        ("interval", row.interval_text()),
        ("against the others", row.own_text()),
        (
            "limit: a change beyond noise, and beyond",
            row.floor.map(|floor| row.show_change(floor)),
        ),
    ];
    lines.extend(
        more.into_iter()
            .filter_map(|(title, text)| Some(format!("{title}: {}", text?))),
    );
    lines.extend(row.reason.clone());
    Outcome::Failed("regression", message, lines.join("\n"))
}

fn of_limit(limit: &LimitReport) -> Outcome {
    if limit.verdict == Verdict::Passed {
        return Outcome::Passed;
    }
    let show = |value: Option<f64>| {
        value.map_or_else(|| "no data".to_owned(), |value| limit.shown.show(value))
    };
    let lines = [
        format!("observed: {}", show(limit.observed)),
        format!("limit: {}", show(limit.limit)),
        format!("baseline: {}", show(limit.baseline)),
    ];
    Outcome::Failed("limit", limit.text(), lines.join("\n"))
}

fn of_unpaired(run: &UnpairedReport) -> Case {
    let reason = match run.verdict {
        Change::Added => "the baseline has no such run",
        _ => "the candidate has no such run",
    };
    Case {
        class: "runs".to_owned(),
        name: run.name.clone(),
        outcome: Outcome::Skipped(reason.to_owned()),
    }
}

fn write(suites: &[Suite], out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("testsuites")
        .write_inner_content(|xml| {
            for (id, suite) in suites.iter().enumerate() {
                write_suite(id, suite, xml)?;
            }
            Ok(())
        })?;
    writeln!(out)
}

type Xml<'a, 'b> = Writer<&'a mut (dyn Write + 'b)>;

fn write_suite(id: usize, suite: &Suite, xml: &mut Xml<'_, '_>) -> io::Result<()> {
    let count = |is: fn(&Outcome) -> bool| suite.cases.iter().filter(|c| is(&c.outcome)).count();
    let failures = count(|outcome| matches!(outcome, Outcome::Failed(..)));
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
    // The schema wants a time, to the second and without a zone, of which a summary knows nothing.
    let start = moment(suite.start.unwrap_or(0));
    let seconds = suite.milliseconds.unwrap_or(0.0) / 1e3;
    let attributes = [
        ("name", legal(&suite.name).into_owned()),
        (
            "timestamp",
            start.chars().take("2026-11-23T08:50:18".len()).collect(),
        ),
        ("hostname", "localhost".to_owned()),
        ("tests", suite.cases.len().to_string()),
        ("failures", failures.to_string()),
        ("errors", "0".to_owned()),
        ("skipped", skipped.to_string()),
        ("time", format!("{seconds:.3}")),
        ("package", "perf-report".to_owned()),
        ("id", id.to_string()),
    ];
    let attributes = attributes.iter().map(|(key, value)| (*key, value.as_str()));
    let element = xml.create_element("testsuite").with_attributes(attributes);
    element.write_inner_content(|xml| {
        xml.create_element("properties").write_empty()?;
        for case in &suite.cases {
            write_case(case, xml)?;
        }
        let remarks: Vec<_> = suite.remarks.iter().map(|remark| legal(remark)).collect();
        text_element("system-out", &remarks.join("\n"), xml)?;
        text_element("system-err", "", xml)
    })?;
    Ok(())
}

fn write_case(case: &Case, xml: &mut Xml<'_, '_>) -> io::Result<()> {
    let (class, name) = (legal(&case.class), legal(&case.name));
    let attributes = [("classname", &*class), ("name", &*name), ("time", "0")];
    let element = xml.create_element("testcase").with_attributes(attributes);
    match &case.outcome {
        Outcome::Passed => {
            element.write_empty()?;
        }
        Outcome::Failed(kind, message, text) => {
            element.write_inner_content(|xml| {
                let message = legal(message);
                let text: Vec<_> = text.lines().map(legal).collect();
                xml.create_element("failure")
                    .with_attributes([("message", &*message), ("type", kind)])
                    .write_text_content(BytesText::new(&text.join("\n")))?;
                Ok(())
            })?;
        }
        Outcome::Skipped(reason) => {
            element.write_inner_content(|xml| {
                let reason = legal(reason);
                xml.create_element("skipped")
                    .with_attribute(("message", &*reason))
                    .write_empty()?;
                Ok(())
            })?;
        }
    }
    Ok(())
}

fn text_element(name: &str, text: &str, xml: &mut Xml<'_, '_>) -> io::Result<()> {
    let element = xml.create_element(name);
    if text.is_empty() {
        element.write_empty()?;
    } else {
        element.write_text_content(BytesText::new(text))?;
    }
    Ok(())
}

/// Text without what must not stand in XML.
fn legal(text: &str) -> Cow<'_, str> {
    const NEVER: [char; 2] = ['\u{fffe}', '\u{ffff}'];
    let text = printable(text);
    if text.contains(NEVER) {
        Cow::Owned(text.replace(NEVER, "\u{fffd}"))
    } else {
        text
    }
}
