//! What a comparison says, in one sentence that a tired person understands.

use std::collections::{BTreeMap, BTreeSet};

use super::diff::{PairReport, RowReport, WaiverReport};
use super::unit::Unit;
use crate::compare::{Change, Comparable, Figure, Noise, Scale, ValidityVerdict};
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
    let mut sentence = of_rows(pair);
    let accepted = pair.waivers.iter().filter(|w| !w.expired && w.rows > 0);
    for waiver in accepted {
        let WaiverReport {
            row, reason, until, ..
        } = waiver;
        let accepted = format!(" {row} regressed, which is accepted until {until}: {reason}.");
        sentence.push_str(&accepted);
    }
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
        Change::Improved => match most_telling(pair, Change::Improved) {
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
    let worst = most_telling(pair, Change::Regressed);
    let mut others: Vec<String> = Vec::new();
    // One endpoint has several figures, and a reader counts endpoints.
    let subjects: BTreeSet<&str> = gating(pair, Change::Regressed)
        .filter(|row| !row.is_common())
        .map(|row| row.name.as_str())
        .chain(
            worst
                .filter(|row| row.is_common())
                .map(|row| row.stat.as_str()),
        )
        .collect();
    match subjects.len() {
        0 | 1 => {}
        n => {
            let others_of = match n {
                2 => "1 other got worse".to_owned(),
                n => format!("{} others got worse", n - 1),
            };
            // The table has a row for each figure.
            let rows = gating(pair, Change::Regressed).count();
            others.push(if rows == n {
                others_of
            } else {
                format!("{others_of} ({rows} rows in all)")
            });
        }
    }
    let failed = pair.limits.iter().filter(|l| l.verdict != Verdict::Passed);
    let mut failed = failed.map(|limit| format!("the limit {}", limit.text()));
    let first = worst
        .map(moved)
        .or_else(|| failed.next())
        .unwrap_or_default();
    match failed.count() {
        0 => {}
        1 => others.push("1 limit is crossed".to_owned()),
        n => others.push(format!("{n} limits are crossed")),
    }
    let is_still = |verdict: Change| gating(pair, verdict).next().is_none();
    if others.is_empty() && is_still(Change::Improved) && is_still(Change::Inconclusive) {
        others.push("nothing else moved".to_owned());
    }
    let parts: Vec<String> = [first].into_iter().chain(others).collect();
    format!("Regressed: {}.", parts.join("; "))
}

/// The row that tells most of those that decide: failures are worse news than slowness, however
/// large that is, and of an endpoint people know p(95) best.
fn most_telling(pair: &PairReport, verdict: Change) -> Option<&RowReport> {
    let rows: Vec<&RowReport> = gating(pair, verdict).collect();
    let whole = |metric: &str| {
        rows.iter()
            .find(|row| row.name == metric && row.shown == Unit::Share)
    };
    // What everything shares says more than that one of them moved along.
    let typical = rows.iter().find(|row| row.figure == Figure::Common);
    let common = typical.or_else(|| rows.iter().find(|row| row.is_common()));
    let first = whole("http_req_failed")
        .or_else(|| whole("checks"))
        .or(common)
        .or(rows.first())?;
    if first.is_common() {
        return Some(first);
    }
    let same = |stat: Stat| {
        rows.iter()
            .find(|row| row.name == first.name && row.figure == stat.into())
    };
    let best = same(Stat::p(95)).or_else(|| same(Stat::Med));
    Some(best.unwrap_or(first))
}

fn inconclusive(pair: &PairReport) -> String {
    for (which, side) in [("baseline", &pair.baseline), ("candidate", &pair.candidate)] {
        if side.validity.verdict == ValidityVerdict::Invalid {
            let reasons = side.validity.reasons.join("; ");
            return format!("Inconclusive: the {which} is no valid run ({reasons}).");
        }
    }
    let rows: Vec<&RowReport> = gating(pair, Change::Inconclusive).collect();
    let Some(first) = rows.first() else {
        return "Inconclusive.".to_owned();
    };
    // Another test is one reason for all of them.
    if let (Comparable::No, [first, _, ..]) = (pair.comparable, &rows[..])
        && rows.iter().all(|row| row.reason == first.reason)
        && let Some(reason) = &first.reason
    {
        return format!("Inconclusive: {reason}.");
    }
    // What everything shares explains the rest.
    let common = rows.iter().find(|row| row.is_common());
    let shown = common.unwrap_or(first);
    let many = match rows.len() {
        1 => String::new(),
        n => format!(" ({n} rows are left open)"),
    };
    let mut text = format!("Inconclusive{many}: {}", moved(shown));
    if let Some(reason) = &shown.reason {
        text.push_str("; ");
        text.push_str(reason);
    }
    text.push('.');
    // Where nothing can be judged, nothing would have been called.
    let is_judged =
        shown.shown == Unit::Share || shown.noise != Noise::Assumed || shown.reason.is_none();
    if is_judged && let Some(detectable) = detectable(pair) {
        let mut letters = detectable.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        let detectable: String = first.into_iter().chain(letters).collect();
        text = format!("{text} {detectable}.");
    }
    text
}

fn gating(pair: &PairReport, verdict: Change) -> impl Iterator<Item = &RowReport> {
    pair.rows_of(verdict).filter(|row| row.gate)
}

/// `http_req_failed rose from 0.83% to 6.43% (+5.6 points)`, or `documents-feed became slower: p(95)
/// from 81.9 ms to 97.9 ms (+19.6%, against the other endpoints between +9% and +30%)`
fn moved(row: &RowReport) -> String {
    let fell = row.change.is_some_and(|change| change < 0.0);
    let (from, to) = (
        row.value_prose(row.baseline),
        row.value_prose(row.candidate),
    );
    let change = row.change_text();
    let change = change.unwrap_or_else(|| "change not known".to_owned());
    if row.noise == Noise::Assumed || row.noise == Noise::None {
        let verb = if fell { "fell" } else { "rose" };
        return format!("{} {verb} from {from} to {to} ({change})", row.title());
    }
    let how = if fell { "faster" } else { "slower" };
    if row.is_common() {
        let interval = row.interval.map(|interval| between(row, interval));
        let interval = interval
            .map(|interval| format!(", {interval}"))
            .unwrap_or_default();
        let what = match row.shared_by {
            Some([some, all]) if some < all => format!("{some} of {all} endpoints are"),
            _ => "everything is".to_owned(),
        };
        return if row.figure == Figure::Common {
            format!("{what} {how}: typically {from} to {to} ({change}{interval})")
        } else {
            format!(
                "the slowest requests of everything are {how}: p(95) {from} to {to} ({change}{interval})"
            )
        };
    }
    let interval = match (row.own, row.interval) {
        (Some(own), _) => format!(
            ", against the other endpoints {}",
            between(row, own.interval)
        ),
        (None, Some(interval)) => format!(", {}", between(row, interval)),
        _ => String::new(),
    };
    format!(
        "{} became {how}: {} from {from} to {to} ({change}{interval})",
        row.subject(),
        row.stat_text()
    )
}

fn between(row: &RowReport, [low, high]: [f64; 2]) -> String {
    format!(
        "between {} and {}",
        row.show_change(low),
        row.show_change(high)
    )
}

/// How large a slowdown or a rise of failures would have been seen.
fn detectable(pair: &PairReport) -> Option<String> {
    seen_in_samples(pair).or_else(|| called_by_assumption(pair))
}

/// The smallest slowdown that would have been called, as a fraction; of a baseline of zero there is none.
fn detectable_share(row: &RowReport) -> Option<f64> {
    row.smallest_detectable
        .filter(|_| row.scale == Scale::Relative)
}

/// A slowdown in per cent, rounded up.
fn slowdown(share: f64) -> String {
    units::percent((share * 100.0).ceil() / 100.0)
}

/// The smallest slowdown that would have been seen where noise was measured: of every endpoint by
/// the figure that shows it best, and of all together.
fn seen_in_samples(pair: &PairReport) -> Option<String> {
    let is_measured = |row: &&RowReport| {
        matches!(row.noise, Noise::History | Noise::WithinRun) && !row.repeats && !row.is_common()
    };
    // An endpoint with too few requests gates by none of its rows, and is not seen.
    let mut by_endpoint: BTreeMap<&str, Vec<&RowReport>> = BTreeMap::new();
    for row in pair.rows.iter().filter(is_measured) {
        let gating = by_endpoint.entry(&row.name).or_default();
        gating.extend(row.gate.then_some(row));
    }
    let least = |rows: &Vec<&RowReport>| {
        let seen = rows.iter().filter_map(|row| detectable_share(row));
        seen.reduce(f64::min)
    };
    let seen: Vec<f64> = by_endpoint.values().filter_map(least).collect();
    let most = seen.iter().copied().reduce(f64::max)?;
    let which = if by_endpoint.values().any(Vec::is_empty) {
        " of any endpoint with enough requests"
    } else if seen.len() == 1 {
        ""
    } else {
        " of any endpoint"
    };
    let mut rows = pair.rows.iter();
    let common = rows.find(|row| row.gate && row.figure == Figure::Common);
    let all = common.and_then(detectable_share);
    let all = all.map(|all| format!(", or of {} of all together,", slowdown(all)));
    Some(format!(
        "a slowdown of {} or more{which}{} would have been seen",
        slowdown(most),
        all.unwrap_or_default()
    ))
}

/// The smallest slowdown, or change of failures, that would have been called where noise is assumed.
fn called_by_assumption(pair: &PairReport) -> Option<String> {
    let whole = |metric: &str, stat: Stat| {
        let id = MetricName::plain(metric);
        let mut rows = pair.rows.iter().filter(|row| row.change.is_some());
        rows.find(|row| row.gate && row.id == id && row.figure == stat.into())
    };
    let duration =
        whole("http_req_duration", Stat::p(95)).or_else(|| whole("grpc_req_duration", Stat::p(95)));
    if let Some(row) = duration {
        return Some(match detectable_share(row) {
            None => "there were too few requests to judge their durations".to_owned(),
            Some(smallest) => format!(
                "with the assumed noise, a slowdown of {} or more in {} would have been called",
                slowdown(smallest),
                row.title()
            ),
        });
    }
    let failed = whole("http_req_failed", Stat::Rate).or_else(|| whole("checks", Stat::Rate))?;
    let points = units::number(failed.smallest_detectable? * 100.0, 2);
    Some(format!(
        "a change of {} by {points} points or more would have been called",
        failed.title()
    ))
}
