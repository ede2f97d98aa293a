//! Other engines read what `pack` writes.
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
#[ignore = "needs Python with duckdb and polars, named by PERF_REPORT_PYTHON"]
fn every_row_of_a_packed_file_is_that_of_its_stream() {
    let python = std::env::var("PERF_REPORT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let packed = folder.path().join("x.parquet");
    for (stream, rows) in [
        ("smoke/v2025.11/api-smoke.ndjson.gz", 6547),
        ("storefront-2022/storefront.ndjson.gz", 1980),
    ] {
        let stream = sample(stream);
        let output = Command::new(env!("CARGO_BIN_EXE_perf-report"))
            .args(["pack", "--force", &stream, "-o"])
            .arg(&packed)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/engines.py");
        let output = Command::new(&python)
            .args([script.as_ref(), packed.as_os_str(), stream.as_ref()])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let failed = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.trim(), format!("{rows} rows"), "{failed}");
    }
}

#[test]
#[ignore = "needs the recordings, Java 17, and Python with duckdb, chdb, pyspark and sqlglot"]
fn engines_reduce_the_pods_of_a_recording_to_what_its_samples_say() {
    let python = std::env::var("PERF_REPORT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lake.py"))
        .env("PERF_REPORT", env!("CARGO_BIN_EXE_perf-report"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}");
    let engines = said.lines().filter_map(|line| line.split(':').next());
    let engines: Vec<&str> = engines.collect();
    assert_eq!(
        engines,
        ["duckdb", "clickhouse", "trino", "spark"],
        "{said}"
    );
}

#[test]
#[ignore = "needs Python with duckdb and polars, named by PERF_REPORT_PYTHON"]
fn an_archive_is_one_table() {
    let python = std::env::var("PERF_REPORT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    let perf_report = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_perf-report"))
            .args(args)
            .arg("--archive")
            .arg(&archive)
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    // A number as its name, and one that has to be encoded; runs with different tags.
    for (release, runs) in [
        ("2025.10", "smoke/v2025.10"),
        ("2025.10", "journeys/v2025.10"),
        ("v 2025.11", "journeys/v2025.11"),
    ] {
        perf_report(&["archive", "add", &sample(runs), "--release", release]);
    }
    // What DuckDB makes of each run is what summary says of it.
    let document = ["@2025.10", "@v 2025.11"]
        .map(|release| perf_report(&["summary", release, "--format", "json", "--stats", "p(95)"]));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/archive_engines.py");
    let output = Command::new(&python)
        .arg(script)
        .arg(&archive)
        .args(&document)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.trim(), "3 runs", "{failed}");
}
