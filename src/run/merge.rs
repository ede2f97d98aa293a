//! Several runs made one: the pods of a distributed test.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::metric::{MetricType, Stat};
use super::recorded::K6Exit;
use super::samples::{Samples, SamplesBuilder};
use super::series::Point;
use super::summary::{Check, Summary, SummaryMetric};
use super::{Run, RunParts};
use crate::error::{Error, Result};

/// Makes one run of the parts of a distributed test.
///
/// Samples are pooled in the order of the runs, so that every statistic is exact. `vus` and
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

/// How the samples of a series are merged.
#[derive(Clone, Copy)]
enum Role<'a> {
    /// They add up over the parts.
    Users(&'a str),
    /// The latest of all parts stands.
    Gauge,
    Pooled,
}

fn pool(runs: &[Run]) -> Result<Samples> {
    let mut pooled = SamplesBuilder::default();
    let mut gauges: Vec<Point> = Vec::new();
    let mut users: BTreeMap<&str, Vec<Vec<Point>>> = BTreeMap::new();
    let mut read = 0;
    for run in runs {
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
        let roles: Vec<Role<'_>> = samples
            .series()
            .iter()
            .map(|series| match series.metric() {
                metric @ ("vus" | "vus_max") => Role::Users(metric),
                metric => match run.kind_of(metric) {
                    Some((MetricType::Gauge, _)) => Role::Gauge,
                    _ => Role::Pooled,
                },
            })
            .collect();
        let mut own_users: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
        for point in samples.iter() {
            let role = roles[point.series as usize];
            let point = Point {
                series: ids[point.series as usize],
                ..point
            };
            match role {
                Role::Users(metric) => own_users.entry(metric).or_default().push(point),
                Role::Gauge => gauges.push(point),
                Role::Pooled => pooled.push(point),
            }
        }
        for (metric, points) in own_users {
            users.entry(metric).or_default().push(points);
        }
    }
    // The last sample in the file is a gauge's value, so that the latest has to come last.
    gauges.sort_by_key(|point| point.time);
    for point in gauges {
        pooled.push(point);
    }
    for (metric, parts) in users {
        let series = pooled.series(metric, []);
        for (time, value) in sum_by_second(parts) {
            pooled.push(Point {
                series,
                time,
                value,
            });
        }
    }
    Ok(pooled.finish()?.with_points_read(read))
}

/// Adds up what each part said last, second by second from the first sample; k6 samples its users
/// once a second, each process at its own moment.
fn sum_by_second(mut parts: Vec<Vec<Point>>) -> Vec<(i64, f64)> {
    const SECOND: i64 = 1_000_000_000;
    for part in &mut parts {
        part.sort_by_key(|point| point.time);
    }
    let Some(start) = parts.iter().flatten().map(|point| point.time).min() else {
        return Vec::new();
    };
    let mut by_second: BTreeMap<i64, Vec<(usize, f64)>> = BTreeMap::new();
    for (i, part) in parts.iter().enumerate() {
        for point in part {
            by_second
                .entry(point.time.saturating_sub(start) / SECOND)
                .or_default()
                .push((i, point.value));
        }
    }
    let mut latest = vec![0.0; parts.len()];
    by_second
        .into_iter()
        .map(|(second, said)| {
            for (part, value) in said {
                latest[part] = value;
            }
            (start.saturating_add(second * SECOND), latest.iter().sum())
        })
        .collect()
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
