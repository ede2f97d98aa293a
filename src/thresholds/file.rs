//! Thresholds from a file: TOML, k6's options as JSON, a summary of k6's, or what `perf-report run` noted.

use std::path::Path;

use serde_json::{Map, Value};

use super::evaluate::{Demand, ThresholdSource};
use crate::error::{Error, Result};

const HINT: &str = "write [thresholds] and lines like http_req_failed = [\"rate<0.02\"], or k6's JSON \
                    {\"thresholds\": {\"http_req_failed\": [\"rate<0.02\"]}}; a summary of k6's that lists \
                    thresholds, and a plan.json, do as well";

/// The thresholds of a file's text: the same metric names and expressions as k6's
/// `options.thresholds`, under `thresholds`, under `options` or at the top; or those that a summary of
/// k6's lists with its metrics.
///
/// # Errors
/// When it is neither TOML nor JSON, or an expression is no threshold.
pub fn parse_file(path: &Path, text: &str) -> Result<Vec<Demand>> {
    let bad = |line: Option<u64>, problem: String| Error::Input {
        path: path.to_owned(),
        line,
        problem,
        hint: HINT.to_owned(),
    };
    let document_text = text;
    let text = text.trim_start_matches('\u{feff}');
    let document: Value = if text.trim_start().starts_with('{') {
        serde_json::from_str(text)
            .map_err(|e| bad(Some(e.line() as u64), format!("not JSON ({e})")))?
    } else {
        toml::from_str(text).map_err(|e| {
            let line = e
                .span()
                .map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count() as u64);
            bad(line, format!("not TOML ({})", e.message().trim_end()))
        })?
    };
    let none = Value::Object(Map::new());
    let of_summary = of_summary(&document).map(Value::Object);
    let stated = of_summary
        .as_ref()
        .or_else(|| document.get("thresholds"))
        .or_else(|| {
            document
                .get("options")
                .map(|options| options.get("thresholds").unwrap_or(&none))
        })
        .unwrap_or(&document);
    let thresholds = stated
        .as_object()
        .ok_or_else(|| bad(None, "\"thresholds\" is not a table".to_owned()))?;
    let mut demands = Vec::new();
    for (name, expressions) in thresholds {
        let expressions = match expressions {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        for expression in expressions {
            let expression_text = expression
                .as_str()
                .or_else(|| expression.get("threshold")?.as_str())
                .ok_or_else(|| {
                    bad(
                        None,
                        format!("{name}: {} is no threshold", short(expression)),
                    )
                })?;
            let demand =
                Demand::new(name, expression_text, ThresholdSource::Config).map_err(|error| {
                    bad(
                        line_of(document_text, expression_text),
                        format!("{name}: {error}"),
                    )
                })?;
            demands.push(demand);
        }
    }
    if demands.is_empty() {
        return Err(bad(None, "no thresholds in this file".to_owned()));
    }
    Ok(demands)
}

/// The thresholds of a summary, which lists them with each metric as `{"p(95)<500": …}`; `None` where it
/// is no summary.
fn of_summary(document: &Value) -> Option<Map<String, Value>> {
    let metrics = document.get("metrics")?.as_object()?;
    let thresholds = metrics.iter().filter_map(|(name, metric)| {
        let expressions = metric.get("thresholds")?.as_object()?.keys();
        let expressions = expressions.cloned().map(Value::String).collect();
        Some((name.clone(), Value::Array(expressions)))
    });
    Some(thresholds.collect())
}

/// Where a file has an expression, for the message about it.
fn line_of(document: &str, expression: &str) -> Option<u64> {
    let line = document
        .lines()
        .position(|line| line.contains(expression))?;
    Some(line as u64 + 1)
}

/// The beginning of a value that is no threshold; it may be a whole summary.
fn short(value: &Value) -> String {
    const FEW: usize = 40;
    let text = value.to_string();
    match text.char_indices().nth(FEW) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let demands = parse_file(Path::new("t"), text).unwrap_or_else(|error| panic!("{error}"));
        demands
            .iter()
            .map(|d| format!("{}:{}", d.name, d.expression))
            .collect()
    }

    #[test]
    fn toml_and_json_say_the_same() {
        let expected = [
            "http_req_duration{label:tasks-list}:p(95)<500",
            "http_req_duration{label:tasks-list}:max<9000",
            "http_req_failed:rate<0.02",
        ];
        assert_eq!(
            names(
                "[thresholds]\nhttp_req_failed = \"rate<0.02\"\n\"http_req_duration{label:tasks-list}\" = [\"p(95)<500\", \"max<9000\"]\n"
            ),
            expected
        );
        assert_eq!(
            names(
                "{\"thresholds\": {\"http_req_failed\": [\"rate<0.02\"], \"http_req_duration{label:tasks-list}\": \
                 [\"p(95)<500\", {\"threshold\": \"max<9000\", \"abortOnFail\": true}]}}"
            ),
            expected
        );
        assert_eq!(names("http_reqs = ['count>10']"), ["http_reqs:count>10"]);
    }

    #[test]
    fn broken_files_are_named_with_their_line() {
        for (text, expected) in [
            ("", "no thresholds"),
            ("{\"thresholds\": [}", "t:1: not JSON"),
            ("a = 1\nb = = 2", "t:2: not TOML"),
            ("thresholds = 5", "not a table"),
            ("http_reqs = 5", "is no threshold"),
            ("http_reqs = ['p(95)<5']", "is a counter"),
            ("\nchecks = ['rate>>0.9']", "t:2: checks: bad threshold"),
        ] {
            let error = parse_file(Path::new("t"), text)
                .expect_err(text)
                .to_string();
            assert!(error.contains(expected), "{error} does not say {expected}");
        }
    }

    #[test]
    fn summaries_and_plans_tell_theirs() {
        let expected = ["a{b:c}:avg<1", "http_reqs:count>1", "http_reqs:rate>2"];
        let summary = r#"{"metrics": {"http_reqs": {"type": "counter", "values": {}, "thresholds":
            {"count>1": {"ok": true}, "rate>2": {"ok": false}}}, "a{b:c}": {"avg": 5, "thresholds": {"avg<1": true}},
            "vus": {"value": 1}}, "root_group": {}}"#;
        let plan = r#"{"schema": "perf-report.plan/1", "options": {"thresholds":
            {"http_reqs": ["count>1", {"threshold": "rate>2"}], "a{b:c}": ["avg<1"]}}}"#;
        assert_eq!(names(summary), expected);
        assert_eq!(names(plan), expected);
        for none in [
            r#"{"metrics": {"vus": {"value": 1}}}"#,
            r#"{"schema": "perf-report.plan/1", "options": {"vus": 1}}"#,
        ] {
            let error = parse_file(Path::new("t"), none).unwrap_err().to_string();
            assert!(error.contains("no thresholds in this file"), "{error}");
        }
        let broken = r#"{"metrics": {"http_reqs": {"thresholds": {"count>": true}}}}"#;
        assert!(parse_file(Path::new("t"), broken).is_err());
    }
}
