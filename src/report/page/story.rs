//! The head of the page: the verdict, why, and the numbers that everyone asks for.

use serde::Serialize;

use super::against_baseline::capital;
use super::{Baseline, Headline, shown};
use crate::compare::ValidityVerdict;
use crate::report::RunReport;
use crate::run::{MetricType, Run, Stat};
use crate::units::{self, counted};

/// Scenarios beyond this many are counted.
const MOST_SCENARIOS: usize = 8;

/// The whole story in short.
#[derive(Debug, Serialize)]
pub struct Story {
    /// The run's name.
    pub name: String,
    /// The verdict and why.
    pub headline: Headline,
    /// Four or five numbers.
    pub key_numbers: Vec<KeyNumber>,
    /// When, how long, by what.
    pub facts: Vec<Fact>,
    /// What a reader should know before trusting the numbers.
    pub remarks: Vec<Remark>,
}

/// A number that everyone asks for.
#[derive(Debug, Serialize)]
pub struct KeyNumber {
    /// What it is.
    pub label: String,
    /// The number.
    pub value: String,
    /// What goes with it.
    pub detail: String,
}

/// A line about the run.
#[derive(Debug, Serialize)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// What it says.
    pub value: String,
}

/// What a reader should know.
#[derive(Debug, Serialize)]
pub struct Remark {
    /// Its kind: invalid, suspect, note, release, skipped.
    pub kind: &'static str,
    /// What it says.
    pub text: String,
}

impl Story {
    pub(super) fn new(run: &Run, report: &RunReport, baseline: Option<Baseline<'_>>) -> Self {
        Self {
            name: shown(&report.name),
            headline: Headline::new(report, baseline),
            key_numbers: key_numbers(run, baseline),
            facts: facts(run),
            remarks: remarks(run, report),
        }
    }
}

fn key_numbers(run: &Run, baseline: Option<Baseline<'_>>) -> Vec<KeyNumber> {
    let number = |label: &str, value: String, detail: String| KeyNumber {
        label: label.to_owned(),
        value,
        detail,
    };
    let measure = |name: &str| {
        let metric = run.metric(name)?;
        (!metric.measure.is_empty()).then_some(&metric.measure)
    };
    let mut numbers = Vec::new();

    let counters = [("http_reqs", "Requests"), ("iterations", "Iterations")];
    let counter = counters
        .into_iter()
        .find_map(|(name, label)| Some((label, measure(name)?)));
    if let Some((label, reqs)) = counter
        && let Some(count) = reqs.get(Stat::Count)
    {
        // Some summaries hold no rate, yet a duration.
        let seconds = run.duration_ms().map(|ms| ms / 1e3).filter(|s| *s > 0.0);
        let rate = reqs.get(Stat::Rate).or_else(|| Some(count / seconds?));
        let detail = rate.map_or_else(String::new, |rate| {
            format!("{} per second", units::number(rate, 1))
        });
        numbers.push(number(label, units::number(count, 0), detail));
    }
    for (name, label, share_of) in [
        ("http_req_failed", "Failed requests", Stat::Passes),
        ("checks", "Checks passed", Stat::Passes),
    ] {
        let Some(rate) = measure(name) else { continue };
        let Some(share) = rate.get(Stat::Rate) else {
            continue;
        };
        let detail =
            rate.get(share_of)
                .zip(rate.samples())
                .map_or_else(String::new, |(hits, all)| {
                    format!(
                        "{} of {}",
                        units::number(hits, 0),
                        units::number(all as f64, 0)
                    )
                });
        numbers.push(number(label, units::percent(share), detail));
    }
    let trends = [
        ("http_req_duration", "Request duration"),
        ("grpc_req_duration", "Request duration"),
        ("browser_http_req_duration", "Request duration"),
        ("iteration_duration", "Iteration duration"),
    ];
    let trend = trends
        .into_iter()
        .find_map(|(name, label)| Some((label, measure(name)?)));
    if let Some((label, trend)) = trend {
        let by_worth = [Stat::p(95), Stat::p(99), Stat::p(90), Stat::Max, Stat::Avg];
        let known = by_worth
            .into_iter()
            .find_map(|stat| Some((stat, trend.get(stat)?)));
        if let Some((stat, value)) = known {
            let rows = baseline.iter().flat_map(|baseline| &baseline.pair.rows);
            let mut rows = rows.filter(|row| trends.iter().any(|(name, _)| row.name == *name));
            let before = rows.find(|row| row.figure == stat.into());
            let before = before.and_then(|row| row.baseline);
            let before = before.map(|value| format!("baseline {}", units::duration(value)));
            let median = trend.get(Stat::Med);
            let median = median.map(|med| format!("median {}", units::duration(med)));
            let detail = before.or(median).unwrap_or_default();
            // After the failures, as the reader's eye expects it.
            let at = numbers.len().min(2);
            let label = format!("{label}, {stat}");
            numbers.insert(at, number(&label, units::duration(value), detail));
        }
    }
    if let Some(duration) = run.duration_ms() {
        let users = measure("vus")
            .filter(|vus| vus.kind() == MetricType::Gauge)
            .and_then(|vus| vus.get(Stat::Max));
        let detail = users.map_or_else(String::new, |users| {
            let noun = if users > 1.0 { "VUs" } else { "VU" };
            format!("up to {} {noun}", units::number(users, 0))
        });
        numbers.push(number("Duration", units::duration(duration), detail));
    }
    numbers
}

fn facts(run: &Run) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |label, value| facts.push(Fact { label, value });
    if let Some(filed) = run.filed() {
        fact("Release", shown(&filed.release));
        for (label, value) in [("Ticket", &filed.ticket), ("Commit", &filed.commit)] {
            if let Some(value) = value {
                fact(label, shown(value));
            }
        }
    }
    if let Some((start, _)) = run.span() {
        fact("Started", units::moment_for_people(start));
    }
    if run.label() != run.name() {
        fact("Label", shown(run.label()));
    }
    let version = run.k6_version();
    fact(
        "k6",
        version.map_or_else(|| "version not recorded".to_owned(), shown),
    );
    let names = run.scenarios();
    let more = names.len().saturating_sub(MOST_SCENARIOS);
    let mut scenarios: Vec<String> = names.into_iter().take(MOST_SCENARIOS).map(shown).collect();
    if more > 0 {
        scenarios.push(format!("{more} more"));
    }
    if !scenarios.is_empty() {
        let label = if scenarios.len() == 1 {
            "Scenario"
        } else {
            "Scenarios"
        };
        fact(label, scenarios.join(", "));
    }
    let sources: Vec<String> = run
        .sources()
        .iter()
        .map(|source| {
            let path = std::path::Path::new(&source.path);
            let name = path.file_name().map(std::ffi::OsStr::to_string_lossy);
            shown(&name.unwrap_or_else(|| source.path.as_str().into()))
        })
        .collect();
    fact("Read from", sources.join(", "));
    facts
}

fn remarks(run: &Run, report: &RunReport) -> Vec<Remark> {
    let kind = match report.validity.verdict {
        ValidityVerdict::Invalid => "Invalid",
        _ => "Suspect",
    };
    let mut remarks: Vec<Remark> = Vec::new();
    let mut remark = |kind, text: &str| {
        remarks.push(Remark {
            kind,
            text: shown(&capital(text)),
        });
    };
    for reason in &report.validity.reasons {
        remark(kind, reason);
    }
    for note in &report.notes {
        remark("Note", note);
    }
    for note in run.filed().iter().flat_map(|filed| &filed.notes) {
        remark("Release", note);
    }
    let skipped = report.skipped.as_ref().filter(|skipped| skipped.lines > 0);
    if let Some(skipped) = skipped {
        let first = skipped.first_line.map_or_else(String::new, |line| {
            let reason = skipped.first_reason.as_deref().unwrap_or("unreadable");
            format!("; the first is line {line}: {reason}")
        });
        let lines = counted(skipped.lines, "line");
        remark("Skipped", &format!("{lines} could not be used{first}"));
    }
    remarks
}
