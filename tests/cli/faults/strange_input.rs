//! Inputs that are no files: folders, links that lead nowhere or round, sockets, devices without end.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use super::super::archive_fixture::{ok, write_stream};
use super::super::runner::samples;
use super::start;

/// Longer than anything here takes, on any machine.
const LONG: Duration = Duration::from_mins(2);

/// Runs a command that must end by itself.
fn run(folder: &Path, args: &[&str]) -> Output {
    let mut child = start(folder, args);
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > LONG {
            child.kill().unwrap();
            panic!("{args:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

/// It is refused with a sentence that names it and the reason, and nothing is written.
fn assert_refused(folder: &Path, args: &[&str], name: &str, reason: &str) {
    let before = fs::read_dir(folder).unwrap().count();
    let output = run(folder, args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
    assert!(
        said.contains(name) && said.contains(reason),
        "{args:?}: {said}"
    );
    assert!(output.stdout.is_empty(), "{args:?}");
    let after = fs::read_dir(folder).unwrap().count();
    assert_eq!(before, after, "{args:?} leaves something");
}

/// The commands that read a RUN.
fn reading(run: &str) -> [Vec<&str>; 6] {
    [
        vec!["summary", run],
        vec!["check", run],
        vec!["diff", run, run],
        vec!["html", run, "-o", "-"],
        vec!["pack", run, "-o", "x.parquet"],
        vec!["archive", "add", run, "--release", "v1"],
    ]
}

/// The options that read another file.
fn options(file: &str) -> [Vec<&str>; 4] {
    [
        vec!["--config", file, "summary", "run-1"],
        vec!["check", "run-1", "--thresholds", file],
        vec!["run", "--env-file", file],
        vec![
            "archive",
            "export",
            "v1",
            "--ticket",
            "T",
            "--sign-key",
            file,
            "-o",
            "T.zip",
        ],
    ]
}

#[test]
fn what_is_no_file_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_stream(folder, 1);
    symlink("nowhere", folder.join("dangling.ndjson")).unwrap();
    symlink("two", folder.join("one")).unwrap();
    symlink("one", folder.join("two")).unwrap();
    let _socket = UnixListener::bind(folder.join("socket")).unwrap();
    for (name, reason) in [
        ("dangling.ndjson", "No such file"),
        ("one", "Too many levels of symbolic links"),
        ("socket", "because: "),
    ] {
        for args in reading(name).into_iter().chain(options(name)) {
            assert_refused(folder, &args, name, reason);
        }
    }
    fs::create_dir(folder.join("empty")).unwrap();
    for args in options("empty") {
        assert_refused(folder, &args, "empty", "Is a directory");
    }
    assert_refused(
        folder,
        &["pack", "run-1", "-o", "x.parquet"],
        "run-1",
        "Is a directory",
    );
    assert_refused(
        folder,
        &["summary", "empty"],
        "empty",
        "no k6 output in this folder",
    );
}

/// A device that never ends is looked at, and not read for ever.
#[cfg(target_os = "linux")]
#[test]
fn a_device_without_end_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_stream(folder, 1);
    for device in ["/dev/zero", "/dev/urandom"] {
        for args in reading(device).into_iter().chain(options(device)) {
            assert_refused(folder, &args, device, "");
        }
    }
    symlink("/dev/zero", folder.join("run-1/small.csv")).unwrap();
    let output = run(folder, &["summary", "run-1"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
}

/// A link that leads nowhere may have been a run, which must not go unnoticed.
#[test]
fn a_dangling_link_in_a_folder_is_a_loss() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_stream(folder, 1);
    symlink("/nowhere/lost.ndjson", folder.join("run-1/lost.ndjson")).unwrap();
    assert_refused(folder, &["summary", "run-1"], "lost.ndjson", "No such file");
    // Beside another file of its run it is passed over, and said.
    let summary = samples().join("smoke/v2025.10/api-smoke.json");
    fs::copy(summary, folder.join("run-1/lost.json")).unwrap();
    let output = run(folder, &["summary", "run-1"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("passed over cannot read run-1/lost.ndjson"),
        "{said}"
    );
    // What is none of k6's may lead where it wants.
    symlink("/nowhere/notes.txt", folder.join("run-1/notes.txt")).unwrap();
    fs::remove_file(folder.join("run-1/lost.ndjson")).unwrap();
    let output = run(folder, &["summary", "run-1"]);
    assert!(output.stderr.is_empty(), "{output:?}");
}

/// A pipe in a folder would be waited for without end; sockets and folders are none of k6's either.
#[test]
fn a_folder_is_read_past_pipes_and_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = write_stream(folder, 1);
    let inside = folder.join(name);
    let made = Command::new("mkfifo")
        .arg(inside.join("pipe.ndjson"))
        .status();
    assert!(made.unwrap().success());
    let _socket = UnixListener::bind(inside.join("socket.json")).unwrap();
    fs::create_dir(inside.join("folder.csv")).unwrap();
    let output = run(folder, &["summary", "run-1"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*said), (Some(0), ""));
}

/// A link stays one, also when what it leads to is not there yet; one that leads round is refused.
#[test]
fn what_a_link_leads_to_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_stream(folder, 1);
    fs::create_dir(folder.join("there")).unwrap();
    for (args, file) in [
        (vec!["summary", "run-1", "-o"], "s.txt"),
        (vec!["html", "run-1", "-o"], "x.html"),
        (vec!["pack", "run-1/small.ndjson", "-o"], "x.parquet"),
    ] {
        symlink(format!("there/{file}"), folder.join(file)).unwrap();
        ok(folder, &[&args[..], &[file]].concat());
        assert!(folder.join(file).is_symlink(), "{args:?}");
        assert!(folder.join("there").join(file).is_file(), "{args:?}");
        symlink("loop", folder.join("loop")).unwrap();
        let args = [&args[..], &["loop"]].concat();
        assert_refused(folder, &args, "loop", "Too many levels of symbolic links");
        fs::remove_file(folder.join("loop")).unwrap();
    }
}
