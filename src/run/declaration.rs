//! What a stream, or a summary, says of a metric beside its numbers.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::metric::{Contains, MetricType};
use super::name::MetricName;

/// A threshold as k6 wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedThreshold {
    /// The expression as written, such as `p(95)<500`.
    pub expression: String,
    /// k6's own verdict, where it was recorded: whether it passed.
    pub passed: Option<bool>,
    /// Whether crossing it ends the run early.
    pub abort_on_fail: bool,
}

/// A metric as the stream declares it, or as its samples show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricDeclaration {
    /// Its name.
    pub name: String,
    /// Its type; `None` in CSV and where the stream's head is missing.
    pub kind: Option<MetricType>,
    /// What its values are.
    pub contains: Option<Contains>,
    /// The thresholds on the metric itself.
    pub thresholds: Vec<RecordedThreshold>,
    /// The submetrics that thresholds created.
    pub submetrics: Vec<MetricName>,
}

impl MetricDeclaration {
    /// A metric of which only the name is known.
    #[must_use]
    pub fn undeclared(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: None,
            contains: None,
            thresholds: Vec::new(),
            submetrics: Vec::new(),
        }
    }

    /// Takes from another declaration of the metric what this one lacks.
    pub(super) fn complete_from(&mut self, other: Self) {
        self.kind = self.kind.or(other.kind);
        self.contains = self.contains.or(other.contains);
        for threshold in other.thresholds {
            let known = &mut self.thresholds;
            if known.iter().all(|t| t.expression != threshold.expression) {
                known.push(threshold);
            }
        }
        for submetric in other.submetrics {
            if !self.submetrics.contains(&submetric) {
                self.submetrics.push(submetric);
            }
        }
    }
}

/// The metrics of a stream in the order in which it shows them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Declarations {
    list: Vec<MetricDeclaration>,
    places: HashMap<String, usize>,
}

impl Declarations {
    /// Adds a declaration. Of two, as appended streams have them, the first type stands, and the
    /// thresholds of both.
    pub(crate) fn add(&mut self, declaration: MetricDeclaration) {
        if let Some(&known) = self.places.get(&declaration.name) {
            self.list[known].complete_from(declaration);
        } else {
            self.places
                .insert(declaration.name.clone(), self.list.len());
            self.list.push(declaration);
        }
    }

    /// Takes note of a metric of which a sample was seen, even if nothing declares it.
    pub(crate) fn know(&mut self, metric: &str) {
        if !self.places.contains_key(metric) {
            self.add(MetricDeclaration::undeclared(metric));
        }
    }

    /// All of them.
    pub(crate) fn list(&self) -> &[MetricDeclaration] {
        &self.list
    }

    /// One of them.
    pub(crate) fn get(&self, metric: &str) -> Option<&MetricDeclaration> {
        self.places.get(metric).map(|&place| &self.list[place])
    }
}
