//! Interned tag sets, and the samples that refer to them.

use super::name::MetricName;

/// A metric with one set of tags. A stream repeats few of them millions of times.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Series {
    /// The metric's name.
    pub metric: String,
    tags: Vec<(String, String)>,
}

impl Series {
    /// A series; a key that comes twice keeps its last value.
    #[must_use]
    pub fn new(metric: impl Into<String>, mut tags: Vec<(String, String)>) -> Self {
        // Sorting is stable, so that the last of equal keys comes last.
        tags.sort_by(|a, b| a.0.cmp(&b.0));
        tags.reverse();
        tags.dedup_by(|a, b| a.0 == b.0);
        tags.reverse();
        Self {
            metric: metric.into(),
            tags,
        }
    }

    /// The tags, sorted by key.
    #[must_use]
    pub fn tags(&self) -> &[(String, String)] {
        &self.tags
    }

    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        let at = self
            .tags
            .binary_search_by(|(k, _)| k.as_str().cmp(key))
            .ok()?;
        Some(&self.tags[at].1)
    }

    /// Whether its samples belong to a metric or submetric.
    #[must_use]
    pub fn belongs_to(&self, name: &MetricName) -> bool {
        self.metric == name.metric()
            && name
                .tags()
                .iter()
                .all(|(key, value)| self.tag(key) == Some(value))
    }
}

/// One sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The index of its series.
    pub series: u32,
    /// Nanoseconds since 1970.
    pub time: i64,
    /// The value.
    pub value: f64,
}
