//! `pack --histogram`, and what it makes as a run like any other.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::runner::{Outcome, run_in, samples};

const ERROR: f64 = 0.005;

fn sample(path: &str) -> String {
    samples().join(path).display().to_string()
}

fn reduce(folder: &Path, stream: &str, output: &str, more: &[&str]) -> Outcome {
    let arguments = [&["pack", stream, "-o", output, "--histogram"], more].concat();
    run_in(folder, &arguments, b"")
}

fn reduced(folder: &Path, stream: &str, output: &str) {
    let outcome = reduce(folder, &sample(stream), output, &[]);
    assert_eq!(outcome.code, 0, "{outcome}");
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let outcome = run_in(folder, &[arguments, &["--format", "json"]].concat(), b"");
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome}"))
}

fn summary(folder: &Path, runs: &[&str]) -> Value {
    let document = json(folder, &[&["summary", "--alone"], runs].concat());
    document["runs"][0].clone()
}

/// Holds the numbers of a reduced run against those of the samples.
fn assert_within(error: f64, exact: &Value, reduced: &Value) {
    assert_eq!(reduced["error"], Value::from(error));
    for same in [
        "points",
        "checks",
        "duration_ms",
        "started_at",
        "ended_at",
        "validity",
    ] {
        assert_eq!(reduced[same], exact[same], "{same}");
    }
    let metrics = |run: &Value| run["metrics"].as_array().unwrap().clone();
    let (exact, reduced) = (metrics(exact), metrics(reduced));
    assert_eq!(exact.len(), reduced.len());
    let mut with_error = 0;
    for (exact, reduced) in exact.iter().zip(&reduced) {
        assert_eq!(exact["name"], reduced["name"]);
        assert_eq!(exact["contains"], reduced["contains"]);
        for (stat, value) in exact["values"].as_object().unwrap() {
            let (exact_value, found) = (value.as_f64().unwrap(), &reduced["values"][stat]);
            let found = found.as_f64().unwrap();
            let allowed = match stat.as_str() {
                "med" | "p(90)" | "p(95)" | "p(99)" => error * exact_value.abs(),
                // Sums of seconds are added up in another order than samples.
                "avg" | "count" | "rate" => 1e-12 * exact_value.abs(),
                _ => 0.0,
            };
            let off = (found - exact_value).abs();
            assert!(
                off <= allowed,
                "{} {stat}: {found}, {exact_value}",
                exact["name"]
            );
            with_error += i32::from(off > 1e-9 * exact_value.abs());
        }
    }
    assert!(with_error > 10, "only {with_error} numbers are not exact");
}

#[test]
fn a_reduced_run_says_what_the_run_says() {
    let folder = tempfile::tempdir().unwrap();
    for stream in [
        "storefront/storefront.ndjson.zst",
        "smoke/v2025.11/api-smoke.ndjson.gz",
        "journeys/v2025.11/user-journeys.ndjson.zst",
        "storefront-2022/storefront.ndjson.gz",
    ] {
        reduced(folder.path(), stream, "x.parquet");
        let exact = summary(folder.path(), &[&sample(stream)]);
        let found = summary(folder.path(), &["x.parquet"]);
        assert_within(ERROR, &exact, &found);
        assert_eq!(found["sources"][0]["format"], "histogram");
        fs::remove_file(folder.path().join("x.parquet")).unwrap();
    }
}

#[test]
fn another_error_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let stream = sample("storefront/storefront.ndjson.zst");
    let outcome = reduce(folder.path(), &stream, "x.parquet", &["--error", "2%"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    let exact = summary(folder.path(), &[&stream]);
    assert_within(0.02, &exact, &summary(folder.path(), &["x.parquet"]));
    for (error, because) in [
        ("0", "at most 10%"),
        ("11", "at most 10%"),
        ("x", "no number"),
    ] {
        let outcome = reduce(folder.path(), &stream, "y.parquet", &["--error", error]);
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(outcome.stderr.contains(because), "{outcome}");
    }
    let outcome = run_in(
        folder.path(),
        &["pack", &stream, "-o", "y.parquet", "--error", "1"],
        b"",
    );
    assert_eq!(outcome.code, 2, "{outcome}");
}

#[test]
fn parts_of_a_test_are_merged_reduced_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let pods = ["pod-1", "pod-2", "pod-3"].map(|pod| format!("pods/{pod}/user-journeys.ndjson.gz"));
    let files = ["p1", "p2", "p3"].map(|pod| format!("{pod}/user-journeys.parquet"));
    for (pod, file) in pods.iter().zip(&files) {
        reduced(folder.path(), pod, file);
    }
    let streams = pods.map(|pod| sample(&pod));
    let exact: Vec<&str> = streams.iter().map(String::as_str).collect();
    let exact = summary(folder.path(), &[&["--merge"], &exact[..]].concat());
    let all = ["--merge", &files[0], &files[1], &files[2]];
    assert_within(ERROR, &exact, &summary(folder.path(), &all));
    let mixed = ["--merge", &streams[0], &files[1], &streams[2]];
    assert_within(ERROR, &exact, &summary(folder.path(), &mixed));
}

#[test]
fn a_part_of_a_reduced_run_is_selected_by_whole_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let stream = "journeys/v2025.11/user-journeys.ndjson.zst";
    reduced(folder.path(), stream, "x.parquet");
    let by_tag = ["--where", "label=documents-feed"];
    let exact = summary(folder.path(), &[&by_tag[..], &[&sample(stream)]].concat());
    let found = summary(folder.path(), &[&by_tag[..], &["x.parquet"]].concat());
    assert_within(ERROR, &exact, &found);
    let later = summary(folder.path(), &["--from", "10s", "x.parquet"]);
    let all = summary(folder.path(), &["x.parquet"]);
    let points = |run: &Value| run["points"].as_u64().unwrap();
    assert!(points(&later) > points(&all) / 2 && points(&later) < points(&all));
}

#[test]
fn a_reduced_run_is_compared_like_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let runs = ["v2025.10", "v2025.11"];
    let streams = runs.map(|run| format!("journeys/{run}/user-journeys.ndjson.zst"));
    for (stream, to) in streams.iter().zip(["old", "new"]) {
        fs::create_dir(folder.path().join(to)).unwrap();
        reduced(
            folder.path(),
            stream,
            &format!("{to}/user-journeys.parquet"),
        );
    }
    let [old, new] = streams.map(|stream| sample(&stream));
    let diff = |before: &str, after: &str| json(folder.path(), &["diff", "--alone", before, after]);
    let exact = diff(&old, &new);
    let verdicts = |document: &Value| -> Vec<(String, String, String)> {
        let rows = document["pairs"][0]["rows"].as_array().unwrap().iter();
        let gating = rows.filter(|row| row["gate"] == true);
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        let mut verdicts: Vec<_> = gating
            .map(|row| (text(row, "name"), text(row, "stat"), text(row, "verdict")))
            .collect();
        // The surest come first, and how sure they are differs a little.
        verdicts.sort();
        verdicts
    };
    assert!(!verdicts(&exact).is_empty());
    for found in [
        diff("old/user-journeys.parquet", "new/user-journeys.parquet"),
        diff(&old, "new/user-journeys.parquet"),
    ] {
        assert_eq!(verdicts(&found), verdicts(&exact));
    }
    let same = diff(&new, "new/user-journeys.parquet");
    assert_eq!(same["verdict"], "unchanged");
}

#[test]
fn a_limit_within_the_error_is_not_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let stream = "journeys/v2025.11/user-journeys.ndjson.zst";
    reduced(folder.path(), stream, "x.parquet");
    let run = summary(folder.path(), &[&sample(stream)]);
    let metrics = run["metrics"].as_array().unwrap();
    let duration = metrics
        .iter()
        .find(|m| m["name"] == "http_req_duration")
        .unwrap();
    let p95 = duration["values"]["p(95)"].as_f64().unwrap();
    let avg = duration["values"]["avg"].as_f64().unwrap();
    let check = |expression: &str| {
        let threshold = format!("http_req_duration:{expression}");
        let arguments = ["check", "--alone", "x.parquet", "--threshold", &threshold];
        let document = json(folder.path(), &arguments);
        let thresholds = document["runs"][0]["thresholds"].as_array().unwrap();
        thresholds
            .iter()
            .find(|t| t["source"] == "cli")
            .unwrap()
            .clone()
    };
    let near = check(&format!("p(95)<{}", p95 * 1.0001));
    assert_eq!(near["verdict"], "no_data");
    assert_eq!(near["error"], ERROR);
    assert!(
        near["note"].as_str().unwrap().contains("sql --exact"),
        "{near}"
    );
    assert_eq!(check(&format!("p(95)<{}", p95 * 1.02))["verdict"], "passed");
    assert_eq!(check(&format!("p(95)<{}", p95 * 0.98))["verdict"], "failed");
    assert_eq!(check(&format!("p(95)!={p95}"))["verdict"], "no_data");
    // A mean is exact.
    let mean = check(&format!("avg<{}", avg * 1.000_001));
    assert_eq!(
        (mean["verdict"].as_str(), &mean["error"]),
        (Some("passed"), &Value::Null)
    );
}

#[test]
fn a_page_of_a_reduced_run_has_all_its_charts() {
    let folder = tempfile::tempdir().unwrap();
    let stream = "journeys/v2025.11/user-journeys.ndjson.zst";
    reduced(folder.path(), stream, "x.parquet");
    let page = |run: &str| {
        let outcome = run_in(folder.path(), &["html", "--alone", run, "-o", "-"], b"");
        assert_eq!(outcome.code, 0, "{outcome}");
        outcome.stdout
    };
    let (exact, found) = (page(&sample(stream)), page("x.parquet"));
    let charts = |page: &str| page.matches("<svg").count();
    assert!(charts(&exact) > 5);
    assert_eq!(charts(&found), charts(&exact));
    assert!(found.contains("edians and percentiles are from histograms"));
}

#[test]
fn an_archived_histogram_is_the_same_run() {
    let folder = tempfile::tempdir().unwrap();
    reduced(
        folder.path(),
        "smoke/v2025.11/api-smoke.ndjson.gz",
        "api-smoke.parquet",
    );
    let add = ["archive", "add", "api-smoke.parquet", "--release", "v1"];
    let outcome = run_in(folder.path(), &add, b"");
    assert_eq!(outcome.code, 0, "{outcome}");
    let metrics = |run: &str| summary(folder.path(), &[run])["metrics"].clone();
    assert_eq!(metrics("@v1"), metrics("api-smoke.parquet"));
}

#[test]
fn broken_histograms_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    reduced(
        folder.path(),
        "smoke/v2025.11/api-smoke.ndjson.gz",
        "whole.parquet",
    );
    let whole = fs::read(at("whole.parquet")).unwrap();
    fs::write(at("cut.parquet"), &whole[..whole.len() / 2]).unwrap();
    let outcome = run_in(folder.path(), &["summary", "cut.parquet"], b"");
    assert_eq!(outcome.code, 2, "{outcome}");
    // Bytes that are changed anywhere are an error or, in what nobody reads, none; never another number.
    let numbers = |file: &str| summary(folder.path(), &[file])["metrics"].clone();
    let sound = numbers("whole.parquet");
    for place in (0..whole.len()).step_by(whole.len() / 60) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x55;
        fs::write(at("bent.parquet"), &bytes).unwrap();
        let outcome = run_in(folder.path(), &["summary", "bent.parquet"], b"");
        assert!(matches!(outcome.code, 0 | 2), "byte {place}: {outcome}");
        if outcome.code == 0 {
            assert_eq!(numbers("bent.parquet"), sound, "byte {place}");
        }
    }
    // One part of a run twice.
    fs::create_dir(at("parts")).unwrap();
    fs::write(at("parts/part-0.parquet"), &whole).unwrap();
    fs::write(at("parts/part-1.parquet"), &whole).unwrap();
    let outcome = run_in(folder.path(), &["summary", "parts"], b"");
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(outcome.stderr.contains("is a copy of"), "{outcome}");
    let outcome = run_in(
        folder.path(),
        &["pack", "-", "-o", "x.parquet", "--histogram"],
        b"no\n",
    );
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(!at("x.parquet").exists() && !at("x.parquet.partial").exists());
}

#[test]
fn no_change_is_seen_or_excluded_within_the_error() {
    let folder = tempfile::tempdir().unwrap();
    let stream = sample("journeys/v2025.11/user-journeys.ndjson.zst");
    for (to, error) in [("coarse.parquet", "8%"), ("fine.parquet", "0.5%")] {
        let outcome = reduce(folder.path(), &stream, to, &["--error", error]);
        assert_eq!(outcome.code, 0, "{outcome}");
    }
    let row = |candidate: &str| {
        let document = json(folder.path(), &["diff", "--alone", &stream, candidate]);
        let rows = document["pairs"][0]["rows"].as_array().unwrap().clone();
        let of = |row: &Value| row["name"] == "http_req_duration{label:tasks-list}";
        let mut rows = rows.into_iter().filter(of);
        rows.find(|row| row["stat"] == "p(95)").unwrap()
    };
    let (coarse, fine) = (row("coarse.parquet"), row("fine.parquet"));
    assert_eq!(
        (&fine["error"], &fine["verdict"]),
        (&0.005.into(), &"unchanged".into())
    );
    assert_eq!(
        (&coarse["error"], &coarse["verdict"]),
        (&0.08.into(), &"inconclusive".into())
    );
    assert!(
        coarse["reason"]
            .as_str()
            .unwrap()
            .contains("only the samples can tell")
    );
}

#[test]
fn a_histogram_is_not_packed_again() {
    let folder = tempfile::tempdir().unwrap();
    reduced(
        folder.path(),
        "smoke/v2025.11/api-smoke.ndjson.gz",
        "x.parquet",
    );
    for more in [&[][..], &["--histogram"]] {
        let pack = [&["pack", "x.parquet", "-o", "y.parquet"], more].concat();
        let outcome = run_in(folder.path(), &pack, b"");
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(outcome.stderr.contains("no samples are left"), "{outcome}");
        assert!(!folder.path().join("y.parquet").exists());
    }
}
