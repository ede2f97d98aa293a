//! A threshold as every renderer shows it.

use std::borrow::Borrow;

use serde::Serialize;

use super::unit::Unit;
use crate::run::Run;
use crate::thresholds::{Evaluated, ThresholdSource, Verdict};

/// A threshold with what it says.
#[derive(Debug, Serialize)]
pub struct ThresholdReport {
    /// The metric or submetric as written.
    pub name: String,
    /// The expression as written.
    pub expression: String,
    /// What was measured, in the metric's unit.
    pub observed: Option<f64>,
    /// How far the exact value can be from it, relative to it, where it is from histograms.
    pub error: Option<f64>,
    /// The limit; `None` where the expression was not understood.
    pub limit: Option<f64>,
    /// What follows.
    pub verdict: Verdict,
    /// What k6 said, where that is recorded.
    pub k6_verdict: Option<Verdict>,
    /// Where the threshold comes from.
    pub source: ThresholdSource,
    /// Why there is no observed value, or where it comes from.
    pub note: Option<String>,
    /// The threshold as it was evaluated.
    #[serde(skip)]
    pub evaluated: Evaluated,
    /// How its values read.
    #[serde(skip)]
    pub unit: Unit,
}

/// How many thresholds hold, in a few words.
pub(crate) fn thresholds_in_words<T: Borrow<ThresholdReport>>(thresholds: &[T]) -> String {
    let verdicts = || thresholds.iter().map(|t| t.borrow().verdict);
    let count = |wanted| verdicts().filter(|verdict| *verdict == wanted).count();
    let (failed, no_data) = (count(Verdict::Failed), count(Verdict::NoData));
    match (thresholds.len(), failed, no_data) {
        (0, _, _) => "no thresholds, so nothing was checked".to_owned(),
        (all, 0, 0) => format!("{all} of {all} thresholds hold"),
        (all, failed, 0) => format!("{failed} of {all} thresholds crossed"),
        (all, 0, no_data) => format!("{no_data} of {all} thresholds without data"),
        (all, failed, no_data) => {
            format!("{failed} of {all} thresholds crossed, {no_data} without data")
        }
    }
}

impl ThresholdReport {
    pub(super) fn new(run: &Run, evaluated: Evaluated) -> Self {
        let (kind, contains) = run.kind_of(evaluated.name.metric()).unzip();
        let unit = evaluated
            .threshold
            .zip(kind)
            .map_or(Unit::Number, |(threshold, kind)| {
                Unit::of(kind, contains.flatten(), threshold.stat)
            });
        Self {
            name: evaluated.name.text().to_owned(),
            expression: evaluated.expression.clone(),
            observed: evaluated.observed,
            error: evaluated.error,
            limit: evaluated.threshold.map(|threshold| threshold.limit),
            verdict: evaluated.verdict,
            k6_verdict: evaluated.k6_verdict,
            source: evaluated.source,
            note: evaluated.note.clone(),
            evaluated,
            unit,
        }
    }

    /// The observed value and the limit as a sentence or a page has them.
    #[must_use]
    pub fn prose(&self) -> (String, String) {
        match (self.observed, self.limit) {
            (Some(observed), Some(limit)) => self.unit.say_apart(observed, limit),
            (_, limit) => {
                let limit = limit.map(|limit| self.unit.say_apart(limit, limit).1);
                (
                    self.observed_text(),
                    limit.unwrap_or_else(|| "–".to_owned()),
                )
            }
        }
    }

    /// The observed value as it reads.
    #[must_use]
    pub fn observed_text(&self) -> String {
        let Some(value) = self.observed else {
            let word = if self.verdict == Verdict::NoData {
                "no data"
            } else {
                "not recorded"
            };
            return word.to_owned();
        };
        // Rounding must not make a crossed limit look kept.
        match self.limit {
            Some(limit) => self.unit.show_apart(value, limit),
            None => self.unit.show(value),
        }
    }
}
