//! One row of a comparison.

use super::figure::Figure;
use super::noise::Noise;
use super::verdict::{Change, Judgement, Scale};
use crate::run::{Contains, MetricName, MetricType};
use crate::units;

/// A statistic on both sides.
#[derive(Debug, Clone)]
pub struct Row {
    /// The metric, submetric, endpoint or check; endpoints and checks are named like submetrics.
    pub name: MetricName,
    /// What it shows.
    pub figure: Figure,
    /// The metric's type.
    pub kind: MetricType,
    /// What its values are.
    pub contains: Option<Contains>,
    /// The baseline's value.
    pub baseline: Option<f64>,
    /// The candidate's value.
    pub candidate: Option<f64>,
    /// Whether it decides over the pair's verdict.
    pub gate: bool,
    /// What follows.
    pub judged: Judgement,
    /// Whether another row shows the same requests: an endpoint that a submetric selects, too.
    pub repeats: bool,
    /// Whether it is what the test asks for, and no result: the throughput of an open model.
    pub is_asked_for: bool,
    /// How far its values can be from the exact ones, both sides together and relative to them, where they are
    /// from histograms.
    pub error: Option<f64>,
    /// Of what endpoints have in common: how many share it, of how many.
    pub shared_by: Option<[usize; 2]>,
    /// The last day on which its regression is accepted.
    pub waived_until: Option<String>,
}

impl Row {
    /// The same as what the test asked for: however much it changed, that is neither better nor worse, unless
    /// the project says which.
    pub(super) fn asked_for(mut self) -> Self {
        self.is_asked_for = true;
        if self.judged.verdict == Change::Inconclusive {
            let reason =
                "iterations start at a given rate, so that how many there are is no result";
            self.judged.reason = Some(reason.to_owned());
        }
        self
    }

    /// The same with values from histograms: a change within their error is none that was seen, and where the
    /// error exceeds the floor, none can be excluded.
    pub(super) fn of_histograms(mut self, error: f64) -> Self {
        self.error = Some(error);
        let judged = &mut self.judged;
        if judged.scale != Scale::Relative {
            return self;
        }
        let beyond = |size: Option<f64>| size.is_some_and(|size| size.abs() > error);
        let is_seen = match judged.verdict {
            Change::Regressed | Change::Improved => beyond(judged.change),
            Change::Unchanged => beyond(judged.floor),
            _ => true,
        };
        if !is_seen {
            judged.verdict = Change::Inconclusive;
            judged.reason = Some(format!(
                "the values are from histograms, whose errors make up {}: only the samples can tell",
                units::percent(error)
            ));
        }
        self
    }

    /// The size of the change, for the order in which rows are shown.
    pub(super) fn size(&self) -> f64 {
        let change = self.judged.change.map_or(0.0, f64::abs);
        let is_share = self.kind == MetricType::Rate;
        match (self.judged.scale, self.baseline, self.candidate) {
            (Scale::Absolute, Some(a), Some(b)) if !is_share && change > 0.0 => {
                change / a.abs().max(b.abs())
            }
            _ => change,
        }
    }
}

/// What there is to say of something that was measured on one side only.
pub(super) fn alone(kind: MetricType, is_new: bool) -> Judgement {
    Judgement {
        scale: if kind == MetricType::Rate {
            Scale::Absolute
        } else {
            Scale::Relative
        },
        change: None,
        interval: None,
        own: None,
        noise: Noise::None,
        smallest_detectable: None,
        floor: None,
        verdict: if is_new {
            Change::Added
        } else {
            Change::Removed
        },
        reason: None,
    }
}
