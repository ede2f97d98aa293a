//! A summary as `handleSummary` would have written it, whichever format it was read from.

use serde_json::{Map, Value, json};

use crate::run::{Check, Contains, Summary, SummaryMetric};

/// The summary as a document that reads as the same summary: its numbers, thresholds, checks and
/// duration, and nothing else that k6 puts there.
#[must_use]
pub fn summary_document(summary: &Summary) -> Value {
    let mut document = Map::new();
    let metrics = summary.metrics.iter();
    let metrics: Map<String, Value> = metrics
        .map(|one| (one.name.text().to_owned(), metric(one)))
        .collect();
    document.insert("metrics".to_owned(), Value::Object(metrics));
    if let Some(version) = &summary.k6_version {
        document.insert("metadata".to_owned(), json!({ "k6_version": version }));
    }
    if !summary.trend_stats.is_empty() {
        let stats: Vec<String> = summary
            .trend_stats
            .iter()
            .map(ToString::to_string)
            .collect();
        document.insert("options".to_owned(), json!({ "summaryTrendStats": stats }));
    }
    if let Some(duration) = summary.duration_ms {
        document.insert("state".to_owned(), json!({ "testRunDurationMs": duration }));
    }
    // In the script's order, which nested groups would not keep in all formats.
    let groups: Vec<Value> = summary
        .checks
        .chunk_by(|a, b| a.group == b.group)
        .map(group)
        .collect();
    document.insert("root_group".to_owned(), json!({ "groups": groups }));
    Value::Object(document)
}

fn metric(metric: &SummaryMetric) -> Value {
    let values = metric.values.iter();
    let values: Map<String, Value> = values
        .map(|(stat, value)| (stat.to_string(), json!(value)))
        .collect();
    let thresholds = metric.thresholds.iter();
    let thresholds: Map<String, Value> = thresholds
        .map(|threshold| {
            let verdict = match threshold.passed {
                Some(passed) => json!({ "ok": passed }),
                None => json!({}),
            };
            (threshold.expression.clone(), verdict)
        })
        .collect();
    let contains = metric.contains.map(|contains| match contains {
        Contains::Default => "default",
        Contains::Time => "time",
        Contains::Data => "data",
    });
    let mut document = Map::new();
    document.insert("type".to_owned(), json!(metric.kind.to_string()));
    document.extend(contains.map(|contains| ("contains".to_owned(), json!(contains))));
    document.insert("values".to_owned(), Value::Object(values));
    if !thresholds.is_empty() {
        document.insert("thresholds".to_owned(), Value::Object(thresholds));
    }
    Value::Object(document)
}

/// Checks of one group.
fn group(checks: &[Check]) -> Value {
    let list: Vec<Value> = checks
        .iter()
        .map(|check| json!({ "name": check.name, "passes": check.passes, "fails": check.fails }))
        .collect();
    match checks.first().and_then(|check| check.group.as_ref()) {
        Some(path) => json!({ "path": path, "checks": list }),
        None => json!({ "checks": list }),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::formats::{LoadOptions, handle_summary, load};

    /// Every summary of the samples, in each of k6's formats.
    #[test]
    fn a_written_summary_reads_as_it_was() {
        for (path, has_groups) in [
            ("samples/storefront/storefront.json", true),
            ("samples/storefront/storefront.export.json", true),
            ("samples/machine-readable/storefront.json", false),
            ("samples/smoke/v2025.11/api-smoke.json", true),
            ("samples/pods/pod-1/user-journeys.json", true),
        ] {
            let options = LoadOptions {
                alone: true,
                ..LoadOptions::default()
            };
            let loaded = load(&[path], options).expect(path);
            let mut summary = loaded.runs[0].summary().expect(path).clone();
            let text = summary_document(&summary).to_string();
            let json: Value = serde_json::from_str(&text).expect("JSON");
            let mut read = handle_summary::parse(Path::new(path), &json).expect(path);
            let order = |summary: &mut Summary| {
                let by_name = |a: &SummaryMetric, b: &SummaryMetric| a.name.cmp(&b.name);
                summary.metrics.sort_by(by_name);
                for metric in &mut summary.metrics {
                    let by_text = |t: &crate::run::RecordedThreshold| t.expression.clone();
                    metric.thresholds.sort_by_key(by_text);
                }
            };
            order(&mut summary);
            order(&mut read);
            assert_eq!(read, summary, "{path}");
            let grouped = read.checks.iter().any(|check| check.group.is_some());
            assert_eq!(grouped, has_groups, "{path}");
        }
    }
}
