//! One run as every renderer shows it, and as `summary --format json` writes it.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::{Map, Number, Value};

use crate::compare::{Validity, judge_validity};
use crate::error::Result;
use crate::run::{
    Check, Contains, Measure, Metric, MetricName, MetricType, Run, Skipped, Source, Stat,
};
use crate::thresholds::{Demand, Evaluated, ThresholdSource, Verdict, evaluate};
use crate::units;

/// The version of `summary --format json`.
pub const SUMMARY_SCHEMA: &str = "perf-report.summary/1";

/// The statistics of trends that are shown unless others are asked for.
pub const TREND_STATS: [Stat; 7] = [
    Stat::Avg,
    Stat::Min,
    Stat::Med,
    Stat::Max,
    Stat::p(90),
    Stat::p(95),
    Stat::p(99),
];

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
    /// `failed` when any threshold failed or had no data.
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
    /// Passed or failed by its thresholds.
    pub verdict: Verdict,
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
    /// Whether the duration is k6's own, or that between the first and the last sample.
    pub duration_from: Option<&'static str>,
    /// The number of samples; `None` when only a summary is known.
    pub points: Option<u64>,
    /// The number of lines that could not be used; `None` without a stream.
    pub skipped_lines: Option<u64>,
    /// More on those lines.
    pub skipped: Option<Skipped>,
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

/// A metric or submetric.
#[derive(Debug, Serialize)]
pub struct MetricReport {
    /// Its name as written.
    pub name: String,
    /// The parent metric's name.
    pub metric: String,
    /// The tags of a submetric.
    pub tags: Map<String, Value>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: MetricType,
    /// What its values are.
    pub contains: Option<Contains>,
    /// Its statistics by k6's names.
    pub values: Map<String, Value>,
    /// Its numbers.
    #[serde(skip)]
    pub measure: Measure,
    /// Its name, taken apart.
    #[serde(skip)]
    pub id: MetricName,
}

/// A threshold with what it says.
#[derive(Debug, Serialize)]
pub struct ThresholdReport {
    /// The metric or submetric as written.
    pub name: String,
    /// The expression as written.
    pub expression: String,
    /// What was measured, in the metric's unit.
    pub observed: Option<f64>,
    /// The limit; `None` where the expression was not understood.
    pub limit: Option<f64>,
    /// What follows.
    pub verdict: Verdict,
    /// What k6 said, where that is recorded.
    pub k6_verdict: Option<Verdict>,
    /// Where the threshold comes from.
    pub source: ThresholdSource,
    /// Why there is no observed value, or where it comes from.
    pub note: Option<String>,
    /// The threshold as it was evaluated.
    #[serde(skip)]
    pub evaluated: Evaluated,
    /// How its values read.
    #[serde(skip)]
    pub unit: Unit,
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
            sources: run.sources().to_vec(),
            k6_version: run.k6_version().map(str::to_owned),
            started_at: span.map(|(start, _)| units::moment(start)),
            ended_at: span.map(|(_, end)| units::moment(end)),
            duration_ms: run.duration_ms(),
            duration_from: run.duration_ms().map(|_| {
                if run.duration_is_k6s() {
                    "k6"
                } else {
                    "samples"
                }
            }),
            points: run.points(),
            skipped_lines: is_stream.then_some(run.skipped().lines),
            skipped: is_stream.then(|| run.skipped().clone()),
            validity,
            notes: run.notes().to_vec(),
            metrics,
            thresholds,
            checks: run.checks(),
            trend_stats,
            span,
        })
    }
}

/// Puts the submetrics of a tag's values after their parent's own, unless they are listed.
fn add_by_tag(metrics: Vec<MetricReport>, by_tag: &[Metric], stats: &[Stat]) -> Vec<MetricReport> {
    let listed: HashSet<String> = metrics.iter().map(|metric| metric.name.clone()).collect();
    let mut more: HashMap<String, Vec<MetricReport>> = HashMap::new();
    for metric in by_tag
        .iter()
        .filter(|metric| !listed.contains(metric.name.text()))
    {
        let parts = more.entry(metric.name.metric().to_owned()).or_default();
        parts.push(MetricReport::new(metric, stats));
    }
    let mut all = Vec::with_capacity(metrics.len());
    let mut metrics = metrics.into_iter().peekable();
    while let Some(metric) = metrics.next() {
        let parent = metric.metric.clone();
        all.push(metric);
        if metrics.peek().is_none_or(|next| next.metric != parent) {
            all.extend(more.remove(&parent).unwrap_or_default());
        }
    }
    all
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

impl MetricReport {
    fn new(metric: &Metric, asked: &[Stat]) -> Self {
        let tags = metric
            .name
            .tags()
            .iter()
            .map(|(k, v)| (k.clone(), Value::from(v.as_str())));
        Self {
            name: metric.name.text().to_owned(),
            metric: metric.name.metric().to_owned(),
            tags: tags.collect(),
            kind: metric.measure.kind(),
            contains: metric.contains,
            values: values(&metric.measure, asked),
            measure: metric.measure.clone(),
            id: metric.name.clone(),
        }
    }

    /// How the value of a statistic of this metric reads.
    #[must_use]
    pub fn unit(&self, stat: Stat) -> Unit {
        Unit::of(self.kind, self.contains, stat)
    }
}

/// The statistics of a metric under handleSummary's names; what is not known is absent.
fn values(measure: &Measure, asked: &[Stat]) -> Map<String, Value> {
    let mut stats: Vec<Stat> = match (measure.kind(), measure.reported_stats()) {
        (_, Some(reported)) => reported.collect(),
        (MetricType::Counter, None) => vec![Stat::Count, Stat::Rate],
        (MetricType::Gauge, None) => vec![Stat::Value, Stat::Min, Stat::Max],
        (MetricType::Rate, None) => vec![Stat::Rate, Stat::Passes, Stat::Fails],
        (MetricType::Trend, None) => [Stat::Count].into_iter().chain(TREND_STATS).collect(),
    };
    stats.extend(
        asked
            .iter()
            .filter(|stat| !stats.contains(stat))
            .copied()
            .collect::<Vec<_>>(),
    );
    let number = |stat: Stat| Some(Value::Number(as_k6_writes(measure.get(stat)?)?));
    stats
        .into_iter()
        .filter_map(|stat| Some((stat.to_string(), number(stat)?)))
        .collect()
}

/// A number as k6 writes it: without a fraction where it has none.
#[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
fn as_k6_writes(value: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole =
        value.fract() == 0.0 && value.abs() < EXACT && !(value == 0.0 && value.is_sign_negative());
    if whole {
        Some(Number::from(value as i64))
    } else {
        Number::from_f64(value)
    }
}

impl ThresholdReport {
    fn new(run: &Run, evaluated: Evaluated) -> Self {
        let (kind, contains) = run.kind_of(evaluated.name.metric()).unzip();
        let unit = evaluated
            .threshold
            .zip(kind)
            .map_or(Unit::Number, |(threshold, kind)| {
                Unit::of(kind, contains.flatten(), threshold.stat)
            });
        Self {
            name: evaluated.name.text().to_owned(),
            expression: evaluated.expression.clone(),
            observed: evaluated.observed,
            limit: evaluated.threshold.map(|threshold| threshold.limit),
            verdict: evaluated.verdict,
            k6_verdict: evaluated.k6_verdict,
            source: evaluated.source,
            note: evaluated.note.clone(),
            evaluated,
            unit,
        }
    }

    /// The observed value as it reads.
    #[must_use]
    pub fn observed_text(&self) -> String {
        let Some(value) = self.observed else {
            let word = if self.verdict == Verdict::NoData {
                "no data"
            } else {
                "not recorded"
            };
            return word.to_owned();
        };
        let text = self.unit.show(value);
        // Rounding must not make a crossed limit look kept.
        let looks_equal = self
            .limit
            .is_some_and(|limit| limit != value && self.unit.show(limit) == text);
        if looks_equal {
            self.unit.show_exactly(value)
        } else {
            text
        }
    }
}

/// How a value reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number.
    Number,
    /// Milliseconds.
    Millis,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Something a second.
    PerSecond,
    /// A share.
    Share,
}

impl Unit {
    /// How the value of a metric's statistic reads.
    #[must_use]
    pub fn of(kind: MetricType, contains: Option<Contains>, stat: Stat) -> Self {
        let contains = contains.unwrap_or(Contains::Default);
        match (kind, stat, contains) {
            (MetricType::Counter, Stat::Rate, Contains::Data) => Self::BytesPerSecond,
            (MetricType::Counter, Stat::Rate, _) => Self::PerSecond,
            (MetricType::Rate, Stat::Rate, _) => Self::Share,
            (MetricType::Rate, _, _)
            | (MetricType::Trend, Stat::Count, _)
            | (_, _, Contains::Default) => Self::Number,
            (_, _, Contains::Time) => Self::Millis,
            (_, _, Contains::Data) => Self::Bytes,
        }
    }

    /// The value as it reads, unit included.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Number => units::number(value, 2),
            Self::Millis => units::millis(value),
            Self::Bytes => units::bytes(value),
            Self::BytesPerSecond => format!("{}/s", units::bytes(value)),
            Self::PerSecond => format!("{}/s", units::number(value, 2)),
            Self::Share => units::percent(value),
        }
    }

    /// The value with every digit that it has.
    #[must_use]
    pub fn show_exactly(self, value: f64) -> String {
        match self {
            Self::Number => format!("{value}"),
            Self::Share => format!("{}%", value * 100.0),
            _ => format!("{value}{}", self.name()),
        }
    }

    /// The unit's name in documents for machines; empty for a plain number.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "",
            Self::Millis => "ms",
            Self::Bytes => "B",
            Self::BytesPerSecond => "B/s",
            Self::PerSecond => "1/s",
            Self::Share => "share",
        }
    }
}
