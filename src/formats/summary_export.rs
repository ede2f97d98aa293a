//! `--summary-export`, the legacy summary: flat metrics without types, groups as objects, and
//! thresholds whose `true` means crossed, that is, failed.

use std::path::Path;

use serde_json::{Map, Value};

use super::handle_summary::{metric_name, parse_check, statistics};
use crate::error::{Error, Result};
use crate::run::{Check, MetricType, RecordedThreshold, Stat, Summary, SummaryMetric, builtin};

pub(super) fn parse(path: &Path, json: &Value) -> Result<Summary> {
    let mut summary = Summary::default();
    for (name, metric) in json
        .get("metrics")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let metric = metric.as_object().ok_or_else(|| {
            Error::input(
                path,
                format!("metric {name:?} is not an object"),
                "pass k6's own file as it is",
            )
        })?;
        summary.metrics.push(parse_metric(name, metric));
    }
    if let Some(root) = json.get("root_group") {
        collect_checks(root, &mut summary.checks);
    }
    summary.duration_ms = summary.duration_from_counters();
    Ok(summary)
}

fn parse_metric(name: &str, metric: &Map<String, Value>) -> SummaryMetric {
    let name = metric_name(name);
    let known = builtin(name.metric());
    let kind = known.map_or_else(|| infer_type(metric), |(kind, _)| kind);
    let mut values = statistics(metric);
    if kind == MetricType::Rate
        && let Some(rate) = values.remove(&Stat::Value)
    {
        values.insert(Stat::Rate, rate);
    }
    SummaryMetric {
        kind,
        contains: known.map(|(_, contains)| contains),
        values,
        thresholds: metric.get("thresholds").map(thresholds).unwrap_or_default(),
        name,
    }
}

/// The type that a metric's statistics show: rate {value, passes, fails}, counter {count, rate},
/// gauge {value, min, max}, and everything else a trend.
fn infer_type(metric: &Map<String, Value>) -> MetricType {
    let has = |key: &str| metric.contains_key(key);
    if has("passes") && has("fails") {
        MetricType::Rate
    } else if has("count") && has("rate") {
        MetricType::Counter
    } else if has("value") {
        MetricType::Gauge
    } else {
        MetricType::Trend
    }
}

fn thresholds(json: &Value) -> Vec<RecordedThreshold> {
    let thresholds = json.as_object().into_iter().flatten();
    thresholds
        .map(|(expression, crossed)| RecordedThreshold {
            expression: expression.clone(),
            passed: crossed.as_bool().map(|crossed| !crossed),
            abort_on_fail: false,
        })
        .collect()
}

fn collect_checks(group: &Value, checks: &mut Vec<Check>) {
    let path = group.get("path").and_then(Value::as_str).unwrap_or("");
    for check in group
        .get("checks")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::values)
    {
        checks.extend(parse_check(check, Some(path)));
    }
    for group in group
        .get("groups")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::values)
    {
        collect_checks(group, checks);
    }
}
