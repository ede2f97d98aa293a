//! What holds, and where each value came from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::find;
use crate::compare::{CompareOptions, DEFAULT_ALPHA, Direction, Floors, Gate, Gates, Limit};
use crate::run::{Contains, ENDPOINT_TAG, MetricName, MetricType, Rename, Vocabulary};
use crate::thresholds::Demand;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything else.
    Default,
    /// This line of the file.
    File(u64),
    /// An environment variable of this name.
    Environment(&'static str),
    /// This flag.
    Flag(&'static str),
}

/// A value, and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// A value that nobody stated.
    pub fn default(value: T) -> Self {
        Self {
            value,
            origin: Origin::Default,
        }
    }

    /// A value from a flag.
    pub fn flag(value: T, name: &'static str) -> Self {
        Self {
            value,
            origin: Origin::Flag(name),
        }
    }
}

/// A scenario file that `run` gives to k6.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its name, which is that of its results.
    pub name: String,
    /// The script, seen from the folder of the configuration.
    pub script: PathBuf,
    /// The environment variables without which it cannot run.
    pub requires: Setting<Vec<String>>,
}

/// What is stated of a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MetricSetting {
    /// Its type, for CSV streams, which do not tell.
    pub kind: Option<Setting<MetricType>>,
    /// What its values are.
    pub contains: Option<Setting<Contains>>,
    /// Which way it is better.
    pub direction: Option<Setting<Direction>>,
}

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The file, where there is one, as a path from the working folder.
    pub file: Option<PathBuf>,
    /// Where results are, and reports go.
    pub results: Setting<PathBuf>,
    /// Where the archive is.
    pub archive: Setting<PathBuf>,
    /// The scenarios in the order of the file.
    pub scenarios: Vec<Setting<Scenario>>,
    /// Thresholds beside k6's own.
    pub thresholds: Vec<Setting<Demand>>,
    /// What `run` compares with, and `diff` without a baseline.
    pub baseline: Setting<Vec<PathBuf>>,
    /// What decides over a comparison.
    pub gates: Setting<Vec<Gate>>,
    /// The chance of a false alarm.
    pub alpha: Setting<f64>,
    /// What may differ between two tests.
    pub allowed: Setting<Vec<String>>,
    /// Limits that hold whatever the noise.
    pub limits: Vec<Setting<Limit>>,
    /// Changes that are of no interest, by figure, or metric and figure.
    pub floors: Vec<Setting<(String, f64)>>,
    /// The tag that tells endpoints.
    pub endpoint_tag: Setting<String>,
    /// Other names for endpoints.
    pub renames: Vec<Setting<Rename>>,
    /// What is stated of metrics.
    pub metrics: Vec<Setting<(String, MetricSetting)>>,
    /// Tags that an archive must not hold.
    pub redacted_tags: Setting<Vec<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            file: None,
            results: Setting::default(PathBuf::from("test-results/performance")),
            archive: Setting::default(PathBuf::from("perf-archive")),
            scenarios: Vec::new(),
            thresholds: Vec::new(),
            baseline: Setting::default(Vec::new()),
            gates: Setting::default(Gates::default().iter().collect()),
            alpha: Setting::default(DEFAULT_ALPHA),
            allowed: Setting::default(Vec::new()),
            limits: Vec::new(),
            floors: Vec::new(),
            endpoint_tag: Setting::default(ENDPOINT_TAG.to_owned()),
            renames: Vec::new(),
            metrics: Vec::new(),
            redacted_tags: Setting::default(Vec::new()),
        }
    }
}

impl Settings {
    /// The folder from which the file's paths are seen; empty for the working folder.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.file
            .as_deref()
            .map(find::folder_of)
            .unwrap_or_default()
    }

    /// The thresholds beside k6's own.
    #[must_use]
    pub fn demands(&self) -> Vec<Demand> {
        let demands = self.thresholds.iter();
        demands.map(|setting| setting.value.clone()).collect()
    }

    /// The metrics that thresholds beside k6's own are on.
    #[must_use]
    pub fn thresholds_on(&self) -> Vec<MetricName> {
        let demands = self.thresholds.iter();
        demands.map(|setting| setting.value.name.clone()).collect()
    }

    /// How the project names its endpoints, and what its metrics are.
    #[must_use]
    pub fn vocabulary(&self) -> Arc<Vocabulary> {
        let kinds = self.metrics.iter().filter_map(|setting| {
            let (name, metric) = &setting.value;
            let contains = metric.contains.as_ref().map(|contains| contains.value);
            Some((name.clone(), (metric.kind.as_ref()?.value, contains)))
        });
        Arc::new(Vocabulary {
            endpoint_tag: self.endpoint_tag.value.clone(),
            renames: self.renames.iter().map(|r| r.value.clone()).collect(),
            kinds: kinds.collect(),
        })
    }

    /// What is asked of a comparison.
    #[must_use]
    pub fn compare_options(&self) -> CompareOptions {
        let directions: BTreeMap<String, Direction> = self
            .metrics
            .iter()
            .filter_map(|setting| {
                let (name, metric) = &setting.value;
                Some((name.clone(), metric.direction.as_ref()?.value))
            })
            .collect();
        let mut floors = Floors::default();
        for setting in &self.floors {
            // They were stated once when they were read, and refused there if they are none.
            let _ = floors.state(&setting.value.0, setting.value.1);
        }
        CompareOptions {
            limits: self.limits.iter().map(|l| l.value.clone()).collect(),
            alpha: self.alpha.value,
            gates: self.gates.value.iter().copied().collect(),
            allowed: self.allowed.value.iter().cloned().collect(),
            floors,
            directions,
            ..CompareOptions::default()
        }
    }
}
