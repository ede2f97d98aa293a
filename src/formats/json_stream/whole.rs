//! Lines of any spelling, read with a full JSON parser.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::formats::handle_summary::metric_name;
use crate::formats::sink::Tags;
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
    check_tags(tags)?;
    Ok(Line::Sample {
        metric: envelope.metric,
        tags,
        time,
        value: data.value,
    })
}

/// How a line spells that it has no tags.
const NO_TAGS: &str = "null";

/// Reads the tags of a sample: an object of strings, or null.
pub(super) fn read_tags(spelled: &str) -> Result<Tags<'_>, String> {
    let mut tags = Tags::with_capacity(16);
    if plain_tags(spelled, |key, value| tags.push((key.into(), value.into()))).is_some() {
        return Ok(tags);
    }
    let tags = parse_tags(spelled)?.into_iter().flatten();
    Ok(tags
        .map(|(key, value)| (key.into(), value.into()))
        .collect())
}

/// Whether the tags of a sample can be read.
pub(super) fn check_tags(spelled: &str) -> Result<(), String> {
    match plain_tags(spelled, |_, _| ()) {
        Some(()) => Ok(()),
        None => parse_tags(spelled).map(|_| ()),
    }
}

fn parse_tags(spelled: &str) -> Result<Option<BTreeMap<String, String>>, String> {
    serde_json::from_str(spelled).map_err(|e| why(&e))
}

/// Takes tags that are spelled without white space and escapes, as nearly all are: between the
/// quotes stand only keys, `:`, values and `,`.
pub(super) fn plain_tags<'a>(
    spelled: &'a str,
    mut take: impl FnMut(&'a str, &'a str),
) -> Option<()> {
    let bytes = spelled.as_bytes();
    if spelled == "{}" {
        return Some(());
    }
    if bytes.iter().any(|byte| *byte < b' ') {
        return None;
    }
    let mut marks = memchr::memchr2_iter(b'"', b'\\', bytes);
    let mut quote = || marks.next().filter(|at| bytes[*at] == b'"');
    let mut end = 0;
    let mut between: &[u8] = b"{";
    while &bytes[end..] != b"}" {
        let key = quote()?;
        let key_end = quote()?;
        let value = quote()?;
        let value_end = quote()?;
        if &bytes[end..key] != between || &bytes[key_end + 1..value] != b":" {
            return None;
        }
        take(&spelled[key + 1..key_end], &spelled[value + 1..value_end]);
        end = value_end + 1;
        between = b",";
    }
    Some(())
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_the_parser(spelled: &str) -> Option<BTreeMap<String, String>> {
        serde_json::from_str::<Option<_>>(spelled)
            .ok()
            .map(Option::unwrap_or_default)
    }

    fn by_hand(spelled: &str) -> Option<BTreeMap<String, String>> {
        let tags = read_tags(spelled).ok()?;
        Some(
            tags.into_iter()
                .map(|(k, v)| (k.into_owned(), v.into_owned()))
                .collect(),
        )
    }

    #[test]
    fn tags_that_look_plain_and_are_not() {
        for spelled in [
            "null",
            "{}",
            "{,}",
            "{\"a\":\"b\"}",
            "{\"a\":\"b\",}",
            "{\"a\":\"b\"\"c\":\"d\"}",
            "{\"a\":\"b\",\"a\":\"c\"}",
            "{\"a\":\"b\"} ",
            "{\"a\": \"b\"}",
            "{\"a\":1}",
            "{\"a\":\"\t\"}",
            "{\"a\\n\":\"b\"}",
            "{\"a\":\"b\"}}",
            "{\"a\":\"b",
            "{\"a\"",
            "[]",
            "",
            "{\"\":\"\"}",
        ] {
            assert_eq!(by_hand(spelled), by_the_parser(spelled), "{spelled}");
        }
    }

    proptest! {
        #[test]
        fn tags_are_those_of_the_json_parser(spelled in "\\{(\"[a\\\\n\u{e4}]{0,2}\":? ?\"[a{}:\\\\\"]{0,2}\",?){0,3}\\}?") {
            prop_assert_eq!(by_hand(&spelled), by_the_parser(&spelled));
        }
    }
}
