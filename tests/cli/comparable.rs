//! `diff` where the tests ran on something else, or were to do something else.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::archive_fixture::{assert_valid, contents, json, json_any, ok, run, write_stream};
use super::runner::{run_in, samples};

/// Files a run under a release, and says these things of it.
fn file(folder: &Path, seed: u64, release: &str, meta: &[&str]) {
    let name = write_stream(folder, seed);
    let mut args = vec!["archive", "add", &name, "--release", release];
    args.extend(meta.iter().flat_map(|meta| ["--meta", meta]));
    ok(folder, &args);
}

#[test]
fn runs_on_other_machines_are_not_compared_unless_that_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    file(folder, 1, "v1", &["machine=large", "region=eu"]);
    file(folder, 2, "v2", &["machine=small", "zone=b"]);
    file(folder, 3, "v3", &["machine=large", "region=eu"]);
    let diff = |args: &[&str]| {
        let args = [&["diff"], args, &["--format", "json"]].concat();
        let document = json_any(folder, &args);
        assert_valid("diff-1.json", &document);
        document
    };
    let other = diff(&["@v1", "@v2"]);
    let pair = &other["pairs"][0];
    assert_eq!(
        (pair["comparable"].as_str(), pair["verdict"].as_str()),
        (Some("no"), Some("inconclusive"))
    );
    assert_eq!(
        other["sentence"],
        "Inconclusive: machine differs: large before, small now; --allow machine compares nevertheless."
    );
    let warnings = pair["warnings"].to_string();
    assert!(
        warnings.contains("not known on both sides: ") && warnings.contains("region, zone"),
        "{warnings}"
    );
    let asked = run(folder, &["diff", "@v1", "@v2", "--fail-on", "inconclusive"]);
    assert_eq!(asked.code, 3, "{asked}");
    // By flag, or once and for all.
    let allowed = diff(&["@v1", "@v2", "--allow", "machine"]);
    assert_ne!(allowed["pairs"][0]["comparable"], "no");
    fs::write(
        folder.join("perf-report.toml"),
        "[diff]\nallow = [\"machine\"]\n",
    )
    .unwrap();
    let configured = diff(&["@v1", "@v2"]);
    assert_eq!(configured["pairs"], allowed["pairs"]);
    fs::remove_file(folder.join("perf-report.toml")).unwrap();
    // The same machine is no reason, and of files nobody knows it.
    assert_ne!(diff(&["@v1", "@v3"])["pairs"][0]["comparable"], "no");
    let file = diff(&["@v1", "run-2"]);
    assert_eq!(file["pairs"][0]["comparable"], "unknown");
    assert_ne!(file["verdict"], "inconclusive");
    assert_eq!(
        diff(&["run-1", "run-2"])["pairs"][0]["warnings"]
            .to_string()
            .matches("arch")
            .count(),
        0
    );
}

#[test]
fn several_keys_are_named_at_once_and_a_side_of_several_machines_differs_from_one_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    file(folder, 1, "v1", &["machine=a", "disk=x,y"]);
    file(folder, 2, "v1", &["machine=b", "disk=x,y"]);
    file(folder, 3, "v2", &["machine=a", "disk=z"]);
    let document = json_any(folder, &["diff", "@v1", "@v2", "--format", "json"]);
    let sentence = document["sentence"].as_str().unwrap();
    assert_eq!(
        sentence,
        "Inconclusive: disk differs: x,y before, z now; machine differs: a and b before, a now; --allow \
         disk,machine compares nevertheless."
    );
    let both = json_any(
        folder,
        &[
            "diff",
            "@v1",
            "@v2",
            "--allow",
            "disk,machine",
            "--format",
            "json",
        ],
    );
    assert_ne!(both["pairs"][0]["comparable"], "no");
}

#[test]
fn a_key_that_no_run_has_may_be_allowed_and_is_remarked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    file(folder, 1, "v1", &["machine=a"]);
    let diff = run(
        folder,
        &["diff", "@v1", "run-1", "--allow", "machin,kernel"],
    );
    assert_eq!(diff.code, 0, "{diff}");
    assert!(
        diff.stderr
            .contains("--allow machin: no run here has that; is it machine? there are arch, "),
        "{diff}"
    );
    assert!(
        diff.stderr
            .contains("--allow kernel: no run here has that; there are "),
        "{diff}"
    );
    let none = run(folder, &["diff", "@v1", "run-1", "--allow", "machine,load"]);
    assert_eq!(none.stderr, "", "{none}");
}

/// The plan of a test with the scenario that the small runs name.
fn plan(scenario: &Value, extra: &Value) -> Value {
    let mut plan = json!({
        "schema": "perf-report.plan/1", "scenario": "small", "script": "small.js",
        "script_sha256": "0".repeat(64), "options": { "scenarios": { "default": scenario } },
    });
    plan.as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    plan
}

fn constant(rate: u64) -> Value {
    json!({ "executor": "constant-arrival-rate", "rate": rate, "duration": "13s", "preAllocatedVUs": 5 })
}

/// A small run with so many iterations a second, and a plan beside it.
fn planned(folder: &Path, seed: u64, iterations: u64, plan: &Value) -> String {
    let name = write_stream(folder, seed);
    let path = folder.join(&name).join("small.ndjson");
    let mut text = fs::read_to_string(&path).unwrap();
    for second in 0..13 {
        for iteration in 0..iterations {
            writeln!(
                text,
                "{{\"metric\":\"iterations\",\"type\":\"Point\",\"data\":{{\"time\":\"2026-11-2{}T08:26:{second:02}.{iteration:03}Z\",\"value\":1,\"tags\":{{\"scenario\":\"default\"}}}}}}",
                seed % 10
            )
            .unwrap();
        }
    }
    fs::write(path, text).unwrap();
    fs::write(folder.join(&name).join("small.plan.json"), plan.to_string()).unwrap();
    name
}

fn diff_of(folder: &Path, before: &str, now: &str) -> Value {
    let document = json_any(folder, &["diff", before, now, "--format", "json"]);
    assert_valid("diff-1.json", &document);
    document
}

#[test]
fn what_an_open_model_achieves_is_its_result_and_throughput_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let none = json!({});
    planned(folder, 1, 20, &plan(&constant(20), &none));
    planned(folder, 2, 12, &plan(&constant(20), &none));
    let summary = json(folder, &["summary", "run-2", "--format", "json"]);
    assert_valid("summary-1.json", &summary);
    assert_eq!(
        summary["runs"][0]["load"],
        json!({ "text": "20 iterations/s for 13s", "open": true, "scheduled": 260.0, "completed": 156.0 })
    );
    assert_eq!(
        summary["runs"][0]["validity"],
        json!({ "verdict": "suspect", "reasons": ["156 of 260 scheduled iterations were completed"] })
    );
    let text = ok(folder, &["summary", "run-1"]);
    assert!(
        text.contains(
            "  load: 20 iterations/s for 13s; 260 of 260 scheduled iterations were completed\n"
        ),
        "{text}"
    );
    assert!(!text.contains("suspect"), "{text}");
    ok(folder, &["html", "run-1", "-o", "page.html"]);
    let page = fs::read_to_string(folder.join("page.html")).unwrap();
    assert!(
        page.contains("The load was: 20 iterations/s for 13s; 260 of 260"),
        "{page}"
    );

    let document = diff_of(folder, "run-1", "run-2");
    let rows = document["pairs"][0]["rows"].as_array().unwrap();
    let row = |stat: &str| {
        rows.iter()
            .find(|row| row["name"] == "iterations" && row["stat"] == stat)
            .unwrap()
    };
    let achieved = row("achieved");
    assert_eq!(
        (
            &achieved["baseline"],
            &achieved["candidate"],
            &achieved["gate"],
            &achieved["verdict"]
        ),
        (&json!(1.0), &json!(0.6), &json!(false), &json!("regressed"))
    );
    assert_eq!(
        (&achieved["unit"], &achieved["scale"]),
        (&json!("share"), &json!("absolute"))
    );
    let throughput = row("rate");
    assert_eq!(throughput["verdict"], "inconclusive");
    assert!(
        throughput["reason"].as_str().unwrap().contains("no result"),
        "{throughput}"
    );
    let text = ok(folder, &["diff", "run-1", "run-2"]);
    assert!(
        text.contains("regressed (shown only)") && text.contains("achieved"),
        "{text}"
    );
    // Without the plan fewer iterations are a result, as far as anybody knows.
    let alone = json_any(
        folder,
        &["diff", "run-1", "run-2", "--alone", "--format", "json"],
    );
    let rows = alone["pairs"][0]["rows"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["stat"] != "achieved"));
    let rate = rows.iter().find(|row| row["name"] == "iterations").unwrap();
    assert_eq!(rate["verdict"], "regressed");
    // A part of a run did not schedule the whole.
    let part = json(
        folder,
        &["summary", "run-2", "--skip", "5s", "--format", "json"],
    );
    assert_eq!(part["runs"][0]["load"]["scheduled"], Value::Null);
    assert!(
        !part["runs"][0]["validity"]
            .to_string()
            .contains("scheduled")
    );
}

#[test]
fn another_load_is_another_test_and_another_script_is_mentioned() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let none = json!({});
    planned(folder, 1, 20, &plan(&constant(20), &none));
    planned(folder, 2, 20, &plan(&constant(25), &none));
    planned(
        folder,
        3,
        20,
        &plan(&constant(20), &json!({ "script_sha256": "1".repeat(64) })),
    );
    planned(
        folder,
        4,
        20,
        &plan(&json!({ "executor": "externally-controlled" }), &none),
    );
    let other = diff_of(folder, "run-1", "run-2");
    assert_eq!(
        other["sentence"],
        "Inconclusive: the load differs: default: 20 iterations/s for 13s before, default: 25 iterations/s \
         for 13s now; --allow load compares nevertheless."
    );
    let allowed = json_any(
        folder,
        &[
            "diff", "run-1", "run-2", "--allow", "load", "--format", "json",
        ],
    );
    assert_ne!(allowed["verdict"], "inconclusive");
    let script = diff_of(folder, "run-1", "run-3");
    assert_ne!(script["verdict"], "inconclusive");
    assert!(
        script["pairs"][0]["warnings"]
            .to_string()
            .contains("the script was changed")
    );
    // One side alone tells nothing of a difference.
    let part = diff_of(folder, "run-1", "run-4");
    assert_ne!(part["verdict"], "inconclusive");
    assert!(part["pairs"][0]["warnings"].to_string().contains("load"));
    assert_eq!(part["pairs"][0]["comparable"], "unknown");
}

#[test]
fn a_plan_that_cannot_be_used_is_a_note_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let good = plan(&constant(20), &json!({}));
    planned(folder, 1, 20, &good);
    let path = folder.join("run-1/small.plan.json");
    let other = json!({ "options": { "scenarios": { "browse": constant(3) } } });
    for (text, wanted) in [
        ("{".to_owned(), "this is no plan of perf-report run"),
        (
            good.to_string().replace("plan/1", "plan/9"),
            "a plan of version \"perf-report.plan/9\"",
        ),
        (
            good.to_string().replace("\"13s\"", "\"soon\""),
            "this is no duration",
        ),
        (
            plan(&constant(20), &other).to_string(),
            "the plan beside it is another test's (browse)",
        ),
    ] {
        fs::write(&path, text).unwrap();
        let summary = run(folder, &["summary", "run-1", "--format", "json"]);
        assert_eq!(summary.code, 0, "{summary}");
        assert!(summary.stderr.contains(wanted), "{wanted}: {summary}");
        let document: Value = serde_json::from_str(&summary.stdout).unwrap();
        assert!(document["runs"][0].get("load").is_none(), "{wanted}");
        assert_eq!(document["runs"][0]["points"], 520);
    }
    // More iterations than can be counted are not known, and no panic.
    let absurd = json!({ "executor": "constant-arrival-rate", "rate": u64::MAX, "timeUnit": 0.000_001, "duration": "2500000h" });
    let twice = json!({ "options": { "scenarios": { "default": absurd, "more": absurd } } });
    fs::write(&path, plan(&absurd, &twice).to_string()).unwrap();
    let summary = json(folder, &["summary", "run-1", "--format", "json"]);
    assert_eq!(summary["runs"][0]["load"]["open"], true);
    // Named by itself it is no run.
    let named = run(folder, &["summary", "run-1/small.plan.json"]);
    assert_eq!(named.code, 2, "{named}");
}

#[test]
fn an_archived_run_keeps_its_plan() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let ran_on = json!({ "environment": { "os": "plan9", "arch": "vax" } });
    planned(folder, 1, 20, &plan(&constant(20), &ran_on));
    planned(
        folder,
        2,
        20,
        &plan(
            &constant(20),
            &json!({ "environment": { "os": "plan9", "arch": "pdp11" } }),
        ),
    );
    ok(folder, &["archive", "add", "run-1", "--release", "v1"]);
    let kept = contents(&folder.join("perf-archive"));
    let (_, kept) = kept
        .iter()
        .find(|(path, _)| path.ends_with("plan.json"))
        .unwrap();
    assert_valid("plan-1.json", &serde_json::from_slice(kept).unwrap());
    ok(folder, &["archive", "verify"]);
    let summary = json(folder, &["summary", "@v1", "--format", "json"]);
    assert_eq!(summary["runs"][0]["load"]["scheduled"], 260.0);
    // The machine that ran k6 counts, and not the one that filed it.
    let document = diff_of(folder, "@v1", "run-2");
    assert_eq!(
        document["sentence"],
        "Inconclusive: arch differs: vax before, pdp11 now; --allow arch compares nevertheless."
    );
    // A plan that holds what looks like a secret is not filed.
    let secret = json!({ "script": "-----BEGIN PRIVATE KEY-----" });
    planned(folder, 3, 20, &plan(&constant(20), &secret));
    let refused = run(folder, &["archive", "add", "run-3", "--release", "v2"]);
    assert_eq!(refused.code, 2, "{refused}");
    assert!(
        refused
            .stderr
            .contains("the plan holds what looks like a private key"),
        "{refused}"
    );
}

#[test]
fn a_recorded_run_did_what_its_script_schedules() {
    let folder = tempfile::tempdir().unwrap();
    let smoke = samples().join("smoke/v2025.10");
    for file in ["api-smoke.json", "api-smoke.ndjson.gz"] {
        fs::copy(smoke.join(file), folder.path().join(file)).unwrap();
    }
    let scenario = json!({ "executor": "constant-arrival-rate", "rate": 12, "timeUnit": "1s", "duration": "20s" });
    let plan = json!({
        "schema": "perf-report.plan/1", "scenario": "api-smoke", "script": "api-smoke.js", "script_sha256": null,
        "options": { "scenarios": { "apiSmoke": scenario } },
    });
    fs::write(folder.path().join("api-smoke.plan.json"), plan.to_string()).unwrap();
    for input in [".", "api-smoke.json", "api-smoke.ndjson.gz"] {
        let summary = run_in(folder.path(), &["summary", input], b"");
        assert!(
            summary
                .stdout
                .contains("241 of 241 scheduled iterations were completed"),
            "{input}: {summary}"
        );
    }
}
