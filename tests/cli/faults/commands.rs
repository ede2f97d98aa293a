//! Every command that writes, in a folder with what it reads.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::archive_fixture::{ok, write_stream};
use super::super::runner::{run_in, samples};
use super::scene::Scene;

/// So many samples are packed: one checkpoint and some more.
pub(super) const SAMPLES: u32 = (1 << 20) + 100_000;

/// A stream of samples whose values are their numbers, from 0.
fn numbered(folder: &Path) -> PathBuf {
    let mut text = String::from("metric_name,timestamp,metric_value,check\n");
    for number in 0..SAMPLES {
        let second = 1_795_423_797 + number / 10_000;
        let _ = writeln!(text, "m,{second},{number},");
    }
    let path = folder.join("numbered.csv");
    fs::write(&path, text).unwrap();
    path
}

/// Whether a packed file holds all of them.
fn holds_all(packed: &[u8]) -> bool {
    let folder = empty();
    let read = run_in(folder.path(), &["summary", "-", "--format", "json"], packed);
    let Ok(document) = serde_json::from_str::<serde_json::Value>(&read.stdout) else {
        return false;
    };
    let run = &document["runs"][0];
    run["points"] == SAMPLES && run["skipped"]["cut"].is_null()
}

fn empty() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// `pack` of a file, which lies elsewhere, as it is large.
pub(super) fn pack(input: &Path) -> Scene {
    let stream = numbered(input);
    let stream = stream.to_str().unwrap();
    let args = ["pack", stream, "-o", "x.parquet", "--force"];
    // A slow machine makes more checkpoints.
    Scene::new("pack FILE", empty(), &args)
        .right(|path, bytes| path == "x.parquet" && holds_all(bytes))
        .rehearsed()
}

pub(super) fn pack_a_pipe(input: &Path) -> Scene {
    let args = ["pack", "-", "-o", "x.parquet", "--force"];
    // How samples are grouped depends on how they come.
    Scene::new("pack -", empty(), &args)
        .fed(numbered(input))
        .right(|path, bytes| path == "x.parquet" && holds_all(bytes))
        .rehearsed()
}

pub(super) fn pack_histograms(input: &Path) -> Scene {
    let stream = numbered(input);
    let stream = stream.to_str().unwrap();
    let args = ["pack", stream, "--histogram", "-o", "x.parquet", "--force"];
    Scene::new("pack --histogram", empty(), &args).rehearsed()
}

fn file_runs(folder: &Path, release: &str, seeds: std::ops::Range<u64>) {
    let runs: Vec<String> = seeds.map(|seed| write_stream(folder, seed)).collect();
    let mut args = vec!["archive", "add", "--release", release];
    args.extend(runs.iter().map(String::as_str));
    ok(folder, &args);
}

pub(super) fn archive_add() -> Scene {
    let folder = empty();
    file_runs(folder.path(), "v1", 1..2);
    let runs: Vec<String> = (2..8)
        .map(|seed| write_stream(folder.path(), seed))
        .collect();
    let mut args = vec!["archive", "add", "--release", "v2"];
    args.extend(runs.iter().map(String::as_str));
    Scene::new("archive add", folder, &args).rehearsed()
}

pub(super) fn archive_prune() -> Scene {
    let folder = empty();
    for release in 1..4 {
        let name = format!("v{release}");
        file_runs(folder.path(), &name, 3 * release..3 * release + 3);
    }
    let args = ["archive", "prune", "--keep", "1"];
    // Tombstones tell when, and are named by their content, which `archive verify` looks at.
    Scene::new("archive prune", folder, &args)
        .right(|path, _| path.to_string_lossy().contains("/records/tombstone-"))
        .rehearsed()
}

pub(super) fn archive_export() -> Scene {
    let folder = empty();
    file_runs(folder.path(), "v1", 1..3);
    let args = [
        "archive", "export", "v1", "--ticket", "T-1", "-o", "T-1.zip",
    ];
    Scene::new("archive export", folder, &args).rehearsed()
}

fn smoke(release: &str) -> String {
    let path = samples().join("smoke").join(release);
    path.to_str().unwrap().to_owned()
}

pub(super) fn html() -> Scene {
    let args = ["html", &smoke("v2025.11"), "-o", "x.html"];
    let folder = empty();
    fs::write(folder.path().join("x.html"), "an earlier page").unwrap();
    Scene::new("html", folder, &args).rehearsed()
}

pub(super) fn html_folder() -> Scene {
    let folder = empty();
    let runs: Vec<String> = (1..6)
        .map(|seed| write_stream(folder.path(), seed))
        .collect();
    let mut args = vec!["html", "-o", "pages/", "--assets", "pages/static"];
    args.extend(runs.iter().map(String::as_str));
    Scene::new("html, a folder", folder, &args).rehearsed()
}

const REPORTS: [&str; 12] = [
    "--report",
    "json=r.json",
    "--report",
    "markdown=r.md",
    "--report",
    "csv=r.csv",
    "--report",
    "junit=r.xml",
    "--report",
    "openmetrics=r.txt",
    "--report",
    "text=r.log",
];

fn reports(name: &'static str, args: &[&str]) -> Scene {
    let folder = empty();
    fs::write(folder.path().join("r.json"), "an earlier report").unwrap();
    Scene::new(name, folder, &[args, &REPORTS].concat()).rehearsed()
}

pub(super) fn summary() -> Scene {
    reports("summary --report", &["summary", &smoke("v2025.11")])
}

pub(super) fn check() -> Scene {
    reports("check --report", &["check", &smoke("v2025.11")])
}

pub(super) fn diff() -> Scene {
    let (before, now) = (smoke("v2025.10"), smoke("v2025.11"));
    reports("diff --report", &["diff", &before, &now])
}

/// `run` with a stand-in for k6. What k6 itself writes is its own.
pub(super) fn run() -> Scene {
    let folder = empty();
    let config = "[results]\nfolder = \"results\"\n[scenarios.pass]\nscript = \"pass.js\"\n";
    fs::write(folder.path().join("perf-report.toml"), config).unwrap();
    fs::write(folder.path().join("pass.js"), "export default () => {};\n").unwrap();
    let stand_in = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stand-in-k6.sh");
    let variables = vec![
        ("K6_BIN", stand_in.to_owned()),
        ("SAMPLES", samples().to_str().unwrap().to_owned()),
        ("RELEASE", "v2025.10".to_owned()),
        ("API_TOKEN", "x".to_owned()),
    ];
    let is_right = |path: &Path, bytes: &[u8]| {
        let name = path.to_string_lossy();
        let is_k6s =
            name.ends_with(".gz") || name.ends_with(".json") && !name.ends_with("plan.json");
        let is_plan = name.ends_with("plan.json")
            && serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
        let is_page = name.ends_with(".html") && bytes.ends_with(b"</html>\n");
        is_k6s || is_plan || is_page
    };
    Scene::new("run", folder, &["run", "--clean"])
        .with(variables)
        .right(is_right)
        .rehearsed()
}
