//! Whether the stream and the summary of a run tell the same.

use super::Run;
use super::metric::Stat;

/// A number that the stream and the summary of one run give differently.
#[derive(Debug, Clone, PartialEq)]
pub struct Contradiction {
    /// The metric or submetric.
    pub name: String,
    /// The statistic.
    pub stat: Stat,
    /// From the samples.
    pub samples: f64,
    /// From the summary.
    pub summary: f64,
}

impl Run {
    /// Compares what the samples give with what the summary says.
    ///
    /// The tolerance of one millionth leaves room for the six decimals of CSV values.
    pub(super) fn find_contradictions(&self) -> Vec<Contradiction> {
        const TOLERANCE: f64 = 1e-6;
        let (Some(_), Some(summary)) = (&self.samples, &self.summary) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for reported in &summary.metrics {
            let Some(metric) = self.metric(reported.name.text()) else {
                continue;
            };
            for (stat, value) in &reported.values {
                let Some(sampled) = metric.measure.get(*stat) else {
                    continue;
                };
                let off = (sampled - value).abs();
                if off > TOLERANCE * value.abs().max(1.0) {
                    found.push(Contradiction {
                        name: reported.name.text().to_owned(),
                        stat: *stat,
                        samples: sampled,
                        summary: *value,
                    });
                }
            }
        }
        found
    }
}
