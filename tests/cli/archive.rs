//! `archive`: runs filed under releases, and named as RUN.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use super::archive_fixture::{
    assert_valid, contents, copy_into, json, manifests, ok, recorded, run, stream, two_releases,
    write_stream,
};
use super::runner::{run_in, samples};

#[test]
fn releases_are_compared_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    two_releases(folder);
    let diff = run(folder, &["diff", "@baseline", "@v2025.11"]);
    assert_eq!(diff.code, 1, "{diff}");
    assert!(
        diff.stdout
            .starts_with("Regressed: GET /v1/storage/documents became slower"),
        "{diff}"
    );
    for (before, now) in [
        ("@v2025.10/user-journeys", "@latest"),
        ("@previous", "@latest/user-journeys"),
    ] {
        let same = run(folder, &["diff", before, now]);
        assert_eq!((same.code, same.stdout), (1, diff.stdout.clone()));
    }
    // An archived baseline and a file.
    let one = recorded("v2025.11").join("run-1");
    let diff = run(folder, &["diff", "@baseline", one.to_str().unwrap()]);
    assert_eq!(diff.code, 1, "{diff}");
    assert!(
        diff.stdout.contains("5 runs: @v2025.10/user-journeys/"),
        "{diff}"
    );
    let twice = run(
        folder,
        &[
            "diff",
            "--baseline",
            "@baseline",
            "--baseline",
            "@v2025.10",
            "@latest",
        ],
    );
    assert_eq!(twice.code, 2, "{twice}");
    assert!(twice.stderr.contains("is given twice"), "{twice}");
    // Reports of archived runs land where the command was called, never in the archive.
    let before = contents(&folder.join("perf-archive"));
    ok(folder, &["html", "@latest"]);
    assert_eq!(contents(&folder.join("perf-archive")), before);
    let pages = fs::read_dir(folder).unwrap();
    let pages = pages.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy()
            .starts_with("user-journeys-v2025.11-")
    });
    assert_eq!(pages.count(), 2);
}

#[test]
fn an_archived_run_has_the_numbers_of_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (number, (input, args)) in [
        ("storefront", &[][..]),
        ("smoke/v2025.11", &[]),
        ("smoke/v2025.11/api-smoke.csv.gz", &[]),
        ("smoke/v2025.11/api-smoke.export.json", &["--alone"]),
        ("machine-readable", &[]),
        ("pods/*/*.ndjson.gz", &["--merge"]),
        ("broken/bad-lines.ndjson", &[]),
        ("broken/cut-stream.ndjson.gz", &[]),
    ]
    .into_iter()
    .enumerate()
    {
        let release = format!("r{number}");
        let path = samples().join(input);
        let path = path.to_str().unwrap();
        let add = [&["archive", "add", path, "--release", &release], args].concat();
        ok(folder, &add);
        let document = |args: &[&str]| {
            let mut document = json(folder, &[args, &["--format", "json"]].concat());
            for run in document["runs"].as_array_mut().unwrap() {
                let run = run.as_object_mut().unwrap();
                run.remove("sources").unwrap();
                // What was skipped is told with paths, and notes are told once.
                run.remove("notes").unwrap();
                // VUs of several pods are made one series, of fewer samples than were read.
                if args.contains(&"--merge") || number == 5 {
                    run.remove("points").unwrap();
                }
            }
            document
        };
        let original = document(&[&["summary", path], args].concat());
        let reference = format!("@{release}");
        assert_eq!(document(&["summary", &reference]), original, "{input}");
        let check = document(&[&["summary", path], args].concat());
        assert_eq!(
            document(&["summary", &reference])["runs"][0]["thresholds"],
            check["runs"][0]["thresholds"]
        );
    }
}

#[test]
fn documents_keep_to_their_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    two_releases(folder);
    let smoke = samples().join("smoke/v2025.11");
    let smoke = smoke.to_str().unwrap();
    let add = [
        "archive",
        "add",
        smoke,
        "--release",
        "v2025.11",
        "--ticket",
        "REL-1",
        "--note",
        "x",
        "--meta",
        "a=b",
        "--keep",
        "raw",
        "--allow-secrets",
    ];
    ok(folder, &add);
    let other = samples().join("smoke/v2025.10");
    let discard = [
        "archive",
        "discard",
        other.to_str().unwrap(),
        "--release",
        "v2025.11",
        "--reason",
        "wrong stage",
    ];
    ok(folder, &discard);
    ok(
        folder,
        &[
            "archive",
            "waive",
            "v2025.11",
            "checks:rate",
            "--reason",
            "known",
            "--until",
            "2999-01-01",
        ],
    );
    ok(folder, &["archive", "baseline", "clear"]);
    ok(
        folder,
        &[
            "archive",
            "baseline",
            "set",
            "v2025.11",
            "--reason",
            "it is out",
        ],
    );
    ok(folder, &["archive", "prune", "--keep", "1"]);
    assert_valid(
        "archive-list-1.json",
        &json(folder, &["archive", "list", "--format", "json"]),
    );
    for release in ["v2025.10", "v2025.11", "baseline"] {
        let show = json(folder, &["archive", "show", release, "--format", "json"]);
        assert_valid("archive-show-1.json", &show);
    }
    assert_valid(
        "trend-1.json",
        &json(folder, &["trend", "--format", "json"]),
    );
    let mut kinds = Vec::new();
    for (path, text) in contents(&folder.join("perf-archive")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == "manifest.json" {
            assert_valid(
                "archive-run-1.json",
                &serde_json::from_slice(&text).unwrap(),
            );
            kinds.push("run".to_owned());
        } else if path.parent().unwrap().ends_with("records") {
            assert_valid(
                "archive-record-1.json",
                &serde_json::from_slice(&text).unwrap(),
            );
            kinds.push(name.split('-').next().unwrap().to_owned());
        }
    }
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, ["baseline", "discard", "run", "tombstone", "waiver"]);
}

#[test]
fn filing_a_run_twice_is_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = write_stream(folder, 1);
    let first = ok(folder, &["archive", "add", &name, "--release", "a"]);
    assert!(first.starts_with("archived @a/small/"), "{first}");
    let before = contents(&folder.join("perf-archive"));
    let again = ok(
        folder,
        &["archive", "add", &name, "--release", "a", "--note", "again"],
    );
    assert!(again.contains("is archived already"), "{again}");
    assert_eq!(contents(&folder.join("perf-archive")), before);
    // Under another release it is another run.
    ok(folder, &["archive", "add", &name, "--release", "b"]);
    assert_eq!(manifests(&folder.join("perf-archive")).len(), 2);
}

#[test]
fn an_archive_is_small() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (number, (runs, stream)) in [
        ("journeys/v2025.10", "user-journeys.ndjson.zst"),
        ("smoke/v2025.11", "api-smoke.ndjson.gz"),
    ]
    .into_iter()
    .enumerate()
    {
        let runs = samples().join(runs);
        let file = fs::File::open(runs.join(stream)).unwrap();
        let text = if Path::new(stream)
            .extension()
            .is_some_and(|end| end == "zst")
        {
            zstd::decode_all(file).unwrap()
        } else {
            let mut text = Vec::new();
            flate2::read::MultiGzDecoder::new(file)
                .read_to_end(&mut text)
                .unwrap();
            text
        };
        let archive = format!("archive-{number}");
        let add = ["archive", "add", runs.to_str().unwrap(), "--release", "a"];
        ok(folder, &[&add[..], &["--archive", &archive]].concat());
        let archived: usize = contents(&folder.join(&archive))
            .values()
            .map(Vec::len)
            .sum();
        assert!(archived * 40 < text.len(), "{archived} of {}", text.len());
    }
}

#[test]
fn archives_are_merged_by_copying() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for seed in 1..=3 {
        write_stream(folder, seed);
    }
    // Both have run 2, one with a note.
    ok(
        folder,
        &[
            "archive",
            "--archive",
            "one",
            "add",
            "run-1",
            "run-2",
            "--release",
            "a",
        ],
    );
    ok(
        folder,
        &[
            "archive",
            "add",
            "run-2",
            "--note",
            "x",
            "--release",
            "a",
            "--archive",
            "two",
        ],
    );
    ok(
        folder,
        &[
            "archive",
            "add",
            "run-3",
            "--release",
            "b",
            "--archive",
            "two",
        ],
    );
    ok(
        folder,
        &["archive", "--archive", "two", "baseline", "set", "b"],
    );
    copy_into(&folder.join("one"), &folder.join("merged"));
    copy_into(&folder.join("two"), &folder.join("merged"));
    ok(folder, &["archive", "verify", "--archive", "merged"]);
    let list = json(
        folder,
        &["archive", "list", "--archive", "merged", "--format", "json"],
    );
    assert_eq!(list["baseline"], "b");
    assert_eq!(list["releases"][0]["runs"], 3);
    let used = json(
        folder,
        &["summary", "@a", "--archive", "merged", "--format", "json"],
    );
    assert_eq!(
        used["runs"].as_array().unwrap().len(),
        2,
        "run 2 counts once"
    );
    // The other way round comes to the same.
    copy_into(&folder.join("two"), &folder.join("turned"));
    copy_into(&folder.join("one"), &folder.join("turned"));
    assert_eq!(
        contents(&folder.join("turned")),
        contents(&folder.join("merged"))
    );
}

#[test]
fn the_archive_is_found_by_option_variable_and_default() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = write_stream(folder, 1);
    let missing = run(folder, &["archive", "list"]);
    assert_eq!(missing.code, 2, "{missing}");
    assert!(
        missing
            .stderr
            .contains("there is no archive at perf-archive"),
        "{missing}"
    );
    let with = |variable: &str, args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_perf-report"))
            .args(args)
            .current_dir(folder)
            .env("PERF_REPORT_ARCHIVE", variable)
            .output()
            .unwrap();
        output.status.code().unwrap()
    };
    assert_eq!(
        with("by-variable", &["archive", "add", &name, "--release", "a"]),
        0
    );
    assert!(folder.join("by-variable").is_dir());
    assert_eq!(with("by-variable", &["summary", "@a"]), 0);
    assert_eq!(
        with("by-variable", &["summary", "@a", "--archive", "other"]),
        2
    );
    assert_eq!(
        with("", &["archive", "list"]),
        2,
        "empty is as if it were not set"
    );
}

#[test]
fn names_are_no_paths() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = write_stream(folder, 1);
    let long = "x".repeat(81);
    for bad in [
        "", "..", "../x", "a/b", "a\\b", "a\nb", "baseline", "latest", "CON", ".x", &long,
    ] {
        for option in ["--release", "--scenario", "--ticket"] {
            let mut args = vec!["archive", "add", &name];
            if option != "--release" {
                args.extend(["--release", "a"]);
            }
            let given = format!("{option}={bad}");
            args.push(&given);
            let outcome = run(folder, &args);
            assert_eq!(outcome.code, 2, "{given:?}: {outcome}");
            assert!(!folder.join("perf-archive").exists(), "{given:?}");
        }
    }
    ok(
        folder,
        &[
            "archive",
            "add",
            &name,
            "--release",
            "Über 1/".trim_end_matches('/'),
            "--scenario",
            "a=b",
        ],
    );
    assert_eq!(run(folder, &["summary", "@Über 1/a=b"]).code, 0);
    assert!(
        folder
            .join("perf-archive/release=%C3%9Cber%201/scenario=a%3Db")
            .is_dir()
    );
    for bad in [
        "@",
        "@../x",
        "@nothing",
        "@baseline",
        "@previous",
        "@Über 1/nothing",
    ] {
        let outcome = run(folder, &["summary", bad]);
        assert_eq!(outcome.code, 2, "{bad}: {outcome}");
        assert!(outcome.stderr.contains("hint:"), "{bad}: {outcome}");
    }
}

#[test]
fn what_is_no_run_of_files_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = write_stream(folder, 1);
    let stdin = run_in(
        folder,
        &["archive", "add", "-", "--release", "a"],
        stream(1).as_bytes(),
    );
    assert_eq!(stdin.code, 2, "{stdin}");
    assert!(
        stdin.stderr.contains("only files can be archived"),
        "{stdin}"
    );
    ok(folder, &["archive", "add", &name, "--release", "a"]);
    let again = run(folder, &["archive", "add", "@a", "--release", "b"]);
    assert_eq!(again.code, 2, "{again}");
    let two = [&name, samples().join("smoke/v2025.10").to_str().unwrap()].map(str::to_owned);
    let named = run(
        folder,
        &[
            "archive",
            "add",
            &two[0],
            &two[1],
            "--release",
            "b",
            "--scenario",
            "x",
        ],
    );
    assert_eq!(named.code, 2, "{named}");
    assert!(
        named.stderr.contains("--scenario names one scenario"),
        "{named}"
    );
    assert_eq!(
        run(
            folder,
            &["archive", "add", &name, "--release", "b", "--meta", "x"]
        )
        .code,
        2
    );
    let typo = run(folder, &["archive", "show", "b"]);
    assert_eq!(typo.code, 2, "{typo}");
    assert!(typo.stderr.contains("did you mean a?"), "{typo}");
}

#[test]
fn a_selected_part_is_filed_as_a_part() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_stream(folder, 1);
    let add = |more: &[&str]| {
        run(
            folder,
            &[&["archive", "add", "run-1", "--release", "a"], more].concat(),
        )
    };
    let said = add(&["--skip", "5s", "--where", "status=200"]);
    assert_eq!(said.code, 0, "{said}");
    assert!(
        said.stdout
            .contains("only a part of the run was filed: from 5s, status=200; over "),
        "{said}"
    );
    // Its numbers are those of the selection, and every report says what it is.
    let csv = ["--format", "csv"];
    let part = ["summary", "run-1", "--skip", "5s", "--where", "status=200"];
    let numbers = |text: &str| {
        let rows = text
            .lines()
            .skip(1)
            .map(|line| line.splitn(3, ',').nth(2).unwrap().to_owned());
        rows.collect::<Vec<_>>()
    };
    let selected = ok(folder, &[&part[..], &csv].concat());
    let filed = ok(folder, &[&["summary", "@a"], &csv[..]].concat());
    assert_eq!(numbers(&selected), numbers(&filed));
    // A page begins it with a capital, and writes = as HTML.
    let note = "nly a part of the run was filed: from 5s, status";
    for args in [
        &["summary", "@a"][..],
        &["check", "@a"],
        &["archive", "show", "a"],
        &["html", "@a", "-o", "-"],
    ] {
        let shown = run(folder, args);
        assert!(shown.stdout.contains(note), "{args:?}: {shown}");
    }
    let show = json(folder, &["archive", "show", "a", "--format", "json"]);
    assert_valid("archive-show-1.json", &show);
    assert_eq!(show["runs"][0]["part"]["selection"], "from 5s, status=200");
    ok(folder, &["archive", "verify"]);
    // Filed twice it is one; another part, or the whole, is none of its repetitions.
    assert!(
        add(&["--skip", "5s", "--where", "status=200"])
            .stdout
            .contains("is archived already")
    );
    for other in [&["--skip", "6s"][..], &[]] {
        let refused = add(other);
        assert_eq!(refused.code, 2, "{refused}");
        assert!(
            refused
                .stderr
                .contains("filed in part (from 5s, status=200)"),
            "{refused}"
        );
    }
    let nothing = run(
        folder,
        &["archive", "add", "run-1", "--release", "b", "--from", "1h"],
    );
    assert_eq!(nothing.code, 2, "{nothing}");
    assert_eq!(run(folder, &["archive", "show", "b"]).code, 2);
}
