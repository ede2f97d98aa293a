//! The one narrow type through which statistics, thresholds, comparisons and reports ask for
//! numbers, whatever they rest on.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::metric::{MetricType, Stat};
use crate::stats::quantile::quantile;

/// What is known of one metric, submetric or endpoint.
///
/// It rests either on every sample, and then answers any statistic, or on what a summary reported,
/// and then answers those.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    kind: MetricType,
    body: Body,
}

#[derive(Debug, Clone, PartialEq)]
enum Body {
    /// Shared, as every report holds on to its measures.
    Exact(Arc<Tally>),
    Reported(BTreeMap<Stat, f64>),
}

impl Measure {
    /// From every sample. `seconds` is the run's duration, for rates per second.
    #[must_use]
    pub fn exact(kind: MetricType, mut tally: Tally, seconds: Option<f64>) -> Self {
        tally.values.sort_unstable_by(f64::total_cmp);
        tally.seconds = seconds;
        Self {
            kind,
            body: Body::Exact(Arc::new(tally)),
        }
    }

    /// From the statistics that a summary reported.
    #[must_use]
    pub fn reported(kind: MetricType, values: BTreeMap<Stat, f64>) -> Self {
        Self {
            kind,
            body: Body::Reported(values),
        }
    }

    /// The metric's type.
    #[must_use]
    pub fn kind(&self) -> MetricType {
        self.kind
    }

    /// Whether every sample is at hand.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        matches!(self.body, Body::Exact(_))
    }

    /// A statistic; `None` when the type has none such, when the summary does not hold it, or when
    /// it is not finite. Without samples all are zero, as in k6; [`Measure::is_empty`] tells.
    ///
    /// Trend, gauge and rate follow k6's sinks (`metrics/sink.go`): sums are in file order.
    #[must_use]
    pub fn get(&self, stat: Stat) -> Option<f64> {
        self.get_or_infinite(stat).filter(|value| value.is_finite())
    }

    /// A statistic, even if it is infinite: a threshold can be held against infinity.
    #[must_use]
    pub fn get_or_infinite(&self, stat: Stat) -> Option<f64> {
        if !stat.fits(self.kind) {
            return None;
        }
        let value = match &self.body {
            Body::Exact(tally) => tally.get(self.kind, stat),
            Body::Reported(values) => values.get(&stat).copied(),
        };
        value.filter(|value| !value.is_nan())
    }

    /// The number of samples, where it is known.
    #[must_use]
    pub fn samples(&self) -> Option<u64> {
        match (&self.body, self.kind) {
            (Body::Exact(tally), _) => Some(tally.samples),
            (Body::Reported(_), MetricType::Rate) => {
                Some(count(self.get(Stat::Passes)? + self.get(Stat::Fails)?))
            }
            (Body::Reported(_), MetricType::Trend) => self.get(Stat::Count).map(count),
            (Body::Reported(_), _) => None,
        }
    }

    /// Whether there was no sample at all. A summary shows such a metric as zeros, so that it is
    /// only certain where the number of samples is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples() == Some(0)
    }

    /// Whether every statistic that a summary reported is zero, so that there may have been no
    /// sample.
    #[must_use]
    pub fn is_all_zero(&self) -> bool {
        match &self.body {
            Body::Exact(tally) => tally.samples == 0,
            Body::Reported(values) => values.values().all(|value| *value == 0.0),
        }
    }

    /// The statistics that a summary reported, or `None` when every sample is at hand.
    #[must_use]
    pub fn reported_stats(&self) -> Option<impl Iterator<Item = Stat> + '_> {
        match &self.body {
            Body::Exact(_) => None,
            Body::Reported(values) => Some(values.keys().copied()),
        }
    }

    /// The sorted samples of a trend, where every sample is at hand.
    #[must_use]
    pub fn ascending(&self) -> Option<&[f64]> {
        match &self.body {
            Body::Exact(tally) => Some(&tally.values),
            Body::Reported(_) => None,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates"
)]
fn count(value: f64) -> u64 {
    value.round() as u64
}

/// Samples being added up, in file order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    samples: u64,
    nonzero: u64,
    sum: f64,
    min: f64,
    max: f64,
    last: f64,
    seconds: Option<f64>,
    /// Kept for trends only.
    values: Vec<f64>,
}

impl Tally {
    /// Nothing yet; `keep` is the number of values to expect where a trend keeps them.
    #[must_use]
    pub fn with_capacity(keep: usize) -> Self {
        Self {
            values: Vec::with_capacity(keep),
            ..Self::default()
        }
    }

    /// Adds one sample of a metric of this type.
    pub fn add(&mut self, kind: MetricType, value: f64) {
        if self.samples == 0 {
            self.min = value;
            self.max = value;
        } else {
            self.min = self.min.min(value);
            self.max = self.max.max(value);
        }
        self.samples += 1;
        self.nonzero += u64::from(value != 0.0);
        self.sum += value;
        self.last = value;
        if kind == MetricType::Trend {
            self.values.push(value);
        }
    }

    fn get(&self, kind: MetricType, stat: Stat) -> Option<f64> {
        let samples = self.samples as f64;
        let share = |part: f64| {
            if self.samples == 0 {
                0.0
            } else {
                part / samples
            }
        };
        Some(match (stat, kind) {
            (Stat::Count, MetricType::Counter) => self.sum,
            (Stat::Count, _) => samples,
            (Stat::Rate, MetricType::Counter) => self.sum / self.seconds.filter(|s| *s > 0.0)?,
            (Stat::Rate, _) => share(self.nonzero as f64),
            (Stat::Passes, _) => self.nonzero as f64,
            (Stat::Fails, _) => (self.samples - self.nonzero) as f64,
            (Stat::Value, _) => self.last,
            (Stat::Avg, _) => share(self.sum),
            (Stat::Min, _) => self.min,
            (Stat::Max, _) => self.max,
            (Stat::Med, _) => quantile(&self.values, 0.5).unwrap_or(0.0),
            (Stat::P(percent), _) => quantile(&self.values, percent.share()).unwrap_or(0.0),
        })
    }
}
