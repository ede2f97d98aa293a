//! What a comparison says, in one sentence that a tired person understands.

use super::diff::{PairReport, RowReport};
use super::unit::Unit;
use crate::compare::{Change, ValidityVerdict};
use crate::run::{MetricName, Stat};
use crate::thresholds::Verdict;
use crate::units;

/// The sentence of a whole comparison; `missing` are the scenarios that the candidate lacks.
pub(super) fn of_all(pairs: &[PairReport], missing: &[&str]) -> String {
    let sentence = of_pairs(pairs);
    match missing {
        [] => sentence,
        [one] => format!("{sentence} The candidate has no run of {one}."),
        several => format!(
            "{sentence} The candidate has no runs of {}.",
            several.join(", ")
        ),
    }
}

fn of_pairs(pairs: &[PairReport]) -> String {
    if let [pair] = pairs {
        return pair.sentence.clone();
    }
    let names = |verdict: Change| {
        let pairs = pairs.iter().filter(|pair| pair.verdict == verdict);
        let names: Vec<&str> = pairs.map(|pair| pair.name.as_str()).collect();
        names
    };
    let all = pairs.len();
    let some = |word: &str, names: &[&str]| {
        format!(
            "{word}: {} of {all} scenarios ({}).",
            names.len(),
            names.join(", ")
        )
    };
    let (regressed, inconclusive) = (names(Change::Regressed), names(Change::Inconclusive));
    if !regressed.is_empty() {
        some("Regressed", &regressed)
    } else if !inconclusive.is_empty() {
        let text = some("Inconclusive", &inconclusive);
        format!("{text} No regression was found.")
    } else {
        match names(Change::Improved).as_slice() {
            [] => format!("No regression found in {all} scenarios."),
            improved => some("Improved", improved),
        }
    }
}

/// The sentence of a pair.
pub(super) fn of_pair(pair: &PairReport) -> String {
    let sentence = of_rows(pair);
    // What is no longer measured must not read as if it were well.
    let gone: Vec<&RowReport> = gating(pair, Change::Removed).collect();
    match gone.as_slice() {
        [] => sentence,
        [row] => format!("{sentence} The candidate has no samples of {}.", row.name),
        [row, ..] => {
            let more = gone.len() - 1;
            format!(
                "{sentence} The candidate has no samples of {} and {more} more.",
                row.name
            )
        }
    }
}

fn of_rows(pair: &PairReport) -> String {
    match pair.verdict {
        Change::Regressed => regressed(pair),
        Change::Inconclusive => inconclusive(pair),
        Change::Improved => match gating(pair, Change::Improved).next() {
            Some(row) => format!("Improved: {}; nothing that decides got worse.", moved(row)),
            None => "Improved.".to_owned(),
        },
        _ => match detectable(pair) {
            Some(detectable) => format!("No regression found; {detectable}."),
            None if pair.rows.iter().any(|row| row.gate && row.change.is_some()) => {
                "No regression found.".to_owned()
            }
            None => "No regression found, but nothing that decides was measured on both sides."
                .to_owned(),
        },
    }
}

fn regressed(pair: &PairReport) -> String {
    let rows: Vec<&RowReport> = gating(pair, Change::Regressed).collect();
    let mut others: Vec<String> = Vec::new();
    match rows.len() {
        0 | 1 => {}
        2 => others.push("1 other row got worse".to_owned()),
        n => others.push(format!("{} other rows got worse", n - 1)),
    }
    // Failures are worse news than slowness, however large that is.
    let whole = |metric: &str| {
        rows.iter()
            .find(|row| row.name == metric && row.shown == Unit::Share)
    };
    let worst = whole("http_req_failed").or_else(|| whole("checks"));
    let worst = worst.or(rows.first()).map(|row| moved(row));
    let failed = pair.limits.iter().filter(|l| l.verdict != Verdict::Passed);
    let mut failed = failed.map(|limit| format!("the limit {}", limit.text()));
    let first = worst.or_else(|| failed.next()).unwrap_or_default();
    match failed.count() {
        0 => {}
        1 => others.push("1 limit is crossed".to_owned()),
        n => others.push(format!("{n} limits are crossed")),
    }
    let parts: Vec<String> = [first].into_iter().chain(others).collect();
    format!("Regressed: {}.", parts.join("; "))
}

fn inconclusive(pair: &PairReport) -> String {
    for (which, side) in [("baseline", &pair.baseline), ("candidate", &pair.candidate)] {
        if side.validity.verdict == ValidityVerdict::Invalid {
            let reasons = side.validity.reasons.join("; ");
            return format!("Inconclusive: the {which} is no valid run ({reasons}).");
        }
    }
    let rows: Vec<&RowReport> = gating(pair, Change::Inconclusive).collect();
    let Some(largest) = rows.first() else {
        return "Inconclusive.".to_owned();
    };
    let many = match rows.len() {
        1 => "1 change is neither clearly real nor clearly noise".to_owned(),
        n => format!("{n} changes are neither clearly real nor clearly noise, the largest"),
    };
    let mut text = format!("Inconclusive: {many}: {}", moved(largest));
    if let Some(detectable) = detectable(pair) {
        text.push_str("; ");
        text.push_str(&detectable);
    }
    text.push('.');
    text
}

fn gating(pair: &PairReport, verdict: Change) -> impl Iterator<Item = &RowReport> {
    pair.rows_of(verdict).filter(|row| row.gate)
}

/// `http_req_failed rose from 0.83% to 6.43% (+5.6 points)`
fn moved(row: &RowReport) -> String {
    let verb = match row.change {
        Some(change) if change < 0.0 => "fell",
        _ => "rose",
    };
    format!(
        "{} {verb} from {} to {} ({})",
        row.title(),
        row.value_text(row.baseline),
        row.value_text(row.candidate),
        row.change_text()
            .unwrap_or_else(|| "change not known".to_owned()),
    )
}

/// How large a slowdown or a rise of failures would have been called.
fn detectable(pair: &PairReport) -> Option<String> {
    let whole = |metric: &str, stat: Stat| {
        let id = MetricName::plain(metric);
        let stat = stat.to_string();
        let mut rows = pair.rows.iter().filter(|row| row.change.is_some());
        rows.find(|row| row.gate && row.id == id && row.stat == stat)
    };
    let duration =
        whole("http_req_duration", Stat::p(95)).or_else(|| whole("grpc_req_duration", Stat::p(95)));
    if let Some(row) = duration {
        if row.smallest_detectable.is_none() {
            return Some("there were too few requests to judge their durations".to_owned());
        }
        let slowdown = units::percent((row.smallest_detectable? * 100.0).ceil() / 100.0);
        return Some(format!(
            "with the assumed noise, a slowdown of {slowdown} or more in {} would have been called",
            row.title()
        ));
    }
    let failed = whole("http_req_failed", Stat::Rate).or_else(|| whole("checks", Stat::Rate))?;
    let points = units::number(failed.smallest_detectable? * 100.0, 2);
    Some(format!(
        "a change of {} by {points} points or more would have been called",
        failed.title()
    ))
}
