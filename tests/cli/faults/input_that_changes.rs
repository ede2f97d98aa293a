//! Inputs that vanish, are cut or written anew while they are read.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::super::archive_fixture::{stream, write_stream};
use super::super::runner::run_in;
use super::start;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A named pipe, which sets the pace: who reads it waits for what is written.
fn pipe(folder: &Path) -> PathBuf {
    let path = folder.join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    path
}

/// Lets a command find `run-1/small.ndjson`, does something to it, and lets the command read it.
fn between_finding_and_reading(
    args: &[&str],
    meddle: impl Fn(&Path),
) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    write_stream(folder.path(), 1);
    let pipe = pipe(folder.path());
    let child = start(folder.path(), args);
    // The pipe is opened after the file was looked at, and read before the file is.
    let mut to = File::options().write(true).open(pipe).unwrap();
    meddle(&folder.path().join("run-1/small.ndjson"));
    // The command that found a cut file may have ended.
    let _ = to.write_all(stream(2).as_bytes());
    drop(to);
    (child.wait_with_output().unwrap(), folder)
}

#[test]
fn a_file_that_vanishes_is_named() {
    for args in [
        vec!["summary", "run-1/small.ndjson", "pipe"],
        vec!["check", "run-1", "pipe"],
        vec!["html", "run-1/small.ndjson", "pipe", "-o", "pages/"],
    ] {
        let remove = |file: &Path| fs::remove_file(file).unwrap();
        let (output, folder) = between_finding_and_reading(&args, remove);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(
            said.contains("cannot read run-1/small.ndjson") && said.contains("No such file"),
            "{args:?}: {said}"
        );
        assert!(!folder.path().join("pages").exists());
        assert!(output.stdout.is_empty());
    }
}

/// What became of a file in between is what counts; one that is no run any more is an error.
#[test]
fn a_file_that_is_cut_in_between_is_said() {
    let args = ["summary", "run-1/small.ndjson", "pipe"];
    let half = |file: &Path| {
        let all = fs::read(file).unwrap();
        fs::write(file, &all[..all.len() / 2]).unwrap();
    };
    let (output, _) = between_finding_and_reading(&args, half);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("small.ndjson: the last line is cut"),
        "{text}"
    );
    let (output, _) = between_finding_and_reading(&args, |file| fs::write(file, "").unwrap());
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("run-1/small.ndjson: the file is empty"),
        "{text}"
    );
}

/// A stream that takes a while to read.
#[cfg(target_os = "linux")]
fn long(folder: &Path) -> PathBuf {
    let path = folder.join("long.csv");
    let mut text = String::from("metric_name,timestamp,metric_value,check\n");
    text.push_str(&"m,1795423797,1,\n".repeat(1_500_000));
    fs::write(&path, text).unwrap();
    path
}

/// Stops a process in the middle of reading a file, does something, and lets it go on. `None` when it was too
/// fast.
#[cfg(target_os = "linux")]
fn amid(args: &[&str], meddle: impl Fn(&Path)) -> Option<(Output, tempfile::TempDir)> {
    use rustix::process::{Pid, Signal, kill_process};
    let folder = tempfile::tempdir().unwrap();
    let file = long(folder.path()).canonicalize().unwrap();
    let size = fs::metadata(&file).unwrap().len();
    let mut child = start(folder.path(), args);
    let pid = child.id();
    // How far it has read, as the system tells of each of its open files.
    let at = || {
        let files = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
        let files = files
            .flatten()
            .filter(|entry| fs::read_link(entry.path()).is_ok_and(|to| to == file));
        let at = files.filter_map(|entry| {
            let info = format!("/proc/{pid}/fdinfo/{}", entry.file_name().to_string_lossy());
            let info = fs::read_to_string(info).ok()?;
            info.lines()
                .next()?
                .strip_prefix("pos:")?
                .trim()
                .parse::<u64>()
                .ok()
        });
        at.max()
    };
    // A head is read to know the format.
    while at().is_none_or(|at| at < 4 << 20) {
        if child.try_wait().unwrap().is_some() {
            return None;
        }
    }
    kill_process(Pid::from_child(&child), Signal::STOP).unwrap();
    let stopped_amid = at().is_some_and(|at| at < size - (4 << 20));
    if stopped_amid {
        meddle(&file);
    }
    kill_process(Pid::from_child(&child), Signal::CONT).unwrap();
    let output = child.wait_with_output().unwrap();
    stopped_amid.then_some((output, folder))
}

/// The same, until it was in the middle.
#[cfg(target_os = "linux")]
fn surely_amid(args: &[&str], meddle: impl Fn(&Path)) -> (Output, tempfile::TempDir) {
    let mut tries = (0..50).filter_map(|_| amid(args, &meddle));
    tries.next().expect("it is always too fast")
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_changes_while_it_is_read_is_said() {
    let cut = |file: &Path| {
        File::options()
            .write(true)
            .open(file)
            .unwrap()
            .set_len(16 << 10)
            .unwrap();
    };
    let anew = |file: &Path| fs::write(file, "something else\n").unwrap();
    let more = |file: &Path| {
        let mut file = File::options().append(true).open(file).unwrap();
        file.write_all(b"m,1795423797,1,\n").unwrap();
    };
    for args in [
        ["summary", "long.csv"].as_slice(),
        &["pack", "long.csv", "-o", "x.parquet"],
    ] {
        for meddle in [&cut as &dyn Fn(&Path), &anew, &more] {
            let (output, _) = surely_amid(args, meddle);
            let said = said(&output);
            assert_eq!(output.status.code(), Some(0), "{said}");
            assert!(
                said.contains("long.csv: the file was changed while it was"),
                "{said}"
            );
        }
    }
}

/// A packed file is read at places that its end tells; one that is cut meanwhile is an error, and no few
/// numbers.
#[test]
fn a_packed_file_that_is_cut_is_damaged() {
    let cut = |file: &Path| {
        let folder = file.parent().unwrap();
        let packed = run_in(folder, &["pack", "small.ndjson", "-o", "p.parquet"], b"");
        assert_eq!(packed.code, 0, "{packed}");
        let packed = fs::read(folder.join("p.parquet")).unwrap();
        fs::write(file, &packed[..packed.len() - 7]).unwrap();
    };
    let args = ["summary", "run-1/small.ndjson", "pipe"];
    let (output, _) = between_finding_and_reading(&args, cut);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("small.ndjson: this packed file cannot be read"),
        "{text}"
    );
}

/// What comes through a pipe comes once: it is not waited for again to be hashed.
#[test]
fn a_pipe_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = pipe(folder.path());
    let child = start(
        folder.path(),
        &["summary", "pipe", "--hash", "--format", "json"],
    );
    fs::write(pipe, stream(1)).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let source = &document["runs"][0]["sources"][0];
    assert!(source["sha256"].is_null(), "{source}");
    assert_eq!(source["bytes"], stream(1).len(), "{source}");
}

/// A writer that stops in the middle of a line and stays away is waited for; when it goes, what it wrote
/// counts, and the cut is said.
#[test]
fn a_pipe_that_breaks_amid_a_line_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = pipe(folder.path());
    let mut child = start(folder.path(), &["summary", "pipe"]);
    let mut to = File::options().write(true).open(pipe).unwrap();
    let text = stream(1);
    to.write_all(&text.as_bytes()[..text.len() - 20]).unwrap();
    to.flush().unwrap();
    assert!(child.try_wait().unwrap().is_none(), "it does not wait");
    drop(to);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        said(&output).contains("pipe: the last line is cut"),
        "{}",
        said(&output)
    );
}
