//! A metric as every renderer shows it.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::unit::Unit;
use crate::run::{Contains, Measure, Metric, MetricName, MetricType, Stat};

/// The statistics of trends that are shown unless others are asked for.
pub const TREND_STATS: [Stat; 7] = [
    Stat::Avg,
    Stat::Min,
    Stat::Med,
    Stat::Max,
    Stat::p(90),
    Stat::p(95),
    Stat::p(99),
];

/// A metric or submetric.
#[derive(Debug, Serialize)]
pub struct MetricReport {
    /// Its name as written.
    pub name: String,
    /// The parent metric's name.
    pub metric: String,
    /// The tags of a submetric.
    pub tags: Map<String, Value>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: MetricType,
    /// What its values are.
    pub contains: Option<Contains>,
    /// Its statistics by k6's names.
    pub values: Map<String, Value>,
    /// Its numbers.
    #[serde(skip)]
    pub measure: Measure,
    /// Its name, taken apart.
    #[serde(skip)]
    pub id: MetricName,
}

impl MetricReport {
    pub(super) fn new(metric: &Metric, asked: &[Stat]) -> Self {
        let tags = metric
            .name
            .tags()
            .iter()
            .map(|(k, v)| (k.clone(), Value::from(v.as_str())));
        Self {
            name: metric.name.text().to_owned(),
            metric: metric.name.metric().to_owned(),
            tags: tags.collect(),
            kind: metric.measure.kind(),
            contains: metric.contains,
            values: values(&metric.measure, asked),
            measure: metric.measure.clone(),
            id: metric.name.clone(),
        }
    }

    /// How the value of a statistic of this metric reads.
    #[must_use]
    pub fn unit(&self, stat: Stat) -> Unit {
        Unit::of(self.kind, self.contains, stat)
    }
}

/// The statistics of a metric under handleSummary's names; what is not known is absent.
fn values(measure: &Measure, asked: &[Stat]) -> Map<String, Value> {
    let mut stats: Vec<Stat> = match (measure.kind(), measure.reported_stats()) {
        (_, Some(reported)) => reported.collect(),
        (MetricType::Counter, None) => vec![Stat::Count, Stat::Rate],
        (MetricType::Gauge, None) => vec![Stat::Value, Stat::Min, Stat::Max],
        (MetricType::Rate, None) => vec![Stat::Rate, Stat::Passes, Stat::Fails],
        (MetricType::Trend, None) => [Stat::Count].into_iter().chain(TREND_STATS).collect(),
    };
    stats.extend(
        asked
            .iter()
            .filter(|stat| !stats.contains(stat))
            .copied()
            .collect::<Vec<_>>(),
    );
    let number = |stat: Stat| Some(Value::Number(as_k6_writes(measure.get(stat)?)?));
    stats
        .into_iter()
        .filter_map(|stat| Some((stat.to_string(), number(stat)?)))
        .collect()
}

/// A number as k6 writes it: without a fraction where it has none.
#[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
fn as_k6_writes(value: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole =
        value.fract() == 0.0 && value.abs() < EXACT && !(value == 0.0 && value.is_sign_negative());
    if whole {
        Some(Number::from(value as i64))
    } else {
        Number::from_f64(value)
    }
}

/// Puts the submetrics of a tag's values after their parent's own, unless they are listed.
pub(super) fn add_by_tag(
    metrics: Vec<MetricReport>,
    by_tag: &[Metric],
    stats: &[Stat],
) -> Vec<MetricReport> {
    let listed: HashSet<String> = metrics.iter().map(|metric| metric.name.clone()).collect();
    let mut more: HashMap<String, Vec<MetricReport>> = HashMap::new();
    for metric in by_tag
        .iter()
        .filter(|metric| !listed.contains(metric.name.text()))
    {
        let parts = more.entry(metric.name.metric().to_owned()).or_default();
        parts.push(MetricReport::new(metric, stats));
    }
    let mut all = Vec::with_capacity(metrics.len());
    let mut metrics = metrics.into_iter().peekable();
    while let Some(metric) = metrics.next() {
        let parent = metric.metric.clone();
        all.push(metric);
        if metrics.peek().is_none_or(|next| next.metric != parent) {
            all.extend(more.remove(&parent).unwrap_or_default());
        }
    }
    all
}
