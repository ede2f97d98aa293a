//! Stdout, stderr or stdin are closed, or full: no panic, the right exit code, and every file.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::super::archive_fixture::{manifests, ok, recorded, write_stream};
use super::super::runner::samples;
use super::commands;

/// Every command, and what it exits with.
const COMMANDS: [(&str, i32); 30] = [
    ("summary SMOKE", 0),
    ("summary SMOKE --format json", 0),
    ("summary SMOKE -o s.txt --report json=s.json", 0),
    ("check SMOKE", 99),
    ("check SMOKE --format github", 99),
    ("diff BEFORE NOW", 1),
    ("diff BEFORE NOW --format json", 1),
    ("html SMOKE -o x.html", 0),
    ("html SMOKE -o -", 0),
    ("pack STREAM -o x.parquet", 0),
    ("pack STREAM --histogram -o y.parquet", 0),
    ("archive add run-1 --release v1", 0),
    ("archive baseline set v1", 0),
    ("archive baseline show", 0),
    ("archive discard run-2 --release v1 --reason x", 0),
    (
        "archive waive v1 http_req_duration --reason x --until 2099-12-31",
        0,
    ),
    ("archive list", 0),
    ("archive show v1", 0),
    ("archive verify", 0),
    ("archive export v1 --ticket T-1 -o T-1.zip", 0),
    ("archive verify T-1.zip", 0),
    ("trend http_req_duration:med", 0),
    ("archive prune --keep 1", 0),
    ("archive baseline clear", 0),
    ("calibrate BEFORE", 0),
    ("sql --dialect duckdb --from a.parquet --to b", 0),
    ("init --force", 0),
    ("completions bash", 0),
    ("man", 0),
    ("--help", 0),
];

/// A folder with what the commands read, and has gone through those before this one.
struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_stream(folder.path(), 1);
        write_stream(folder.path(), 2);
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn args(command: &str) -> Vec<String> {
        let smoke = samples().join("smoke/v2025.11");
        let words = command.split(' ').map(|word| match word {
            "SMOKE" => smoke.display().to_string(),
            "STREAM" => smoke.join("api-smoke.ndjson.gz").display().to_string(),
            "BEFORE" => recorded("v2025.10").join("run-*").display().to_string(),
            "NOW" => recorded("v2025.11").join("run-*").display().to_string(),
            word => word.to_owned(),
        });
        words.collect()
    }

    fn command(&self, command: &str) -> Command {
        let mut call = Command::new(env!("CARGO_BIN_EXE_perf-report"));
        call.args(Self::args(command));
        call.current_dir(self.path())
            .env_remove("GITHUB_STEP_SUMMARY");
        call.stdin(Stdio::null());
        call
    }

    /// Runs a command whose streams a shell redirects like this.
    fn redirected(&self, command: &str, redirection: &str) -> Output {
        let script = format!("exec \"$0\" \"$@\" {redirection}");
        let mut call = Command::new("sh");
        call.args(["-c", &script, env!("CARGO_BIN_EXE_perf-report")]);
        call.args(Self::args(command)).current_dir(self.path());
        call.env_remove("GITHUB_STEP_SUMMARY").output().unwrap()
    }
}

fn assert_calm(command: &str, output: &Output, code: i32) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{command}: {said}");
    assert_eq!(output.status.code(), Some(code), "{command}: {said}");
}

/// Stdout as a pipe that nobody reads any more, as `| head -1` leaves it.
fn unread() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn whoever_reads_may_go_away() {
    let scene = Scene::new();
    for (command, code) in COMMANDS {
        let output = scene.command(command).stdout(unread()).output().unwrap();
        assert_calm(command, &output, code);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("error"), "{command}: {said}");
    }
}

#[test]
fn closed_streams_change_no_exit_code() {
    for redirection in [">&-", "2>&-", "<&-", "<&- >&- 2>&-", "2>/dev/full"] {
        let scene = Scene::new();
        for (command, code) in COMMANDS {
            let output = scene.redirected(command, redirection);
            assert_calm(&format!("{command} {redirection}"), &output, code);
        }
    }
}

/// What is asked for on stdout and cannot be written there is an error.
#[cfg(target_os = "linux")]
#[test]
fn a_full_stdout_is_an_error() {
    let scene = Scene::new();
    for (command, _) in COMMANDS
        .into_iter()
        .chain([("--version", 0), ("--show-config", 0)])
    {
        if command.contains("-o s.txt") {
            // Nothing goes to stdout.
            continue;
        }
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = scene.command(command).stdout(full).output().unwrap();
        assert_calm(command, &output, 2);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("cannot write the output") && said.contains("because: No space left"),
            "{command}: {said}"
        );
    }
}

/// Nobody listens, and all is done nevertheless.
#[test]
fn what_is_written_does_not_depend_on_who_listens() {
    let scene = Scene::new();
    let folder = scene.path();
    let run = |command: &str| {
        let output = scene.command(command).stdout(unread()).output().unwrap();
        assert_calm(command, &output, 0);
    };
    run("archive add run-1 run-2 --release v1");
    assert_eq!(manifests(&folder.join("perf-archive")).len(), 2);
    run("html run-1 run-2 -o pages/");
    assert_eq!(fs::read_dir(folder.join("pages")).unwrap().count(), 3);
    run("man -o man");
    let pages = fs::read_dir(folder.join("man")).unwrap().count();
    ok(folder, &["man", "-o", "all"]);
    assert_eq!(pages, fs::read_dir(folder.join("all")).unwrap().count());
    write_stream(folder, 3);
    run("archive add run-3 --release v2");
    run("archive prune --keep 1");
    assert_eq!(manifests(&folder.join("perf-archive")).len(), 1);
}

/// k6 writes to the same stdout, and is ended by the system when nobody reads that any more: its test is then
/// not finished, which is said. Where stdout is closed from the beginning, nothing ends.
#[test]
fn run_says_what_a_reader_that_went_away_did_to_k6() {
    let scene = commands::run();
    let run = |stdout: Stdio| scene.command().stdout(stdout).output().unwrap();
    let output = run(unread());
    assert_calm("run", &output, 2);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("k6 was killed (signal 13)"), "{said}");
    assert_calm("run", &run(Stdio::null()), 0);
    assert!(scene.is_done());
    if cfg!(target_os = "linux") {
        let full = File::options().write(true).open("/dev/full").unwrap();
        assert_calm("run", &run(full.into()), 2);
    }
}

/// `perf-report … | head -1`, as people write it.
#[test]
fn a_verdict_survives_head() {
    let folder = tempfile::tempdir().unwrap();
    for (command, code) in [("check SMOKE", 99), ("diff BEFORE NOW", 1)] {
        let script = "{ \"$0\" \"$@\"; echo $? > code; } | head -1";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, env!("CARGO_BIN_EXE_perf-report")]);
        let output = shell
            .args(Scene::args(command))
            .current_dir(folder.path())
            .output();
        let output = output.unwrap();
        assert_eq!(output.stdout.split_inclusive(|b| *b == b'\n').count(), 1);
        assert!(output.stderr.is_empty(), "{output:?}");
        let found = fs::read_to_string(folder.path().join("code")).unwrap();
        assert_eq!(found.trim(), code.to_string(), "{command}");
    }
}

/// A stream that ends at once is an empty one.
#[test]
fn a_closed_stdin_is_an_empty_input() {
    let scene = Scene::new();
    for command in [
        "summary -",
        "pack - -o z.parquet",
        "check SMOKE --thresholds -",
    ] {
        let output = scene.redirected(command, "<&-");
        assert_calm(command, &output, 2);
    }
    assert!(!scene.path().join("z.parquet").exists());
}
