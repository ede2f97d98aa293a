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
            .contains("✗ 'p(99)<8' not recorded – p(99) is not in the summary"),
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

#[test]
fn a_submetric_is_found_by_its_tags_however_it_is_spelled() {
    for file in ["api-smoke.json", "api-smoke.ndjson.gz"] {
        let path = format!("smoke/v2025.11/{file}");
        let spelled = "http_req_duration{ label : 'gateway-health' }:p(95)<8.5";
        let outcome = run(&["check", &path, "--threshold", spelled]);
        assert!(
            outcome.stdout.contains("✗ 'p(95)<8.5' p(95)=11.22ms"),
            "{outcome}"
        );
        // k6's own, spelled in another way, is not asked twice.
        let same = "http_req_duration{ label : 'gateway-health' }:p(95) < 8";
        let outcome = run(&["check", &path, "--threshold", same]);
        assert!(!outcome.stdout.contains("command line"), "{outcome}");
    }
}

#[test]
fn an_infinite_value_is_held_against_the_limit() {
    let rows = "metric_name,timestamp,metric_value\nhttp_req_duration,1795423818,+Inf\nhttp_req_duration,1795423830,3\n";
    for (expression, code) in [("max<500", 99), ("max>500", 0), ("min<500", 0)] {
        let threshold = format!("http_req_duration:{expression}");
        let args = [
            "check",
            "-",
            "--threshold",
            threshold.as_str(),
            "--allow-no-data",
        ];
        let outcome = run_in(&samples(), &args, rows.as_bytes());
        assert_eq!(outcome.code, code, "{expression}: {outcome}");
    }
}

#[test]
fn a_metric_that_is_in_no_file_is_zero_only_if_it_is_no_slip_of_the_pen() {
    let check = |threshold: &str| run(&["check", "smoke/v2025.10", "--threshold", threshold]);
    let outcome = check("htp_reqs:count<5");
    assert_eq!(outcome.code, 99, "{outcome}");
    assert!(
        outcome.stdout.contains("no such metric; is it http_reqs?"),
        "{outcome}"
    );
    let outcome = check("payment_errors:count<5");
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(
        outcome
            .stdout
            .contains("no sample of this metric in the run, which counts as 0"),
        "{outcome}"
    );
    assert_eq!(check("dropped_iterations:rate<1").code, 0);
    assert_eq!(check("payment_errors:p(95)<5").code, 99);
    assert_eq!(
        check("http_reqs{}:count<5").code,
        2,
        "a name that k6 refuses"
    );
}

#[test]
fn a_value_can_hold_what_ends_a_name() {
    let point = r#"{"metric":"m","type":"Point","data":{"time":"2026-01-01T00:00:00Z","value":4,"tags":{"name":"a}:b"}}}"#;
    let args = ["check", "-", "--threshold", "m{name:a}:b}:max<5"];
    let outcome = run_in(&samples(), &args, point.as_bytes());
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stdout.contains("✓ 'max<5' max=4"), "{outcome}");
}

#[test]
fn thresholds_that_a_stream_alone_does_not_hold_are_named() {
    let outcome = run(&["check", "--alone", "smoke/v2025.11/api-smoke.ndjson.gz"]);
    assert!(
        outcome
            .stderr
            .contains("does not hold the thresholds on http_req_duration{label:gateway-health}"),
        "{outcome}"
    );
    let outcome = run(&["check", "--alone", "smoke/v2025.11/api-smoke.csv.gz"]);
    assert!(
        outcome.stderr.contains("a CSV stream holds no thresholds"),
        "{outcome}"
    );
    assert!(outcome.stdout.contains("nothing was checked"), "{outcome}");
}

#[test]
fn rounding_does_not_make_a_crossed_limit_look_kept() {
    let summary = r#"{"metrics": {"http_req_duration": {"type": "trend", "contains": "time",
        "values": {"p(95)": 500.001}, "thresholds": {"p(95)<500": {"ok": false}}}}}"#;
    let outcome = run_in(&samples(), &["check", "-"], summary.as_bytes());
    assert!(outcome.stdout.contains("p(95)=500.001ms"), "{outcome}");
}
