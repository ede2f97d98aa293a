//! Those who read JUnit and OpenMetrics read ours.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::process::Command;

use common::sample;

#[test]
#[ignore = "needs Python with lxml and prometheus_client, named by PERF_REPORT_PYTHON, and JUnit's schemas, by PERF_REPORT_JUNIT_XSD"]
fn junit_schemas_and_prometheus_take_every_report() {
    let python = std::env::var("PERF_REPORT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let (junit, openmetrics) = (folder.path().join("x.xml"), folder.path().join("x.txt"));
    let [old, new] = ["journeys/v2025.10", "journeys/v2025.11"].map(sample);
    let smoke = sample("smoke");
    let storefront = sample("storefront");
    let machine = sample("machine-readable");
    for (args, cases, at_least) in [
        (&["check", &smoke][..], 12, 20),
        (&["summary", &storefront], 16, 190),
        (&["check", &storefront, "--skip", "5s"], 16, 30),
        (&["summary", &machine], 3, 70),
        (
            &["diff", &old, &new, "--limit", "http_reqs:rate>=baseline*2"],
            26,
            200,
        ),
        (&["diff", &storefront, &new], 0, 1),
    ] {
        let report = |format: &str, file: &std::path::Path| format!("{format}={}", file.display());
        let output = Command::new(env!("CARGO_BIN_EXE_perf-report"))
            .args(args)
            .args(["--report", &report("junit", &junit)])
            .args(["--report", &report("openmetrics", &openmetrics)])
            .output()
            .unwrap();
        assert!(
            [0, 1, 99].contains(&output.status.code().unwrap()),
            "{output:?}"
        );
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/consumers.py");
        let output = Command::new(&python)
            .arg(script)
            .args([&junit, &openmetrics])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {failed}");
        let numbers: Vec<usize> = said
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        assert!(
            numbers[0] >= cases && numbers[1] >= at_least,
            "{args:?}: {said}"
        );
    }
}
