//! `calibrate`

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::runner::{run, run_in};

/// Repeated runs of one unchanged system.
fn repeated() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("calibration/recordings/journeys/v2025.10")
}

#[test]
fn repeated_runs_tell_their_noise() {
    let outcome = run_in(&repeated(), &["calibrate", "run-*"], b"");
    assert_eq!(outcome.code, 0);
    insta::assert_snapshot!(outcome);
}

#[test]
fn its_document_keeps_to_its_schema_and_agrees_with_itself() {
    let outcome = run_in(
        &repeated(),
        &["calibrate", "run-*", "--format", "json"],
        b"",
    );
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let schema: Value =
        serde_json::from_str(include_str!("../../schemas/calibrate-1.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = schema
        .iter_errors(&document)
        .map(|e| e.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let calibration = &document["calibrations"][0];
    assert_eq!(calibration["comparisons"], 20);
    let number = |value: &Value| value.as_f64().unwrap();
    for row in calibration["rows"].as_array().unwrap() {
        let seen = row["smallest_detectable"].as_array().unwrap();
        // A single pair goes by what is assumed, and several by what these runs show.
        let falls = seen[1..]
            .windows(2)
            .all(|two| number(&two[1]) <= number(&two[0]));
        assert!(falls, "more runs see less: {row}");
        assert!(number(&row["suggested_floor"]) >= 0.03);
    }
    // The deviation between runs, computed from what `summary` says of each.
    let medians: Vec<f64> = (1..=5)
        .map(|number| {
            let name = format!("run-{number}");
            let summary = run_in(
                &repeated(),
                &["summary", &name, "--by", "name", "--format", "json"],
                b"",
            );
            let summary: Value = serde_json::from_str(&summary.stdout).unwrap();
            let metrics = summary["runs"][0]["metrics"].as_array().unwrap();
            let metric = metrics.iter().find(|metric| {
                let name = metric["name"].as_str().unwrap();
                name.starts_with("http_req_duration{") && name.contains("/v1/tasks")
            });
            metric.unwrap()["values"]["med"].as_f64().unwrap().ln()
        })
        .collect();
    let mean = medians.iter().sum::<f64>() / 5.0;
    let deviation = (medians.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / 4.0).sqrt();
    let rows = calibration["rows"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["name"].as_str().unwrap().contains("/v1/tasks") && row["stat"] == "med");
    let found = number(&row.unwrap()["between_runs"]);
    // A few requests that failed are in the one and not in the other.
    assert!(
        (found - deviation).abs() < 0.003,
        "{found} is not {deviation}"
    );
}

#[test]
fn what_cannot_be_calibrated_is_said() {
    let outcome = run(&["calibrate", "smoke/v2025.10", "smoke/v2025.11"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome
            .stderr
            .contains("3 runs of one name are needed, and there are 2"),
        "{outcome}"
    );
    // Summaries alone say nothing of what happened within a run.
    let folder = tempfile::tempdir().unwrap();
    let summary = super::runner::samples().join("smoke/v2025.10/api-smoke.json");
    for number in 1..=3 {
        let into = folder.path().join(format!("run-{number}"));
        std::fs::create_dir(&into).unwrap();
        std::fs::copy(&summary, into.join("api-smoke.json")).unwrap();
    }
    let outcome = run_in(folder.path(), &["calibrate", "run-*"], b"");
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("cannot be measured"), "{outcome}");
}
