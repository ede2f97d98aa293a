//! Metrics split by the values of a tag.

use std::collections::{BTreeSet, HashSet};

use super::measure::Measure;
use super::name::MetricName;
use super::{Metric, Run};

impl Run {
    /// The numbers of a metric by the values of a tag, in the order of the values; empty without
    /// samples.
    #[must_use]
    pub fn measure_by(&self, metric: &str, tag: &str) -> Vec<(String, Measure)> {
        let Some((samples, (kind, _))) = self.samples.as_ref().zip(self.kind_of(metric)) else {
            return Vec::new();
        };
        let table = samples.series();
        let Some((number, key)) = table.string(metric).zip(table.string(tag)) else {
            return Vec::new();
        };
        let of_metric = table.iter().filter(|s| s.metric_number() == number);
        let values: BTreeSet<&str> = of_metric
            .filter_map(|series| Some(table.text(series.value(key)?)))
            .collect();
        let name = |value: &&str| {
            MetricName::with_tags(metric, vec![(tag.to_owned(), (*value).to_owned())])
        };
        let names: Vec<MetricName> = values.iter().map(name).collect();
        let measures = self.measure_samples(&names, &vec![kind; names.len()]);
        values
            .into_iter()
            .map(str::to_owned)
            .zip(measures)
            .collect()
    }

    /// The values of `tag` that samples of `metric` carry, each as a submetric with its numbers.
    #[must_use]
    pub fn by_tag(&self, tag: &str) -> Vec<Metric> {
        let Some(samples) = &self.samples else {
            return Vec::new();
        };
        let table = samples.series();
        let Some(key) = table.string(tag) else {
            return Vec::new();
        };
        let wanted: HashSet<(u32, u32)> = table
            .iter()
            .filter_map(|series| Some((series.metric_number(), series.value(key)?)))
            .collect();
        let text = |(metric, value)| (table.text(metric), table.text(value));
        let wanted: BTreeSet<(&str, &str)> = wanted.into_iter().map(text).collect();
        let names = wanted.into_iter().filter_map(|(metric, value)| {
            let name = MetricName::with_tags(metric, vec![(tag.to_owned(), value.to_owned())]);
            Some((name, self.kind_of(metric)?.0))
        });
        let (names, kinds): (Vec<_>, Vec<_>) = names.unzip();
        let measures = self.measure_samples(&names, &kinds);
        names
            .into_iter()
            .zip(measures)
            .map(|(name, measure)| Metric {
                contains: self
                    .kind_of(name.metric())
                    .and_then(|(_, contains)| contains),
                name,
                measure,
                thresholds: Vec::new(),
            })
            .collect()
    }
}
