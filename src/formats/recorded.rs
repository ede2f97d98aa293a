//! What `perf-report run` wrote down beside k6's files, in `<scenario>.plan.json`: how k6 ended, and the
//! script's thresholds.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::run::{K6Exit, MetricName, Recorded, RecordedThreshold};

/// What of the document is needed here.
#[derive(Deserialize)]
struct Document {
    /// Missing where an earlier version wrote it.
    k6_exit: Option<K6Exit>,
    #[serde(default)]
    options: Options,
}

#[derive(Default, Deserialize)]
struct Options {
    #[serde(default)]
    thresholds: Option<Map<String, Value>>,
}

/// Takes what was written down from the text of that file.
///
/// # Errors
/// When it is no such document.
pub(super) fn parse(path: &Path, text: &[u8]) -> Result<Recorded> {
    let document: Document = serde_json::from_slice(text).map_err(|error| {
        Error::input(
            path,
            format!("this is not what perf-report run wrote down ({error})"),
            "remove it if k6 ran without perf-report run since",
        )
    })?;
    let metrics = document.options.thresholds.into_iter().flatten();
    let thresholds = metrics.flat_map(|(name, list)| of_metric(&name, &list));
    Ok(Recorded {
        k6_exit: document.k6_exit,
        thresholds: thresholds.collect(),
    })
}

/// The thresholds of a metric in k6's options: strings, or objects with more about each.
fn of_metric(name: &str, list: &Value) -> Vec<(MetricName, RecordedThreshold)> {
    // What is no name k6 refused itself.
    let Ok(name) = MetricName::parse(name) else {
        return Vec::new();
    };
    let list = list.as_array().into_iter().flatten();
    let thresholds = list.filter_map(|threshold| {
        let expression = threshold
            .as_str()
            .or_else(|| threshold.get("threshold")?.as_str())?;
        let aborts = threshold.get("abortOnFail").and_then(Value::as_bool);
        let recorded = RecordedThreshold {
            expression: expression.to_owned(),
            passed: None,
            abort_on_fail: aborts.unwrap_or(false),
        };
        Some((name.clone(), recorded))
    });
    thresholds.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Recorded> {
        parse(Path::new("a.plan.json"), text.as_bytes())
    }

    #[test]
    fn the_end_and_the_thresholds_are_taken() {
        let recorded = of(
            r#"{"k6_exit": {"code": 107, "signal": null}, "options": {"vus": 1, "thresholds": {
                "http_reqs": ["count>1", {"threshold": "rate>2", "abortOnFail": true}, 5],
                "a{b:c}": ["avg<1"]}}}"#,
        )
        .unwrap();
        assert_eq!(recorded.k6_exit.and_then(|exit| exit.code), Some(107));
        let all = recorded.thresholds.iter().map(|(name, threshold)| {
            format!(
                "{name} {} {}",
                threshold.expression, threshold.abort_on_fail
            )
        });
        assert_eq!(
            all.collect::<Vec<_>>(),
            [
                "a{b:c} avg<1 false",
                "http_reqs count>1 false",
                "http_reqs rate>2 true"
            ]
        );
    }

    #[test]
    fn what_is_missing_is_not_known_and_what_is_broken_is_told() {
        assert_eq!(of("{}").unwrap(), Recorded::default());
        assert_eq!(
            of(r#"{"options": {"thresholds": null}}"#).unwrap(),
            Recorded::default()
        );
        for broken in [
            "",
            "[",
            "[]x",
            r#"{"k6_exit": 5}"#,
            r#"{"k6_exit": {"code": "x"}}"#,
        ] {
            let error = of(broken).unwrap_err().to_string();
            assert!(error.contains("a.plan.json"), "{error}");
        }
    }
}
