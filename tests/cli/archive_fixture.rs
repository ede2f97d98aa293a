//! An archive to test with.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::runner::{Outcome, run_in};

/// Repeated runs of one unchanged system, and of one of which a route is slower.
pub(super) fn recorded(release: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("calibration/recordings/journeys/{release}"))
}

pub(super) fn run(folder: &Path, args: &[&str]) -> Outcome {
    run_in(folder, args, b"")
}

pub(super) fn ok(folder: &Path, args: &[&str]) -> String {
    let outcome = run(folder, args);
    assert_eq!(outcome.code, 0, "{args:?}: {outcome}");
    outcome.stdout
}

pub(super) fn json(folder: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&ok(folder, args)).unwrap()
}

/// A document of a command that may fail.
pub(super) fn json_any(folder: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&run(folder, args).stdout).unwrap()
}

pub(super) fn assert_valid(schema: &str, document: &Value) {
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
pub(super) fn stream(seed: u64) -> String {
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
pub(super) fn write_stream(folder: &Path, seed: u64) -> String {
    let name = format!("run-{seed}");
    fs::create_dir_all(folder.join(&name)).unwrap();
    fs::write(folder.join(&name).join("small.ndjson"), stream(seed)).unwrap();
    name
}

/// Every file below a folder with its content, by path; what lies aside is not counted.
pub(super) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with(".aside") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

pub(super) fn manifests(archive: &Path) -> Vec<PathBuf> {
    let files = contents(archive).into_keys();
    files
        .filter(|path| path.ends_with("manifest.json"))
        .collect()
}

/// Five runs of v2025.10, which is the baseline, and two of v2025.11.
pub(super) fn two_releases(folder: &Path) {
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

pub(super) fn copy_into(from: &Path, to: &Path) {
    for (path, bytes) in contents(from) {
        fs::create_dir_all(to.join(&path).parent().unwrap()).unwrap();
        fs::write(to.join(path), bytes).unwrap();
    }
}

pub(super) fn start(folder: &Path, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_perf-report"))
        .args(args)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
