//! Whether two sides ran the same test, as far as their files tell.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::side::Side;
use crate::run::{EndpointId, MetricName, Run, Stat};
use crate::units;

/// Durations and VUs that differ by more than this factor make another test.
const ALIKE: f64 = 1.2;
/// The share of requests that may go to other endpoints.
const MIX: f64 = 0.10;

/// Whether two sides ran the same test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Comparable {
    /// Duration, VUs, scenarios and request mix are known and alike.
    Yes,
    /// One of them differs.
    No,
    /// None differs as far as is known, and something is not known.
    Unknown,
}

/// What is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparability {
    /// The answer.
    pub verdict: Comparable,
    /// What differs, with both values.
    pub differences: Vec<String>,
    /// What is not known.
    pub unknown: Vec<&'static str>,
}

/// Compares duration, VUs, scenarios and request mix. What the test ran on is in no file of k6's.
pub(super) fn comparability(baseline: &Side<'_>, candidate: &Side<'_>) -> Comparability {
    let mut differences = Vec::new();
    let mut unknown = Vec::new();
    let mut find = |what: &'static str, difference: Option<Option<String>>| match difference {
        Some(difference) => differences.extend(difference),
        None => unknown.push(what),
    };
    let both = |value: fn(&Side<'_>) -> Option<f64>| value(baseline).zip(value(candidate));
    find(
        "duration",
        both(|side| mean(side, Run::duration_ms)).map(|(before, after)| {
            let (shown, then) = (units::millis(before), units::millis(after));
            differs(before, after)
                .then(|| format!("the durations differ: {shown} before, {then} now"))
        }),
    );
    find(
        "VUs",
        both(|side| mean(side, most_users)).map(|(before, after)| {
            let (shown, then) = (units::number(before, 1), units::number(after, 1));
            differs(before, after).then(|| format!("the VUs differ: {shown} before, {then} now"))
        }),
    );
    find(
        "scenarios",
        scenarios(baseline)
            .zip(scenarios(candidate))
            .map(|(before, after)| {
                (before != after).then(|| {
                    let (before, after) = (list(&before), list(&after));
                    format!("the scenarios differ: {before} before, {after} now")
                })
            }),
    );
    find(
        "request mix",
        request_mix(baseline)
            .zip(request_mix(candidate))
            .map(|(before, after)| {
                let moved = variation_distance(&before, &after);
                (moved > MIX).then(|| {
                let (id, from, to) = most_moved(&before, &after);
                format!(
                    "the request mix differs: {} of the requests go elsewhere, {id} from {} to {}",
                    units::percent(moved),
                    units::percent(from),
                    units::percent(to),
                )
            })
            }),
    );
    Comparability {
        verdict: if !differences.is_empty() {
            Comparable::No
        } else if unknown.is_empty() {
            Comparable::Yes
        } else {
            Comparable::Unknown
        },
        differences,
        unknown,
    }
}

fn differs(a: f64, b: f64) -> bool {
    a.max(b) > a.min(b) * ALIKE
}

/// The mean over repetitions; `None` if one run does not tell.
fn mean(side: &Side<'_>, value: impl Fn(&Run) -> Option<f64>) -> Option<f64> {
    let values: Option<Vec<f64>> = side.runs().iter().map(|run| value(run)).collect();
    let values = values?;
    Some(values.iter().sum::<f64>() / values.len().max(1) as f64)
}

/// The most VUs at once; of a merged summary only their last number is known.
fn most_users(run: &Run) -> Option<f64> {
    let of = |name: &str, stat: Stat| {
        let measure = run.measure(&MetricName::plain(name))?;
        measure.get(stat).filter(|_| !measure.is_empty())
    };
    of("vus", Stat::Max)
        .or_else(|| of("vus_max", Stat::Max))
        .or_else(|| of("vus_max", Stat::Value))
}

fn scenarios<'a>(side: &Side<'a>) -> Option<BTreeSet<&'a str>> {
    let names: BTreeSet<&str> = side.runs().iter().flat_map(|run| run.scenarios()).collect();
    (side.has_samples() && !names.is_empty()).then_some(names)
}

fn list(names: &BTreeSet<&str>) -> String {
    let names: Vec<&str> = names.iter().copied().collect();
    names.join(", ")
}

/// The share of the requests that each endpoint had; `None` without samples.
fn request_mix(side: &Side<'_>) -> Option<BTreeMap<EndpointId, f64>> {
    if !side.has_samples() {
        return None;
    }
    let mut counts: BTreeMap<EndpointId, f64> = BTreeMap::new();
    for endpoint in side.runs().iter().flat_map(|run| run.endpoints()) {
        let requests = endpoint.duration.get(Stat::Count).unwrap_or(0.0);
        *counts.entry(endpoint.id).or_default() += requests;
    }
    let total: f64 = counts.values().sum();
    if total > 0.0 {
        for count in counts.values_mut() {
            *count /= total;
        }
    }
    Some(counts)
}

type Mix = BTreeMap<EndpointId, f64>;

fn moves<'a>(before: &'a Mix, after: &'a Mix) -> impl Iterator<Item = (&'a EndpointId, f64, f64)> {
    let ids: BTreeSet<&EndpointId> = before.keys().chain(after.keys()).collect();
    let share = |mix: &Mix, id: &EndpointId| mix.get(id).copied().unwrap_or(0.0);
    ids.into_iter()
        .map(move |id| (id, share(before, id), share(after, id)))
}

/// The share of requests that would have to go elsewhere to make one mix of the other: the total
/// variation distance, half the sum of the absolute differences.
fn variation_distance(before: &Mix, after: &Mix) -> f64 {
    moves(before, after)
        .map(|(_, from, to)| (to - from).abs())
        .sum::<f64>()
        / 2.0
}

fn most_moved(before: &Mix, after: &Mix) -> (String, f64, f64) {
    moves(before, after)
        .max_by(|a, b| (a.2 - a.1).abs().total_cmp(&(b.2 - b.1).abs()))
        .map_or_else(Default::default, |(id, from, to)| (id.title(), from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mix(shares: &[(&str, f64)]) -> Mix {
        let id = |name: &str| EndpointId {
            name: name.to_owned(),
            method: None,
        };
        shares
            .iter()
            .map(|(name, share)| (id(name), *share))
            .collect()
    }

    #[test]
    fn a_tenth_of_the_requests_may_go_elsewhere() {
        let before = mix(&[("a", 0.5), ("b", 0.5)]);
        assert!(variation_distance(&before, &before) < 1e-12);
        let after = mix(&[("a", 0.25), ("b", 0.5), ("c", 0.125), ("d", 0.125)]);
        assert!((variation_distance(&before, &after) - 0.25).abs() < 1e-12);
        assert_eq!(most_moved(&before, &after).0, "a");
    }

    #[test]
    fn a_fifth_more_is_alike() {
        assert!(!differs(10.0, 12.0) && !differs(12.0, 10.0) && !differs(0.0, 0.0));
        assert!(differs(10.0, 12.1) && differs(0.0, 1.0));
    }
}
