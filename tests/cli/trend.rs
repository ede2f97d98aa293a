//! `trend`: statistics over archived releases.

use serde_json::Value;

use super::archive_fixture::{assert_valid, json, ok, run, two_releases};

#[test]
fn trends_are_drawn_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    two_releases(folder);
    insta::assert_snapshot!(ok(
        folder,
        &[
            "trend",
            "http_req_duration{method:POST}:p(99)",
            "http_req_duration"
        ]
    ));
    let document = json(folder, &["trend", "--format", "json"]);
    assert_valid("trend-1.json", &document);
    // Against what summary says of each run.
    let summary = json(folder, &["summary", "@v2025.10", "--format", "json"]);
    let wanted: Vec<&Value> = summary["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| {
            let metrics = run["metrics"].as_array().unwrap();
            &metrics
                .iter()
                .find(|it| it["name"] == "http_req_duration")
                .unwrap()["values"]["med"]
        })
        .collect();
    let trends = document["trends"].as_array().unwrap();
    let median = trends
        .iter()
        .find(|it| it["name"] == "http_req_duration" && it["stat"] == "med");
    let points = median.unwrap()["points"].as_array().unwrap();
    let points: Vec<&Value> = points.iter().map(|point| &point["value"]).collect();
    assert_eq!(points[..5], wanted[..]);
    let page = ok(folder, &["trend", "--format", "html"]);
    let to_file = ["trend", "--format", "html", "-o", "trend.html"];
    assert_eq!(ok(folder, &to_file), "wrote trend.html\n");
    assert_eq!(page.matches("<svg").count(), 2 * trends.len());
    assert_eq!(page.matches("<circle").count(), 2 * 7 * trends.len());
    let script = include_str!("../../templates/report.js");
    let page = page.replace(&format!("<script>\n{script}</script>"), "");
    assert!(
        !page.contains("<script") && !page.contains("http://"),
        "self-contained"
    );
    for bad in [
        &["trend", "nothing"][..],
        &["trend", "a{"],
        &["trend", "--scenario", "x"],
        &["trend", "http_reqs:gmean"],
    ] {
        let outcome = run(folder, bad);
        assert_eq!(outcome.code, 2, "{bad:?}: {outcome}");
    }
}

#[test]
fn a_trend_of_nothing_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(folder.path(), &["trend"]);
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(outcome.stderr.contains("there is no archive"), "{outcome}");
}
