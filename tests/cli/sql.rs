//! `sql`: the statements for engines. `tests/lake.py` runs them.

use super::runner::{run_in, samples};

#[test]
fn every_dialect_has_both_statements() {
    let folder = tempfile::tempdir().unwrap();
    let stream = samples().join("journeys/v2025.11/user-journeys.ndjson.zst");
    let stream = stream.to_str().unwrap();
    let pack = ["pack", stream, "-o", "x.parquet", "--histogram"];
    assert_eq!(run_in(folder.path(), &pack, b"").code, 0);
    for dialect in ["spark", "duckdb", "clickhouse", "trino"] {
        let sql = ["sql", "--dialect", dialect, "--from", "s3://lake/it's/"];
        let reduce = [&sql[..], &["--to", "s3://lake/checkout", "--error", "1"]].concat();
        let outcome = run_in(folder.path(), &reduce, b"");
        assert_eq!(
            (outcome.code, outcome.stderr.as_str()),
            (0, ""),
            "{outcome}"
        );
        assert!(
            outcome.stdout.starts_with("-- Reduces packed samples"),
            "{outcome}"
        );
        assert!(outcome.stdout.contains("'checkout'"), "{outcome}");
        assert!(outcome.stdout.contains("1e-2"), "{outcome}");
        assert!(!outcome.stdout.contains("'s3://lake/it's"), "{outcome}");

        let open = "http_req_duration{label:tasks-list}:p(95)<59.2";
        let exact = [&sql[..], &["--exact", "x.parquet", "--threshold", open]].concat();
        let outcome = run_in(folder.path(), &exact, b"");
        assert_eq!(outcome.code, 0, "{outcome}");
        assert!(
            outcome.stdout.starts_with("-- Settles thresholds"),
            "{outcome}"
        );
        assert!(outcome.stdout.contains("observed < 5.92e1"), "{outcome}");
        assert!(!outcome.stdout.contains("http_req_failed"), "{outcome}");
    }
}

#[test]
fn what_is_decided_needs_no_statement() {
    let folder = tempfile::tempdir().unwrap();
    let stream = samples().join("smoke/v2025.11/api-smoke.ndjson.gz");
    let stream = stream.to_str().unwrap();
    let arguments = [
        "sql",
        "--dialect",
        "duckdb",
        "--from",
        "pods",
        "--exact",
        stream,
    ];
    let outcome = run_in(folder.path(), &arguments, b"");
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (0, ""),
        "{outcome}"
    );
    assert!(
        outcome.stderr.contains("no limit lies within the error"),
        "{outcome}"
    );
}

#[test]
fn wrong_usage_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, because) in [
        (
            &["--dialect", "mysql", "--from", "x", "--to", "y"][..],
            "mysql",
        ),
        (&["--dialect", "spark", "--from", "x"], "--to"),
        (
            &["--dialect", "spark", "--from", "x\ny", "--to", "y"],
            "no place has",
        ),
        (
            &[
                "--dialect",
                "spark",
                "--from",
                "x",
                "--exact",
                "none.parquet",
            ],
            "none.parquet",
        ),
        (
            &[
                "--dialect",
                "spark",
                "--from",
                "x",
                "--to",
                "y",
                "--exact",
                "z",
            ],
            "--exact",
        ),
        (
            &[
                "--dialect",
                "spark",
                "--from",
                "x",
                "--to",
                "y",
                "--error",
                "90",
            ],
            "10%",
        ),
    ] {
        let outcome = run_in(folder.path(), &[&["sql"], arguments].concat(), b"");
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(outcome.stderr.contains(because), "{outcome}");
    }
}
