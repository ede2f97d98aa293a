//! The endpoints that both sides have, taken from the samples and judged together.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::family::{Gathered, shifts};
use super::options::{CompareOptions, Levels};
use super::resample::{Plan, autocorrelation, resample};
use super::run_endpoints::RunEndpoints;
use super::shift::Shifts;
use crate::run::{BinnedDurations, BinnedValues, EndpointId, Ramps, Run};
use crate::stats::blocks;
use crate::units;

/// Most endpoints that are resampled. Each takes 16 KB of a side; what the most used of so many have in common is known
/// as well as it will be, and beyond them are mostly addresses that a script forgot to group.
const MOST_ENDPOINTS: usize = 2000;

/// What the samples say of the endpoints.
#[derive(Debug)]
pub(super) enum Endpoints {
    /// How they moved.
    Judged(Box<Shifts>),
    /// Why they cannot be judged.
    Unfit(String),
    /// A side's samples are not at hand, or hold no request that both sides have.
    Unknown,
}

/// How the requests of a pair are told apart and cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// Whether an endpoint of several scenarios is several.
    pub(super) by_scenario: bool,
    /// What is left out at the beginning and at the end, on all runs alike.
    pub(super) ramps: Ramps,
}

impl Cut {
    pub(super) fn of(sides: [&[&Run]; 2]) -> Self {
        let runs = || sides.into_iter().flatten();
        let has_several = |side: &[&Run]| {
            let scenarios: BTreeSet<&str> = side.iter().flat_map(|run| run.scenarios()).collect();
            scenarios.len() > 1
        };
        let ramps = runs()
            .map(|run| run.ramps())
            .fold(Ramps::default(), Ramps::longest);
        let seconds = runs().filter_map(|run| run.span());
        let seconds = seconds.map(|(start, end)| end.saturating_sub(start) as f64 / 1e9);
        let shortest = seconds.fold(f64::INFINITY, f64::min);
        Self {
            by_scenario: sides.into_iter().any(has_several),
            ramps: ramps.of_a_run(shortest),
        }
    }

    /// What was left out, as a sentence.
    pub(super) fn remark(self) -> Option<String> {
        let Ramps { up, down } = self.ramps;
        let seconds = |seconds: f64| units::millis(seconds * 1e3);
        let parts = match (up > 0.0, down > 0.0) {
            (false, false) => return None,
            (true, false) => format!(
                "the first {} of both sides, while the load rose,",
                seconds(up)
            ),
            (false, true) => format!(
                "the last {} of both sides, while the load fell,",
                seconds(down)
            ),
            (true, true) => format!(
                "the first {} and the last {} of both sides, while the load rose and fell,",
                seconds(up),
                seconds(down)
            ),
        };
        Some(format!(
            "{parts} were left out when changes of durations were judged"
        ))
    }
}

/// Resamples the endpoints that every run has.
///
/// # Errors
/// Gives why there is nothing to judge.
pub(super) fn gather(sides: [&[&Run]; 2], cut: Cut) -> Result<Gathered, Endpoints> {
    let binned = |side: &[&Run]| -> Option<Vec<BinnedDurations>> {
        let runs = side.iter();
        runs.map(|run| run.binned_durations(cut.by_scenario, cut.ramps))
            .collect()
    };
    if request_metric(sides).is_none() {
        return Err(Endpoints::Unknown);
    }
    let both = binned(sides[0]).zip(binned(sides[1]));
    let (before, after) = both.ok_or(Endpoints::Unknown)?;
    let sides = [before, after];
    let runs = || sides.iter().flatten();
    let ids = most_used(shared(runs()), runs);
    if ids.is_empty() {
        return Err(Endpoints::Unknown);
    }
    let bins = runs().map(|run| run.bins).min().unwrap_or(0);
    let dependence = runs().map(autocorrelation).sum::<f64>() / runs().count().max(1) as f64;
    let length = blocks::length(dependence, bins).ok_or_else(|| {
        Endpoints::Unfit(format!(
            "a run of {} is too short to tell how far it varies: {} seconds are needed",
            units::counted(bins as u64, "second"),
            blocks::FEWEST_BLOCKS
        ))
    })?;
    let sides = sides.map(|side| {
        let resampled = side.iter().map(|run| {
            let plan = Plan {
                bins: run.bins,
                length,
            };
            let shared = run.endpoints.iter().filter(|(id, _)| ids.contains(id));
            let values: Vec<&BinnedValues> = shared.map(|(_, values)| values).collect();
            RunEndpoints::new(resample(&values, plan))
        });
        resampled.collect()
    });
    Ok(Gathered {
        // Of each run they come in this order, too.
        ids: ids.into_iter().collect(),
        sides,
        degrees: 2.0 * blocks::degrees_of_freedom(bins, length),
    })
}

/// Judges the endpoints that every run of both sides has.
pub(super) fn judge_endpoints(
    sides: [&[&Run]; 2],
    cut: Cut,
    options: &CompareOptions,
    levels: Levels,
) -> Endpoints {
    match gather(sides, cut) {
        Ok(gathered) => {
            let shifts = shifts(gathered, &options.gates.figures(), levels);
            Endpoints::Judged(Box::new(shifts))
        }
        Err(reason) => reason,
    }
}

/// The endpoints that all of these runs have.
fn shared<'a>(mut runs: impl Iterator<Item = &'a BinnedDurations>) -> BTreeSet<EndpointId> {
    let ids = |run: &BinnedDurations| -> BTreeSet<EndpointId> {
        run.endpoints.iter().map(|(id, _)| id.clone()).collect()
    };
    let first = runs.next().map(ids).unwrap_or_default();
    runs.fold(first, |shared, run| &shared & &ids(run))
}

/// Of more endpoints than can be resampled, those with the most requests in the run that has the fewest of them.
fn most_used<'a, R: Iterator<Item = &'a BinnedDurations>>(
    ids: BTreeSet<EndpointId>,
    runs: impl Fn() -> R,
) -> BTreeSet<EndpointId> {
    if ids.len() <= MOST_ENDPOINTS {
        return ids;
    }
    let requests = |run: &BinnedDurations, id: &EndpointId| {
        let at = run.endpoints.binary_search_by(|(other, _)| other.cmp(id));
        at.map_or(0, |at| run.endpoints[at].1.samples())
    };
    let least = |id: &EndpointId| runs().map(|run| requests(run, id)).min();
    let ranked = ids.into_iter().map(|id| (Reverse(least(&id)), id));
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort();
    ranked.truncate(MOST_ENDPOINTS);
    ranked.into_iter().map(|(_, id)| id).collect()
}

/// The metric that times requests; `None` where runs have different ones, or none.
pub(super) fn request_metric(sides: [&[&Run]; 2]) -> Option<&'static str> {
    let mut metrics = sides.into_iter().flatten().map(|run| run.request_metric());
    let first = metrics.next()??;
    metrics.all(|metric| metric == Some(first)).then_some(first)
}

/// What could not be judged by samples although some are at hand, as a sentence.
pub(super) fn remark(sides: [&[&Run]; 2], cut: Cut, endpoints: &Endpoints) -> Option<String> {
    let runs = || sides.into_iter().flatten();
    let some = runs().any(|run| run.samples().is_some());
    let without = runs().filter(|run| run.samples().is_none()).count();
    match endpoints {
        Endpoints::Unknown if some && without > 0 => Some(format!(
            "{} without samples: the noise of all is assumed",
            if without == 1 {
                "one run is".to_owned()
            } else {
                format!("{without} runs are")
            }
        )),
        Endpoints::Judged(shifts) => {
            let all: BTreeSet<EndpointId> = runs()
                .flat_map(|run| run.endpoint_ids(cut.by_scenario))
                .collect();
            let left = all.len().saturating_sub(shifts.endpoints.len());
            (left > 0).then(|| {
                let rare = match shifts.endpoints.len() {
                    MOST_ENDPOINTS => format!(" or not among the {MOST_ENDPOINTS} most used"),
                    _ => String::new(),
                };
                format!(
                    "{} not in every run{rare}, and judged with assumed noise where both sides have it",
                    if left == 1 {
                        "1 endpoint is".to_owned()
                    } else {
                        format!("{left} endpoints are")
                    }
                )
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_endpoints_the_most_used_are_resampled() {
        let id = |at: usize| EndpointId {
            name: format!("/{at:05}"),
            method: None,
            scenario: None,
        };
        let values = |requests: usize| BinnedValues {
            values: vec![1.0; requests],
            bins: vec![0; requests],
            counts: vec![1; requests],
        };
        let run = |requests: &dyn Fn(usize) -> usize| BinnedDurations {
            bins: 1,
            endpoints: (0..3000).map(|at| (id(at), values(requests(at)))).collect(),
        };
        // Of each endpoint the run with the fewest requests counts.
        let runs = [run(&|at| 1 + at % 3), run(&|_| 2)];
        let all: BTreeSet<EndpointId> = (0..3000).map(id).collect();
        let kept = most_used(all.clone(), || runs.iter());
        assert_eq!(kept.len(), MOST_ENDPOINTS);
        assert!((0..3000).all(|at| kept.contains(&id(at)) == (at % 3 > 0)));
        let few: BTreeSet<EndpointId> = all.into_iter().take(MOST_ENDPOINTS).collect();
        assert_eq!(most_used(few.clone(), || runs.iter()), few);
    }
}
