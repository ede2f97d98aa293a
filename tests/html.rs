//! The HTML report: complete, self-contained, safe, and the same every time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::sample;

fn html(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perf-report"));
    command.current_dir(folder).arg("html").args(args);
    command.output().unwrap()
}

/// The page of these inputs.
fn page(args: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = html(folder.path(), &[args, &["-o", "page.html"]].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {stderr}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "wrote page.html\n");
    fs::read_to_string(folder.path().join("page.html")).unwrap()
}

/// Asserts what holds of every page: nothing is loaded from anywhere, nothing runs.
fn assert_self_contained(page: &str) {
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    for forbidden in [
        "http://",
        "https://",
        "src=",
        "@import",
        "url(",
        "<script",
        "<link",
        "<iframe",
        " style=",
        " onload",
        "<base",
        "http-equiv",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    for link in page.split("href=\"").skip(1) {
        assert!(link.starts_with('#'), "{}", &link[..40]);
    }
    assert_eq!(page.matches("<h1").count(), 1);
    // Where a policy forbids inline styles, one width of each chart is enough.
    let narrow = page.matches("class=\"narrow\"").count();
    assert_eq!(page.matches("class=\"narrow\" hidden>").count(), narrow);
    // Every link has its target.
    for link in page.split("href=\"#").skip(1) {
        let id = link.split('"').next().unwrap();
        assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
    }
}

#[test]
fn every_sample_becomes_a_complete_page() {
    let pods = ["pods/pod-1", "pods/pod-2", "pods/pod-3"].map(sample);
    let one = |path: &str| vec![sample(path)];
    let merged = [pods.to_vec(), vec!["--merge".to_owned()]].concat();
    for (args, charts) in [
        (one("smoke/v2025.10"), 3),
        (one("smoke/v2025.11"), 3),
        (one("smoke/v2025.11/api-smoke.csv.gz"), 3),
        (one("journeys/v2025.11"), 3),
        (one("storefront"), 3),
        (one("storefront-2022"), 1),
        (merged, 3),
        (one("machine-readable/storefront.json"), 0),
        (
            [
                one("storefront/storefront.export.json"),
                vec!["--alone".to_owned()],
            ]
            .concat(),
            0,
        ),
    ] {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let page = page(&args);
        assert_self_contained(&page);
        // A run of less than two seconds, such as that of 2022, has no course over time.
        for width in [9_600, 3_400] {
            let drawn = page
                .matches(&format!("<svg viewBox=\"0 0 {width} "))
                .count();
            assert_eq!(drawn, charts, "{args:?}");
        }
        assert_eq!(page.contains("--out json&#x3D;"), charts == 0, "{args:?}");
        for number in ["NaN", "inf", "undefined"] {
            assert!(!page.contains(&format!(">{number}")), "{args:?}: {number}");
        }
    }
}

#[test]
fn the_head_tells_the_story() {
    let page = page(&[&sample("smoke/v2025.11")]);
    for text in [
        "2 of 3 thresholds crossed.",
        "http_req_duration{label:gateway-health} p(95) is 11.22ms, limit 8ms.",
        "http_req_failed rate is 6.43%, limit 2%.",
        "2026-11-23 08:50:18 UTC",
        "31 of 482",
        "POST /v1/release-controls/check",
        "limit rate&lt;0.02",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let slow = page.find("POST /v1/release-controls/check").unwrap();
    assert!(slow < page.find("GET /v1/health").unwrap(), "slowest first");
}

#[test]
fn a_passing_run_says_so_and_how_closely() {
    let page = page(&[&sample("smoke/v2025.10")]);
    assert!(page.contains("All 3 thresholds hold. The closest:"));
    assert!(!page.contains("✕"));
}

#[test]
fn a_threshold_without_data_is_shown_as_such() {
    let page = page(&[
        &sample("smoke/v2025.10"),
        "--threshold",
        "http_req_duration{label:nothing}:p(95)<5",
    ]);
    assert!(page.contains("1 of 4 thresholds has no data, which is a failure"));
    assert!(page.contains("<b>no data</b>"));
}

#[test]
fn a_verdict_that_differs_from_k6s_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let summary = r#"{"metrics":{"http_req_duration":{"type":"trend","contains":"time",
        "values":{"avg":50,"min":1,"med":40,"max":90,"p(90)":80,"p(95)":85},
        "thresholds":{"avg<10":{"ok":true},"p(99)<5":{"ok":false}}}}}"#;
    fs::write(folder.path().join("odd.json"), summary).unwrap();
    let output = html(folder.path(), &["odd.json", "-o", "page.html"]);
    assert!(output.status.success());
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert_self_contained(&page);
    assert!(page.contains("k6 said passed"));
}

#[test]
fn a_cut_stream_is_a_remark() {
    let page = page(&[&sample("broken/cut-stream.ndjson")]);
    assert!(page.contains("<b>Suspect</b> The stream is cut"));
    let page = self::page(&[&sample("broken/bad-lines.ndjson")]);
    assert!(page.contains("<b>Skipped</b>") && page.contains("the first is line"));
}

/// A stream in which every text that a script can choose tries to become markup.
fn hostile_stream() -> String {
    let evil = r#"</title></style></svg><script>alert(1)</script><img src=x onerror=alert(2)>\" ' & {{story.name}} \u202e\nשלום"#;
    let metric = r#"{"type":"Metric","data":{"name":"METRIC","type":"TYPE","contains":"CONTAINS","thresholds":["p(95)<5"],"submetrics":[{"name":"METRIC{x:EVIL}","suffix":"x:EVIL","tags":{"x":"EVIL"}}]},"metric":"METRIC"}"#;
    let mut stream = String::new();
    for (name, kind, contains) in [
        ("http_req_duration", "trend", "time"),
        ("<b>custom</b>", "trend", "default"),
    ] {
        let line = metric.replace("METRIC", name).replace("TYPE", kind);
        stream += &line.replace("CONTAINS", contains).replace("EVIL", evil);
        stream.push('\n');
    }
    for second in 10..40 {
        for (name, value) in [
            ("http_req_duration", "12.5"),
            ("http_reqs", "1"),
            ("http_req_failed", "1"),
            ("checks", "0"),
            ("<b>custom</b>", "3"),
        ] {
            let point = r#"{"metric":"NAME","type":"Point","data":{"time":"2026-01-01T00:00:SECONDZ","value":VALUE,"tags":{"name":"EVIL","method":"EVIL","status":"EVIL","error":"EVIL","error_code":"EVIL","expected_response":"false","check":"EVIL","group":"::EVIL::EVIL","scenario":"EVIL","x":"EVIL"}}}"#;
            let point = point.replace("NAME", name).replace("VALUE", value);
            stream += &point
                .replace("SECOND", &second.to_string())
                .replace("EVIL", evil);
            stream.push('\n');
        }
    }
    stream
}

#[test]
fn whatever_a_script_names_stays_text() {
    let folder = tempfile::tempdir().unwrap();
    let name = "<img src=x onerror=alert(3)>.ndjson";
    fs::write(folder.path().join(name), hostile_stream()).unwrap();
    let output = html(folder.path(), &[name, "-o", "page.html"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("&lt;script&gt;alert(1)"), "the text is there");
    for markup in [
        "<script",
        "<img",
        "<b>custom",
        "\u{202e}",
        "</title></style>",
    ] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(page.contains("{{story.name}}"), "a text is no template");
    assert_eq!(page.matches("</style>").count(), 1);
    assert_eq!(page.matches("<h1").count(), 1);
}

#[test]
fn identical_inputs_give_identical_bytes() {
    let input = sample("storefront");
    let render = |zone: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        let status = Command::new(env!("CARGO_BIN_EXE_perf-report"))
            .args(["html", &input, "-o", path.to_str().unwrap()])
            .env("TZ", zone)
            .env("LANG", "de_DE.UTF-8")
            .status();
        assert!(status.unwrap().success());
        fs::read(path).unwrap()
    };
    assert!(render("UTC") == render("Asia/Kathmandu"));
}

fn copy(from: &str, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(sample(from), to).unwrap();
}

#[test]
fn without_arguments_reports_land_beside_their_summaries() {
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("test-results/performance");
    copy(
        "smoke/v2025.10/api-smoke.json",
        &results.join("api-smoke.json"),
    );
    copy(
        "journeys/v2025.10/user-journeys.json",
        &results.join("user-journeys.json"),
    );
    let output = html(folder.path(), &[]);
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "wrote test-results/performance/api-smoke.html\n\
         wrote test-results/performance/user-journeys.html\n"
    );
    assert!(results.join("api-smoke.html").exists());
    // A report is no input: a second time gives the same.
    assert_eq!(html(folder.path(), &[]).stdout, output.stdout);
}

#[test]
fn a_folder_takes_several_reports_and_a_file_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let (smoke, journeys) = (sample("smoke/v2025.10"), sample("journeys/v2025.10"));
    let output = html(folder.path(), &[&smoke, &journeys, "-o", "out/"]);
    assert!(output.status.success());
    for name in ["api-smoke.html", "user-journeys.html"] {
        assert!(folder.path().join("out").join(name).exists(), "{name}");
    }
    let output = html(folder.path(), &[&smoke, &journeys, "-o", "one.html"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!folder.path().join("one.html").exists());
}

#[test]
fn no_report_overwrites_another() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (sample("smoke/v2025.10"), sample("smoke/v2025.11"));
    let output = html(folder.path(), &[&old, &new, "-o", "out/"]);
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "wrote out/v2025.10-api-smoke.html\nwrote out/v2025.11-api-smoke.html\n"
    );
    let output = html(folder.path(), &[&old, &old, "-o", "twice/"]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("would be one file"), "{stderr}");
    assert_eq!(
        fs::read_dir(folder.path().join("twice")).map_or(0, Iterator::count),
        0
    );
}

#[test]
fn stdout_takes_one_report() {
    let folder = tempfile::tempdir().unwrap();
    let smoke = sample("smoke/v2025.10");
    let output = html(folder.path(), &[&smoke, "-o", "-"]);
    assert!(output.stdout.starts_with(b"<!doctype html>"));
    let output = html(
        folder.path(),
        &[&smoke, &sample("journeys/v2025.10"), "-o", "-"],
    );
    assert_eq!(output.status.code(), Some(2));
}
