//! `--out json=`: one JSON object a line, metrics' declarations and samples.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::handle_summary::metric_name;
use super::input::Lines;
use super::time;
use crate::error::Result;
use crate::run::{
    MetricDeclaration, MetricName, Point, RecordedThreshold, Samples, SamplesBuilder, Series,
    Skipped,
};

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

/// Reads a stream to its end, or to where it is cut.
pub(super) fn read(mut lines: Lines) -> Result<(Samples, Skipped)> {
    let mut reader = Reader::default();
    let mut skipped = Skipped::default();
    while let Some(line) = lines.next()? {
        let bytes = line.bytes.trim_ascii();
        if bytes.is_empty() {
            continue;
        }
        let taken = if line.too_long {
            Err("a line of more than 16 MiB".to_owned())
        } else {
            reader.take(bytes)
        };
        if let Err(reason) = taken {
            if !line.ended {
                skipped.cut = Some("the last line is cut".to_owned());
            }
            skipped.add(line.number, || reason);
        }
    }
    if let Some(cut) = lines.cut() {
        skipped.cut = Some(cut.to_owned());
    }
    Ok((reader.samples.finish()?, skipped))
}

#[derive(Default)]
struct Reader {
    samples: SamplesBuilder,
    /// Series by the bytes of metric and tags, as they repeat in the file.
    known: HashMap<Vec<u8>, u32>,
    key: Vec<u8>,
}

impl Reader {
    fn take(&mut self, line: &[u8]) -> Result<(), String> {
        if !line.starts_with(b"{") {
            return Err("not a line of k6's stream".to_owned());
        }
        let envelope: Envelope<'_> = serde_json::from_slice(line).map_err(|e| why(&e))?;
        if envelope.metric.is_empty() {
            return Err("a line without a metric".to_owned());
        }
        match &*envelope.kind {
            "Point" => self.take_point(&envelope),
            "Metric" => self.take_metric(&envelope),
            other => Err(format!("a line of the unknown type {other:?}")),
        }
    }

    fn take_point(&mut self, envelope: &Envelope<'_>) -> Result<(), String> {
        let data: PointData<'_> = serde_json::from_str(envelope.data.get()).map_err(|e| why(&e))?;
        let time = time::rfc3339(&data.time)
            .ok_or_else(|| format!("{:?} is no time between 1677 and 2262", data.time))?;
        let series = self.series(&envelope.metric, data.tags)?;
        self.samples.push(Point {
            series,
            time,
            value: data.value,
        });
        Ok(())
    }

    fn series(&mut self, metric: &str, tags: Option<&RawValue>) -> Result<u32, String> {
        self.key.clear();
        self.key.extend_from_slice(metric.as_bytes());
        self.key.push(0);
        self.key
            .extend_from_slice(tags.map_or("", RawValue::get).as_bytes());
        if let Some(id) = self.known.get(&self.key) {
            return Ok(*id);
        }
        let tags: BTreeMap<String, String> = match tags {
            Some(tags) => serde_json::from_str(tags.get()).map_err(|e| why(&e))?,
            None => BTreeMap::new(),
        };
        let id = self
            .samples
            .series(Series::new(metric, tags.into_iter().collect()));
        self.known.insert(self.key.clone(), id);
        Ok(id)
    }

    fn take_metric(&mut self, envelope: &Envelope<'_>) -> Result<(), String> {
        let data: MetricData = serde_json::from_str(envelope.data.get()).map_err(|e| why(&e))?;
        let submetrics =
            data.submetrics
                .unwrap_or_default()
                .into_iter()
                .map(|sub| match sub.tags {
                    Some(tags) => {
                        MetricName::spelled(&sub.name, &envelope.metric, tags.into_iter().collect())
                    }
                    None => metric_name(&sub.name),
                });
        self.samples.declare(MetricDeclaration {
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
            submetrics: submetrics.collect(),
        });
        Ok(())
    }
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
