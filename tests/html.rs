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

/// A page without the script that is part of the program.
fn without_script(page: &str) -> String {
    let script = include_str!("../templates/report.js");
    assert_eq!(
        page.matches(script).count(),
        1,
        "one script, and that is ours"
    );
    page.replace(&format!("<script>\n{script}</script>"), "")
}

/// Asserts what holds of every page: nothing is loaded from anywhere, nothing of it comes from a file
/// of k6's.
fn assert_self_contained(page: &str) {
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    let page = &without_script(page);
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
        (one("smoke/v2025.10"), 7),
        (one("smoke/v2025.11"), 7),
        (one("smoke/v2025.11/api-smoke.csv.gz"), 7),
        (one("journeys/v2025.11"), 8),
        (one("storefront"), 8),
        (one("storefront-2022"), 2),
        (merged, 8),
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
            let drawn = page.matches(&format!("viewBox=\"0 0 {width} ")).count();
            assert_eq!(drawn, charts, "{args:?}");
        }
        assert_eq!(page.contains("--out json="), charts == 0, "{args:?}");
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
        "http_req_duration{label:gateway-health} p(95) is 11.2\u{a0}ms, limit 8\u{a0}ms.",
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
    let page = without_script(&page);
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
    assert!(
        !results.join("index.html").exists(),
        "only a folder that was asked for has a list"
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
    let index = fs::read_to_string(folder.path().join("out/index.html")).unwrap();
    for name in ["api-smoke.html", "user-journeys.html"] {
        assert!(folder.path().join("out").join(name).exists(), "{name}");
        assert!(index.contains(&format!("<a href=\"{name}\">")), "{name}");
    }
    assert!(index.contains("Of 2 runs: 2 passed."));
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
        "wrote out/v2025.10-api-smoke.html\nwrote out/v2025.11-api-smoke.html\n\
         wrote out/index.html\n"
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

#[test]
fn what_changed_since_the_baseline_is_the_verdict() {
    let (before, after) = (sample("journeys/v2025.10"), sample("journeys/v2025.11"));
    let page = page(&[&after, "--baseline", &before]);
    assert_self_contained(&page);
    assert!(page.contains("<title>Regressed: user-journeys"));
    assert!(page.contains("documents-feed became slower: p(95) from 81.9\u{a0}ms to 97.9\u{a0}ms"));
    assert!(page.contains("<h2>Against the baseline</h2>"));
    assert!(page.contains("class=\"plot\""));
    // Behind every chart over time, the distribution, the tail and the load, in both widths.
    for chart in [
        "Load and failures over time",
        "Percentiles over time",
        "Data over time",
        "Distribution of durations",
        "Percentiles of durations",
        "Durations against the load",
        "The run at a glance",
    ] {
        let drawn: Vec<&str> = page
            .split("<svg")
            .filter(|svg| svg.contains(chart))
            .collect();
        assert_eq!(drawn.len(), 2, "{chart}");
        for svg in drawn {
            assert!(
                svg.contains("line-before") || svg.contains("fill-before"),
                "{chart}"
            );
        }
    }
    let alone = self::page(&[&after]);
    assert!(!alone.contains("line-before\"") && !alone.contains("Against the baseline"));
}

#[test]
fn several_runs_of_a_baseline_are_repetitions() {
    let after = sample("journeys/v2025.11");
    let one = sample("journeys/v2025.10");
    let page = page(&[
        &after,
        "--baseline",
        &one,
        "--baseline",
        &sample("smoke/v2025.10"),
    ]);
    assert!(
        page.contains("Against the baseline"),
        "the other name is left aside"
    );
    let folder = tempfile::tempdir().unwrap();
    let output = html(
        folder.path(),
        &[&after, "--baseline", &one, "--baseline", &one],
    );
    assert_eq!(output.status.code(), Some(2));
    let twice = [
        after.as_str(),
        &sample("smoke/v2025.11"),
        "--baseline",
        &one,
        "-o",
        "out/",
    ];
    let output = html(folder.path(), &twice);
    assert!(output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("api-smoke has no baseline of its name"),
        "{stderr}"
    );
}

#[test]
fn a_loosened_threshold_and_one_that_is_gone_are_shown() {
    let summary = |thresholds: &str| {
        format!(
            r#"{{"metrics":{{"http_req_duration":{{"type":"trend","contains":"time",
            "values":{{"avg":50,"min":1,"med":40,"max":90,"p(90)":80,"p(95)":85}},
            "thresholds":{{{thresholds}}}}}}}}}"#
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, thresholds: &str| {
        fs::write(folder.path().join(name), summary(thresholds)).unwrap();
    };
    write(
        "before.json",
        r#""p(95)<100":{"ok":true},"avg<60":{"ok":true}"#,
    );
    write("after.json", r#""p(95)<200":{"ok":true}"#);
    let args = ["after.json", "--baseline", "before.json", "-o", "page.html"];
    assert!(html(folder.path(), &args).status.success());
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("loosened since the baseline: p(95)&lt;100"));
    assert!(
        page.contains("Gone since the baseline:</b> <code>http_req_duration: avg&lt;60</code>")
    );
}

/// A stream of a metric line for each metric and these samples: metric, tags, milliseconds, value.
fn stream(metrics: &[(&str, &str, &str)], samples: &[(&str, &str, u32, f64)]) -> String {
    let mut stream = String::new();
    for (name, kind, contains) in metrics {
        let line = format!(
            r#"{{"type":"Metric","data":{{"name":"{name}","type":"{kind}","contains":"{contains}","thresholds":[],"submetrics":null}},"metric":"{name}"}}"#
        );
        stream += &(line + "\n");
    }
    for (metric, tags, ms, value) in samples {
        let (second, ms) = (ms / 1000, ms % 1000);
        let (minute, second) = (second / 60, second % 60);
        let (hour, minute) = (minute / 60, minute % 60);
        let line = format!(
            r#"{{"metric":"{metric}","type":"Point","data":{{"time":"2026-01-01T{hour:02}:{minute:02}:{second:02}.{ms:03}Z","value":{value},"tags":{{{tags}}}}}}}"#
        );
        stream += &(line + "\n");
    }
    stream
}

fn page_of(stream: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made-up.ndjson");
    fs::write(&path, stream).unwrap();
    page(&[path.to_str().unwrap()])
}

const DURATION: (&str, &str, &str) = ("http_req_duration", "trend", "time");

#[test]
fn fast_errors_do_not_look_like_speed() {
    let (good, bad) = (
        r#""name":"x","method":"GET","expected_response":"true""#,
        r#""name":"x","method":"GET","expected_response":"false""#,
    );
    let mut samples = Vec::new();
    for i in 0..200 {
        samples.push(("http_req_duration", good, i * 100, 100.0));
        samples.push(("http_req_duration", bad, i * 100, 1.0));
    }
    let page = page_of(&stream(&[DURATION], &samples));
    let row = page
        .split("<tr><th scope=\"row\">GET x</th>")
        .nth(1)
        .unwrap();
    let row = row.split("</tbody>").next().unwrap();
    let (expected, failed) = row.split_once("failed responses").unwrap();
    assert!(
        expected.contains("50%") && expected.contains("<b>100 ms</b>"),
        "{expected}"
    );
    assert!(
        failed.contains(">200<") && failed.contains(">1 ms<"),
        "{failed}"
    );
}

#[test]
fn what_is_not_http_has_its_sections() {
    let metrics = [
        ("browser_web_vital_lcp", "trend", "time"),
        ("browser_web_vital_cls", "trend", "default"),
        ("grpc_req_duration", "trend", "time"),
        ("ws_session_duration", "trend", "time"),
        ("basket_size", "trend", "default"),
        ("dropped_iterations", "counter", "default"),
        ("group_duration", "trend", "time"),
    ];
    let mut samples = Vec::new();
    for i in 0..40_u32 {
        let ms = i * 500;
        samples.push(("browser_web_vital_lcp", "", ms, 4500.0));
        samples.push(("browser_web_vital_cls", "", ms, 0.05));
        samples.push((
            "grpc_req_duration",
            r#""name":"pkg.Svc/Call","method":"Call""#,
            ms,
            7.0,
        ));
        samples.push(("ws_session_duration", "", ms, 900.0));
        samples.push(("basket_size", "", ms, f64::from(i)));
        samples.push(("group_duration", r#""group":"::shop::pay""#, ms, 20.0));
    }
    samples.push(("dropped_iterations", "", 9_000, 3.0));
    let page = page_of(&stream(&metrics, &samples));
    for id in ["browser", "grpc", "websocket", "custom", "groups"] {
        assert!(page.contains(&format!("<section id=\"{id}\">")), "{id}");
    }
    let vital = |name: &str| {
        page.split(name)
            .nth(1)
            .unwrap()
            .split("</tr>")
            .next()
            .unwrap()
    };
    assert!(vital("Largest Contentful Paint").contains("poor"));
    assert!(vital("Largest Contentful Paint").contains("4 s"));
    assert!(vital("Cumulative Layout Shift").contains("</span> good"));
    assert!(page.contains("shop › pay"));
    assert!(page.contains("Dropped iterations"));
    assert!(page.contains("k6 dropped 3 iterations"));
    assert!(page.contains("<code>basket_size</code></b> <span class=\"soft\">median: 0.5 to 38.5"));
    let plain = self::page(&[&sample("smoke/v2025.10")]);
    assert!(!plain.contains("id=\"browser\"") && !plain.contains("id=\"custom\""));
}

#[test]
fn any_length_gives_a_small_page_in_which_the_peak_survives() {
    let many = |what: &str| {
        (0..400)
            .map(|i| format!("{what}-{i}-{}", "x".repeat(120)))
            .collect()
    };
    let (endpoints, customs): (Vec<String>, Vec<String>) = (many("endpoint"), many("custom"));
    let tags: Vec<String> = endpoints
        .iter()
        .map(|name| {
            format!(r#""name":"{name}","method":"GET","check":"{name}","group":"::{name}""#)
        })
        .collect();
    let kinds = [
        "http_req_duration",
        "http_req_waiting",
        "http_reqs",
        "checks",
        "group_duration",
    ];
    let mut metrics = vec![
        DURATION,
        ("http_req_waiting", "trend", "time"),
        ("http_reqs", "counter", "default"),
        ("checks", "rate", "default"),
        ("group_duration", "trend", "time"),
    ];
    metrics.extend(customs.iter().map(|name| (name.as_str(), "trend", "time")));
    let mut samples = Vec::new();
    for i in 0..16_000_u32 {
        let (ms, endpoint) = (i * 1_000, i as usize % 400);
        let value = f64::from(i * 7919 % 1000) / 3.0 + 1.0;
        for kind in kinds {
            samples.push((kind, tags[endpoint].as_str(), ms, value));
        }
        samples.push((customs[endpoint].as_str(), "", ms, value));
    }
    samples.push(("http_req_duration", tags[0].as_str(), 7_777_000, 98_765.0));
    let page = page_of(&stream(&metrics, &samples));
    assert_self_contained(&page);
    assert!(
        page.contains("the longest took 1\u{a0}min 39\u{a0}s, between 2\u{a0}h 5\u{a0}min and 2\u{a0}h 10\u{a0}min after the start"),
        "the peak"
    );
    assert!(page.contains("250 faster endpoints are not shown."));
}

#[test]
fn a_card_is_a_picture_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let run = |input: &str, card: &str| {
        let args = [&sample(input), "-o", "page.html", "--card", card];
        html(folder.path(), &args)
    };
    let output = run("smoke/v2025.11", "card.svg");
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "wrote page.html\nwrote card.svg\n"
    );
    let svg = fs::read_to_string(folder.path().join("card.svg")).unwrap();
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
    for text in [
        "✕ Failed",
        "2 of 3 thresholds crossed.",
        "6.43%",
        "api-smoke",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(run("smoke/v2025.11", "card.png").status.success());
    let png = fs::read(folder.path().join("card.png")).unwrap();
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let size = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((size(16), size(20)), (1920, 1008));
    assert!(png.len() > 30_000, "there is something on it");
    // A summary alone shows its thresholds there.
    assert!(
        run("machine-readable/storefront.json", "plain.svg")
            .status
            .success()
    );
    assert!(
        run("storefront/storefront.export.json", "plain.svg")
            .status
            .success()
    );
    for (card, input) in [("card.gif", "smoke/v2025.11"), ("card.svg", "journeys")] {
        let output = run(input, card);
        assert_eq!(output.status.code(), Some(2), "{card}");
    }
}

#[test]
fn a_card_says_what_names_say_as_text() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.ndjson"), hostile_stream()).unwrap();
    let output = html(
        folder.path(),
        &["a.ndjson", "-o", "p.html", "--card", "c.svg"],
    );
    assert!(output.status.success());
    let svg = fs::read_to_string(folder.path().join("c.svg")).unwrap();
    assert!(!svg.contains("<script") && !svg.contains("<img") && !svg.contains("\u{202e}"));
}

#[test]
fn style_and_script_can_lie_beside_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let smoke = sample("smoke/v2025.11");
    let args = [
        &smoke,
        "-o",
        "reports/one/page.html",
        "--assets",
        "reports/static files",
    ];
    fs::create_dir_all(folder.path().join("reports/one")).unwrap();
    let output = html(folder.path(), &args);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let page = fs::read_to_string(folder.path().join("reports/one/page.html")).unwrap();
    assert!(page.contains(r#"<link rel="stylesheet" href="../static%20files/report.css">"#));
    assert!(page.contains(r#"<script src="../static%20files/report.js"></script>"#));
    assert!(!page.contains("<style") && !page.contains("<script>"));
    for name in ["report.css", "report.js"] {
        let file = folder.path().join("reports/static files").join(name);
        assert!(fs::read_to_string(file).unwrap().len() > 1000, "{name}");
    }
}

#[test]
fn a_run_called_index_gives_way_to_the_list() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["index.json", "other.json"] {
        copy("smoke/v2025.10/api-smoke.json", &folder.path().join(name));
    }
    let output = html(folder.path(), &["index.json", "other.json", "-o", "out/"]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("the list of all would be one file"),
        "{stderr}"
    );
}

/// A steady stream: this many requests a second of 20 ms, for so many seconds, after which the last
/// one ends exactly.
fn steady(endpoint: &str, per_second: u32, seconds: u32) -> String {
    let tags = format!(r#""name":"{endpoint}","method":"GET","expected_response":"true""#);
    let mut samples = Vec::new();
    for i in 0..=per_second * seconds {
        let ms = i * 1000 / per_second;
        let value = 20.0 + f64::from(i * 7919 % 100) / 50.0;
        samples.push(("http_req_duration", tags.as_str(), ms, value));
        samples.push(("http_reqs", tags.as_str(), ms, 1.0));
    }
    stream(&[DURATION, ("http_reqs", "counter", "default")], &samples)
}

fn compared(before: &[&str], after: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: String, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mut args = vec![write("now/r.ndjson".to_owned(), after)];
    for (i, text) in before.iter().enumerate() {
        args.extend([
            "--baseline".to_owned(),
            write(format!("{i}/r.ndjson"), text),
        ]);
    }
    page(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_short_baseline_does_not_thin_out_the_rate_of_a_long_one() {
    let (long, short) = (steady("/a", 10, 60), steady("/a", 10, 30));
    let page = compared(&[&long, &short, &short], &long);
    let chart = page
        .split("<svg")
        .find(|svg| svg.contains("Load and failures over time"));
    let lines = chart.unwrap().lines();
    let mut dashed = lines.filter(|line| line.contains("line-before") && line.contains("points="));
    let points = dashed
        .next_back()
        .unwrap()
        .split("points=\"")
        .nth(1)
        .unwrap();
    let heights: Vec<i32> = points
        .split('"')
        .next()
        .unwrap()
        .split_whitespace()
        .map(|point| point.split(',').nth(1).unwrap().parse().unwrap())
        .collect();
    let (low, high) = (heights.iter().min().unwrap(), heights.iter().max().unwrap());
    assert!(heights.len() > 50 && high - low < 250, "{heights:?}");
    assert!(page.contains("A steady 10 requests a second."));
}

#[test]
fn times_in_whole_seconds_stand_for_their_seconds() {
    let page = page_of(&steady("/a", 1, 60));
    assert!(page.contains("A steady 1 requests a second."));
}

#[test]
fn what_cannot_be_judged_is_not_called_unchanged() {
    let other = compared(&[&steady("/other", 10, 30)], &steady("/a", 10, 30));
    assert!(other.contains("? </span> Inconclusive") || other.contains("</span> Inconclusive"));
    let nothing = stream(&[DURATION], &[]);
    let empty = compared(&[&nothing], &steady("/a", 10, 30));
    assert!(empty.contains("</span> Inconclusive"));
    assert!(!empty.contains("</span> Unchanged"));
}

#[test]
fn failures_of_grpc_and_browsers_are_told_by_their_status() {
    for (metric, status, failed) in [
        ("grpc_req_duration", "14", "100%"),
        ("grpc_req_duration", "0", "0%"),
        ("browser_http_req_duration", "500", "100%"),
        ("browser_http_req_duration", "204", "0%"),
    ] {
        let tags = format!(r#""name":"/pkg.Service/Call","method":"Call","status":"{status}""#);
        let samples: Vec<_> = (0..40)
            .map(|i| (metric, tags.as_str(), i * 500, 7.0 + f64::from(i)))
            .collect();
        let page = page_of(&stream(&[(metric, "trend", "time")], &samples));
        let row = page
            .split("<tr><th scope=\"row\">/pkg.Service/Call</th>")
            .nth(1);
        let row = row.unwrap().split("</tr>").next().unwrap();
        assert!(
            row.contains(&format!(">{failed}</td>")),
            "{metric} {status}: {row}"
        );
    }
}

#[test]
fn a_check_that_never_ran_is_not_well() {
    let folder = tempfile::tempdir().unwrap();
    let summary = r#"{"metrics":{"checks":{"type":"rate","contains":"default",
        "values":{"rate":1,"passes":5,"fails":0}}},"root_group":{"name":"","path":"","groups":[
        {"name":"g","path":"::g","groups":[],"checks":[
        {"name":"ran","path":"::g::ran","passes":5,"fails":0},
        {"name":"idle","path":"::g::idle","passes":0,"fails":0}]}],"checks":[]}}"#;
    fs::write(folder.path().join("c.json"), summary).unwrap();
    assert!(
        html(folder.path(), &["c.json", "-o", "page.html"])
            .status
            .success()
    );
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("1 of 2 checks never ran; the others always held."));
    let group = page.split("g <span class=\"soft\">group").nth(1).unwrap();
    assert!(group.split("</tr>").next().unwrap().contains("no data"));
}

#[test]
fn a_value_beside_its_limit_is_told_from_it() {
    let near = r#"{"metrics":{"http_req_duration":{"type":"trend","contains":"time",
        "values":{"avg":20.00355,"min":1,"med":19.9,"max":30,"p(90)":25,"p(95)":28}}}}"#;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("near.json"), near).unwrap();
    let threshold = "http_req_duration:avg<20.004";
    let args = ["near.json", "--threshold", threshold, "-o", "page.html"];
    assert!(html(folder.path(), &args).status.success());
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(
        page.contains("avg is 20.0035\u{a0}ms, limit 20.004\u{a0}ms")
            || page.contains("avg is 20.0036\u{a0}ms, limit 20.004\u{a0}ms"),
        "{page}"
    );
}
