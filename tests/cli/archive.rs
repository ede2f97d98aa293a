//! `archive` and `trend`: a release's runs filed, named, compared, verified and removed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::runner::{Outcome, run_in, samples};

/// Repeated runs of one unchanged system, and of one of which a route is slower.
fn recorded(release: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("calibration/recordings/journeys/{release}"))
}

fn run(folder: &Path, args: &[&str]) -> Outcome {
    run_in(folder, args, b"")
}

fn ok(folder: &Path, args: &[&str]) -> String {
    let outcome = run(folder, args);
    assert_eq!(outcome.code, 0, "{args:?}: {outcome}");
    outcome.stdout
}

fn json(folder: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&ok(folder, args)).unwrap()
}

fn assert_valid(schema: &str, document: &Value) {
    let path = format!("{}/schemas/{schema}", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors = validator.iter_errors(document);
    let errors: Vec<String> = errors
        .map(|e| format!("{e} at {}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{path}: {errors:#?}");
}

/// A small run of twelve seconds, different for each seed, as a JSON stream.
fn stream(seed: u64) -> String {
    let mut text = String::from(
        "{\"type\":\"Metric\",\"data\":{\"name\":\"http_req_duration\",\"type\":\"trend\",\"contains\":\"time\",\"thresholds\":[\"p(95)<900\"],\"submetrics\":null},\"metric\":\"http_req_duration\"}\n",
    );
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for second in 0..13_u64 {
        for request in 0..20_u64 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let millis = 20 + (state >> 33) % 20;
            let _ = writeln!(
                text,
                "{{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":{{\"time\":\"2026-11-2{}T08:26:{second:02}.{request:03}Z\",\"value\":{millis}.5,\"tags\":{{\"name\":\"/a\",\"method\":\"GET\",\"scenario\":\"default\",\"status\":\"200\"}}}}}}",
                seed % 10
            );
        }
    }
    text
}

/// Writes such a run into a folder of its own.
fn write_stream(folder: &Path, seed: u64) -> String {
    let name = format!("run-{seed}");
    fs::create_dir_all(folder.join(&name)).unwrap();
    fs::write(folder.join(&name).join("small.ndjson"), stream(seed)).unwrap();
    name
}

/// Every file below a folder with its content, by path; what lies aside is not counted.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with(".aside") {
                continue;
            } else if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn manifests(archive: &Path) -> Vec<PathBuf> {
    let files = contents(archive).into_keys();
    files
        .filter(|path| path.ends_with("manifest.json"))
        .collect()
}

/// Five runs of v2025.10, which is the baseline, and two of v2025.11.
fn two_releases(folder: &Path) {
    for release in ["v2025.10", "v2025.11"] {
        let runs = recorded(release).join("run-*");
        ok(
            folder,
            &[
                "archive",
                "add",
                runs.to_str().unwrap(),
                "--release",
                release,
            ],
        );
    }
    ok(folder, &["archive", "baseline", "set", "v2025.10"]);
}

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
    let stream = samples().join("journeys/v2025.10/user-journeys.ndjson.zst");
    let text = zstd::decode_all(fs::File::open(&stream).unwrap()).unwrap();
    let beside = samples().join("journeys/v2025.10");
    ok(
        folder,
        &["archive", "add", beside.to_str().unwrap(), "--release", "a"],
    );
    let archived: usize = contents(&folder.join("perf-archive"))
        .values()
        .map(Vec::len)
        .sum();
    assert!(archived * 40 < text.len(), "{archived} of {}", text.len());
}

#[test]
fn whatever_is_changed_is_named() {
    type Damage = fn(&Path, &Path);
    let flip: Damage = |run, _| {
        let path = run.join("samples.parquet");
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let cases: [(&str, &str, Damage); 9] = [
        ("samples.parquet", "its hash differs", flip),
        ("samples.parquet", "its size differs", |run, _| {
            let path = run.join("samples.parquet");
            let mut bytes = fs::read(&path).unwrap();
            bytes.push(0);
            fs::write(path, bytes).unwrap();
        }),
        ("samples.parquet", "is missing", |run, _| {
            fs::remove_file(run.join("samples.parquet")).unwrap();
        }),
        ("manifest.json", "is missing", |run, _| {
            fs::remove_file(run.join("manifest.json")).unwrap();
        }),
        (
            "manifest.json",
            "not that of its folder's name",
            |run, _| {
                let path = run.join("manifest.json");
                let text = fs::read_to_string(&path).unwrap();
                fs::write(path, text.replace("\"valid\"", "\"val1d\"")).unwrap();
            },
        ),
        ("extra.txt", "unexpected", |run, _| {
            fs::write(run.join("extra.txt"), "x").unwrap();
        }),
        ("stray", "unexpected", |_, archive| {
            fs::write(archive.join("release=a/stray"), "x").unwrap();
        }),
        ("baseline-", "not that of its name", |_, archive| {
            let records = archive.join("records");
            let record = fs::read_dir(records)
                .unwrap()
                .next()
                .unwrap()
                .unwrap()
                .path();
            let text = fs::read_to_string(&record).unwrap();
            fs::write(
                record,
                text.replace("\"forced\": false", "\"forced\": true"),
            )
            .unwrap();
        }),
        (
            "run=",
            "missing or changed, and was a baseline",
            |run, _| {
                fs::remove_dir_all(run).unwrap();
            },
        ),
    ];
    for (path, problem, damage) in cases {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let archive = folder.join("perf-archive");
        let name = write_stream(folder, 1);
        ok(folder, &["archive", "add", &name, "--release", "a"]);
        ok(folder, &["archive", "baseline", "set", "a"]);
        ok(folder, &["archive", "verify"]);
        ok(folder, &["archive", "verify", "a"]);
        let run_folder = archive.join(&manifests(&archive)[0]);
        damage(run_folder.parent().unwrap(), &archive);
        let verify = run(folder, &["archive", "verify"]);
        assert_eq!(verify.code, 4, "{path} {problem}: {verify}");
        assert!(
            verify.stdout.contains(path) && verify.stdout.contains(problem),
            "{verify}"
        );
        // Nothing is computed from what is changed.
        if path == "samples.parquet" || path == "manifest.json" {
            let summary = run(folder, &["summary", "@baseline"]);
            assert_eq!(summary.code, 4, "{summary}");
            assert!(summary.stderr.contains(path), "{summary}");
        }
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = write_stream(folder, 1);
    let archive = folder.join("perf-archive");
    ok(folder, &["archive", "add", &name, "--release", "a"]);
    // A file in its place that is a link to the same bytes.
    let samples = archive
        .join(&manifests(&archive)[0])
        .with_file_name("samples.parquet");
    fs::rename(&samples, folder.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(folder.join("elsewhere"), &samples).unwrap();
    let verify = run(folder, &["archive", "verify"]);
    assert_eq!(verify.code, 4, "{verify}");
    assert!(verify.stdout.contains("no plain file"), "{verify}");
    assert_eq!(run(folder, &["summary", "@a"]).code, 4);
    // A release that is a link out of the archive is neither read nor written.
    fs::create_dir(folder.join("outside")).unwrap();
    std::os::unix::fs::symlink(folder.join("outside"), archive.join("release=b")).unwrap();
    let add = run(folder, &["archive", "add", &name, "--release", "b"]);
    assert_eq!(add.code, 4, "{add}");
    assert_eq!(fs::read_dir(folder.join("outside")).unwrap().count(), 0);
    assert_eq!(run(folder, &["summary", "@b"]).code, 4);
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

/// A file, and what it holds, and how that is told.
const SECRETS: [(&str, &str); 3] = [
    (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
        "a JSON web token",
    ),
    ("Bearer 0123456789abcdefghij", "a bearer token"),
    ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
];

#[test]
fn secrets_stop_the_command_and_are_not_shown() {
    for (secret, what) in SECRETS {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let text = stream(1).replace("\"status\":\"200\"", &format!("\"auth\":\"{secret}\""));
        fs::write(folder.join("x.ndjson"), text).unwrap();
        let outcome = run(folder, &["archive", "add", "x.ndjson", "--release", "a"]);
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(
            outcome
                .stderr
                .contains("x.ndjson: the tag auth of http_req_duration"),
            "{outcome}"
        );
        assert!(
            outcome.stderr.contains(what) && !outcome.stderr.contains(secret),
            "{outcome}"
        );
        assert!(!folder.join("perf-archive/release=a").exists());
        ok(
            folder,
            &[
                "archive",
                "add",
                "x.ndjson",
                "--release",
                "a",
                "--allow-secrets",
            ],
        );
        // Elsewhere, too.
        let name = write_stream(folder, 2);
        for args in [["--note", secret], ["--meta", &format!("k={secret}")]] {
            let args = [&["archive", "add", &name, "--release", "a"][..], &args].concat();
            if !args[6].starts_with('-') {
                assert_eq!(run(folder, &args).code, 2, "{args:?}");
            }
        }
    }
}

#[test]
fn what_k6_keeps_of_setup_script_and_urls_stays_home() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let summary = r#"{"version":"1.0.0","config":{"duration":12,"script":"const password = 'tulip-9'"},"metadata":{"k6_version":"2.2.0"},"results":{"metrics":[],"checks":{}}}"#;
    fs::write(folder.join("a.json"), summary).unwrap();
    fs::write(
        folder.join("a.ndjson"),
        stream(1).replace("\"/a\"", "\"https://user:tulip-9@h/a?key=tulip-9#tulip-9\""),
    )
    .unwrap();
    let handled = r#"{"setup_data":{"token":"tulip-9"},"metrics":{}}"#;
    fs::write(folder.join("a.handled.json"), handled).unwrap();
    ok(
        folder,
        &[
            "archive",
            "add",
            "a.ndjson",
            "a.json",
            "a.handled.json",
            "--release",
            "a",
        ],
    );
    let archive = folder.join("perf-archive");
    for (path, bytes) in contents(&archive) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("tulip-9"), "{}", path.display());
    }
    let series = ok(folder, &["summary", "@a", "--by", "name"]);
    assert!(series.contains("https://h/a?key="), "{series}");
    let manifest: Value =
        serde_json::from_slice(&fs::read(archive.join(&manifests(&archive)[0])).unwrap()).unwrap();
    let left_out = manifest["left_out"].as_array().unwrap();
    let what = |what: &str| left_out.iter().find(|one| one["what"] == what).unwrap();
    assert_eq!(what("setup_data")["place"], "a.handled.json");
    assert_eq!(what("url_values")["count"], 1);
    // As sha256sum gives it of the script's text.
    let hash = "4ad44f6f0f0a2d6a7ed3d5ac1f2f7c2a6b1c1c0c4b0a0e2d4a9d2c7d3b5b1c77";
    assert_eq!(what("script")["sha256"].as_str().unwrap().len(), hash.len());
    // Kept as they are, the files would hold all of it.
    let raw = [
        "archive",
        "add",
        "a.ndjson",
        "a.json",
        "a.handled.json",
        "--release",
        "b",
        "--keep",
        "raw",
    ];
    let outcome = run(folder, &raw);
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(
        outcome.stderr.contains("--keep raw would keep"),
        "{outcome}"
    );
    ok(folder, &[&raw[..], &["--allow-secrets"]].concat());
    let raw = contents(&archive);
    let kept = raw
        .iter()
        .find(|(path, _)| path.ends_with("raw/a.json"))
        .unwrap();
    assert_eq!(kept.1, summary.as_bytes());
    ok(folder, &["archive", "verify"]);
}

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

/// A document of a command that may fail.
fn json_any(folder: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&run(folder, args).stdout).unwrap()
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

fn copy_into(from: &Path, to: &Path) {
    for (path, bytes) in contents(from) {
        fs::create_dir_all(to.join(&path).parent().unwrap()).unwrap();
        fs::write(to.join(path), bytes).unwrap();
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

fn start(folder: &Path, args: &[&str]) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_perf-report"))
        .args(args)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn two_hundred_adds_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let names: Vec<String> = (1..=20).map(|seed| write_stream(folder, seed)).collect();
    // Twenty processes, each with ten of twenty runs: each run is filed by ten of them.
    let children: Vec<_> = (0..20)
        .map(|process| {
            let mut args = vec!["archive", "add", "--release", "a"];
            args.extend((0..10).map(|at| names[(process + at) % 20].as_str()));
            start(folder, &args)
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let archive = folder.join("perf-archive");
    assert_eq!(manifests(&archive).len(), 20);
    let verify = ok(folder, &["archive", "verify"]);
    assert!(verify.contains("20 runs"), "{verify}");
    assert_eq!(fs::read_dir(archive.join(".aside")).unwrap().count(), 0);
}

#[test]
fn killed_at_any_moment_a_run_is_there_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let names: Vec<String> = (1..=8).map(|seed| write_stream(folder, seed)).collect();
    let mut args = vec!["archive", "add", "--release", "a"];
    args.extend(names.iter().map(String::as_str));
    let started = std::time::Instant::now();
    assert!(start(folder, &args).wait().unwrap().success());
    let whole = started.elapsed();
    let archive = folder.join("perf-archive");
    let all = contents(&archive);
    let mut seen = std::collections::BTreeSet::new();
    for point in 0..60_u32 {
        fs::remove_dir_all(&archive).unwrap();
        let mut child = start(folder, &args);
        std::thread::sleep(whole * point / 50);
        child.kill().unwrap();
        child.wait().unwrap();
        if !archive.exists() {
            fs::create_dir(&archive).unwrap();
        }
        let there = contents(&archive);
        assert!(
            there
                .iter()
                .all(|(path, bytes)| all.get(path) == Some(bytes)),
            "point {point}"
        );
        ok(folder, &["archive", "verify"]);
        seen.insert(manifests(&archive).len());
    }
    assert!(seen.len() > 2, "killed in the middle: {seen:?}");
    // What was killed is simply done again.
    ok(folder, &args);
    assert_eq!(contents(&archive), all);
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_run_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = write_stream(folder, 1);
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec '{}' archive add {name} --release a",
        env!("CARGO_BIN_EXE_perf-report")
    );
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("cannot write perf-archive/") && said.contains("because:"),
        "{said}"
    );
    assert!(manifests(&folder.join("perf-archive")).is_empty());
    assert_eq!(
        fs::read_dir(folder.join("perf-archive/.aside"))
            .unwrap()
            .count(),
        0
    );
    ok(folder, &["archive", "add", &name, "--release", "a"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = write_stream(folder, 1);
    // Whoever runs this, nothing can be made below a file.
    fs::write(folder.join("file"), "x").unwrap();
    let outcome = run(
        folder,
        &[
            "archive",
            "--archive",
            "file",
            "add",
            &name,
            "--release",
            "a",
        ],
    );
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(outcome.stderr.contains("cannot write file/"), "{outcome}");
    ok(folder, &["archive", "add", &name, "--release", "a"]);
    let archive = folder.join("perf-archive");
    fs::set_permissions(&archive, fs::Permissions::from_mode(0o555)).unwrap();
    fs::set_permissions(archive.join(".aside"), fs::Permissions::from_mode(0o555)).unwrap();
    let can_write = fs::write(archive.join("probe"), "x").is_ok();
    if !can_write {
        let other = write_stream(folder, 2);
        let outcome = run(folder, &["archive", "add", &other, "--release", "a"]);
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(
            outcome.stderr.contains("cannot write perf-archive/.aside/"),
            "{outcome}"
        );
        // Reading needs no more than that.
        ok(folder, &["summary", "@a"]);
        ok(folder, &["archive", "verify"]);
    }
    fs::set_permissions(&archive, fs::Permissions::from_mode(0o755)).unwrap();
    std::thread::sleep(Duration::from_millis(1));
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
    assert_eq!(page.matches("<svg").count(), 2 * trends.len());
    assert_eq!(page.matches("<circle").count(), 2 * 7 * trends.len());
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
