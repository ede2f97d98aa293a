//! Metrics split by the values of a tag.

use std::collections::BTreeSet;

use super::name::MetricName;
use super::{Metric, Run};

impl Run {
    /// The values of `tag` that samples of `metric` carry, each as a submetric with its numbers.
    #[must_use]
    pub fn by_tag(&self, tag: &str) -> Vec<Metric> {
        let Some(samples) = &self.samples else {
            return Vec::new();
        };
        let mut wanted = BTreeSet::new();
        for series in samples.series() {
            if let Some(value) = series.tag(tag) {
                wanted.insert((series.metric.as_str(), value));
            }
        }
        let names = wanted.into_iter().filter_map(|(metric, value)| {
            let name = MetricName::with_tags(metric, vec![(tag.to_owned(), value.to_owned())]);
            Some((name, self.kind_of(metric)?.0))
        });
        let names: Vec<_> = names.collect();
        let measures = self.measure_samples(&names);
        names
            .into_iter()
            .zip(measures)
            .map(|((name, _), measure)| Metric {
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
