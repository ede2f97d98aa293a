//! `JSON.stringify(data)` in `handleSummary`, written since k6 0.30.
//!
//! Only `metrics` is certain: people also save parts of it. `setup_data` may hold secrets and is
//! never looked at.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::run::{
    Check, Contains, MOST_COUNTED, MetricName, MetricType, RecordedThreshold, Stat, Summary,
    SummaryMetric,
};

pub(super) fn parse(path: &Path, json: &Value) -> Result<Summary> {
    let empty = Map::new();
    let metrics = json
        .get("metrics")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let mut summary = Summary {
        duration_ms: json
            .pointer("/state/testRunDurationMs")
            .and_then(Value::as_f64),
        // Not of k6: an archived summary keeps it there.
        k6_version: json
            .pointer("/metadata/k6_version")
            .and_then(Value::as_str)
            .map(str::to_owned),
        trend_stats: trend_stats(json),
        ..Summary::default()
    };
    for (name, metric) in metrics {
        summary.metrics.push(parse_metric(path, name, metric)?);
    }
    if let Some(root) = json.get("root_group") {
        collect_checks(root, &mut summary.checks);
    }
    summary.duration_ms = summary
        .duration_ms
        .or_else(|| summary.duration_from_counters());
    Ok(summary)
}

fn parse_metric(path: &Path, name: &str, metric: &Value) -> Result<SummaryMetric> {
    let bad = |problem: String| {
        Error::input(
            path,
            format!("metric {name:?}: {problem}"),
            "pass k6's own file as it is",
        )
    };
    let kind = metric.get("type").cloned().unwrap_or_default();
    let kind: MetricType = serde_json::from_value(kind)
        .map_err(|_| bad("its type is not counter, gauge, rate or trend".to_owned()))?;
    let values = metric
        .get("values")
        .and_then(Value::as_object)
        .ok_or_else(|| bad("it has no \"values\"".to_owned()))?;
    Ok(SummaryMetric {
        name: metric_name(name),
        kind,
        contains: contains(metric),
        values: statistics(values),
        thresholds: metric.get("thresholds").map(thresholds).unwrap_or_default(),
    })
}

fn trend_stats(json: &Value) -> Vec<Stat> {
    let names = json
        .pointer("/options/summaryTrendStats")
        .and_then(Value::as_array);
    names
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str()?.parse().ok())
        .collect()
}

/// `{expression: {ok: bool}}`, where `ok` means passed.
fn thresholds(json: &Value) -> Vec<RecordedThreshold> {
    let thresholds = json.as_object().into_iter().flatten();
    thresholds
        .map(|(expression, verdict)| RecordedThreshold {
            expression: expression.clone(),
            passed: verdict.get("ok").and_then(Value::as_bool),
            abort_on_fail: false,
        })
        .collect()
}

fn collect_checks(group: &Value, checks: &mut Vec<Check>) {
    let path = group.get("path").and_then(Value::as_str);
    for check in group
        .get("checks")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        checks.extend(parse_check(check, path));
    }
    for group in group
        .get("groups")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        collect_checks(group, checks);
    }
}

/// A check `{name, passes, fails}`, as all three summaries write it.
pub(super) fn parse_check(check: &Value, group: Option<&str>) -> Option<Check> {
    let counted = |key| Some(check.get(key)?.as_u64()?.min(MOST_COUNTED));
    Some(Check {
        group: group.map(str::to_owned),
        name: check.get("name")?.as_str()?.to_owned(),
        passes: counted("passes")?,
        fails: counted("fails")?,
    })
}

/// The name of a metric, taken apart where it follows k6's grammar.
pub(super) fn metric_name(text: &str) -> MetricName {
    MetricName::parse(text).unwrap_or_else(|_| MetricName::plain(text))
}

/// What a metric's values are.
pub(super) fn contains(metric: &Value) -> Option<Contains> {
    serde_json::from_value(metric.get("contains")?.clone()).ok()
}

/// The statistics by k6's names. One of a trend that saw an infinity is `null` and left out.
pub(super) fn statistics(values: &Map<String, Value>) -> BTreeMap<Stat, f64> {
    values
        .iter()
        .filter_map(|(name, value)| Some((name.parse().ok()?, value.as_f64()?)))
        .collect()
}
