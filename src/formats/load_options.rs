//! How runs are put together.

use std::sync::Arc;

use crate::run::{MetricName, Selection, Vocabulary};

/// How runs are put together.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// A named file takes no summary beside it.
    pub alone: bool,
    /// Runs of one name are the parts of a distributed test and become one.
    pub merge: bool,
    /// Files are hashed.
    pub hash: bool,
    /// What is taken of every run.
    pub selection: Selection,
    /// The metrics on which there are thresholds that k6's files do not tell.
    pub thresholds_on: Vec<MetricName>,
    /// What the project says beyond k6's files.
    pub vocabulary: Arc<Vocabulary>,
}
