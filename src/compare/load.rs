//! The load models of two sides, and what they scheduled, where `perf-report run` left their plans.

use std::collections::BTreeSet;

use super::disparity::{Aspect, Disparity};
use super::figure::Figure;
use super::row::Row;
use super::share_noise::ShareNoises;
use super::side::Side;
use super::verdict::{Direction, judge_shares};
use crate::run::{MetricName, MetricType, PlannedScenario, TestPlan};
use crate::stats::proportion::Share;

/// What is known of the loads of two sides.
pub(super) enum Loads {
    /// No plan tells one.
    Untold,
    /// A plan is missing, or does not tell all.
    InPart,
    /// All runs of both sides had the same.
    Same,
    /// They had others.
    Differ(Disparity),
}

/// Compares what the plans say.
pub(super) fn loads(baseline: &Side<'_>, candidate: &Side<'_>) -> Loads {
    let runs = || baseline.runs().iter().chain(candidate.runs());
    if runs().all(|run| run.plan().is_none()) {
        return Loads::Untold;
    }
    let Some((before, after)) = plans(baseline).zip(plans(candidate)) else {
        return Loads::InPart;
    };
    let all = || before.iter().chain(&after);
    let Some(first) = before.first() else {
        return Loads::InPart;
    };
    if all().all(|plan| plan.scenarios == first.scenarios) {
        return Loads::Same;
    }
    let [before, after] = [only(&before, &after), only(&after, &before)];
    Loads::Differ(Disparity {
        key: Aspect::Load.key().to_owned(),
        text: format!("the load differs: {before} before, {after} now"),
        decisive: true,
    })
}

/// The plans of a side, if every run has one that tells its load.
fn plans<'a>(side: &Side<'a>) -> Option<Vec<&'a TestPlan>> {
    let plans = side.runs().iter().map(|run| run.plan());
    plans
        .map(|plan| plan.filter(|plan| plan.is_known()))
        .collect()
}

/// The scenarios that not all of the other side's plans have.
fn only(plans: &[&TestPlan], others: &[&TestPlan]) -> String {
    let is_shared = |one: &PlannedScenario| others.iter().all(|plan| plan.scenarios.contains(one));
    let scenarios = plans.iter().flat_map(|plan| &plan.scenarios);
    let own: BTreeSet<String> = scenarios
        .filter(|one| !is_shared(one))
        .map(ToString::to_string)
        .collect();
    if own.is_empty() {
        return "nothing else".to_owned();
    }
    let own: Vec<String> = own.into_iter().collect();
    own.join("; ")
}

/// Another text of the script, which is only mentioned: it is what a change of the test looks like, and one
/// of a comment, too.
pub(super) fn other_script(baseline: &Side<'_>, candidate: &Side<'_>) -> Option<String> {
    let (before, after) = fingerprints(baseline).zip(fingerprints(candidate))?;
    (before != after).then(|| "the script was changed between these runs".to_owned())
}

fn fingerprints<'a>(side: &Side<'a>) -> Option<BTreeSet<&'a str>> {
    let runs = side.runs().iter();
    runs.map(|run| run.plan()?.script_sha256.as_deref())
        .collect()
}

/// Whether all iterations of a side start at a given rate, as far as its plans tell: then how many there
/// are is what was asked for.
pub(super) fn is_open(side: &Side<'_>) -> bool {
    let mut runs = side.runs().iter();
    runs.all(|run| run.plan().is_some_and(TestPlan::is_open))
}

/// The metrics that count what an open model asks for.
pub(super) fn counts_what_is_asked(name: &MetricName) -> bool {
    matches!(name.metric(), "http_reqs" | "iterations")
}

/// The row of what open models achieved of what they scheduled; none where a side does not tell.
pub(super) fn achieved_row(sides: [&Side<'_>; 2], noises: &ShareNoises) -> Option<Row> {
    let [before, after] = sides.map(achieved);
    let (before, after) = before.zip(after)?;
    let name = MetricName::plain("iterations");
    let judged = judge_shares(before, after, Direction::Higher, noises.of_bursts(&name));
    Some(Row {
        figure: Figure::Achieved,
        kind: MetricType::Rate,
        contains: None,
        baseline: Some(before.rate()),
        candidate: Some(after.rate()),
        gate: false,
        judged,
        repeats: false,
        is_asked_for: false,
        error: None,
        shared_by: None,
        waived_until: None,
        name,
    })
}

fn achieved(side: &Side<'_>) -> Option<Share> {
    let mut whole = Share {
        hits: 0.0,
        total: 0.0,
    };
    for run in side.runs() {
        let achieved = run.achieved()?;
        whole.hits += achieved.completed.min(achieved.scheduled);
        whole.total += achieved.scheduled;
    }
    (whole.total > 0.0).then_some(whole)
}
