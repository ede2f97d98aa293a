//! All rows of a pair.

use std::collections::{BTreeMap, HashMap};

use super::checks::pair_checks;
use super::context::Context;
use super::figure::Figure;
use super::load::achieved_row;
use super::moved::judge_common;
use super::options::Gate;
use super::row::Row;
use super::share_noise::ShareNoises;
use super::shift::{CommonShift, EndpointShift, duration_of};
use super::side::{Key, Side};
use super::subject::{Subject, subjects};
use super::verdict::Change;
use crate::run::{Contains, MetricName, MetricType};

/// Every row of a pair, and what could not be compared.
pub(super) fn rows(
    baseline: &Side<'_>,
    candidate: &Side<'_>,
    context: &Context<'_>,
) -> (Vec<Row>, Vec<String>) {
    let sides = [baseline, candidate];
    let subjects = subjects(baseline, candidate, context.cut);
    let shifts = shifts_of(&subjects, context);
    let checks = pair_checks(&baseline.checks(), &candidate.checks());
    let noises = ShareNoises::of(&subjects, &checks, sides, context);
    let (mut rows, mut warnings) = (Vec::new(), Vec::new());
    for (key, subject) in &subjects {
        match subject.differing_kinds() {
            Some((before, now)) => warnings.push(format!(
                "{} is a {before} in the baseline and a {now} in the candidate: not compared",
                subject.name
            )),
            None => rows.extend(subject.rows(sides, context, shifts.get(key).copied(), &noises)),
        }
    }
    rows.extend(common_rows(context));
    rows.extend(achieved_row(sides, &noises));
    let gate = context.options.gates.has(Gate::Checks);
    rows.extend(
        checks
            .iter()
            .map(|check| check.row(gate, noises.get(&check.metric()))),
    );
    doubt_fast_failures(&mut rows);
    (rows, warnings)
}

/// How each metric's part of durations moved: an endpoint, and a submetric that selects the requests
/// of one.
fn shifts_of<'c>(
    subjects: &BTreeMap<Key, Subject<'_>>,
    context: &'c Context<'_>,
) -> BTreeMap<Key, &'c EndpointShift> {
    let (Some(shifts), Some(metric)) = (context.shifts(), context.metric) else {
        return BTreeMap::new();
    };
    let mut found: BTreeMap<Key, &EndpointShift> = BTreeMap::new();
    let mut by_requests = HashMap::new();
    for endpoint in &shifts.endpoints {
        let key = Key::of(&endpoint.id.submetric(metric, context.tag));
        if let Some(subject) = subjects.get(&key) {
            by_requests.insert(subject.fingerprint(), endpoint);
        }
        found.insert(key, endpoint);
    }
    for (key, subject) in subjects {
        let is_trend = subject.kind() == Some(MetricType::Trend);
        if is_trend && let Some(endpoint) = by_requests.get(&subject.fingerprint()) {
            found.entry(key.clone()).or_insert(endpoint);
        }
    }
    found
}

/// The rows of what all endpoints have in common.
fn common_rows(context: &Context<'_>) -> Vec<Row> {
    let (Some(shifts), Some(metric)) = (context.shifts(), context.metric) else {
        return Vec::new();
    };
    let both = [
        (Figure::Common, shifts.common.as_ref()),
        (Figure::CommonTail, shifts.common_tail.as_ref()),
    ];
    let row = |(figure, common): (Figure, Option<&CommonShift>)| {
        let common = common?;
        let [baseline, candidate] = common.sides.map(duration_of);
        let name = MetricName::plain(metric);
        let floors = &context.options.floors;
        Some(Row {
            figure,
            kind: MetricType::Trend,
            contains: Some(Contains::Time),
            baseline: Some(baseline),
            candidate: Some(candidate),
            gate: context.options.gates.has_duration(Figure::Common),
            judged: judge_common(common, floors.of(&name, figure)),
            name,
            repeats: false,
            is_asked_for: false,
            error: None,
            shared_by: Some(common.endpoints),
            waived_until: None,
        })
    };
    both.into_iter().filter_map(row).collect()
}

/// Errors are often faster than answers: where failures rose, shorter times are no improvement.
fn doubt_fast_failures(rows: &mut [Row]) {
    let risen: Vec<MetricName> = rows
        .iter()
        .filter(|row| {
            row.name.metric() == "http_req_failed" && row.judged.verdict == Change::Regressed
        })
        .map(|row| row.name.clone())
        .collect();
    for row in rows {
        let is_time = row.kind == MetricType::Trend && row.contains == Some(Contains::Time);
        if !is_time || row.judged.verdict != Change::Improved {
            continue;
        }
        let covers = |failed: &&MetricName| {
            let mut tags = failed.tags().iter();
            tags.all(|tag| row.name.tags().contains(tag))
        };
        if let Some(failed) = risen.iter().find(covers) {
            row.judged.verdict = Change::Inconclusive;
            row.judged.reason = Some(format!(
                "it got faster while {failed} rose; errors are often fast"
            ));
        }
    }
}
