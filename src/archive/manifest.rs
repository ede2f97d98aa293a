//! What an archived run says of itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::layout::SAMPLES;
use super::name::Name;
use super::provenance::{Ci, Environment};
use crate::run::{Contains, K6Exit, MetricType, Part};

/// The version of a run's manifest.
pub const RUN_SCHEMA: &str = "perf-report.archive-run/1";

/// An archived run.
#[derive(Debug, Clone)]
pub struct ArchivedRun {
    /// The SHA-256 of its manifest, which is its name.
    pub hash: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
}

/// What an archived run says of itself. Its bytes depend on the run and on how it was filed, and
/// not on when or by whom, so that filing a run twice gives one folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this document.
    pub schema: String,
    /// The release that was tested.
    pub release: Name,
    /// The test.
    pub scenario: Name,
    /// What tells one run from another, however it was filed; see [`Facts::content`].
    pub content: String,
    /// The ticket of the release.
    pub ticket: Option<Name>,
    /// What was said when it was filed.
    pub note: Option<String>,
    /// What else was said when it was filed, by key.
    pub meta: BTreeMap<String, String>,
    /// The run itself.
    #[serde(flatten)]
    pub facts: Facts,
    /// The files of the folder.
    pub files: Vec<FileEntry>,
    /// What of k6's files was left out, and why the rest was kept.
    pub left_out: Vec<LeftOut>,
    /// How it was filed.
    pub options: Options,
    /// What wrote it.
    pub tool: Tool,
}

/// What is known of a run, filed or discarded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The commit that was tested.
    pub commit: Option<String>,
    /// The job that did it.
    pub ci: Option<Ci>,
    /// Where it was filed.
    pub environment: Environment,
    /// What part of its run was filed; `None` for all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// How k6 ended, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub k6_exit: Option<K6Exit>,
    /// The version of k6, where a file says it.
    pub k6_version: Option<String>,
    /// The time of the first sample, RFC 3339 in UTC.
    pub started_at: Option<String>,
    /// The time of the last sample.
    pub ended_at: Option<String>,
    /// When the newest of its files was written to, for a run without samples.
    pub written_at: Option<String>,
    /// Its duration in milliseconds.
    pub duration_ms: Option<f64>,
    /// The number of its samples; null when only a summary is known.
    pub samples: Option<u64>,
    /// The hosts that it sent requests to.
    pub hosts: Vec<String>,
    /// k6's files as they were.
    pub sources: Vec<SourceEntry>,
    /// What of them could not be used.
    pub skipped_lines: u64,
    /// Whether it is fit to be judged.
    pub validity: Fitness,
    /// `passed` or `failed` by its thresholds, and by k6's end.
    pub verdict: String,
    /// Its thresholds.
    pub thresholds: Vec<ThresholdEntry>,
    /// Its metrics and submetrics, with their statistics by k6's names.
    pub numbers: BTreeMap<String, Numbers>,
}

/// The numbers of a metric or submetric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: MetricType,
    /// What its values are.
    pub contains: Option<Contains>,
    /// Its statistics by k6's names.
    pub values: BTreeMap<String, f64>,
}

/// A file of k6's as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceEntry {
    /// Its name, without folders.
    pub name: String,
    /// Its format.
    pub format: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path within its folder, with `/`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// How fit a run is to be judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fitness {
    /// `valid`, `suspect` or `invalid`.
    pub verdict: String,
    /// Why it is not valid.
    pub reasons: Vec<String>,
}

/// A threshold with what it said of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdEntry {
    /// The metric or submetric.
    pub name: String,
    /// The expression.
    pub expression: String,
    /// The value.
    pub observed: Option<f64>,
    /// `passed`, `failed` or `no_data`.
    pub verdict: String,
    /// k6's own verdict, where it was recorded.
    pub k6_verdict: Option<String>,
    /// `k6`, `config` or `cli`.
    pub source: String,
}

/// Something of k6's files that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// `setup_data`, `script`, `url_values`, `tag` or `submetrics`.
    pub what: String,
    /// The file that had it.
    pub place: String,
    /// How many, where they are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The SHA-256 of a script's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// How a run was filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Whether k6's files were kept as they were.
    pub keep_raw: bool,
    /// Whether what looks like a secret was let pass.
    pub allow_secrets: bool,
    /// Whether streams of several pods were made one run.
    pub merge: bool,
}

/// A program and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Tool {
    /// This program.
    #[must_use]
    pub fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

impl Facts {
    /// What tells this run from others: a hash of the hashes of its streams, or of its summaries where
    /// it has none, whatever they are called.
    #[must_use]
    pub fn content(&self) -> String {
        let is_stream = |source: &&SourceEntry| !source.format.contains("summary");
        let streams: Vec<&SourceEntry> = self.sources.iter().filter(is_stream).collect();
        let all = self.sources.iter().collect();
        let files = if streams.is_empty() { all } else { streams };
        let mut hashes: Vec<&str> = files.iter().map(|file| file.sha256.as_str()).collect();
        hashes.sort_unstable();
        crate::formats::sha256_of(hashes.join("\n").as_bytes())
    }

    /// The machine and the CI system that filed it, by key. What differs from run to run by its nature (the
    /// number of a CI job, a commit) is none of it.
    #[must_use]
    pub fn machine(&self) -> BTreeMap<String, String> {
        self.environment.by_key(self.ci.as_ref())
    }

    /// Whether it says nothing of the system that was tested.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.validity.verdict == "invalid"
    }

    /// What its verdict is about: its thresholds, unless it did not come to its end.
    #[must_use]
    pub fn verdict_words(&self) -> String {
        match self.k6_exit {
            Some(exit) if !exit.is_finished() => "not finished".to_owned(),
            _ => format!("thresholds {}", self.verdict),
        }
    }

    /// When it was: the time of its first sample, or when its files were written.
    #[must_use]
    pub fn time(&self) -> &str {
        let time = self.started_at.as_ref().or(self.written_at.as_ref());
        time.map_or("", String::as_str)
    }
}

impl Manifest {
    /// The scenario as a part of a path.
    #[must_use]
    pub fn scenario_folder(&self) -> String {
        self.scenario.encoded()
    }
}

impl FileEntry {
    /// Whether evidence holds the file itself, and not its hash alone: k6's summary and k6's own files.
    #[must_use]
    pub fn is_for_evidence(&self) -> bool {
        self.path != SAMPLES
    }
}

impl ArchivedRun {
    /// The beginning of its hash, enough to tell it from others.
    #[must_use]
    pub fn short(&self) -> &str {
        short(&self.hash)
    }
}

/// The beginning of a hash, enough to tell it from others.
#[must_use]
pub fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
