//! One run as every renderer shows it, and as `summary --format json` writes it.

use serde::Serialize;

use super::metric::{MetricReport, TREND_STATS, add_by_tag};
use super::threshold::ThresholdReport;

use crate::compare::{Validity, judge_validity};
use crate::error::Result;
use crate::run::{Achieved, Check, K6Exit, Measure, MetricType, Run, Skipped, Source, Stat};
use crate::thresholds::{Demand, Verdict, evaluate};
use crate::units;

/// The version of `summary --format json`.
pub const SUMMARY_SCHEMA: &str = "perf-report.summary/1";

/// k6's code for a crossed threshold.
const CROSSED: i32 = 99;

/// What was asked of a report beside its runs.
#[derive(Debug, Clone, Default)]
pub struct ReportOptions {
    /// Thresholds beside k6's own.
    pub demands: Vec<Demand>,
    /// A tag by whose values every metric is split.
    pub by: Option<String>,
    /// The statistics to show of trends; empty for the usual ones.
    pub stats: Vec<Stat>,
    /// Whether a threshold without data is no failure.
    pub allow_no_data: bool,
}

/// Several runs.
#[derive(Debug, Serialize)]
pub struct SummaryReport {
    /// The version of this document.
    pub schema: &'static str,
    /// `failed` when any threshold failed or had no data, or a test did not come to its end.
    pub verdict: Verdict,
    /// The runs.
    pub runs: Vec<RunReport>,
}

impl SummaryReport {
    /// Evaluates and measures all that a report shows.
    ///
    /// # Errors
    /// When a threshold that is asked for does not fit its metric.
    pub fn new(runs: &[Run], options: &ReportOptions) -> Result<Self> {
        let mut runs: Vec<RunReport> = runs
            .iter()
            .map(|run| RunReport::new(run, options))
            .collect::<Result<_>>()?;
        let names: Vec<String> = runs.iter().map(|run| run.name.clone()).collect();
        for run in &mut runs {
            if names.iter().filter(|name| **name == run.name).count() > 1
                && let Some(source) = run.sources.first()
            {
                run.title = format!("{} ({})", run.name, source.path);
            }
        }
        let failed = runs.iter().any(|run| run.verdict == Verdict::Failed);
        let verdict = if failed {
            Verdict::Failed
        } else {
            Verdict::Passed
        };
        Ok(Self {
            schema: SUMMARY_SCHEMA,
            verdict,
            runs,
        })
    }
}

/// One run.
#[derive(Debug, Serialize)]
pub struct RunReport {
    /// The stem of its files.
    pub name: String,
    /// The name, with the first file's path where another run has that name, too.
    #[serde(skip)]
    pub title: String,
    /// Passed or failed by its thresholds, and by k6's end.
    pub verdict: Verdict,
    /// How k6 ended, where that is known.
    pub k6_exit: Option<K6Exit>,
    /// Its files.
    pub sources: Vec<Source>,
    /// The version of k6, where a file says it.
    pub k6_version: Option<String>,
    /// The first sample's time, RFC 3339 in UTC.
    pub started_at: Option<String>,
    /// The last sample's time.
    pub ended_at: Option<String>,
    /// Its duration.
    pub duration_ms: Option<f64>,
    /// Whether the duration is k6's own, that between the first and the last sample, or of a selection.
    pub duration_from: Option<&'static str>,
    /// The relative error of medians and percentiles, where they are from histograms.
    pub error: Option<f64>,
    /// The number of samples; `None` when only a summary is known.
    pub points: Option<u64>,
    /// The number of lines that could not be used; `None` without a stream.
    pub skipped_lines: Option<u64>,
    /// More on those lines.
    pub skipped: Option<Skipped>,
    /// What the test was to do, where `perf-report run` left that beside k6's files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load: Option<LoadReport>,
    /// Whether it is fit to be judged.
    pub validity: Validity,
    /// Remarks on its numbers.
    pub notes: Vec<String>,
    /// Metrics by name, each followed by its submetrics.
    pub metrics: Vec<MetricReport>,
    /// Thresholds in the order of their metrics.
    pub thresholds: Vec<ThresholdReport>,
    /// Checks in the script's order.
    pub checks: Vec<Check>,
    /// The statistics of trends, in the order in which they are shown.
    #[serde(skip)]
    pub trend_stats: Vec<Stat>,
    /// The times of the first and the last sample, in nanoseconds since 1970.
    #[serde(skip)]
    pub span: Option<(i64, i64)>,
}

impl RunReport {
    /// Evaluates and measures all that a report shows of a run.
    ///
    /// # Errors
    /// When a threshold that is asked for does not fit its metric.
    pub fn new(run: &Run, options: &ReportOptions) -> Result<Self> {
        let evaluated = evaluate(run, &options.demands)?;
        let validity = judge_validity(run, &evaluated);
        let failed = evaluated.iter().any(|threshold| match threshold.verdict {
            Verdict::Passed => false,
            Verdict::Failed => true,
            Verdict::NoData => !options.allow_no_data,
        });
        let k6_exit = run.recorded().k6_exit;
        // A check that did not happen must not look like a pass.
        let failed = failed || k6_exit.is_some_and(|exit| exit.problem().is_some());
        let mut notes = run.notes().to_vec();
        let crossed = k6_exit.is_some_and(|exit| exit.code == Some(CROSSED));
        if crossed && !failed && !run.is_selection() {
            notes.push(format!(
                "k6 ended with exit code {CROSSED} (a threshold is crossed), though every threshold holds here"
            ));
        }
        let trend_stats = trend_stats(run, &options.stats);
        // Documents for machines hold what was asked for, and what the script asked k6 for.
        let scripts = run.summary().map(|summary| summary.trend_stats.as_slice());
        let stats = [&options.stats, scripts.unwrap_or_default()].concat();
        let mut metrics: Vec<MetricReport> = run
            .metrics()
            .iter()
            .map(|m| MetricReport::new(m, &stats))
            .collect();
        if let Some(tag) = &options.by {
            metrics = add_by_tag(metrics, &run.by_tag(tag), &stats);
        }
        let span = run.span();
        let is_stream = run.samples().is_some();
        let thresholds = evaluated
            .into_iter()
            .map(|e| ThresholdReport::new(run, e))
            .collect();
        Ok(Self {
            name: run.name().to_owned(),
            title: run.name().to_owned(),
            verdict: if failed {
                Verdict::Failed
            } else {
                Verdict::Passed
            },
            k6_exit,
            sources: run.sources().to_vec(),
            k6_version: run.k6_version().map(str::to_owned),
            started_at: span.map(|(start, _)| units::moment(start)),
            ended_at: span.map(|(_, end)| units::moment(end)),
            duration_ms: run.duration_ms(),
            duration_from: run.duration_ms().map(|_| {
                if run.is_selection() {
                    "selection"
                } else if run.duration_is_k6s() {
                    "k6"
                } else {
                    "samples"
                }
            }),
            error: run.error(),
            points: run.points(),
            skipped_lines: is_stream.then_some(run.skipped().lines),
            skipped: is_stream.then(|| run.skipped().clone()),
            load: LoadReport::of(run),
            validity,
            notes,
            metrics,
            thresholds,
            checks: run.checks().to_vec(),
            trend_stats,
            span,
        })
    }
}

/// The load model of a run.
#[derive(Debug, Serialize)]
pub struct LoadReport {
    /// The load in a line.
    pub text: String,
    /// Whether all iterations start at a given rate, so that throughput is no result.
    pub open: bool,
    /// The number of iterations that open models schedule; `None` where that is not known.
    pub scheduled: Option<f64>,
    /// How many of them were completed.
    pub completed: Option<f64>,
    #[serde(skip)]
    achieved: Option<Achieved>,
}

impl LoadReport {
    fn of(run: &Run) -> Option<Self> {
        let plan = run.plan().filter(|plan| !plan.scenarios.is_empty())?;
        let achieved = run.achieved();
        Some(Self {
            text: plan.text(),
            open: plan.is_open(),
            scheduled: achieved.map(|achieved| achieved.scheduled),
            completed: achieved.map(|achieved| achieved.completed),
            achieved,
        })
    }

    /// The load and what was achieved of it, as a line.
    #[must_use]
    pub fn line(&self) -> String {
        match self.achieved {
            Some(achieved) => format!("{}; {}", self.text, achieved.text()),
            None => self.text.clone(),
        }
    }
}

/// A run's verdict in a word or two. One that did not come to its end has neither passed nor failed by
/// its thresholds.
pub(crate) fn verdict_word(verdict: Verdict, k6_exit: Option<K6Exit>) -> &'static str {
    match verdict {
        _ if k6_exit.is_some_and(|exit| !exit.is_finished()) => "not finished",
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::NoData => "no data",
    }
}

/// What is said of a run's thresholds, with what k6's end adds to it.
pub(crate) fn with_end(thresholds: String, k6_exit: Option<K6Exit>) -> String {
    match k6_exit {
        Some(exit) if !exit.is_finished() => format!("{thresholds} until then"),
        Some(exit) => match exit.problem() {
            Some(problem) => format!("{thresholds}, and {problem}"),
            None => thresholds,
        },
        None => thresholds,
    }
}

/// The statistics of trends to show: those asked for, else those that the script asked k6 for,
/// else the usual ones as far as the run has them.
fn trend_stats(run: &Run, asked: &[Stat]) -> Vec<Stat> {
    if !asked.is_empty() {
        return asked.to_vec();
    }
    let scripts = run
        .summary()
        .map(|summary| summary.trend_stats.as_slice())
        .unwrap_or_default();
    let stats = if scripts.is_empty() {
        &TREND_STATS[..]
    } else {
        scripts
    };
    let trends: Vec<&Measure> = run
        .metrics()
        .iter()
        .map(|m| &m.measure)
        .filter(|m| m.kind() == MetricType::Trend)
        .collect();
    let mut stats: Vec<Stat> = stats
        .iter()
        .copied()
        .filter(|stat| trends.iter().any(|measure| measure.get(*stat).is_some()))
        .collect();
    if run.samples().is_some() && !stats.contains(&Stat::p(99)) {
        stats.push(Stat::p(99));
    }
    stats
}
