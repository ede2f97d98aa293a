//! `diff`: two runs, folders, limits and findings, by the command itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

fn sample(path: &str) -> String {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    samples.join(path).display().to_string()
}

fn diff(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_perf-report"))
        .arg("diff")
        .args(args)
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The document of a comparison, held against its schema, and the exit code.
fn compared(args: &[&str]) -> (Value, i32) {
    let output = diff(&[args, &["--format", "json"]].concat());
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{args:?}: {e}: {}", text(&output.stderr)));
    let schema = include_str!("../schemas/diff-1.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let errors: Vec<String> = schema
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{args:?}: {errors:#?}");
    let code = output.status.code().unwrap();
    let regressed = document["verdict"] == "regressed";
    assert_eq!(code, i32::from(regressed), "{args:?}");
    (document, code)
}

fn row<'a>(pair: &'a Value, name: &str, stat: &str) -> &'a Value {
    let mut rows = pair["rows"].as_array().unwrap().iter();
    rows.find(|row| row["name"] == name && row["stat"] == stat)
        .unwrap_or_else(|| panic!("no row {name} {stat}"))
}

fn verdicts(pair: &Value) -> Vec<&str> {
    let rows = pair["rows"].as_array().unwrap().iter();
    rows.map(|row| row["verdict"].as_str().unwrap()).collect()
}

/// A summary in a folder of its own, as `JSON.stringify(data)` writes it.
fn summary(folder: &Path, name: &str, metrics: &Value) -> String {
    let path: PathBuf = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let data = json!({ "metrics": metrics, "state": { "testRunDurationMs": 60_000.0 } });
    fs::write(&path, data.to_string()).unwrap();
    path.display().to_string()
}

fn latency(med: f64, p95: f64) -> Value {
    json!({
        "type": "trend", "contains": "time",
        "values": { "avg": med, "min": 1.0, "med": med, "max": p95 * 2.0, "p(90)": p95, "p(95)": p95 },
    })
}

fn failures(failed: u64, fine: u64) -> Value {
    let rate = failed as f64 / (failed + fine) as f64;
    json!({
        "type": "rate", "contains": "default",
        "values": { "rate": rate, "passes": failed, "fails": fine },
    })
}

#[test]
fn risen_failures_are_a_regression() {
    let (old, new) = (sample("smoke/v2025.10"), sample("smoke/v2025.11"));
    let (document, code) = compared(&[&old, &new]);
    assert_eq!(code, 1);
    let pair = &document["pairs"][0];
    assert_eq!(pair["name"], "api-smoke");
    assert_eq!(pair["comparable"], "yes");
    let failed = row(pair, "http_req_failed", "rate");
    assert_eq!(failed["verdict"], "regressed");
    assert_eq!(
        (&failed["unit"], &failed["scale"]),
        (&json!("share"), &json!("absolute"))
    );
    assert_eq!(failed["gate"], true);
    assert!(failed["interval"][0].as_f64().unwrap() > 0.0);
    let check = row(
        pair,
        "checks{check:health status ok,group:::gateway-health}",
        "rate",
    );
    assert_eq!(check["verdict"], "regressed");
    // The values are k6's own.
    let output = diff(&[&old, &new]);
    assert!(
        text(&output.stdout)
            .starts_with("Regressed: http_req_failed rose from 0% to 6.43% (+6.43 points); "),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn the_slower_route_is_found_in_streams_and_in_summaries() {
    let streams = [sample("journeys/v2025.10"), sample("journeys/v2025.11")];
    let summaries = streams
        .each_ref()
        .map(|folder| format!("{folder}/user-journeys.json"));
    for ([old, new], comparable, noise) in [
        (streams, "yes", "within-run+assumed"),
        (summaries, "unknown", "assumed"),
    ] {
        let (document, code) = compared(&[&old, &new]);
        assert_eq!(code, 1);
        let pair = &document["pairs"][0];
        assert_eq!(pair["comparable"], comparable);
        let slower = row(pair, "http_req_duration{label:documents-feed}", "med");
        assert_eq!(slower["verdict"], "regressed");
        assert!(slower["change"].as_f64().unwrap() > 0.15);
        assert_eq!(slower["noise"], noise);
        let mentions = pair["warnings"].to_string();
        assert_eq!(
            mentions.contains("the requests went to 127.0.0.1:"),
            comparable == "yes"
        );
        for label in ["tasks-list", "autonomy-status"] {
            for stat in ["med", "p(95)"] {
                let name = format!("http_req_duration{{label:{label}}}");
                assert_ne!(
                    row(pair, &name, stat)["verdict"],
                    "regressed",
                    "{name} {stat}"
                );
            }
        }
        // The other way round it is an improvement.
        let (mirrored, _) = compared(&[&new, &old]);
        let faster = row(
            &mirrored["pairs"][0],
            "http_req_duration{label:documents-feed}",
            "med",
        );
        assert_eq!(faster["verdict"], "improved");
    }
}

#[test]
fn endpoints_are_rows_where_samples_tell_them() {
    let (document, _) = compared(&[&sample("journeys/v2025.10"), &sample("journeys/v2025.11")]);
    let pair = &document["pairs"][0];
    let documents = "http_req_duration{name:/v1/storage/documents,method:GET}";
    assert_eq!(row(pair, documents, "med")["verdict"], "regressed");
    let failed = "http_req_failed{name:/v1/storage/documents,method:GET}";
    assert_eq!(row(pair, failed, "rate")["gate"], true);
}

#[test]
fn a_run_against_itself_is_unchanged() {
    let formats = ["json", "export.json", "ndjson.gz", "csv.gz"];
    let file = |ending| sample(&format!("smoke/v2025.10/api-smoke.{ending}"));
    for old in formats {
        for new in formats {
            let (document, _) = compared(&[&file(old), &file(new)]);
            let pair = &document["pairs"][0];
            assert_eq!(document["verdict"], "unchanged", "{old} {new}");
            let odd: Vec<&str> = verdicts(pair)
                .into_iter()
                .filter(|verdict| !matches!(*verdict, "unchanged" | "added" | "removed"))
                .collect();
            assert!(odd.is_empty(), "{old} {new}: {odd:?}");
        }
    }
}

#[test]
fn rows_stand_with_gating_regressions_first_and_the_largest_change_first() {
    let (document, _) = compared(&[&sample("smoke/v2025.10"), &sample("smoke/v2025.11")]);
    let rows = document["pairs"][0]["rows"].as_array().unwrap();
    let key = |row: &Value| {
        let first = row["gate"] == true && row["verdict"] == "regressed";
        (first, row["change"].as_f64().map_or(0.0, f64::abs))
    };
    let keys: Vec<(bool, f64)> = rows.iter().map(key).collect();
    assert!(
        keys.is_sorted_by(|a, b| (a.0 && !b.0) || (a.0 == b.0 && a.1 >= b.1)),
        "{keys:?}"
    );
}

#[test]
fn folders_pair_by_name_and_say_what_found_no_partner() {
    let folder = tempfile::tempdir().unwrap();
    let same =
        json!({ "http_req_duration": latency(100.0, 200.0), "http_req_failed": failures(0, 5000) });
    let slow =
        json!({ "http_req_duration": latency(150.0, 300.0), "http_req_failed": failures(0, 5000) });
    for (name, metrics) in [
        ("old/login.json", &same),
        ("old/search.json", &same),
        ("old/gone.json", &same),
        ("new/login.json", &slow),
        ("new/search.json", &same),
        ("new/fresh.json", &same),
    ] {
        summary(folder.path(), name, metrics);
    }
    let [old, new] = ["old", "new"].map(|side| folder.path().join(side).display().to_string());
    let (document, code) = compared(&[&old, &new]);
    assert_eq!(code, 1);
    let pairs = document["pairs"].as_array().unwrap();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|pair| (&pair["name"], &pair["verdict"]))
        .collect();
    assert_eq!(
        pairs,
        [
            (&json!("login"), &json!("regressed")),
            (&json!("search"), &json!("unchanged"))
        ]
    );
    let unpaired = document["unpaired"].as_array().unwrap();
    let unpaired: Vec<_> = unpaired
        .iter()
        .map(|run| (&run["name"], &run["verdict"]))
        .collect();
    assert_eq!(
        unpaired,
        [
            (&json!("gone"), &json!("removed")),
            (&json!("fresh"), &json!("added"))
        ]
    );
    let output = diff(&[&old, &new]);
    let shown = text(&output.stdout);
    assert!(
        shown.starts_with("Regressed: 1 of 2 scenarios (login)."),
        "{shown}"
    );
    assert!(
        shown.contains("fresh is new") && shown.contains("gone is missing"),
        "{shown}"
    );

    // Nothing in common is a mistake.
    let other = folder.path().join("new/fresh.json").display().to_string();
    let output = diff(&[&old, &other]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("hint: "),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn two_files_are_a_pair_whatever_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let metrics = json!({ "http_req_duration": latency(100.0, 200.0) });
    let old = summary(folder.path(), "old.json", &metrics);
    let new = summary(folder.path(), "new.json", &metrics);
    let (document, _) = compared(&[&old, &new]);
    assert_eq!(document["pairs"][0]["name"], "new");
    assert_eq!(document["pairs"][0]["baseline"]["name"], "old");
}

#[test]
fn repetitions_narrow_the_noise() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, med: f64| {
        summary(
            folder.path(),
            name,
            &json!({ "http_req_duration": latency(med, 200.0) }),
        )
    };
    let old: Vec<String> = (0..4)
        .map(|i| run(&format!("old-{i}/a.json"), 100.0))
        .collect();
    let new: Vec<String> = (0..4)
        .map(|i| run(&format!("new-{i}/a.json"), 108.0))
        .collect();
    let (one, _) = compared(&[&old[0], &new[0]]);
    assert_eq!(
        row(&one["pairs"][0], "http_req_duration", "med")["verdict"],
        "inconclusive"
    );
    let mut args: Vec<&str> = old.iter().flat_map(|run| ["--baseline", run]).collect();
    args.extend(new.iter().map(String::as_str));
    let (four, _) = compared(&args);
    let pair = &four["pairs"][0];
    assert_eq!(
        (&pair["baseline"]["runs"], &pair["candidate"]["runs"]),
        (&json!(4), &json!(4))
    );
    assert_eq!(
        row(pair, "http_req_duration", "med")["verdict"],
        "regressed"
    );
}

#[test]
fn stated_limits_are_checked_as_stated() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, p95: f64| {
        summary(
            folder.path(),
            name,
            &json!({ "http_req_duration": latency(50.0, p95) }),
        )
    };
    let (old, new) = (run("old.json", 100.0), run("new.json", 114.0));
    for (limit, verdict, allowed) in [
        (
            "http_req_duration:p(95)<=baseline*1.1+5",
            "passed",
            Some(115.0),
        ),
        (
            "http_req_duration:p(95)<=baseline*1.1",
            "failed",
            Some(110.0),
        ),
        (
            "http_req_duration:p(95)<max(baseline*1.1, baseline+50)",
            "passed",
            Some(150.0),
        ),
        ("http_req_duration:p(99)<baseline", "no_data", None),
        ("http_req_duration:p(95)<baseline/0", "no_data", None),
        ("nothing:p(95)<baseline", "no_data", None),
        ("dropped_iterations:count<=baseline", "passed", Some(0.0)),
    ] {
        let (document, code) = compared(&[&old, &new, "--limit", limit]);
        let found = &document["pairs"][0]["limits"][0];
        assert_eq!(found["verdict"], verdict, "{limit}");
        let got = found["limit"].as_f64();
        let near = got
            .zip(allowed)
            .map_or(got == allowed, |(a, b)| (a - b).abs() < 1e-9);
        assert!(near, "{limit}: {got:?}");
        assert_eq!(code, i32::from(verdict != "passed"), "{limit}");
    }
}

#[test]
fn a_bad_limit_shows_the_place() {
    let run = sample("smoke/v2025.10/api-smoke.json");
    let output = diff(&[&run, &run, "--limit", "http_req_duration:p(95)<=base*2"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    let caret = "  http_req_duration:p(95)<=base*2\n                           ^";
    assert!(
        error.contains("bad limit: ") && error.contains(caret),
        "{error}"
    );
    assert!(error.contains("hint: "), "{error}");
    // A custom metric's type is only known from the run.
    let output = diff(&[&run, &run, "--limit", "vus:p(95)<5"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("vus is a gauge"),
        "{}",
        text(&output.stderr)
    );
    for limit in [
        "(".repeat(100_000),
        "1".repeat(100_000),
        "\u{1b}[31m".to_owned(),
    ] {
        let output = diff(&[&run, &run, "--limit", &format!("vus:value<{limit}")]);
        assert_eq!(output.status.code(), Some(2));
        assert!(!text(&output.stderr).contains('\u{1b}'));
    }
}

#[test]
fn thresholds_that_say_less_are_findings() {
    let folder = tempfile::tempdir().unwrap();
    let with = |thresholds: Value, failed: Value| {
        let mut metrics = json!({
            "http_req_duration": latency(100.0, 200.0),
            "http_req_failed": failed,
            "checks": failures(500, 0),
        });
        for (name, expressions) in thresholds.as_object().unwrap() {
            let expressions = expressions.as_array().unwrap().iter();
            let recorded =
                expressions.map(|e| (e.as_str().unwrap().to_owned(), json!({ "ok": true })));
            metrics[name]["thresholds"] = Value::Object(recorded.collect());
        }
        metrics
    };
    let old = with(
        json!({ "http_req_duration": ["p(95)<500", "med<300"], "http_req_failed": ["rate<0.02"], "checks": ["rate>0.9"] }),
        failures(0, 500),
    );
    let new = with(
        json!({ "http_req_duration": ["p(95)<800"], "http_req_failed": ["rate<0.02"], "checks": ["rate>0.95"] }),
        failures(0, 0),
    );
    let old = summary(folder.path(), "old.json", &old);
    let new = summary(folder.path(), "new.json", &new);
    let (document, code) = compared(&[&old, &new]);
    assert_eq!(code, 0, "findings do not fail the comparison");
    let findings = document["pairs"][0]["findings"].as_array().unwrap();
    let mut found: Vec<_> = findings
        .iter()
        .map(|f| [&f["kind"], &f["before"], &f["after"]].map(|v| v.as_str().unwrap_or("-")))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ["loosened", "p(95)<500", "p(95)<800"],
            ["lost_data", "rate<0.02", "rate<0.02"],
            ["removed", "med<300", "-"],
        ]
    );
    assert!(text(&diff(&[&old, &new]).stdout).contains("was loosened from p(95)<500 to p(95)<800"));
}

#[test]
fn fast_errors_are_no_improvement() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, med: f64, failed: u64| {
        let metrics = json!({
            "http_req_duration": latency(med, 2.0 * med),
            "http_req_failed": failures(failed, 1000 - failed),
        });
        summary(folder.path(), name, &metrics)
    };
    let (old, new) = (run("old.json", 100.0, 0), run("new.json", 40.0, 200));
    let (document, _) = compared(&[&old, &new]);
    let pair = &document["pairs"][0];
    assert_eq!(
        row(pair, "http_req_duration", "med")["verdict"],
        "inconclusive"
    );
    assert_eq!(row(pair, "http_req_failed", "rate")["verdict"], "regressed");
    // A run of which most requests failed says nothing at all.
    let broken = run("broken.json", 40.0, 900);
    let (document, code) = compared(&[&old, &broken]);
    assert_eq!((code, &document["verdict"]), (0, &json!("inconclusive")));
    let warning = document["pairs"][0]["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("the candidate is invalid"), "{warning}");
}

#[test]
fn a_trend_without_samples_is_added_or_removed() {
    let folder = tempfile::tempdir().unwrap();
    let zero = latency(0.0, 0.0);
    let zero = json!({ "type": "trend", "contains": "time",
        "values": zero["values"].as_object().unwrap().keys().map(|k| (k.clone(), json!(0.0))).collect::<serde_json::Map<_, _>>() });
    let run = |name: &str, part: &Value| {
        let metrics = json!({ "http_req_duration": latency(100.0, 200.0), "http_req_duration{label:x}": part });
        summary(folder.path(), name, &metrics)
    };
    let (old, new) = (
        run("old.json", &zero),
        run("new.json", &latency(50.0, 60.0)),
    );
    let (document, code) = compared(&[&old, &new]);
    assert_eq!(code, 0);
    let added = row(&document["pairs"][0], "http_req_duration{label:x}", "p(95)");
    assert_eq!(
        (&added["verdict"], &added["baseline"]),
        (&json!("added"), &Value::Null)
    );
    let (document, _) = compared(&[&new, &old]);
    let removed = row(&document["pairs"][0], "http_req_duration{label:x}", "p(95)");
    assert_eq!(
        (&removed["verdict"], &removed["change"]),
        (&json!("removed"), &Value::Null)
    );
}

#[test]
fn a_metric_of_two_types_is_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let custom = |metric: Value| json!({ "http_req_duration": latency(10.0, 20.0), "hit": metric });
    let old = summary(folder.path(), "old.json", &custom(latency(1.0, 2.0)));
    let new = summary(folder.path(), "new.json", &custom(failures(1, 9)));
    let (document, _) = compared(&[&old, &new]);
    let warnings = document["pairs"][0]["warnings"].to_string();
    assert!(
        warnings.contains("hit is a trend in the baseline and a rate in the candidate"),
        "{warnings}"
    );
}

#[test]
fn a_handful_of_requests_decides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, setup: f64| {
        let mut part = latency(setup, setup);
        part["values"]["count"] = json!(3);
        let metrics = json!({ "http_req_duration": latency(100.0, 200.0), "http_req_duration{name:setup}": part });
        summary(folder.path(), name, &metrics)
    };
    let (old, new) = (run("old.json", 100.0), run("new.json", 300.0));
    let (document, code) = compared(&[&old, &new]);
    assert_eq!((code, &document["verdict"]), (0, &json!("unchanged")));
    let few = row(
        &document["pairs"][0],
        "http_req_duration{name:setup}",
        "med",
    );
    assert_eq!(
        (&few["verdict"], &few["gate"]),
        (&json!("inconclusive"), &json!(false))
    );
    assert!(
        few["reason"]
            .as_str()
            .unwrap()
            .contains("3 of the 10 samples")
    );
}

#[test]
fn merged_pods_are_one_side() {
    let (document, _) = compared(&[&sample("pods"), &sample("pods"), "--merge"]);
    let pair = &document["pairs"][0];
    assert_eq!(
        (&pair["baseline"]["runs"], &document["verdict"]),
        (&json!(1), &json!("unchanged"))
    );
    let (document, _) = compared(&[&sample("pods"), &sample("pods")]);
    assert_eq!(document["pairs"][0]["baseline"]["runs"], 3);
}

#[test]
fn names_cannot_break_the_output() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "http_req_duration{label:a|b`<img src=x>\u{1b}[31m\n| @all}";
    let run = |name: &str, med: f64| {
        let metrics =
            json!({ "http_req_duration": latency(med, 200.0), evil: latency(med, 200.0) });
        summary(folder.path(), name, &metrics)
    };
    let (old, new) = (run("old.json", 100.0), run("new.json", 150.0));
    let markdown = diff(&[&old, &new, "--all", "--format", "markdown"]);
    let markdown = text(&markdown.stdout);
    assert!(
        !markdown.contains("<img") && !markdown.contains('\u{1b}') && !markdown.contains("@all")
    );
    // Every row of a table has as many cells as its head.
    let mut head = None;
    for line in markdown.lines() {
        let cells = line.replace("\\|", "").matches('|').count();
        if cells == 0 {
            head = None;
        } else {
            assert!(line.starts_with('|'), "{line}");
            assert_eq!(*head.get_or_insert(cells), cells, "{line}");
        }
    }
    assert!(markdown.contains("&lt;img"));
    let shown = diff(&[&old, &new, "--all"]);
    assert!(!text(&shown.stdout).contains('\u{1b}'));
}

#[test]
fn wrong_numbers_of_runs_are_refused() {
    let run = sample("smoke/v2025.10/api-smoke.json");
    for args in [vec![], vec![run.as_str()], vec![run.as_str(); 3]] {
        assert_eq!(diff(&args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn submetrics_named_by_url_pair_across_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let side = |name: &str, host: &str, med: f64| {
        let submetric = format!("http_req_duration{{name:http://{host}/v1/users/7}}");
        summary(
            folder.path(),
            name,
            &json!({ submetric: latency(med, 2.0 * med) }),
        )
    };
    let (old, new) = (
        side("old", "staging:1", 10.0),
        side("new", "10.0.0.1", 100.0),
    );
    let (document, _) = compared(&[&old, &new]);
    let pair = &document["pairs"][0];
    assert_eq!(pair["verdict"], "regressed");
    assert!(!verdicts(pair).contains(&"added"), "{pair}");
}

#[test]
fn a_limit_can_name_any_row_that_is_shown() {
    let (old, new) = (sample("smoke/v2025.10"), sample("smoke/v2025.11"));
    let limit = "http_req_duration{name:/v1/health,method:GET}:p(95)<=baseline*2";
    let (document, _) = compared(&[&old, &new, "--limit", limit]);
    let checked = &document["pairs"][0]["limits"][0];
    assert_eq!(checked["verdict"], "passed", "{checked}");
    let endpoint = row(
        &document["pairs"][0],
        "http_req_duration{name:/v1/health,method:GET}",
        "p(95)",
    );
    assert_eq!(checked["observed"], endpoint["candidate"]);
}

#[test]
fn what_is_no_longer_measured_is_said_first() {
    let folder = tempfile::tempdir().unwrap();
    let old = summary(
        folder.path(),
        "old",
        &json!({"http_req_duration": latency(10.0, 20.0), "http_req_failed": failures(0, 500)}),
    );
    let new = summary(
        folder.path(),
        "new",
        &json!({"http_req_duration": latency(10.0, 20.0)}),
    );
    let (document, _) = compared(&[&old, &new]);
    let sentence = document["sentence"].as_str().unwrap();
    assert!(
        sentence.ends_with("The candidate has no samples of http_req_failed."),
        "{sentence}"
    );
}

#[test]
fn one_run_given_twice_is_no_repetition() {
    let old = sample("smoke/v2025.10/api-smoke.json");
    let output = diff(&["--baseline", &old, "--baseline", &old, &old]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is given twice in the baseline"));
}

/// Two endpoints that both never failed are not one.
#[test]
fn equal_values_are_not_the_same_requests() {
    let (old, new) = (sample("journeys/v2025.10"), sample("journeys/v2025.11"));
    let output = diff(&[&old, &new]);
    let shown = text(&output.stdout);
    // Three labels are submetrics; the fourth endpoint has none, and nothing repeats it.
    assert!(
        shown.contains("15 more rows show the same requests"),
        "{shown}"
    );
}

#[test]
fn what_fails_a_build_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, med: f64| {
        let metrics = json!({ "http_req_duration": latency(med, 200.0) });
        summary(folder.path(), name, &metrics)
    };
    let (old, same, open) = (
        run("a/x.json", 100.0),
        run("b/x.json", 100.0),
        run("c/x.json", 108.0),
    );
    let code = |args: &[&str]| diff(args).status.code().unwrap();
    assert_eq!(code(&[&old, &open]), 0);
    assert_eq!(code(&[&old, &open, "--fail-on", "inconclusive"]), 3);
    assert_eq!(
        code(&[&old, &same, "--fail-on", "inconclusive,invalid,no-baseline"]),
        0
    );
    // A regression is one, whatever else is asked for.
    let worse = run("d/x.json", 200.0);
    assert_eq!(code(&[&old, &worse, "--fail-on", "inconclusive"]), 1);
    // A run without a baseline.
    let (before, after) = (folder.path().join("a"), folder.path().join("e"));
    run("e/x.json", 100.0);
    run("e/y.json", 100.0);
    let (before, after) = (before.display().to_string(), after.display().to_string());
    assert_eq!(code(&[&before, &after]), 0);
    assert_eq!(code(&[&before, &after, "--fail-on", "no-baseline"]), 3);
    // Most requests failed.
    let failing = json!({ "http_req_duration": latency(100.0, 200.0), "http_req_failed": failures(900, 100) });
    let failing = summary(folder.path(), "f/x.json", &failing);
    assert_eq!(code(&[&old, &failing, "--fail-on", "invalid"]), 3);
    assert_eq!(
        code(&[&old, &failing, "--fail-on", "loosened-threshold"]),
        0
    );
}

#[test]
fn gates_are_what_was_asked_for() {
    let (old, new) = (sample("journeys/v2025.10"), sample("journeys/v2025.11"));
    let (document, code) = compared(&[&old, &new, "--gate", "failed,checks"]);
    assert_eq!(code, 0);
    let slower = row(
        &document["pairs"][0],
        "http_req_duration{label:documents-feed}",
        "p(95)",
    );
    assert_eq!(
        (&slower["gate"], &slower["verdict"]),
        (&json!(false), &json!("unchanged"))
    );
    let (document, code) = compared(&[&old, &new, "--gate", "med"]);
    assert_eq!(code, 1);
    let rows = document["pairs"][0]["rows"].as_array().unwrap().iter();
    let gating: Vec<&Value> = rows.filter(|row| row["gate"] == true).collect();
    assert!(!gating.is_empty() && gating.iter().all(|row| row["stat"] == "med"));
}

#[test]
fn wrong_values_of_options_say_what_is_right() {
    let (old, new) = (sample("journeys/v2025.10"), sample("journeys/v2025.11"));
    for (option, value, hint) in [
        (
            "--gate",
            "p95",
            "a gate is gmean, med, avg, p(95), p(99), common, failed or checks",
        ),
        ("--gate", "p(50.5)", "a gate is"),
        ("--alpha", "5", "such as 0.05"),
        ("--alpha", "0", "such as 0.05"),
        ("--alpha", "NaN", "such as 0.05"),
        ("--allow", "", "a value is required"),
        ("--fail-on", "everything", "inconclusive"),
    ] {
        let output = diff(&[&old, &new, option, value]);
        assert_eq!(output.status.code(), Some(2), "{option} {value}");
        assert!(
            text(&output.stderr).contains(hint),
            "{option} {value}: {}",
            text(&output.stderr)
        );
    }
}

/// A stream of three endpoints with 20 requests a second each: VUs by the second, milliseconds by the
/// number of a request and its endpoint.
fn stream(
    path: &Path,
    seconds: u32,
    users: impl Fn(u32) -> u32,
    millis: impl Fn(u32, u32) -> f64,
) -> String {
    use std::fmt::Write as _;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut lines = String::new();
    let mut write = |metric: &str, at: u32, value: f64, tags: &Value| {
        let time = format!(
            "2026-01-02T03:{:02}:{:02}.{:03}Z",
            at / 60_000,
            at / 1000 % 60,
            at % 1000
        );
        let point = json!({"metric": metric, "type": "Point", "data": {"time": time, "value": value, "tags": tags}});
        writeln!(lines, "{point}").unwrap();
    };
    for second in 0..seconds {
        write("vus", second * 1000, f64::from(users(second)), &json!({}));
        for number in 0..20 {
            for endpoint in 0..3 {
                let tags = json!({"name": format!("/e{endpoint}"), "method": "GET", "expected_response": "true"});
                let at = second * 1000 + number * 50 + endpoint;
                write(
                    "http_req_duration",
                    at,
                    millis(second * 20 + number, endpoint),
                    &tags,
                );
            }
        }
    }
    fs::write(path, lines).unwrap();
    path.display().to_string()
}

/// Different for each request and endpoint, and the same in every run.
fn spread(number: u32, endpoint: u32) -> f64 {
    let mixed = (number * 3 + endpoint).wrapping_mul(2_654_435_761) >> 8;
    20.0 + f64::from(mixed % 1000) / 50.0
}

#[test]
fn ramps_are_not_judged_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let rising = |second: u32| (second + 1).min(10);
    // Slow while the load rises, the more so in the candidate; the plateau is as it was.
    let run = |name: &str, slow: f64| {
        let millis = |number: u32, endpoint: u32| {
            let is_ramp = number < 9 * 20;
            spread(number, endpoint) * if is_ramp && endpoint == 1 { slow } else { 1.0 }
        };
        stream(&folder.path().join(name), 60, rising, millis)
    };
    let (old, new) = (run("old/a.ndjson", 2.0), run("new/a.ndjson", 4.0));
    let (document, code) = compared(&[&old, &new]);
    let pair = &document["pairs"][0];
    assert_eq!((code, pair["verdict"].as_str()), (0, Some("unchanged")));
    let warnings = pair["warnings"].to_string();
    assert!(
        warnings.contains("the first 8s of both sides, while the load rose"),
        "{warnings}"
    );
}

#[test]
fn a_run_of_seconds_is_left_open() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, factor: f64| {
        stream(
            &folder.path().join(name),
            5,
            |_| 10,
            |n, e| spread(n, e) * factor,
        )
    };
    let (old, new) = (run("old/a.ndjson", 1.0), run("new/a.ndjson", 3.0));
    let (document, code) = compared(&[&old, &new]);
    let pair = &document["pairs"][0];
    assert_eq!((code, pair["verdict"].as_str()), (0, Some("inconclusive")));
    assert!(
        pair["rows"]
            .to_string()
            .contains("too short to tell how far it varies")
    );
}

#[test]
fn everything_slower_is_no_single_endpoints_fault() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, factor: f64| {
        stream(
            &folder.path().join(name),
            60,
            |_| 10,
            |n, e| spread(n, e) * factor,
        )
    };
    let (old, new) = (run("old/a.ndjson", 1.0), run("new/a.ndjson", 1.5));
    let (document, code) = compared(&[&old, &new]);
    let pair = &document["pairs"][0];
    assert_eq!(code, 1);
    assert_eq!(
        row(pair, "http_req_duration", "common")["verdict"],
        "regressed"
    );
    assert!(
        document["sentence"]
            .as_str()
            .unwrap()
            .starts_with("Regressed: everything is slower: typically")
    );
    let endpoint = row(pair, "http_req_duration{name:/e1,method:GET}", "med");
    assert_eq!(endpoint["reason"], "together with the other endpoints");
    assert!(endpoint["own"]["change"].as_f64().unwrap().abs() < 1e-9);
}

#[test]
fn an_endpoint_that_is_not_in_every_run_still_decides() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, factor: f64| {
        let millis = |n, e| spread(n, e) * if e == 1 { factor } else { 1.0 };
        stream(&folder.path().join(name), 40, |_| 10, millis)
    };
    let old: Vec<String> = (0..3)
        .map(|n| run(&format!("old-{n}/a.ndjson"), 1.0))
        .collect();
    let lacking = fs::read_to_string(&old[2]).unwrap();
    let lacking: Vec<&str> = lacking
        .lines()
        .filter(|line| !line.contains("/e1"))
        .collect();
    fs::write(&old[2], lacking.join("\n")).unwrap();
    let new = run("new/a.ndjson", 1.6);
    let mut args: Vec<&str> = old.iter().flat_map(|run| ["--baseline", run]).collect();
    args.push(&new);
    let (document, code) = compared(&args);
    assert_eq!(code, 1);
    let pair = &document["pairs"][0];
    assert!(
        pair["warnings"]
            .to_string()
            .contains("1 endpoint is not in every run")
    );
    let other = row(pair, "http_req_duration{name:/e0,method:GET}", "med");
    assert_eq!(other["noise"], "history");
}

#[test]
fn another_load_is_another_test_unless_it_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, users: u32, factor: f64| {
        let path = folder.path().join(name);
        stream(&path, 40, |_| users, |n, e| spread(n, e) * factor)
    };
    let (old, new) = (run("old/a.ndjson", 10, 1.0), run("new/a.ndjson", 30, 1.5));
    let (document, code) = compared(&[&old, &new]);
    let pair = &document["pairs"][0];
    assert_eq!((code, pair["comparable"].as_str()), (0, Some("no")));
    let common = row(pair, "http_req_duration", "common");
    assert_eq!(common["verdict"], "inconclusive");
    let reason = common["reason"].as_str().unwrap();
    assert_eq!(
        reason,
        "the VUs differ: 10 before, 30 now; --allow vus compares nevertheless"
    );
    let (document, code) = compared(&[&old, &new, "--allow", "vus"]);
    let pair = &document["pairs"][0];
    assert_eq!(code, 1);
    assert_ne!(pair["comparable"], "no");
}

#[test]
fn faster_others_make_no_regression_of_the_one_that_stayed() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, factors: [f64; 3]| {
        let path = folder.path().join(name);
        stream(&path, 60, |_| 10, |n, e| spread(n, e) * factors[e as usize])
    };
    let old = run("old/a.ndjson", [1.0; 3]);
    let new = run("new/a.ndjson", [1.035, 0.7, 0.7]);
    let (document, code) = compared(&[&old, &new]);
    assert_eq!(code, 0, "{}", document["sentence"]);
    // Two of three that are slower are not everything.
    let slower = run("slower/a.ndjson", [1.0, 1.5, 1.5]);
    let (document, code) = compared(&[&old, &slower]);
    assert_eq!(code, 1);
    let sentence = document["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with("Regressed: 2 of 3 endpoints are slower: "),
        "{sentence}"
    );
}

#[test]
fn an_endpoint_of_a_few_seconds_is_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, factor: f64| {
        let path = folder.path().join(name);
        let path = stream(
            &path,
            60,
            |_| 10,
            |n, e| spread(n, e) * if e == 1 { factor } else { 1.0 },
        );
        // What is left of it are four seconds.
        let text = fs::read_to_string(&path).unwrap();
        let is_left = |line: &&str| {
            !line.contains("/e1")
                || ["T03:00:20", "T03:00:21", "T03:00:22", "T03:00:23"]
                    .iter()
                    .any(|at| line.contains(at))
        };
        let lines: Vec<&str> = text.lines().filter(is_left).collect();
        fs::write(&path, lines.join("\n")).unwrap();
        path
    };
    let (document, code) = compared(&[&run("old/a.ndjson", 1.0), &run("new/a.ndjson", 1.5)]);
    assert_eq!(code, 0);
    let pair = &document["pairs"][0];
    let short = row(pair, "http_req_duration{name:/e1,method:GET}", "med");
    assert_eq!(
        (&short["verdict"], &short["gate"]),
        (&json!("inconclusive"), &json!(false))
    );
    assert!(
        short["reason"]
            .as_str()
            .unwrap()
            .contains("too few seconds")
    );
    let sentence = document["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("of any endpoint with enough requests"),
        "{sentence}"
    );
}

#[test]
fn what_took_no_time_before_has_differences_and_no_percentages() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, cached: f64| {
        let path = folder.path().join(name);
        let millis = |n, e| if e == 1 { cached } else { spread(n, e) };
        stream(&path, 60, |_| 10, millis)
    };
    let (old, new) = (run("old/a.ndjson", 0.0), run("new/a.ndjson", 8.0));
    let (document, code) = compared(&[&old, &new]);
    assert_eq!(code, 1);
    let pair = &document["pairs"][0];
    for stat in ["gmean", "med", "avg", "p(95)"] {
        let row = row(pair, "http_req_duration{name:/e1,method:GET}", stat);
        assert_eq!(
            (&row["baseline"], &row["scale"], &row["verdict"]),
            (&json!(0.0), &json!("absolute"), &json!("regressed")),
            "{row}"
        );
        assert!(
            (row["change"].as_f64().unwrap() - 8.0).abs() < 1e-9,
            "{row}"
        );
        let interval = row["interval"].as_array().unwrap();
        assert!(interval[0].as_f64().unwrap() <= 8.0 && interval[1].as_f64().unwrap() >= 7.9);
        assert!(row["smallest_detectable"].as_f64().unwrap() >= 0.3, "{row}");
    }
    let output = diff(&[&old, &new, "--all"]);
    let shown = text(&output.stdout);
    assert!(shown.contains("from 0 ms to 8 ms (+8ms"), "{shown}");
    assert!(
        !shown.contains(",900%") && !shown.contains("00000%"),
        "{shown}"
    );
    // What takes no time any more has become faster by all of it.
    let (document, code) = compared(&[&new, &old]);
    assert_eq!(code, 0);
    let gone = row(
        &document["pairs"][0],
        "http_req_duration{name:/e1,method:GET}",
        "med",
    );
    assert_eq!(
        (
            &gone["candidate"],
            &gone["scale"],
            &gone["change"],
            &gone["verdict"]
        ),
        (
            &json!(0.0),
            &json!("relative"),
            &json!(-1.0),
            &json!("improved")
        )
    );
    // A whole run without time, and one that is as it was.
    let nothing =
        |name: &str, millis: f64| stream(&folder.path().join(name), 60, |_| 10, |_, _| millis);
    let (none, some) = (nothing("none/a.ndjson", 0.0), nothing("some/a.ndjson", 5.0));
    let (document, code) = compared(&[&none, &some]);
    assert_eq!(code, 1, "{}", document["sentence"]);
    let common = row(&document["pairs"][0], "http_req_duration", "common");
    assert_eq!(
        (&common["baseline"], &common["scale"]),
        (&json!(0.0), &json!("absolute"))
    );
    let (document, code) = compared(&[&none, &none.clone()]);
    assert_eq!((code, &document["verdict"]), (0, &json!("unchanged")));
}

#[test]
fn why_a_row_that_decides_is_inconclusive_stands_below_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, med: f64, p95: f64, failed: u64| {
        let metrics = json!({
            "http_req_duration": latency(med, p95),
            "http_req_duration{label:a}": latency(med, p95),
            "http_req_failed": failures(failed, 1000),
        });
        summary(folder.path(), name, &metrics)
    };
    let old = run("old/a.json", 100.0, 200.0, 0);
    let new = run("new/a.json", 110.0, 230.0, 0);
    let output = diff(&[&old, &new]);
    let shown = text(&output.stdout);
    let (sentence, below) = shown.split_once('\n').unwrap();
    assert!(sentence.starts_with("Inconclusive"), "{shown}");
    let lines: Vec<&str> = below
        .lines()
        .filter(|line| line.starts_with("  ? "))
        .collect();
    // One of the two reasons is in the sentence already.
    let wanted = [
        "  ? p(95) of http_req_duration and 1 more: the change is larger than the floor of 5%, but within the \
         assumed noise of ±19.7%",
        "  ? med of http_req_duration and 1 more: the change is larger than the floor of 3%, but within the \
         assumed noise of ±13.2%",
    ];
    let said = wanted.map(|line| lines.contains(&line));
    assert!(said[0] != said[1], "{shown}");
    // Nothing is left open, and nothing is said.
    let same = text(&diff(&[&old, &old]).stdout).to_owned();
    assert!(!same.contains("  ? "), "{same}");
}
