//! Killed at any moment, a command leaves whole files and no others, and is simply done again.

use std::path::Path;

use super::super::archive_fixture::ok;
use super::super::runner::run_in;
use super::commands;
use super::figures::{done_again, repeat};
use super::scene::Scene;

/// Kills a command again and again. `look` looks at what is there after each time.
fn kill(scene: &Scene, look: impl Fn(&Path)) {
    let kill = |_, child: &mut std::process::Child| child.kill().unwrap();
    repeat(scene, "killed", kill, |_, _| look(scene.path()));
    look(scene.path());
}

/// A day later the command takes away what was left of it and cannot be read.
fn assert_left_goes(scene: &Scene) {
    scene.age_what_is_left();
    scene.reset();
    done_again(scene);
    for path in scene.left() {
        let is_of_use =
            std::fs::read(scene.path().join(&path)).is_ok_and(|bytes| has_checkpoint(&bytes));
        assert!(is_of_use, "{}: {} stays", scene.name, path.display());
    }
}

pub(super) fn look_nowhere(_: &Path) {}

pub(super) fn archive_verifies(folder: &Path) {
    if folder.join("perf-archive").exists() {
        ok(folder, &["archive", "verify"]);
    }
}

/// The numbers of a packed file of `commands::SAMPLES`, if it can be read.
fn assert_first_are_there(folder: &Path, file: &str, complete: bool) -> u64 {
    let read = run_in(folder, &["summary", file, "--format", "json"], b"");
    assert_eq!(read.code, 0, "{file}: {read}");
    let document: serde_json::Value = serde_json::from_str(&read.stdout).unwrap();
    let run = &document["runs"][0];
    let points = run["points"].as_u64().unwrap();
    // Each of the first so many, and no other.
    let metric = &run["metrics"][0];
    assert_eq!(metric["values"]["max"], points - 1, "{file}: {metric}");
    assert_eq!(metric["values"]["min"], 0, "{file}: {metric}");
    if complete {
        assert_eq!(points, u64::from(commands::SAMPLES), "{file}");
    } else {
        assert!(points >= 1 << 20, "{file}: {points}");
    }
    points
}

/// Whether a footer was written to its end: then everything before it can be read.
pub(super) fn has_checkpoint(bytes: &[u8]) -> bool {
    const MAGIC: &[u8] = b"PAR1";
    // It stands at the beginning, too.
    for at in memchr::memmem::find_iter(bytes, MAGIC).skip(1) {
        let length = u32::from_le_bytes(bytes[at - 4..at].try_into().unwrap());
        if (1..at as u64 - 8).contains(&u64::from(length)) {
            return true;
        }
    }
    false
}

/// What is left of packing is read up to its last checkpoint, and a whole file is whole.
pub(super) fn packed_is_readable(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let complete = name == "x.parquet";
        if complete || has_checkpoint(&std::fs::read(folder.join(&name)).unwrap()) {
            assert_first_are_there(folder, &name, complete);
        }
    }
}

#[test]
fn pack() {
    let input = tempfile::tempdir().unwrap();
    let scene = commands::pack(input.path());
    kill(&scene, packed_is_readable);
    assert_left_goes(&scene);
}

#[test]
fn pack_a_pipe() {
    let input = tempfile::tempdir().unwrap();
    let scene = commands::pack_a_pipe(input.path());
    kill(&scene, packed_is_readable);
    assert_left_goes(&scene);
}

/// Of histograms nothing is left to be read, so that it goes.
#[test]
fn pack_histograms() {
    let input = tempfile::tempdir().unwrap();
    let scene = commands::pack_histograms(input.path());
    kill(&scene, look_nowhere);
    assert_left_goes(&scene);
}

#[test]
fn archive_add() {
    let scene = commands::archive_add();
    kill(&scene, archive_verifies);
    assert_left_goes(&scene);
}

#[test]
fn archive_prune() {
    let scene = commands::archive_prune();
    kill(&scene, archive_verifies);
    assert_left_goes(&scene);
}

#[test]
fn archive_export() {
    let scene = commands::archive_export();
    kill(&scene, archive_verifies);
    assert_left_goes(&scene);
}

#[test]
fn html() {
    let scene = commands::html();
    kill(&scene, look_nowhere);
    assert_left_goes(&scene);
}

#[test]
fn html_of_a_folder() {
    let scene = commands::html_folder();
    kill(&scene, look_nowhere);
    assert_left_goes(&scene);
}

#[test]
fn reports() {
    for scene in [commands::summary(), commands::check(), commands::diff()] {
        kill(&scene, look_nowhere);
        assert_left_goes(&scene);
    }
}

#[test]
fn run() {
    let scene = commands::run();
    kill(&scene, look_nowhere);
    assert_left_goes(&scene);
}
