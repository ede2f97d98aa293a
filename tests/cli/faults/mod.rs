//! What is lost when something goes wrong beneath a command: nothing.
//!
//! `docs/reliability.md` says what is promised, and gives the figures of a long run of these tests.
#![cfg(unix)]

mod closed_streams;
mod commands;
mod figures;
mod forbidden;
mod full_disk;
mod input_that_changes;
mod interrupted;
mod killed;
mod scene;
mod strange_input;

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::archive_fixture::{ok, write_stream};

/// A folder with two runs, of which one is archived.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for seed in [1, 2] {
        write_stream(folder.path(), seed);
    }
    ok(
        folder.path(),
        &["archive", "add", "run-1", "--release", "v1"],
    );
    folder
}

/// Starts a command whose outputs are kept.
fn start(folder: &Path, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_perf-report"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Says that a test could not be done here, so loudly that no test runner keeps it to itself.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}
