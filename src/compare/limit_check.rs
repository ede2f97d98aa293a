//! What a stated limit says of a pair.

use super::limit::Limit;
use super::side::{Side, over_repetitions};
use crate::error::Result;
use crate::run::{Contains, MetricType, Stat};
use crate::thresholds::Verdict;

/// A limit with what it says. One without data counts as failed, as a threshold does: a limit on a
/// name that is not there must not pass for ever.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitCheck {
    /// The limit.
    pub limit: Limit,
    /// The metric's type, where either side has it.
    pub kind: Option<MetricType>,
    /// What its values are.
    pub contains: Option<Contains>,
    /// The candidate's value.
    pub observed: Option<f64>,
    /// The baseline's value.
    pub baseline: Option<f64>,
    /// What the expression allows.
    pub allowed: Option<f64>,
    /// What follows.
    pub verdict: Verdict,
    /// Why there is no verdict.
    pub note: Option<String>,
}

/// Checks a limit as it is stated, whatever the noise.
///
/// # Errors
/// When the metric's type has no such statistic.
pub(super) fn check_limit(
    limit: &Limit,
    baseline: &Side<'_>,
    candidate: &Side<'_>,
) -> Result<LimitCheck> {
    let mut runs = candidate.runs().iter().chain(baseline.runs());
    let (kind, contains) = runs
        .find_map(|run| run.kind_of(limit.name.metric()))
        .unzip();
    if let Some(kind) = kind {
        limit.check_fits(kind)?;
    }
    let observed = value(limit, candidate);
    let before = value(limit, baseline);
    let allowed = limit.allowed(before);
    let (verdict, note) = match (observed, allowed) {
        (None, _) if before.is_none() => (Verdict::NoData, Some("neither side has such a value")),
        (None, _) => (Verdict::NoData, Some("the candidate has no such value")),
        (_, None) if limit.needs_baseline() && before.is_none() => {
            (Verdict::NoData, Some("the baseline has no such value"))
        }
        (_, None) => (
            Verdict::NoData,
            Some("the right-hand side is no finite number"),
        ),
        (Some(observed), Some(allowed)) if limit.operator.holds(observed, allowed) => {
            (Verdict::Passed, None)
        }
        _ => (Verdict::Failed, None),
    };
    Ok(LimitCheck {
        limit: limit.clone(),
        kind,
        contains: contains.flatten(),
        observed,
        baseline: before,
        allowed,
        verdict,
        note: note.map(str::to_owned),
    })
}

fn value(limit: &Limit, side: &Side<'_>) -> Option<f64> {
    let measures = side.named(&limit.name);
    let found = over_repetitions(&measures, limit.stat).map(|(value, _)| value);
    // A counter without samples is 0, as in k6; `dropped_iterations` mostly is.
    let is_counter = crate::run::builtin(limit.name.metric())
        .is_some_and(|(kind, _)| kind == MetricType::Counter);
    let untouched = is_counter && measures.is_empty() && !limit.name.is_submetric();
    found.or_else(|| (untouched && limit.stat != Stat::Value).then_some(0.0))
}
