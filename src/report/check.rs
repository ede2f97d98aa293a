//! Thresholds alone, as `check --format json` writes them.

use serde::Serialize;

use super::run::{RunReport, SummaryReport};
use super::threshold::ThresholdReport;
use crate::compare::Validity;
use crate::run::{Check, K6Exit, Skipped, Source};
use crate::thresholds::Verdict;

/// The version of `check --format json`.
pub const CHECK_SCHEMA: &str = "perf-report.check/1";

/// The thresholds of several runs.
#[derive(Debug, Serialize)]
pub struct CheckReport {
    /// The version of this document.
    pub schema: &'static str,
    /// `failed` when any threshold failed or had no data, or a test did not come to its end.
    pub verdict: Verdict,
    /// The runs.
    pub runs: Vec<CheckedRun>,
}

/// The thresholds of one run.
#[derive(Debug, Serialize)]
pub struct CheckedRun {
    /// The stem of its files.
    pub name: String,
    /// The name, with the first file's path where another run has that name, too.
    #[serde(skip)]
    pub title: String,
    /// Passed or failed.
    pub verdict: Verdict,
    /// How k6 ended, where that is known.
    pub k6_exit: Option<K6Exit>,
    /// Its files.
    pub sources: Vec<Source>,
    /// Whether it is fit to be judged.
    pub validity: Validity,
    /// The number of lines that could not be used; `None` without a stream.
    pub skipped_lines: Option<u64>,
    /// More on those lines.
    pub skipped: Option<Skipped>,
    /// Remarks on its numbers.
    pub notes: Vec<String>,
    /// Its thresholds in the order of their metrics.
    pub thresholds: Vec<ThresholdReport>,
    /// Its checks in the script's order.
    #[serde(skip)]
    pub checks: Vec<Check>,
    /// Its duration.
    #[serde(skip)]
    pub duration_ms: Option<f64>,
    /// The times of the first and the last sample, in nanoseconds since 1970.
    #[serde(skip)]
    pub span: Option<(i64, i64)>,
}

impl From<SummaryReport> for CheckReport {
    fn from(report: SummaryReport) -> Self {
        let run = |run: RunReport| CheckedRun {
            name: run.name,
            title: run.title,
            verdict: run.verdict,
            k6_exit: run.k6_exit,
            sources: run.sources,
            validity: run.validity,
            skipped_lines: run.skipped_lines,
            skipped: run.skipped,
            notes: run.notes,
            thresholds: run.thresholds,
            checks: run.checks,
            duration_ms: run.duration_ms,
            span: run.span,
        };
        Self {
            schema: CHECK_SCHEMA,
            verdict: report.verdict,
            runs: report.runs.into_iter().map(run).collect(),
        }
    }
}
