//! `archive discard`, `baseline`, `waive` and `prune`: what is decided about releases.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::archive_fixture::{
    assert_valid, contents, json, json_any, manifests, ok, recorded, run, stream, two_releases,
    write_stream,
};

#[test]
fn discarded_runs_are_listed_and_count_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for seed in 1..=3 {
        write_stream(folder, seed);
    }
    ok(
        folder,
        &["archive", "add", "run-1", "run-2", "--release", "a"],
    );
    ok(
        folder,
        &[
            "archive",
            "discard",
            "run-3",
            "--release",
            "a",
            "--reason",
            "the stage was restarted",
        ],
    );
    let again = ok(
        folder,
        &[
            "archive",
            "discard",
            "run-3",
            "--release",
            "a",
            "--reason",
            "again",
        ],
    );
    assert!(again.contains("is discarded already"), "{again}");
    let refused = run(folder, &["archive", "add", "run-3", "--release", "a"]);
    assert_eq!(refused.code, 2, "{refused}");
    assert!(
        refused.stderr.contains("the stage was restarted"),
        "{refused}"
    );
    let show = json(folder, &["archive", "show", "a", "--format", "json"]);
    assert_eq!(
        (
            &show["attempts"],
            show["discards"].as_array().unwrap().len()
        ),
        (&3.into(), 1)
    );
    let root = show["root"].clone();
    let discard = &show["discards"][0];
    assert_eq!(discard["reason"], "the stage was restarted");
    assert_eq!(discard["sources"][0]["sha256"].as_str().unwrap().len(), 64);
    // One that was filed counts no more.
    let reference = show["runs"][1]["reference"].as_str().unwrap();
    ok(
        folder,
        &[
            "archive",
            "discard",
            reference,
            "--release",
            "a",
            "--reason",
            "it was the wrong build",
        ],
    );
    let summary = run(folder, &["summary", "@a", "--format", "json"]);
    let document: Value = serde_json::from_str(&summary.stdout).unwrap();
    assert_eq!(document["runs"].as_array().unwrap().len(), 1);
    assert!(
        summary.stderr.contains("it was the wrong build"),
        "{summary}"
    );
    let show = json(folder, &["archive", "show", "a", "--format", "json"]);
    assert_eq!(show["attempts"], 3);
    assert_ne!(show["root"], root, "what is decided is a part of the root");
    let empty = run(
        folder,
        &[
            "archive",
            "discard",
            "run-1",
            "--release",
            "a",
            "--reason",
            " ",
        ],
    );
    assert_eq!(empty.code, 2, "{empty}");
}

#[test]
fn an_invalid_run_is_no_baseline_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut text = stream(1);
    for second in 0..13 {
        let _ = writeln!(
            text,
            "{{\"metric\":\"http_req_failed\",\"type\":\"Point\",\"data\":{{\"time\":\"2026-11-21T08:26:{second:02}Z\",\"value\":1,\"tags\":null}}}}"
        );
    }
    fs::write(folder.join("small.ndjson"), text).unwrap();
    let add = ok(
        folder,
        &["archive", "add", "small.ndjson", "--release", "a"],
    );
    assert!(add.contains("invalid"), "{add}");
    let refused = run(folder, &["archive", "baseline", "set", "a"]);
    assert_eq!(refused.code, 2, "{refused}");
    assert!(
        refused.stderr.contains("100% of the requests failed"),
        "{refused}"
    );
    let forced = ok(
        folder,
        &[
            "archive",
            "baseline",
            "set",
            "a",
            "--force",
            "--reason",
            "nothing better",
        ],
    );
    assert!(forced.contains("forced"), "{forced}");
    let shown = ok(folder, &["archive", "baseline", "show"]);
    assert!(shown.contains("forced: nothing better"), "{shown}");
    // A valid run of the release is taken, and the other passed over.
    let name = write_stream(folder, 2);
    ok(folder, &["archive", "add", &name, "--release", "a"]);
    let summary = run(folder, &["summary", "@a", "--format", "json"]);
    let document: Value = serde_json::from_str(&summary.stdout).unwrap();
    assert_eq!(document["runs"].as_array().unwrap().len(), 1);
    assert!(
        summary
            .stderr
            .contains("is passed over, since it is invalid"),
        "{summary}"
    );
    ok(
        folder,
        &["archive", "baseline", "clear", "--reason", "start over"],
    );
    let shown = ok(folder, &["archive", "baseline", "show"]);
    assert_eq!(shown, "there is no baseline\n");
}

/// A page says so, too, and what release it is of.
fn assert_page_accepts(folder: &Path, reason: &str) {
    let args = [
        "html",
        "@v2025.11",
        "--baseline",
        "@baseline",
        "-o",
        "pages/",
    ];
    ok(folder, &args);
    let pages = fs::read_dir(folder.join("pages")).unwrap();
    let texts = pages.map(|page| fs::read_to_string(page.unwrap().path()).unwrap());
    let texts: Vec<String> = texts
        .filter(|text| text.contains("<dt>Release</dt>"))
        .collect();
    assert_eq!(texts.len(), 2);
    for text in texts {
        assert!(text.contains("Accepted regressions") && text.contains(reason));
        assert!(!text.contains("</span> Regressed"));
    }
}

#[test]
fn an_accepted_regression_does_not_fail_until_it_expires() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    two_releases(folder);
    let diff = json_any(
        folder,
        &["diff", "@baseline", "@v2025.11", "--format", "json"],
    );
    let rows = diff["pairs"][0]["rows"].as_array().unwrap();
    let worst = rows
        .iter()
        .find(|row| row["verdict"] == "regressed" && row["gate"] == true);
    let name = worst.unwrap()["name"].as_str().unwrap().to_owned();
    let waive = |row: &str, until: &str| {
        run(
            folder,
            &[
                "archive",
                "waive",
                "v2025.11",
                row,
                "--reason",
                "the cache moves",
                "--until",
                until,
            ],
        )
    };
    assert_eq!(waive(&name, "2020-01-01").code, 2, "a day that is over");
    assert_eq!(waive(&name, "soon").code, 2);
    assert_eq!(waive("a{", "2999-01-01").code, 2);
    assert_eq!(waive("http_req_failed:rate", "2999-01-01").code, 0);
    let diff = run(folder, &["diff", "@baseline", "@v2025.11"]);
    assert_eq!(diff.code, 1, "another row's waiver is no help: {diff}");
    assert_eq!(waive(&name, "2999-01-01").code, 0);
    let diff = run(folder, &["diff", "@baseline", "@v2025.11"]);
    assert_eq!(diff.code, 0, "{diff}");
    assert!(
        diff.stdout.contains("the cache moves") && diff.stdout.contains("2999-01-01"),
        "{diff}"
    );
    let markdown = ok(
        folder,
        &["diff", "@baseline", "@v2025.11", "--format", "markdown"],
    );
    assert!(markdown.contains("accepted until 2999-01-01"), "{markdown}");
    let document = json(
        folder,
        &["diff", "@baseline", "@v2025.11", "--format", "json"],
    );
    assert_valid("diff-1.json", &document);
    let rows = document["pairs"][0]["rows"].as_array().unwrap();
    let waived = rows
        .iter()
        .find(|row| row["name"] == *name && row["waived_until"].is_string());
    let waived = waived.unwrap();
    assert_eq!(
        (&waived["verdict"], &waived["gate"]),
        (&"regressed".into(), &false.into())
    );
    assert_page_accepts(folder, "the cache moves");
    // It holds for runs of that release, or where one says that they are.
    let file = recorded("v2025.11").join("run-*");
    let file = file.to_str().unwrap();
    assert_eq!(
        run(folder, &["diff", "--baseline", "@baseline", file]).code,
        1
    );
    let args = [
        "diff",
        "--baseline",
        "@baseline",
        file,
        "--release",
        "v2025.11",
    ];
    assert_eq!(run(folder, &args).code, 0);
    // A stated limit is crossed whatever was accepted.
    let limit = [
        "diff",
        "@baseline",
        "@v2025.11",
        "--limit",
        "http_req_duration:p(95)<=baseline*1.01",
    ];
    assert_eq!(run(folder, &limit).code, 1);
    // The same record with a day that is over.
    let records = folder.join("perf-archive/release=v2025.11/records");
    for entry in fs::read_dir(&records).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path)
            .unwrap()
            .replace("2999-01-01", "2020-01-01");
        fs::remove_file(&path).unwrap();
        let hash = perf_report::formats::sha256_of(text.as_bytes());
        fs::write(records.join(format!("waiver-{hash}.json")), text).unwrap();
    }
    let diff = run(folder, &["diff", "@baseline", "@v2025.11"]);
    assert_eq!(diff.code, 1, "{diff}");
    assert!(
        diff.stdout
            .contains("was accepted until 2020-01-01, which is over"),
        "{diff}"
    );
}

#[test]
fn old_releases_leave_tombstones_and_their_root() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for seed in 1..=4 {
        let name = write_stream(folder, seed);
        ok(
            folder,
            &["archive", "add", &name, "--release", &format!("r{seed}")],
        );
    }
    ok(folder, &["archive", "baseline", "set", "r1"]);
    let root = |release: &str| {
        json(folder, &["archive", "show", release, "--format", "json"])["root"].clone()
    };
    let before = root("r2");
    let archive = folder.join("perf-archive");
    let all = contents(&archive);
    let dry = ok(folder, &["archive", "prune", "--keep", "2", "--dry-run"]);
    assert!(
        dry.contains("would remove @r2/small/") && !dry.contains("@r1/"),
        "{dry}"
    );
    assert_eq!(contents(&archive), all);
    ok(folder, &["archive", "prune", "--keep", "2"]);
    assert_eq!(manifests(&archive).len(), 3, "the baseline and two more");
    assert_eq!(root("r2"), before);
    let show = json(folder, &["archive", "show", "r2", "--format", "json"]);
    assert_eq!(
        (&show["attempts"], show["removed"].as_array().unwrap().len()),
        (&1.into(), 1)
    );
    ok(folder, &["archive", "verify"]);
    let gone = run(folder, &["summary", "@r2"]);
    assert_eq!(gone.code, 2, "{gone}");
    assert!(gone.stderr.contains("removed"), "{gone}");
    assert_eq!(run(folder, &["archive", "prune", "--keep", "0"]).code, 2);
    assert_eq!(
        ok(folder, &["archive", "prune", "--keep", "2"]),
        "0 runs removed, 0 B\n"
    );
}

#[test]
fn decisions_are_told_as_people_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for seed in 1..=3 {
        write_stream(folder, seed);
    }
    for (run, release) in [("run-1", "a"), ("run-2", "a"), ("run-3", "b")] {
        ok(folder, &["archive", "add", run, "--release", release]);
    }
    // An archived run names its release itself; files do not.
    let shown = json(folder, &["archive", "show", "a", "--format", "json"]);
    let reference = shown["runs"][0]["reference"].as_str().unwrap();
    let because = ["--reason", "restarted"];
    let said = ok(
        folder,
        &[&["archive", "discard", reference], &because[..]].concat(),
    );
    assert!(said.starts_with("discarded a run of @a/"), "{said}");
    let refused = run(
        folder,
        &[&["archive", "discard", "run-3"], &because[..]].concat(),
    );
    assert_eq!(refused.code, 2, "{refused}");
    assert!(
        refused.stderr.contains("name it with --release"),
        "{refused}"
    );
    ok(folder, &["archive", "baseline", "set", "b"]);
    let baseline = ok(folder, &["archive", "baseline", "show"]);
    assert!(
        baseline.trim_end().ends_with(" UTC") && !baseline.contains('.'),
        "{baseline}"
    );
    // Slips of the pen.
    let slip = run(folder, &["summary", "@latst"]);
    assert!(slip.stderr.contains("did you mean @latest?"), "{slip}");
    // A row, a scenario and a release that are not there.
    let until = ["--reason", "known", "--until", "9999-12-31"];
    let waive = |release: &str, row: &str| {
        let outcome = run(
            folder,
            &[&["archive", "waive", release, row], &until[..]].concat(),
        );
        assert_eq!(outcome.code, 0, "{outcome}");
        outcome.stderr
    };
    assert_eq!(waive("b", "http_req_duration:p(95)"), "");
    assert_eq!(waive("b", "http_req_duration{name:/a,method:GET}"), "");
    let missing = waive("b", "http_req_duration{label:nowhere}");
    assert!(
        missing.contains("no run of b has a row http_req_duration{label:nowhere}"),
        "{missing}"
    );
    assert!(waive("b", "checks{check:a, b,group:::x}").contains("no run of b has a row"));
    let scenario = waive("b/nobody", "http_req_duration");
    assert!(
        scenario.contains("b has no run of nobody yet"),
        "{scenario}"
    );
    let early = run(folder, &["diff", "@a", "run-3", "--release", "c"]);
    assert_ne!(early.code, 2, "{early}");
    assert!(
        early.stderr.contains("the archive has no release c yet"),
        "{early}"
    );
    let same = run(folder, &["diff", "@baseline", "@b"]);
    assert!(same.stderr.contains("it is compared with itself"), "{same}");
    // Why runs were removed.
    ok(folder, &["archive", "prune", "--keep", "1"]);
    let shown = ok(folder, &["archive", "show", "a"]);
    assert!(
        shown.contains("Removed") && shown.contains(" of 2026-11-2") && shown.contains(": "),
        "{shown}"
    );
    let document = json(folder, &["archive", "show", "a", "--format", "json"]);
    assert_valid("archive-show-1.json", &document);
    assert!(document["removed"][0]["reason"].is_string(), "{document}");
    let gone = run(folder, &["summary", "@a"]);
    assert!(
        gone.stderr.contains("of it were removed")
            || gone.stderr.contains("1 run of it was removed"),
        "{gone}"
    );
}
