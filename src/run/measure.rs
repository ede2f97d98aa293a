//! The one narrow type through which statistics, thresholds, comparisons and reports ask for
//! numbers, whatever they rest on.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::metric::{MetricType, Stat};
use crate::stats::order::Ordered;

/// What is known of one metric, submetric or endpoint.
///
/// It rests either on every sample, and then answers any statistic, or on what a summary reported,
/// and then answers those.
#[derive(Debug, Clone)]
pub struct Measure {
    kind: MetricType,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    /// Shared, as every report holds on to its measures.
    Exact(Arc<Exact>),
    Reported(BTreeMap<Stat, f64>),
}

/// All samples added up, and the values of a trend.
#[derive(Debug)]
struct Exact {
    sums: Sums,
    seconds: Option<f64>,
    values: Ordered,
}

/// The percentiles that every report asks for.
const USUAL_SHARES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

impl Measure {
    /// From every sample. `seconds` is the run's duration, for rates per second.
    #[must_use]
    pub fn exact(kind: MetricType, tally: Tally, seconds: Option<f64>) -> Self {
        Self {
            kind,
            body: Body::Exact(Arc::new(Exact {
                sums: tally.sums,
                seconds,
                values: Ordered::new(tally.values, &USUAL_SHARES),
            })),
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
            Body::Exact(exact) => exact.get(self.kind, stat),
            Body::Reported(values) => values.get(&stat).copied(),
        };
        value.filter(|value| !value.is_nan())
    }

    /// The number of samples, where it is known.
    #[must_use]
    pub fn samples(&self) -> Option<u64> {
        match (&self.body, self.kind) {
            (Body::Exact(exact), _) => Some(exact.sums.samples),
            (Body::Reported(_), MetricType::Rate) => Some(self.passes()? + self.fails()?),
            (Body::Reported(_), MetricType::Trend) => self.get(Stat::Count).map(count),
            (Body::Reported(_), _) => None,
        }
    }

    /// The number of non-zero samples of a rate, where it is known.
    #[must_use]
    pub fn passes(&self) -> Option<u64> {
        self.get(Stat::Passes).map(count)
    }

    /// The number of zero samples of a rate, where it is known.
    #[must_use]
    pub fn fails(&self) -> Option<u64> {
        self.get(Stat::Fails).map(count)
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
            Body::Exact(exact) => exact.sums.samples == 0,
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
            Body::Exact(exact) => Some(exact.values.ascending()),
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

impl Exact {
    fn get(&self, kind: MetricType, stat: Stat) -> Option<f64> {
        let sums = &self.sums;
        let samples = sums.samples as f64;
        let share = |part: f64| {
            if sums.samples == 0 {
                0.0
            } else {
                part / samples
            }
        };
        Some(match (stat, kind) {
            (Stat::Count, MetricType::Counter) => sums.sum,
            (Stat::Count, _) => samples,
            (Stat::Rate, MetricType::Counter) => sums.sum / self.seconds.filter(|s| *s > 0.0)?,
            (Stat::Rate, _) => share(sums.nonzero as f64),
            (Stat::Passes, _) => sums.nonzero as f64,
            (Stat::Fails, _) => (sums.samples - sums.nonzero) as f64,
            (Stat::Value, _) => sums.last,
            (Stat::Avg, _) => share(sums.sum),
            (Stat::Min, _) => sums.min,
            (Stat::Max, _) => sums.max,
            (Stat::Med, _) => self.values.quantile(0.5).unwrap_or(0.0),
            (Stat::P(percent), _) => self.values.quantile(percent.share()).unwrap_or(0.0),
        })
    }
}

/// Samples being added up, in file order.
#[derive(Debug, Default)]
pub struct Tally {
    sums: Sums,
    /// Kept for trends only.
    values: Vec<f64>,
}

#[derive(Debug, Default)]
struct Sums {
    samples: u64,
    nonzero: u64,
    sum: f64,
    min: f64,
    max: f64,
    last: f64,
}

impl Tally {
    /// Nothing yet; `samples` of a metric of this type are to come.
    #[must_use]
    pub fn with_capacity(kind: MetricType, samples: usize) -> Self {
        let values = if kind == MetricType::Trend {
            samples
        } else {
            0
        };
        Self {
            sums: Sums::default(),
            values: Vec::with_capacity(values),
        }
    }

    /// Adds one sample of a metric of this type.
    pub fn add(&mut self, kind: MetricType, value: f64) {
        let sums = &mut self.sums;
        if sums.samples == 0 {
            sums.min = value;
            sums.max = value;
        } else {
            sums.min = sums.min.min(value);
            sums.max = sums.max.max(value);
        }
        sums.samples += 1;
        sums.nonzero += u64::from(value != 0.0);
        sums.sum += value;
        sums.last = value;
        if kind == MetricType::Trend {
            self.values.push(value);
        }
    }
}
