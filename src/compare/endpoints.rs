//! The endpoints that both sides have, taken from the samples and judged together.

use std::collections::BTreeSet;

use super::options::CompareOptions;
use super::options::Levels;
use super::resample::{FIGURES, Plan, autocorrelation, resample};
use super::shift::{RunEndpoints, Shifts, shifts};
use super::side::Side;
use crate::run::{BinnedDurations, EndpointId, Ramps, Run};
use crate::stats::blocks;
use crate::units;

/// What the samples say of the endpoints.
#[derive(Debug)]
pub(super) enum Endpoints {
    /// How they moved.
    Judged(Shifts),
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
    pub(super) fn of(baseline: &Side<'_>, candidate: &Side<'_>) -> Self {
        let runs = || baseline.runs().iter().chain(candidate.runs());
        let scenarios: BTreeSet<&str> = runs().flat_map(|run| run.scenarios()).collect();
        let longest = |a: Ramps, b: Ramps| Ramps {
            up: a.up.max(b.up),
            down: a.down.max(b.down),
        };
        Self {
            by_scenario: scenarios.len() > 1,
            ramps: runs()
                .map(|run| run.ramps())
                .fold(Ramps::default(), longest),
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

/// Judges the endpoints that every run of both sides has.
pub(super) fn judge_endpoints(
    baseline: &Side<'_>,
    candidate: &Side<'_>,
    cut: Cut,
    options: &CompareOptions,
    levels: Levels,
) -> Endpoints {
    let binned = |side: &Side<'_>| -> Option<Vec<BinnedDurations>> {
        let runs = side.runs().iter();
        runs.map(|run: &&Run| run.binned_durations(cut.by_scenario, cut.ramps))
            .collect()
    };
    let Some(sides) = binned(baseline).zip(binned(candidate)) else {
        return Endpoints::Unknown;
    };
    let sides = [sides.0, sides.1];
    let runs = || sides.iter().flatten();
    let ids = shared(runs());
    if ids.is_empty() {
        return Endpoints::Unknown;
    }
    let bins = runs().map(|run| run.bins).min().unwrap_or(0);
    let dependence = runs().map(autocorrelation).sum::<f64>() / runs().count().max(1) as f64;
    let Some(length) = blocks::length(dependence, bins) else {
        return Endpoints::Unfit(format!(
            "a run of {} is too short to tell how far it varies: {} seconds are needed",
            crate::units::counted(bins as u64, "second"),
            blocks::FEWEST_BLOCKS
        ));
    };
    let sides = sides.map(|side| {
        let resampled = side.iter().map(|run| {
            let plan = Plan {
                bins: run.bins,
                length,
            };
            RunEndpoints::new(resample(run, &ids, plan).into_iter().flatten().collect())
        });
        resampled.collect()
    });
    let judged: Vec<usize> = (0..FIGURES.len())
        .filter(|at| options.gates.has_duration(FIGURES[*at]))
        .collect();
    let degrees = 2.0 * blocks::degrees_of_freedom(bins, length);
    Endpoints::Judged(shifts(ids, sides, &judged, levels, degrees))
}

/// The endpoints that all of these runs have.
fn shared<'a>(mut runs: impl Iterator<Item = &'a BinnedDurations>) -> Vec<EndpointId> {
    let ids = |run: &BinnedDurations| -> BTreeSet<EndpointId> {
        run.endpoints.iter().map(|(id, _)| id.clone()).collect()
    };
    let first = runs.next().map(ids).unwrap_or_default();
    let shared = runs.fold(first, |shared, run| &shared & &ids(run));
    shared.into_iter().collect()
}
