//! The JSON documents follow their schemas.

use serde_json::Value;

use super::runner::run;

fn assert_valid(schema: &str, args: &[&str]) -> Value {
    let outcome = run(args);
    let document: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}"));
    let schema =
        std::fs::read_to_string(format!("{}/schemas/{schema}", env!("CARGO_MANIFEST_DIR")))
            .unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|e| format!("{e} at {}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{args:?}: {errors:#?}");
    document
}

#[test]
fn summaries_of_every_sample() {
    for input in [
        "smoke/v2025.10",
        "smoke/v2025.11/api-smoke.csv.gz",
        "smoke/v2025.11/api-smoke.export.json",
        "storefront",
        "storefront-2022",
        "journeys",
        "machine-readable",
        "pods",
        "broken/bad-lines.ndjson",
        "broken/no-head.ndjson",
        "broken/cut-stream.ndjson.gz",
    ] {
        assert_valid(
            "summary-1.json",
            &[
                "summary", input, "--format", "json", "--hash", "--stats", "p(99.9)",
            ],
        );
        assert_valid("check-1.json", &["check", input, "--format", "json"]);
    }
    for (schema, command) in [("summary-1.json", "summary"), ("check-1.json", "check")] {
        let selected = ["smoke/v2025.11", "--skip", "5s", "--format", "json"];
        assert_valid(schema, &[&[command], &selected[..]].concat());
    }
    assert_valid(
        "summary-1.json",
        &["summary", "--merge", "pods/*/*.json", "--format", "json"],
    );
}

#[test]
fn the_contract_by_example() {
    let document = assert_valid(
        "summary-1.json",
        &["summary", "smoke/v2025.11", "--format", "json"],
    );
    let run = &document["runs"][0];
    assert_eq!(document["verdict"], "failed");
    assert_eq!(run["name"], "api-smoke");
    assert_eq!(run["points"], 6547);
    assert_eq!(run["skipped_lines"], 0);
    assert_eq!(run["started_at"], "2026-11-23T08:50:18.005Z");
    assert_eq!(run["duration_ms"], 20_089.273_891);
    let metrics = run["metrics"].as_array().unwrap();
    let health = metrics
        .iter()
        .find(|m| m["name"] == "http_req_duration{label:gateway-health}")
        .unwrap();
    assert_eq!(health["metric"], "http_req_duration");
    assert_eq!(
        health["tags"],
        serde_json::json!({"label": "gateway-health"})
    );
    assert_eq!(health["type"], "trend");
    assert_eq!(health["contains"], "time");
    assert_eq!(health["values"]["count"], 241);
    assert_eq!(health["values"]["p(95)"], 11.218_577);
    let failed = metrics
        .iter()
        .find(|m| m["name"] == "http_req_failed")
        .unwrap();
    assert_eq!(
        failed["values"],
        serde_json::json!({"rate": 0.064_315_352_697_095_43, "passes": 31, "fails": 451})
    );
    let thresholds = run["thresholds"].as_array().unwrap();
    let rate = thresholds
        .iter()
        .find(|t| t["name"] == "http_req_failed")
        .unwrap();
    assert_eq!(rate["expression"], "rate<0.02");
    assert_eq!(rate["limit"], 0.02);
    assert_eq!(rate["verdict"], "failed");
    assert_eq!(rate["k6_verdict"], "failed");
    assert_eq!(rate["source"], "k6");
    assert_eq!(
        run["checks"][0],
        serde_json::json!({"group": "::gateway-health", "name": "health status ok", "passes": 226, "fails": 15})
    );
}

#[test]
fn a_hash_is_that_of_the_file() {
    let document = assert_valid(
        "summary-1.json",
        &["summary", "machine-readable", "--format", "json", "--hash"],
    );
    let hash = document["runs"][0]["sources"][0]["sha256"]
        .as_str()
        .unwrap();
    // As sha256sum gives it.
    assert_eq!(
        hash,
        "e5ced0f527ca63f67aeebe887b9c53b2d9442ae24625fa93a9788b4a7355fe57"
    );
}
