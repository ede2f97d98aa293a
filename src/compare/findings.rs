//! Thresholds that were loosened, removed, or lost their data.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::side::{Key, Side};
use crate::run::Run;
use crate::thresholds::{Evaluated, Verdict};

/// What happened to a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// It allows more than before.
    Loosened,
    /// It is gone.
    Removed,
    /// It is there, and has nothing to be held against any more.
    LostData,
}

/// A threshold that says less than it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What happened.
    pub kind: FindingKind,
    /// The metric or submetric.
    pub name: String,
    /// The expression in the baseline.
    pub before: String,
    /// The expression in the candidate.
    pub after: Option<String>,
    /// All of it as a sentence.
    pub text: String,
}

/// Holds the candidate's thresholds against the baseline's.
pub(super) fn findings(baseline: &Side<'_>, candidate: &Side<'_>) -> Vec<Finding> {
    let vocabulary = candidate.vocabulary();
    let key = |evaluated: &Evaluated| Key::paired(&evaluated.name, &vocabulary);
    let mut by_key: HashMap<Key, Vec<&Evaluated>> = HashMap::new();
    for now in candidate.thresholds().flat_map(|(_, evaluated)| evaluated) {
        by_key.entry(key(now)).or_default().push(now);
    }
    let mut known = HashSet::new();
    let before = baseline.thresholds().flat_map(|(_, evaluated)| evaluated);
    before
        .filter_map(|before| {
            let key = key(before);
            let now = by_key.get(&key).map(Vec::as_slice).unwrap_or_default();
            // Repetitions have the same thresholds.
            let is_new = known.insert((key, before.expression.as_str()));
            is_new.then(|| find(before, now, candidate))?
        })
        .collect()
}

fn find(before: &Evaluated, now: &[&Evaluated], candidate: &Side<'_>) -> Option<Finding> {
    let same = |now: &&&Evaluated| match now.threshold.zip(before.threshold) {
        Some((now, before)) => now == before,
        None => now.expression == before.expression,
    };
    if let Some(now) = now.iter().find(same) {
        let lost = before.observed.is_some() && now.verdict == Verdict::NoData;
        return lost.then(|| finding(before, FindingKind::LostData, Some(now)));
    }
    // One of the same statistic and direction took its place.
    let looser = |now: &Evaluated| now.threshold?.is_looser_than(&before.threshold?);
    if now.iter().any(|now| looser(now) == Some(false)) {
        return None;
    }
    if let Some(now) = now.iter().find(|now| looser(now) == Some(true)) {
        return Some(finding(before, FindingKind::Loosened, Some(now)));
    }
    let told = candidate
        .thresholds()
        .any(|(run, _)| tells_thresholds(run, before.name.is_submetric()));
    told.then(|| finding(before, FindingKind::Removed, None))
}

/// Whether a run's files would show a threshold. Not every format records them: a JSON stream has
/// only those of whole metrics, a CSV stream and the machine-readable summary have none.
fn tells_thresholds(run: &Run, of_submetric: bool) -> bool {
    run.sources().iter().any(|source| match source.format {
        "handle-summary" | "summary-export" => true,
        "json-stream" => !of_submetric,
        _ => false,
    })
}

fn finding(before: &Evaluated, kind: FindingKind, now: Option<&&Evaluated>) -> Finding {
    let (name, was) = (before.name.text(), before.expression.as_str());
    let after = now.map(|now| now.expression.clone());
    let text = match (kind, &after) {
        (FindingKind::Loosened, Some(after)) => {
            format!("the threshold on {name} was loosened from {was} to {after}")
        }
        (FindingKind::LostData, _) => {
            let why = now.and_then(|now| now.note.as_deref()).unwrap_or("no data");
            format!("the threshold {was} on {name} lost its data: {why}")
        }
        _ => format!("the threshold {was} on {name} was removed"),
    };
    Finding {
        kind,
        name: name.to_owned(),
        before: was.to_owned(),
        after,
        text,
    }
}
