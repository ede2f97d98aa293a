//! Several runs made one: the pods of a distributed test.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::gauges::Gauges;
use super::histograms::{Cell, Histograms, Reduction};
use super::metric::{MetricType, Stat};
use super::recorded::K6Exit;
use super::samples::{Samples, SamplesBuilder};
use super::series::Point;
use super::summary::{Check, Summary, SummaryMetric};
use super::{Run, RunParts};
use crate::error::{Error, Result};
use crate::stats::buckets::LogBuckets;

/// Makes one run of the parts of a distributed test.
///
/// Samples are pooled in the order of the runs, so that every statistic is exact; where a run comes
/// as histograms, the others are put into such, too. `vus` and
/// `vus_max` add up over the parts, second by second; other gauges take the value of the latest
/// time. Of runs that are known from summaries alone, counts, rates and ranges are merged; their
/// percentiles cannot be, and are left out with a note.
///
/// # Errors
/// When some runs have samples and others none, or there is no run.
pub fn merge(runs: Vec<Run>, name: &str) -> Result<Run> {
    let with_samples = runs.iter().filter(|run| run.samples.is_some()).count();
    if with_samples != 0 && with_samples != runs.len() {
        let lacking = runs.iter().find(|run| run.samples.is_none());
        return Err(Error::usage(
            format!(
                "cannot merge: {} has only a summary, and others have streams",
                lacking
                    .and_then(|run| run.sources.first())
                    .map_or("a run", |s| s.path.as_str())
            ),
            "give every part's stream, or only summaries",
        ));
    }
    let mut notes: Vec<String> = Vec::new();
    for run in &runs {
        notes.extend(
            run.notes
                .iter()
                .filter(|note| !notes.contains(note))
                .cloned()
                .collect::<Vec<_>>(),
        );
    }
    let vocabulary = runs.first().map(|run| Arc::clone(&run.vocabulary));
    let (samples, summary) = if with_samples > 0 {
        (Some(pool(&runs)?), merged_frame_of_summaries(&runs))
    } else {
        notes.push(
            "merged from summaries: percentiles and medians of several runs cannot be computed \
             from their summaries, so they are left out; merge the streams to have them"
                .to_owned(),
        );
        (None, Some(merge_summaries(&runs)))
    };
    let mut parts = RunParts {
        name: name.to_owned(),
        label: name.to_owned(),
        samples,
        summary,
        notes,
        vocabulary: vocabulary.unwrap_or_default(),
        ..RunParts::default()
    };
    for run in runs {
        let exits = parts
            .recorded
            .k6_exit
            .into_iter()
            .chain(run.recorded.k6_exit);
        parts.recorded.k6_exit = exits.reduce(K6Exit::worse);
        for threshold in run.recorded.thresholds {
            if !parts.recorded.thresholds.contains(&threshold) {
                parts.recorded.thresholds.push(threshold);
            }
        }
        parts.sources.extend(run.sources);
        parts.skipped.add_all(&run.skipped, 0);
    }
    Ok(Run::new(parts))
}

/// What summaries say beside numbers, for a run whose numbers come from pooled samples: the
/// duration from the first start to the last end, thresholds without the parts' own verdicts (they
/// were about a part each), and the order of checks.
fn merged_frame_of_summaries(runs: &[Run]) -> Option<Summary> {
    let mut merged = Summary::default();
    for summary in runs.iter().filter_map(|run| run.summary.as_ref()) {
        merged.complete_from(summary.clone());
    }
    if merged == Summary::default() {
        return None;
    }
    merged.duration_ms = joint_duration(runs);
    for metric in &mut merged.metrics {
        metric.values.clear();
        forget_verdicts(metric);
    }
    for check in &mut merged.checks {
        check.passes = 0;
        check.fails = 0;
    }
    Some(merged)
}

pub(super) fn forget_verdicts(metric: &mut SummaryMetric) {
    for threshold in &mut metric.thresholds {
        threshold.passed = None;
    }
}

/// From the first start to the last end, in milliseconds; `None` if a part's is unknown.
fn joint_duration(runs: &[Run]) -> Option<f64> {
    let first = runs
        .iter()
        .filter_map(|run| run.span().map(|(start, _)| start))
        .min()?;
    let mut longest = 0.0_f64;
    for run in runs {
        let (start, _) = run.span()?;
        let duration = run.summary.as_ref()?.duration_ms?;
        longest = longest.max(start.saturating_sub(first) as f64 / 1e6 + duration);
    }
    Some(longest)
}

/// Where pooled samples go: one by one, or into histograms as soon as one part has such.
enum Pool {
    Points,
    Histograms(Histograms, Reduction),
}

impl Pool {
    fn of(runs: &[Run]) -> Self {
        let errors = runs.iter().filter_map(|run| run.samples.as_ref()?.error());
        // What comes in coarse buckets gets no finer.
        let coarsest = errors.reduce(f64::max);
        match coarsest.and_then(LogBuckets::new) {
            Some(buckets) => {
                Self::Histograms(Histograms::new(buckets.error()), Reduction::new(buckets))
            }
            None => Self::Points,
        }
    }

    /// Adds samples; `is_sample` of a single one that has no bucket yet.
    fn add(&mut self, pooled: &mut SamplesBuilder, cell: &Cell<'_>, is_sample: bool) {
        match self {
            Self::Points => pooled.push(Point {
                series: cell.series,
                time: cell.first,
                value: cell.latest,
            }),
            Self::Histograms(_, reduction) if is_sample => {
                reduction.add(cell.series, cell.first, cell.latest);
            }
            Self::Histograms(histograms, _) => histograms.push(cell),
        }
    }

    fn finish(self, pooled: SamplesBuilder) -> Result<Samples> {
        match self {
            Self::Points => pooled.finish(),
            Self::Histograms(mut histograms, mut reduction) => {
                reduction.hand_over(0, |cell| {
                    histograms.push(cell);
                    Ok::<_, Error>(())
                })?;
                Ok(pooled.finish_with(histograms))
            }
        }
    }
}

fn pool(runs: &[Run]) -> Result<Samples> {
    let mut pooled = SamplesBuilder::default();
    let mut pool = Pool::of(runs);
    let mut gauges = Gauges::default();
    let mut read = 0;
    for (part, run) in runs.iter().enumerate() {
        let Some(samples) = &run.samples else {
            continue;
        };
        read += samples.points_read();
        for declaration in samples.declarations() {
            pooled.declare(declaration.clone());
        }
        let ids: Vec<u32> = samples
            .series()
            .iter()
            .map(|series| pooled.series(series.metric(), series.tags()))
            .collect();
        let is_gauge = |metric: &str| {
            let kind = run.kind_of(metric).map(|(kind, _)| kind);
            Gauges::counts_users(metric) || kind == Some(MetricType::Gauge)
        };
        let gauge_of: Vec<Option<&str>> = samples
            .series()
            .iter()
            .map(|series| Some(series.metric()).filter(|metric| is_gauge(metric)))
            .collect();
        let is_exact = samples.error().is_none();
        samples.for_each(|cell| {
            let own = cell.series as usize;
            let cell = Cell {
                series: ids[own],
                ..*cell
            };
            match gauge_of[own] {
                Some(metric) => gauges.add(metric, part, &cell),
                None => pool.add(&mut pooled, &cell, is_exact),
            }
        });
    }
    gauges.finish(&mut pooled, |pooled, cell| pool.add(pooled, cell, false));
    Ok(pool.finish(pooled)?.with_points_read(read))
}

fn merge_summaries(runs: &[Run]) -> Summary {
    // Without times the parts are taken to have run side by side.
    let duration_ms = runs
        .iter()
        .map(|run| run.summary.as_ref().and_then(|summary| summary.duration_ms))
        .try_fold(0.0_f64, |longest, duration| Some(longest.max(duration?)));
    let mut merged = Summary {
        duration_ms,
        ..Summary::default()
    };
    let seconds = merged.duration_ms.map(|ms| (ms * 1e6).round() / 1e9);
    let by_name: Vec<HashMap<&str, &SummaryMetric>> = runs
        .iter()
        .filter_map(|run| run.summary.as_ref())
        .map(Summary::by_name)
        .collect();
    let mut done = HashSet::new();
    for run in runs {
        let Some(summary) = &run.summary else {
            continue;
        };
        merged.k6_version = merged
            .k6_version
            .take()
            .or_else(|| summary.k6_version.clone());
        for check in &summary.checks {
            merge_check(&mut merged.checks, check);
        }
        for metric in &summary.metrics {
            if !done.insert(metric.name.text()) {
                continue;
            }
            let parts: Vec<&SummaryMetric> = by_name
                .iter()
                .filter_map(|known| known.get(metric.name.text()).copied())
                .collect();
            let mut whole = SummaryMetric {
                values: merge_values(&parts, seconds),
                ..metric.clone()
            };
            forget_verdicts(&mut whole);
            merged.metrics.push(whole);
        }
    }
    merged
}

fn merge_check(checks: &mut Vec<Check>, check: &Check) {
    match checks
        .iter_mut()
        .find(|c| c.name == check.name && c.group == check.group)
    {
        Some(known) => {
            known.passes += check.passes;
            known.fails += check.fails;
        }
        None => checks.push(check.clone()),
    }
}

/// The statistics of a metric that follow exactly from those of its parts.
fn merge_values(parts: &[&SummaryMetric], seconds: Option<f64>) -> BTreeMap<Stat, f64> {
    let mut values = BTreeMap::new();
    let Some(first) = parts.first() else {
        return values;
    };
    let all = |stat: Stat| -> Option<Vec<f64>> {
        parts
            .iter()
            .map(|part| part.values.get(&stat).copied())
            .collect()
    };
    let sum = |stat: Stat| all(stat).map(|v| v.iter().sum::<f64>());
    let min = || all(Stat::Min).and_then(|v| v.into_iter().reduce(f64::min));
    let max = || all(Stat::Max).and_then(|v| v.into_iter().reduce(f64::max));
    let mut put = |stat: Stat, value: Option<f64>| {
        if let Some(value) = value {
            values.insert(stat, value);
        }
    };
    match first.kind {
        MetricType::Counter => {
            let count = sum(Stat::Count);
            put(Stat::Count, count);
            put(
                Stat::Rate,
                count.zip(seconds.filter(|s| *s > 0.0)).map(|(c, s)| c / s),
            );
        }
        MetricType::Rate => {
            let (passes, fails) = (sum(Stat::Passes), sum(Stat::Fails));
            put(Stat::Passes, passes);
            put(Stat::Fails, fails);
            let total = passes.zip(fails).filter(|(p, f)| p + f > 0.0);
            put(Stat::Rate, total.map(|(p, f)| p / (p + f)));
        }
        MetricType::Gauge if matches!(first.name.metric(), "vus" | "vus_max") => {
            // When each part had its least and most is not known.
            put(Stat::Value, sum(Stat::Value));
        }
        MetricType::Gauge => {
            put(Stat::Min, min());
            put(Stat::Max, max());
        }
        MetricType::Trend => {
            put(Stat::Min, min());
            put(Stat::Max, max());
            put(Stat::Count, sum(Stat::Count));
            let mean = all(Stat::Count)
                .zip(all(Stat::Avg))
                .and_then(|(counts, means)| {
                    let total: f64 = counts.iter().sum();
                    let weighted: f64 = counts.iter().zip(&means).map(|(c, m)| c * m).sum();
                    (total > 0.0).then(|| weighted / total)
                });
            put(Stat::Avg, mean);
        }
    }
    values
}
