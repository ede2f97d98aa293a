//! `check`

use super::runner::{run, run_in, samples};

#[test]
fn crossed_thresholds_exit_with_k6s_code() {
    let outcome = run(&["check", "smoke/v2025.10", "smoke/v2025.11"]);
    assert_eq!(outcome.code, 99);
    insta::assert_snapshot!(outcome);
}

#[test]
fn every_format_of_one_run_comes_to_the_same_verdicts() {
    for (release, code, crossed) in [("v2025.10", 0, 0), ("v2025.11", 99, 2)] {
        for file in [
            "api-smoke.json",
            "api-smoke.export.json",
            "api-smoke.ndjson.gz",
            "api-smoke.csv.gz",
        ] {
            let outcome = run(&["check", &format!("smoke/{release}/{file}")]);
            assert_eq!(outcome.code, code, "{release} {file}: {outcome}");
            assert_eq!(
                outcome.stdout.matches("✗ '").count(),
                crossed,
                "{release} {file}: {outcome}"
            );
        }
    }
}

#[test]
fn thresholds_of_the_command_line_and_of_a_file_are_added() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("thresholds.toml");
    std::fs::write(&file, "[thresholds]\nhttp_reqs = [\"count>100000\"]\n").unwrap();
    let outcome = run(&[
        "check",
        "smoke/v2025.10",
        "--thresholds",
        file.to_str().unwrap(),
        "--threshold",
        "http_req_duration{label:gateway-health}:p(99.9)<500",
        "--threshold",
        "dropped_iterations:count<1",
    ]);
    assert_eq!(outcome.code, 99, "{outcome}");
    insta::assert_snapshot!(outcome);
}

#[test]
fn no_data_fails_unless_allowed() {
    let threshold = ["--threshold", "http_req_duration{label:nowhere}:p(95)<500"];
    let outcome = run(&["check", "smoke/v2025.10", threshold[0], threshold[1]]);
    assert_eq!(outcome.code, 99);
    assert!(
        outcome.stdout.contains("? 'p(95)<500' no data"),
        "{outcome}"
    );
    let outcome = run(&[
        "check",
        "smoke/v2025.10",
        threshold[0],
        threshold[1],
        "--allow-no-data",
    ]);
    assert_eq!(outcome.code, 0, "{outcome}");
    // A summary cannot tell whether a submetric that it does not list had samples.
    let outcome = run(&[
        "check",
        "machine-readable",
        "--threshold",
        "http_reqs{status:500}:count<1",
    ]);
    assert_eq!(outcome.code, 99);
    assert!(
        outcome.stdout.contains("only the stream can tell"),
        "{outcome}"
    );
}

#[test]
fn k6s_verdict_stands_where_the_summary_lacks_the_statistic() {
    let summary = r#"{"metrics": {"http_req_duration": {"type": "trend", "contains": "time",
        "values": {"avg": 5, "p(95)": 9}, "thresholds": {"p(99)<8": {"ok": false}, "p(95)<8": {"ok": true}}}}}"#;
    let outcome = run_in(&samples(), &["check", "-"], summary.as_bytes());
    assert_eq!(outcome.code, 99);
    assert!(
        outcome
            .stdout
            .contains("✗ 'p(99)<8' no data – p(99) is not in the summary"),
        "{outcome}"
    );
    assert!(
        outcome
            .stdout
            .contains("✗ 'p(95)<8' p(95)=9ms (k6 said: passed)"),
        "{outcome}"
    );
}

#[test]
fn a_bad_threshold_is_shown_with_its_place() {
    insta::assert_snapshot!(run(&[
        "check",
        "smoke/v2025.10",
        "--threshold",
        "http_req_duration:p(95)<<500"
    ]));
    insta::assert_snapshot!(run(&[
        "check",
        "smoke/v2025.10",
        "--threshold",
        "http_reqs:p(95)<500"
    ]));
    insta::assert_snapshot!(run(&[
        "check",
        "smoke/v2025.10",
        "--threshold",
        "http_req_duration{label:x:p(95)<500"
    ]));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(run(&["check", "smoke/v2025.11", "--format", "markdown"]));
}
