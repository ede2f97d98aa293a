//! `--from`, `--until`, `--skip`, `--exclude-setup`, `--scenario`, `--where`

use std::io::Read as _;

use super::runner::{Outcome, run, run_in, samples};

/// The value of a statistic in `summary --format csv`.
fn value(outcome: &Outcome, metric: &str, stat: &str) -> f64 {
    let is_it = |row: &csv::StringRecord| &row[2] == metric && &row[5] == stat;
    let mut rows = csv::Reader::from_reader(outcome.stdout.as_bytes());
    let row = rows.records().map(Result::unwrap).find(is_it);
    row.unwrap_or_else(|| panic!("{metric} {stat}: {outcome}"))[6]
        .parse()
        .unwrap()
}

/// The samples of a recorded stream, as its lines tell them.
fn points(stream: &str) -> Vec<serde_json::Value> {
    let file = std::fs::File::open(samples().join(stream)).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .filter(|line: &serde_json::Value| line["type"] == "Point")
        .collect()
}

const STREAM: &str = "smoke/v2025.11/api-smoke.ndjson.gz";

fn durations(keep: impl Fn(&serde_json::Value) -> bool) -> Vec<f64> {
    let points = points(STREAM);
    let of_requests = points.iter().filter(|p| p["metric"] == "http_req_duration");
    of_requests
        .filter(|p| keep(&p["data"]))
        .map(|p| p["data"]["value"].as_f64().unwrap())
        .collect()
}

fn summary(args: &[&str]) -> Outcome {
    let outcome = run(&[&["summary", STREAM, "--format", "csv"], args].concat());
    assert_eq!(outcome.code, 0, "{outcome}");
    outcome
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn tags_select_what_the_lines_with_these_tags_hold() {
    let expected = durations(|data| {
        data["tags"]["status"] == "200" && data["tags"]["label"] == "release-controls"
    });
    assert!(expected.len() > 100);
    let outcome = summary(&["--where", "status=200,label=release-controls"]);
    assert_eq!(
        value(&outcome, "http_req_duration", "count"),
        expected.len() as f64
    );
    assert_eq!(value(&outcome, "http_req_duration", "avg"), mean(&expected));
    // The run's time is that of the selection, too.
    let rate = value(&outcome, "http_reqs", "rate");
    assert!(
        (rate - expected.len() as f64 / 20.09).abs() < 0.02,
        "{rate}"
    );
    // An endpoint has the name that reports give it.
    let named = summary(&["--where", "name=/v1/health"]);
    let health = durations(|data| data["tags"]["label"] == "gateway-health");
    assert_eq!(value(&named, "http_req_duration", "avg"), mean(&health));
}

#[test]
fn a_window_cuts_at_both_ends_and_rates_are_its_own() {
    let points = points(STREAM);
    let time = |p: &serde_json::Value| {
        chrono::DateTime::parse_from_rfc3339(p["time"].as_str().unwrap())
            .unwrap()
            .timestamp_nanos_opt()
            .unwrap()
    };
    let start = points.iter().map(|p| time(&p["data"])).min().unwrap();
    let second = 1_000_000_000;
    let within = durations(|data| (start + 5 * second..start + 15 * second).contains(&time(data)));
    let outcome = summary(&["--from", "5s", "--until", "15s"]);
    assert_eq!(
        value(&outcome, "http_req_duration", "count"),
        within.len() as f64
    );
    assert_eq!(value(&outcome, "http_req_duration", "avg"), mean(&within));
    let requests = value(&outcome, "http_reqs", "count");
    assert!((value(&outcome, "http_reqs", "rate") - requests / 10.0).abs() < 1e-9);
    let skipped = summary(&["--skip", "5s", "--until", "15s"]);
    assert_eq!(skipped.stdout, outcome.stdout);
    let absolute = chrono::DateTime::from_timestamp_nanos(start + 5 * second).to_rfc3339();
    assert_eq!(
        summary(&["--from", &absolute, "--until", "15s"]).stdout,
        outcome.stdout
    );
}

#[test]
fn setup_and_scenarios_can_be_told_apart() {
    let of = |args: &[&str]| {
        let outcome = run(&[
            &[
                "summary",
                "storefront/storefront.ndjson.zst",
                "--format",
                "csv",
            ],
            args,
        ]
        .concat());
        assert_eq!(outcome.code, 0, "{outcome}");
        outcome
    };
    let all = value(&of(&[]), "http_reqs", "count");
    let without = value(&of(&["--exclude-setup"]), "http_reqs", "count");
    let setup = value(&of(&["--where", "group=::setup"]), "http_reqs", "count");
    let teardown = run(&[
        "summary",
        "storefront/storefront.ndjson.zst",
        "--format",
        "csv",
        "--where",
        "group=::teardown",
    ]);
    let teardown = if teardown.code == 0 {
        value(&teardown, "http_reqs", "count")
    } else {
        0.0
    };
    assert!(
        setup > 0.0 && without == all - setup - teardown,
        "{all} {without} {setup} {teardown}"
    );
    let checkout = of(&["--scenario", "checkout"]);
    let whole = of(&["--where", "scenario=checkout"]);
    let count = value(&checkout, "http_req_duration", "count");
    assert_eq!(count, 1184.0);
    assert_eq!(count, value(&whole, "http_req_duration", "count"));
    let both = of(&["--scenario", "checkout", "--scenario", "browse"]);
    assert!(value(&both, "http_req_duration", "count") > count, "{both}");
}

#[test]
fn every_report_says_what_was_selected() {
    const SAID: &str = "only a part of the run: from 5s, status=200; ";
    let select = ["--from", "5s", "--where", "status=200"];
    for (command, formats) in [
        (
            &["summary", "smoke/v2025.11"][..],
            &["text", "json", "markdown", "junit"][..],
        ),
        (
            &["check", "smoke/v2025.11"],
            &["text", "json", "markdown", "junit"],
        ),
        (
            &["diff", "smoke/v2025.10", "smoke/v2025.11"],
            &["text", "json", "markdown", "junit"],
        ),
    ] {
        for format in formats {
            let outcome = run(&[command, &select, &["--format", format]].concat());
            let shown = &outcome.stdout;
            assert!(shown.contains(SAID), "{command:?} {format}: {outcome}");
        }
    }
    let html = run(&[&["html", "smoke/v2025.11", "-o", "-"], &select[..]].concat());
    assert!(
        html.stdout.contains("nly a part of the run: from 5s"),
        "{}",
        html.stderr
    );
}

#[test]
fn thresholds_are_evaluated_of_the_selection_and_k6s_verdict_is_of_another() {
    let outcome = run(&["check", "smoke/v2025.11", "--where", "status=200"]);
    assert!(
        outcome.stdout.contains("✓ 'rate<0.02' rate=0%"),
        "{outcome}"
    );
    assert!(!outcome.stdout.contains("k6 said"), "{outcome}");
    // What a threshold stands on, and the selection leaves out, is no silent pass.
    let outcome = run(&[
        "check",
        "storefront/storefront.ndjson.zst",
        "--where",
        "status=200",
    ]);
    assert_eq!(outcome.code, 99);
    assert!(outcome.stdout.contains("? 'rate>0.9' no data"), "{outcome}");
}

#[test]
fn what_selects_nothing_or_cannot_be_selected_from_is_refused() {
    let outcomes = [
        run(&["summary", STREAM, "--where", "status=999"]),
        run(&["summary", STREAM, "--where", "statsu=200"]),
        run(&["summary", STREAM, "--scenario", "nobody"]),
        run(&["summary", STREAM, "--from", "1h"]),
        run(&["summary", STREAM, "--until", "2020-01-01T00:00:00Z"]),
        run(&["check", "smoke/v2025.11/api-smoke.json", "--skip", "5s"]),
        run(&["summary", STREAM, "--skip", "2026-11-23T08:50:18Z"]),
        run(&["summary", STREAM, "--from", "soon"]),
        run(&["summary", STREAM, "--where", "status"]),
        run_in(
            &samples(),
            &["summary", "-", "--exclude-setup"],
            b"{\"metrics\": {}}",
        ),
    ];
    let mut all = String::new();
    for outcome in outcomes {
        assert_eq!(outcome.code, 2, "{outcome}");
        all.push_str(&outcome.stderr);
    }
    insta::assert_snapshot!(all);
}

#[test]
fn merged_pods_are_cut_together() {
    let outcome = run(&[
        "summary", "pods", "--merge", "--skip", "3s", "--format", "csv",
    ]);
    assert_eq!(outcome.code, 0, "{outcome}");
    let whole = run(&["summary", "pods", "--merge", "--format", "csv"]);
    let count = |outcome| value(outcome, "http_req_duration", "count");
    assert!(count(&outcome) < count(&whole) && count(&outcome) > 0.5 * count(&whole));
}

/// Reports call an endpoint by its method and its name.
#[test]
fn an_endpoint_is_selected_by_what_reports_call_it() {
    let run = samples().join("smoke/v2025.11/api-smoke.ndjson.gz");
    let run = run.display().to_string();
    let count = |name: &str| {
        let filter = format!("name={name}");
        let args = ["summary", &run, "--where", &filter, "--format", "csv"];
        run_in(&samples(), &args, b"")
    };
    let with_method = count("GET /v1/health");
    assert_eq!(with_method.code, 0, "{with_method}");
    assert!(
        with_method.stdout.contains("http_reqs,counter,,count,241"),
        "{with_method}"
    );
    assert_eq!(count("/v1/health").stdout, with_method.stdout);
    let other = count("PUT /v1/health");
    assert_eq!(other.code, 2, "{other}");
}
