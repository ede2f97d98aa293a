//! Lines of any spelling, read with a full JSON parser.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::tags;
use crate::formats::handle_summary::metric_name;
use crate::formats::time;
use crate::run::{MetricDeclaration, MetricName, RecordedThreshold};

/// A line, in whichever order its keys stand.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    metric: Cow<'a, str>,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct PointData<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
    value: f64,
    #[serde(borrow, default)]
    tags: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct MetricData {
    #[serde(rename = "type", default)]
    kind: Value,
    #[serde(default)]
    contains: Value,
    #[serde(default)]
    thresholds: Option<Vec<Value>>,
    #[serde(default)]
    submetrics: Option<Vec<SubmetricData>>,
}

#[derive(Deserialize)]
struct SubmetricData {
    name: String,
    #[serde(default)]
    tags: Option<BTreeMap<String, String>>,
}

/// What one line says.
pub(super) enum Line<'a> {
    Sample {
        metric: Cow<'a, str>,
        /// The tags as the line spells them.
        tags: &'a str,
        /// The places of the quotes in them, if that is enough to read them.
        quotes: Vec<u32>,
        time: i64,
        value: f64,
    },
    Declaration(MetricDeclaration),
}

/// Reads a line without white space around it, in whatever order and spelling its keys stand.
pub(super) fn read(line: &[u8]) -> Result<Line<'_>, String> {
    if !is_object(line) {
        return Err("not a line of k6's stream".to_owned());
    }
    let envelope: Envelope<'_> = serde_json::from_slice(line).map_err(|e| why(&e))?;
    if envelope.metric.is_empty() {
        return Err("a line without a metric".to_owned());
    }
    match &*envelope.kind {
        "Point" => sample(envelope),
        "Metric" => declaration(&envelope).map(Line::Declaration),
        other => Err(format!("a line of the unknown type {other:?}")),
    }
}

/// Whether a line can be one of k6's stream.
pub(super) fn is_object(line: &[u8]) -> bool {
    line.starts_with(b"{")
}

fn sample(envelope: Envelope<'_>) -> Result<Line<'_>, String> {
    let data: PointData<'_> = serde_json::from_str(envelope.data.get()).map_err(|e| why(&e))?;
    let time = time::rfc3339(&data.time)
        .ok_or_else(|| format!("{:?} is no time between 1677 and 2262", data.time))?;
    let tags = data.tags.map_or(NO_TAGS, RawValue::get);
    let mut quotes = Vec::new();
    tags::check(tags, &mut quotes).map_err(|e| why(&e))?;
    Ok(Line::Sample {
        metric: envelope.metric,
        tags,
        quotes,
        time,
        value: data.value,
    })
}

/// How a line spells that it has no tags.
const NO_TAGS: &str = "null";

fn declaration(envelope: &Envelope<'_>) -> Result<MetricDeclaration, String> {
    let data: MetricData = serde_json::from_str(envelope.data.get()).map_err(|e| why(&e))?;
    let submetric = |sub: SubmetricData| match sub.tags {
        Some(tags) => MetricName::spelled(&sub.name, &envelope.metric, tags.into_iter().collect()),
        None => metric_name(&sub.name),
    };
    let submetrics = data.submetrics.unwrap_or_default();
    Ok(MetricDeclaration {
        name: envelope.metric.to_string(),
        // A newer k6 may have types that are not known here; its thresholds still count.
        kind: serde_json::from_value(data.kind).ok(),
        contains: serde_json::from_value(data.contains).ok(),
        thresholds: data
            .thresholds
            .iter()
            .flatten()
            .filter_map(threshold)
            .collect(),
        submetrics: submetrics.into_iter().map(submetric).collect(),
    })
}

/// A threshold is a string, or an object with what happens when it is crossed.
fn threshold(json: &Value) -> Option<RecordedThreshold> {
    let expression = json.as_str().or_else(|| json.get("threshold")?.as_str())?;
    Some(RecordedThreshold {
        expression: expression.to_owned(),
        passed: None,
        abort_on_fail: json
            .get("abortOnFail")
            .and_then(Value::as_bool)
            .unwrap_or(false),
    })
}

fn why(error: &serde_json::Error) -> String {
    if error.is_eof() {
        "the line is cut".to_owned()
    } else {
        format!("broken JSON ({error})")
    }
}
