//! What a summary file of k6 says, whichever of its formats it has.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::declaration::RecordedThreshold;
use super::metric::{Contains, MetricType, Stat};
use super::name::MetricName;

/// A metric or submetric with its statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryMetric {
    /// Its name.
    pub name: MetricName,
    /// Its type, as said or as its statistics show.
    pub kind: MetricType,
    /// What its values are, where known.
    pub contains: Option<Contains>,
    /// The statistics; those that were not finite are left out.
    pub values: BTreeMap<Stat, f64>,
    /// Its thresholds.
    pub thresholds: Vec<RecordedThreshold>,
}

/// No count that a file states is taken for more: beyond it k6's numbers skip whole ones, and the sums of a thousand
/// such counts fit.
pub const MOST_COUNTED: u64 = 1 << 53;

/// A check of the script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The path of its group, such as `::browse::item`; empty at the root, `None` where the file
    /// does not say.
    pub group: Option<String>,
    /// Its name.
    pub name: String,
    /// How often it held.
    pub passes: u64,
    /// How often it did not.
    pub fails: u64,
}

impl Check {
    /// The share that passed; `None` if it never ran.
    #[must_use]
    pub fn pass_rate(&self) -> Option<f64> {
        Self::rate_of(self.passes, self.fails)
    }

    /// The share of passes; `None` of nothing.
    #[must_use]
    pub fn rate_of(passes: u64, fails: u64) -> Option<f64> {
        let runs = passes + fails;
        (runs > 0).then(|| passes as f64 / runs as f64)
    }
}

/// What a summary says of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// The run's duration in milliseconds.
    pub duration_ms: Option<f64>,
    /// The version of k6.
    pub k6_version: Option<String>,
    /// The statistics that were asked of trends, in that order; empty where not said.
    pub trend_stats: Vec<Stat>,
    /// The metrics.
    pub metrics: Vec<SummaryMetric>,
    /// The checks, in the script's order.
    pub checks: Vec<Check>,
}

impl Summary {
    /// The run's duration in milliseconds as the rates of its counters show it, for a summary that
    /// does not state it: k6 divides the count by the duration, so the quotient of the two,
    /// rounded to whole nanoseconds, is the duration.
    #[must_use]
    pub fn duration_from_counters(&self) -> Option<f64> {
        let counters = self
            .metrics
            .iter()
            .filter(|metric| metric.kind == MetricType::Counter);
        let seconds = counters.filter_map(|metric| {
            let (count, rate) = (
                metric.values.get(&Stat::Count)?,
                metric.values.get(&Stat::Rate)?,
            );
            (*count > 0.0 && *rate > 0.0).then(|| (count, count / rate))
        });
        let (_, seconds) = seconds.max_by(|a, b| a.0.total_cmp(b.0))?;
        Some((seconds * 1e9).round() / 1e6)
    }

    /// The name of a metric of which the two give another number of samples or sum, so that they
    /// are not about one run.
    #[must_use]
    pub fn contradiction(&self, other: &Summary) -> Option<String> {
        let counts = [Stat::Count, Stat::Passes, Stat::Fails];
        let known = self.by_name();
        other.metrics.iter().find_map(|metric| {
            let mine = known.get(metric.name.text())?;
            let differs = counts.iter().any(|stat| {
                let both = mine.values.get(stat).zip(metric.values.get(stat));
                both.is_some_and(|(a, b)| a != b)
            });
            differs.then(|| metric.name.text().to_owned())
        })
    }

    /// The metrics by their names as written.
    #[must_use]
    pub fn by_name(&self) -> HashMap<&str, &SummaryMetric> {
        self.metrics
            .iter()
            .map(|metric| (metric.name.text(), metric))
            .collect()
    }

    /// Takes from another summary of the same run what this one lacks.
    pub fn complete_from(&mut self, other: Summary) {
        self.duration_ms = self.duration_ms.or(other.duration_ms);
        self.k6_version = self.k6_version.take().or(other.k6_version);
        if self.trend_stats.is_empty() {
            self.trend_stats = other.trend_stats;
        }
        if self.checks.is_empty() {
            self.checks = other.checks;
        }
        let places: HashMap<String, usize> = self
            .metrics
            .iter()
            .enumerate()
            .map(|(i, m)| (m.name.text().to_owned(), i))
            .collect();
        for metric in other.metrics {
            let Some(&known) = places.get(metric.name.text()) else {
                self.metrics.push(metric);
                continue;
            };
            let known = &mut self.metrics[known];
            if known.thresholds.is_empty() {
                known.thresholds = metric.thresholds;
            }
            known.contains = known.contains.or(metric.contains);
            for (stat, value) in metric.values {
                known.values.entry(stat).or_insert(value);
            }
        }
    }
}
