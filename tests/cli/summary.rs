//! `summary`

use super::runner::{run, run_in, samples};

#[test]
fn text_is_k6s_layout() {
    insta::assert_snapshot!(run(&["summary", "smoke/v2025.11"]));
}

#[test]
fn text_of_every_corner() {
    insta::assert_snapshot!(run(&["summary", "storefront/storefront.ndjson.zst"]));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(run(&["summary", "storefront", "--format", "markdown"]));
}

#[test]
fn merged_pods() {
    insta::assert_snapshot!(run(&["summary", "--merge", "pods"]));
}

#[test]
fn merged_summaries_leave_percentiles_out_and_say_why() {
    let outcome = run(&["summary", "--merge", "pods/*/*.json"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(
        outcome.stderr.contains("percentiles and medians"),
        "{outcome}"
    );
    assert!(outcome.stdout.contains("iterations"), "{outcome}");
    assert!(!outcome.stdout.contains("p(95)=3"), "{outcome}");
}

#[test]
fn csv_has_a_row_for_every_statistic() {
    let outcome = run(&["summary", "smoke/v2025.11", "--format", "csv"]);
    assert_eq!(outcome.code, 0);
    let mut rows = csv::Reader::from_reader(outcome.stdout.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let find = |metric: &str, stat: &str| {
        rows.iter()
            .find(|r| &r[2] == metric && &r[5] == stat)
            .map(|r| r[6].to_owned())
    };
    assert_eq!(find("http_req_failed", "passes").as_deref(), Some("31"));
    assert_eq!(
        find("http_req_duration{label:gateway-health}", "p(95)").as_deref(),
        Some("11.218577")
    );
}

#[test]
fn by_splits_every_metric_by_a_tag() {
    let outcome = run(&[
        "summary",
        "storefront",
        "--by",
        "team",
        "--stats",
        "count,p(99.9)",
    ]);
    assert_eq!(outcome.code, 0, "{outcome}");
    let line = outcome
        .stdout
        .lines()
        .find(|line| line.contains("{ team:storefront }"))
        .unwrap();
    assert!(
        line.contains("79.59%"),
        "custom rates are split, too: {line}"
    );
    let durations = outcome.stdout.split("http_req_duration.").nth(1).unwrap();
    let line = durations
        .lines()
        .find(|line| line.contains("{ team:storefront }"))
        .unwrap();
    assert!(
        line.contains("count=6881") && line.contains("p(99.9)="),
        "{line}"
    );
    assert!(!line.contains("avg="), "only what was asked for: {line}");
}

#[test]
fn by_needs_samples() {
    let outcome = run(&["summary", "machine-readable", "--by", "name"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("hint: give the stream"),
        "{outcome}"
    );
}

#[test]
fn by_a_tag_that_no_sample_has_is_refused_with_those_that_there_are() {
    let outcome = run(&["summary", "smoke/v2025.10", "--by", "labels"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome
            .stderr
            .contains("expected_response, group, label, method"),
        "{outcome}"
    );
}

/// Documents for machines keep names byte for byte.
#[test]
fn json_and_csv_keep_names_as_they_are() {
    let stream = "{\"type\":\"Point\",\"metric\":\"m\\u001b[31m\\u007f|\",\"data\":{\"time\":\"2026-01-01T00:00:00Z\",\"value\":1}}\n";
    for format in ["json", "csv"] {
        let outcome = run_in(
            &samples(),
            &["summary", "-", "--format", format],
            stream.as_bytes(),
        );
        let name = if format == "json" {
            "m\\u001b[31m\u{7f}|"
        } else {
            "m\u{1b}[31m\u{7f}|"
        };
        assert!(outcome.stdout.contains(name), "{outcome}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("stream.ndjson.gz");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    let stream = std::fs::read(samples().join("smoke/v2025.10/api-smoke.ndjson.gz")).unwrap();
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::write(pipe, stream)
    });
    let outcome = run(&["summary", pipe.to_str().unwrap(), "--format", "json"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stdout.contains("\"points\": 6547"), "{outcome}");
    writer.join().unwrap().unwrap();
}

#[test]
fn stdin_is_given_once() {
    let summary = std::fs::read(samples().join("smoke/v2025.10/api-smoke.json")).unwrap();
    let outcome = run_in(&samples(), &["summary", "-", "-"], &summary);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("given twice"), "{outcome}");
}

#[test]
fn the_same_samples_are_not_merged_twice() {
    let file = "smoke/v2025.10/api-smoke.ndjson.gz";
    for other in [
        "./smoke/v2025.10/api-smoke.ndjson.gz",
        "smoke/v2025.10/api-smoke.csv.gz",
    ] {
        let outcome = run(&["summary", "--merge", file, other]);
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(
            outcome.stderr.contains("they hold the same samples"),
            "{outcome}"
        );
    }
}

#[test]
fn an_unknown_statistic_is_wrong_usage() {
    let outcome = run(&["summary", "smoke/v2025.10", "--stats", "avg,p95"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("p95"), "{outcome}");
}

#[test]
fn stdin_is_a_run() {
    let stream = std::fs::read(samples().join("smoke/v2025.10/api-smoke.ndjson.gz")).unwrap();
    let outcome = run_in(&samples(), &["summary", "-"], &stream);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stdout.contains("stdin"), "{outcome}");
    assert!(
        outcome.stdout.contains("from the first to the last sample"),
        "{outcome}"
    );
}

#[test]
fn without_a_run_the_results_folder_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run_in(folder.path(), &["summary"], b"");
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("test-results/performance"),
        "{outcome}"
    );
    let results = folder.path().join("test-results/performance");
    std::fs::create_dir_all(&results).unwrap();
    std::fs::copy(
        samples().join("smoke/v2025.10/api-smoke.json"),
        results.join("api-smoke.json"),
    )
    .unwrap();
    let outcome = run_in(folder.path(), &["summary"], b"");
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stdout.contains("api-smoke"), "{outcome}");
}

#[test]
fn an_output_file_appears_whole_and_without_colours() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("summary.txt");
    let path = file.to_str().unwrap();
    let outcome = run(&["summary", "smoke/v2025.11", "-o", path]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (0, ""),
        "{outcome}"
    );
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("█ THRESHOLDS") && !text.contains('\x1b'),
        "{text}"
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left aside"
    );
    let outcome = run(&["summary", "smoke/v2025.11", "-o", "no/such/folder/x.txt"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("cannot write no/such/folder/x.txt"),
        "{outcome}"
    );
}

#[test]
fn a_second_stream_of_a_stem_is_a_run_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| {
        std::fs::copy(samples().join(from), folder.path().join(to)).unwrap();
    };
    copy("smoke/v2025.10/api-smoke.ndjson.gz", "api-smoke.ndjson.gz");
    copy("smoke/v2025.10/api-smoke.csv.gz", "api-smoke.csv.gz");
    copy("smoke/v2025.10/api-smoke.json", "api-smoke.json");
    copy(
        "smoke/v2025.11/api-smoke.ndjson.gz",
        "api-smoke.again.ndjson.gz",
    );
    let outcome = run_in(folder.path(), &["summary", ".", "--format", "json"], b"");
    assert_eq!(outcome.code, 0, "{outcome}");
    let json: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let formats = |run: usize| -> Vec<&str> {
        let sources = json["runs"][run]["sources"].as_array().unwrap();
        sources
            .iter()
            .map(|source| source["format"].as_str().unwrap())
            .collect()
    };
    assert_eq!(json["runs"].as_array().unwrap().len(), 2);
    assert_eq!(formats(0), ["json-stream", "handle-summary"]);
    assert_eq!(formats(1), ["json-stream"]);
    assert_eq!(json["runs"][0]["validity"]["verdict"], "valid");
}

#[test]
fn a_stream_that_contradicts_its_summary_is_invalid() {
    let outcome = run(&[
        "summary",
        "smoke/v2025.10/api-smoke.ndjson.gz",
        "smoke/v2025.11/api-smoke.json",
    ]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(
        outcome
            .stdout
            .contains("invalid: the stream contradicts its summary"),
        "{outcome}"
    );
}
