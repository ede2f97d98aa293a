//! `--new-machine-readable-summary`, format 1.0.0.
//!
//! It has no thresholds, its checks have no group, and the metrics `checks` and `group_duration`
//! are missing; `checks` is rebuilt from `checks_succeeded`. `config.script` holds the script's
//! whole text and is never looked at.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::handle_summary::{contains, metric_name, parse_check};
use crate::error::{Error, Result};
use crate::run::{Contains, MetricName, MetricType, Percent, Stat, Summary, SummaryMetric};

pub(super) fn parse(path: &Path, json: &Value) -> Result<Summary> {
    let version = json
        .get("version")
        .and_then(Value::as_str)
        .unwrap_or("unknown");
    if version.split('.').next() != Some("1") {
        return Err(Error::input(
            path,
            format!("a machine-readable summary of format {version:?}, where 1.0.0 is known"),
            "update perf-report, or pass the summary of handleSummary",
        ));
    }
    let seconds = json.pointer("/config/duration").and_then(Value::as_f64);
    let mut summary = Summary {
        duration_ms: seconds.map(|s| s * 1e3),
        k6_version: json
            .pointer("/metadata/k6_version")
            .and_then(Value::as_str)
            .map(str::to_owned),
        ..Summary::default()
    };
    let list = |pointer: &str| {
        json.pointer(pointer)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    for metric in list("/results/metrics") {
        summary.metrics.push(parse_metric(path, metric, seconds)?);
    }
    for metric in list("/results/checks/metrics") {
        if metric.get("name").and_then(Value::as_str) == Some("checks_succeeded") {
            summary.metrics.push(SummaryMetric {
                name: MetricName::plain("checks"),
                kind: MetricType::Rate,
                contains: Some(Contains::Default),
                values: statistics(metric, MetricType::Rate, seconds),
                thresholds: Vec::new(),
            });
        }
    }
    summary.checks = list("/results/checks/results")
        .filter_map(|check| parse_check(check, None))
        .collect();
    Ok(summary)
}

fn parse_metric(path: &Path, metric: &Value, seconds: Option<f64>) -> Result<SummaryMetric> {
    let bad = |problem: &str| Error::input(path, problem, "pass k6's own file as it is");
    let name = metric
        .get("name")
        .and_then(Value::as_str)
        .ok_or_else(|| bad("a metric under \"results\" has no name"))?;
    let kind = metric.get("type").cloned().unwrap_or_default();
    let kind: MetricType = serde_json::from_value(kind).map_err(|_| {
        bad(&format!(
            "metric {name:?}: its type is not counter, gauge, rate or trend"
        ))
    })?;
    Ok(SummaryMetric {
        name: metric_name(name),
        kind,
        contains: contains(metric),
        values: statistics(metric, kind, seconds),
        thresholds: Vec::new(),
    })
}

/// The statistics under handleSummary's names: here a percentile is `p95`, a rate has
/// {matches, total, rate}, and a counter has no rate.
fn statistics(metric: &Value, kind: MetricType, seconds: Option<f64>) -> BTreeMap<Stat, f64> {
    let empty = Map::new();
    let values = metric
        .get("values")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let number = |key: &str| values.get(key).and_then(Value::as_f64);
    let mut statistics: BTreeMap<Stat, f64> = values
        .iter()
        .filter_map(|(name, value)| Some((stat(name)?, value.as_f64()?)))
        .collect();
    match kind {
        MetricType::Rate => {
            if let Some((matches, total)) = number("matches").zip(number("total")) {
                statistics.insert(Stat::Passes, matches);
                statistics.insert(Stat::Fails, total - matches);
            }
        }
        MetricType::Counter => {
            if let Some((count, seconds)) = number("count").zip(seconds.filter(|s| *s > 0.0)) {
                statistics.insert(Stat::Rate, count / seconds);
            }
        }
        MetricType::Gauge | MetricType::Trend => {}
    }
    statistics
}

fn stat(name: &str) -> Option<Stat> {
    name.parse().ok().or_else(|| {
        let percent = name.strip_prefix('p')?.parse().ok()?;
        Percent::new(percent).map(Stat::P)
    })
}
