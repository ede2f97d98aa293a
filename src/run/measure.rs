//! The one narrow type through which statistics, thresholds, comparisons and reports ask for
//! numbers, whatever they rest on.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::histograms::Cell;
use super::metric::{MetricType, Stat};
use super::summary::MOST_COUNTED;
use crate::stats::order::Ordered;
use crate::stats::ranked::{Buckets, Ranked};

/// What is known of one metric, submetric or endpoint.
///
/// It rests on samples, and then answers any statistic, or on what a summary reported, and then
/// answers those. Of samples that are known from histograms, quantiles have an error; all else is exact.
#[derive(Debug, Clone)]
pub struct Measure {
    kind: MetricType,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    /// Shared, as every report holds on to its measures.
    Samples(Arc<AddedUp>),
    Reported(BTreeMap<Stat, f64>),
}

/// All samples added up, and the values of a trend.
#[derive(Debug)]
struct AddedUp {
    sums: Sums,
    seconds: Option<f64>,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Each(Ordered),
    /// With their relative error.
    Buckets(Buckets, f64),
}

/// The percentiles that every report asks for.
const USUAL_SHARES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

impl Measure {
    /// From samples. `seconds` is the run's duration, for rates per second.
    #[must_use]
    pub fn of_samples(kind: MetricType, tally: Tally, seconds: Option<f64>) -> Self {
        let values = match tally.error {
            None => Values::Each(Ordered::new(tally.values, &USUAL_SHARES)),
            Some(error) => {
                let counts = tally.buckets.into_iter();
                let counts = counts.map(|(bits, count)| (f64::from_bits(bits), count));
                Values::Buckets(Buckets::new(counts), error)
            }
        };
        Self {
            kind,
            body: Body::Samples(Arc::new(AddedUp {
                sums: tally.sums,
                seconds,
                values,
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

    /// Whether it rests on samples.
    #[must_use]
    pub fn is_of_samples(&self) -> bool {
        matches!(self.body, Body::Samples(_))
    }

    /// The relative error of a statistic that comes from histograms; `None` of an exact one.
    #[must_use]
    pub fn error(&self, stat: Stat) -> Option<f64> {
        let Body::Samples(samples) = &self.body else {
            return None;
        };
        match (&samples.values, stat) {
            (Values::Buckets(buckets, error), Stat::Med | Stat::P(_))
                if self.kind == MetricType::Trend && !Ranked::Buckets(buckets).is_empty() =>
            {
                Some(*error)
            }
            _ => None,
        }
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
            Body::Samples(samples) => samples.get(self.kind, stat),
            Body::Reported(values) => values.get(&stat).copied(),
        };
        value.filter(|value| !value.is_nan())
    }

    /// The number of samples, where it is known.
    #[must_use]
    pub fn samples(&self) -> Option<u64> {
        match (&self.body, self.kind) {
            (Body::Samples(samples), _) => Some(samples.sums.samples),
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
            Body::Samples(samples) => samples.sums.samples == 0,
            Body::Reported(values) => values.values().all(|value| *value == 0.0),
        }
    }

    /// The statistics that a summary reported, or `None` when it rests on samples.
    #[must_use]
    pub fn reported_stats(&self) -> Option<impl Iterator<Item = Stat> + '_> {
        match &self.body {
            Body::Samples(_) => None,
            Body::Reported(values) => Some(values.keys().copied()),
        }
    }

    /// The samples of a trend in ascending order, where it rests on samples.
    #[must_use]
    pub fn ranked(&self) -> Option<Ranked<'_>> {
        let Body::Samples(samples) = &self.body else {
            return None;
        };
        Some(match &samples.values {
            Values::Each(values) => Ranked::Each(values.ascending()),
            Values::Buckets(buckets, _) => Ranked::Buckets(buckets),
        })
    }
}

/// A count that a file states.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and below the bound"
)]
fn count(value: f64) -> u64 {
    value.round().clamp(0.0, MOST_COUNTED as f64) as u64
}

impl AddedUp {
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
            (Stat::Med, _) => self.quantile(0.5),
            (Stat::P(percent), _) => self.quantile(percent.share()),
        })
    }

    fn quantile(&self, share: f64) -> f64 {
        let quantile = match &self.values {
            Values::Each(values) => values.quantile(share),
            // A bucket's value can lie beyond all samples of it.
            Values::Buckets(buckets, _) => Ranked::Buckets(buckets)
                .quantile(share)
                .map(|value| value.max(self.sums.min).min(self.sums.max)),
        };
        quantile.unwrap_or(0.0)
    }
}

/// Samples being added up, in file order.
#[derive(Debug, Default)]
pub struct Tally {
    sums: Sums,
    /// Kept for trends only.
    values: Vec<f64>,
    /// The relative error of buckets, if samples come in such.
    error: Option<f64>,
    /// The buckets of trends, by the bits of their values.
    buckets: HashMap<u64, u64, RandomState>,
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
            values: Vec::with_capacity(values),
            ..Self::default()
        }
    }

    /// Nothing yet; samples in buckets of this relative error are to come, if any is given.
    #[must_use]
    pub fn of_error(error: Option<f64>) -> Self {
        Self {
            error,
            ..Self::default()
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

    /// Adds samples of a metric of this type that are known together.
    pub(super) fn add_cell(&mut self, kind: MetricType, cell: &Cell<'_>) {
        let sums = &mut self.sums;
        if sums.samples == 0 {
            sums.min = cell.min;
            sums.max = cell.max;
        } else {
            sums.min = sums.min.min(cell.min);
            sums.max = sums.max.max(cell.max);
        }
        sums.samples += cell.count;
        sums.nonzero += cell.nonzero();
        sums.sum += cell.sum;
        sums.last = cell.latest;
        if kind != MetricType::Trend {
            return;
        }
        if self.error.is_none() {
            self.values.extend_from_slice(cell.values);
            return;
        }
        for (value, count) in cell.buckets() {
            *self.buckets.entry(value.to_bits()).or_default() += u64::from(count);
        }
    }
}
