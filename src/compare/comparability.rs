//! Whether two sides ran the same test, as far as their files tell.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::disparity::{Aspect, Disparity};
use super::environment::{self, Known};
use super::load::{self, Loads};
use super::side::Side;
use crate::run::{EndpointId, MetricName, Run, Stat};
use crate::units;

/// Durations and VUs that differ by more than this factor make another test.
const ALIKE: f64 = 1.2;
/// The share of requests that may go to other endpoints.
const MIX: f64 = 0.10;
/// Of so much of the requests that go elsewhere the runs share no endpoint.
const NOTHING_SHARED: f64 = 0.999;

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
    /// What differs and was not allowed to.
    pub differences: Vec<Disparity>,
    /// What is not known.
    pub unknown: Vec<String>,
    /// What differs as it does between stages, and is of no matter.
    pub mentions: Vec<String>,
}

impl Comparability {
    /// Why nothing can be said of what changed, if so.
    pub(super) fn obstacle(&self) -> Option<String> {
        let decisive = || self.differences.iter().filter(|found| found.decisive);
        let texts: Vec<&str> = decisive().map(|found| found.text.as_str()).collect();
        let keys: Vec<&str> = decisive().map(|found| found.key.as_str()).collect();
        (!keys.is_empty()).then(|| {
            format!(
                "{}; --allow {} compares nevertheless",
                texts.join("; "),
                keys.join(",")
            )
        })
    }
}

/// Compares duration, VUs, load, scenarios and request mix, and what the tests ran on as far as that is known.
/// What is `allowed` may differ.
pub(super) fn comparability(
    baseline: &Side<'_>,
    candidate: &Side<'_>,
    allowed: &BTreeSet<String>,
) -> Comparability {
    let (mut differences, mut unknown) = (Vec::new(), Vec::new());
    let loads = load::loads(baseline, candidate);
    let same_load = matches!(loads, Loads::Same);
    for aspect in Aspect::ALL {
        let found = match aspect {
            Aspect::Duration => durations(baseline, candidate),
            Aspect::Vus => users(baseline, candidate, same_load),
            Aspect::Load => told(&loads),
            Aspect::Scenarios => ran(baseline, candidate),
            Aspect::Mix => mixes(baseline, candidate),
        };
        match found {
            Some(found) if !allowed.contains(aspect.key()) => differences.extend(found),
            Some(_) => {}
            None => unknown.push(aspect.title().to_owned()),
        }
    }
    for (key, known) in environment::compare(baseline, candidate) {
        match known {
            Known::Differs(found) if !allowed.contains(&key) => differences.push(found),
            Known::Differs(_) | Known::Same => {}
            Known::OnOneSide => unknown.push(key),
        }
    }
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
        mentions: other_users(baseline, candidate, same_load)
            .into_iter()
            .chain(load::other_script(baseline, candidate))
            .chain(other_hosts(baseline, candidate))
            .collect(),
    }
}

/// Another target, which is only mentioned: staging is compared with production, and a port of today
/// with yesterday's.
fn other_hosts(baseline: &Side<'_>, candidate: &Side<'_>) -> Option<String> {
    const FEW: usize = 3;
    let hosts = |side: &Side<'_>| -> BTreeSet<String> {
        let hosts = side.runs().iter().flat_map(|run| run.hosts());
        hosts.map(str::to_owned).collect()
    };
    let (before, after) = (hosts(baseline), hosts(candidate));
    let shown = |hosts: &BTreeSet<String>| {
        let first: Vec<&str> = hosts.iter().take(FEW).map(String::as_str).collect();
        let more = hosts.len().saturating_sub(FEW);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        first.join(", ") + &more
    };
    let differ = before != after && !before.is_empty() && !after.is_empty();
    differ.then(|| {
        format!(
            "the requests went to {} before, to {} now",
            shown(&before),
            shown(&after)
        )
    })
}

/// A difference, or none; `None` when a side does not tell.
type Found = Option<Option<Disparity>>;

fn both(sides: [&Side<'_>; 2], value: impl Fn(&Run) -> Option<f64> + Copy) -> Option<(f64, f64)> {
    mean(sides[0], value).zip(mean(sides[1], value))
}

fn durations(baseline: &Side<'_>, candidate: &Side<'_>) -> Found {
    let (before, after) = both([baseline, candidate], Run::duration_ms)?;
    let (shown, then) = (units::millis(before), units::millis(after));
    Some(differs(before, after).then(|| Disparity {
        key: Aspect::Duration.key().to_owned(),
        text: format!("the durations differ: {shown} before, {then} now"),
        decisive: false,
    }))
}

/// Without any plan nobody expects to know the load: k6's files do not tell it.
fn told(loads: &Loads) -> Found {
    match loads {
        Loads::Untold | Loads::Same => Some(None),
        Loads::InPart => None,
        Loads::Differ(found) => Some(Some(found.clone())),
    }
}

fn users(baseline: &Side<'_>, candidate: &Side<'_>, same_load: bool) -> Found {
    let (before, after) = both([baseline, candidate], most_users)?;
    let (shown, then) = (units::number(before, 1), units::number(after, 1));
    let is_other = differs(before, after)
        && !same_load
        && !is_same_load([baseline, candidate], before < after);
    Some(is_other.then(|| Disparity {
        key: Aspect::Vus.key().to_owned(),
        text: format!("the VUs differ: {shown} before, {then} now"),
        decisive: true,
    }))
}

/// Whether more VUs made no more iterations: then they are what a slower system leads to where
/// iterations start at a given rate, and no other load.
fn is_same_load(sides: [&Side<'_>; 2], more_users: bool) -> bool {
    let rates = both(sides, iteration_rate);
    rates.is_some_and(|(before, after)| !differs(before, after) || (before < after) != more_users)
}

/// More or fewer VUs for the same load, which is only mentioned.
fn other_users(baseline: &Side<'_>, candidate: &Side<'_>, same_load: bool) -> Option<String> {
    let (before, after) = both([baseline, candidate], most_users)?;
    let same = same_load || is_same_load([baseline, candidate], before < after);
    (differs(before, after) && same).then(|| {
        format!(
            "up to {} busy before, up to {} now, for the same load",
            units::were(before, "VU"),
            units::number(after, 1)
        )
    })
}

fn ran(baseline: &Side<'_>, candidate: &Side<'_>) -> Found {
    let (before, after) = scenarios(baseline).zip(scenarios(candidate))?;
    Some((before != after).then(|| Disparity {
        key: Aspect::Scenarios.key().to_owned(),
        text: format!(
            "the scenarios differ: {} before, {} now",
            list(&before),
            list(&after)
        ),
        // What both ran is compared scenario by scenario.
        decisive: before.is_disjoint(&after) && before.len() + after.len() > 2,
    }))
}

fn mixes(baseline: &Side<'_>, candidate: &Side<'_>) -> Found {
    let (before, after) = request_mix(baseline).zip(request_mix(candidate))?;
    let moved = variation_distance(&before, &after);
    Some((moved > MIX).then(|| {
        let (id, from, to) = most_moved(&before, &after);
        Disparity {
            key: Aspect::Mix.key().to_owned(),
            text: format!(
                "the request mix differs: {} of the requests go elsewhere, {id} from {} to {}",
                units::percent(moved),
                units::percent(from),
                units::percent(to),
            ),
            // Nothing that both did is left to compare.
            decisive: moved > NOTHING_SHARED,
        }
    }))
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

/// Iterations per second, whatever scenario they were of.
fn iteration_rate(run: &Run) -> Option<f64> {
    let measure = run.measure(&MetricName::plain("iterations"))?;
    measure.get(Stat::Rate).filter(|_| !measure.is_empty())
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
            scenario: None,
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
