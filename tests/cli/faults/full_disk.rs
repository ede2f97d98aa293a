//! A full disk, and one that cannot be written: a clear error, and nothing half.
//!
//! The disks are small ones in memory, which only root can mount.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::archive_fixture::{manifests, ok};
use super::super::runner::{Outcome, run_in, samples};
use super::{commands, project, skipped};

/// A small disk.
struct Disk(tempfile::TempDir);

impl Disk {
    /// Mounts one of so many KiB. `None`, said loudly, where this machine does not allow it.
    fn mount(kib: u64) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={kib}k,mode=777");
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path());
        let output = mount.output();
        if output.as_ref().is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        skipped(&format!(
            "no disk can be mounted here, which takes root: {output:?}"
        ));
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, how: &str) {
        let how = format!("remount,{how}");
        let status = Command::new("mount")
            .args(["-o", &how])
            .arg(self.path())
            .status();
        assert!(status.unwrap().success());
    }

    /// Leaves room for so many KiB.
    fn fill(&self, kib: u64, but: u64) {
        let filler = vec![0; usize::try_from((kib - but) << 10).unwrap()];
        fs::write(self.path().join("filler"), filler).unwrap();
    }

    fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(
                        path.strip_prefix(self.path())
                            .unwrap()
                            .display()
                            .to_string(),
                    );
                }
            }
        }
        found.sort();
        found
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

/// Every command that writes to DISK, among the runs of a folder.
const WRITING: [&str; 14] = [
    "summary SMOKE -o DISK/s.txt",
    "summary SMOKE -o DISK/s.json --format json",
    "check SMOKE --report junit=DISK/c.xml",
    "diff run-1 run-2 --report markdown=DISK/d.md --report json=DISK/d.json",
    "html SMOKE -o DISK/x.html",
    "html run-1 run-2 -o DISK/pages/ --assets DISK/static",
    "html SMOKE -o - --card DISK/x.png",
    "pack SMOKE/api-smoke.ndjson.gz -o DISK/x.parquet",
    "pack SMOKE/api-smoke.ndjson.gz --histogram -o DISK/y.parquet",
    "archive --archive DISK/archive add SMOKE --release v1",
    "archive export v1 --ticket T-1 -o DISK/T-1.zip",
    "trend http_req_duration:med --format html -o DISK/t.html",
    "init -o DISK/perf-report.toml",
    "man -o DISK/man",
];

fn run(folder: &Path, disk: &Disk, command: &str) -> Outcome {
    let smoke = samples().join("smoke/v2025.11");
    let command = command.replace("SMOKE", smoke.to_str().unwrap());
    let command = command.replace("DISK", disk.path().to_str().unwrap());
    run_in(folder, &command.split(' ').collect::<Vec<_>>(), b"")
}

/// Why nothing can be written, and what to do.
type Reason = (&'static str, &'static str);

const FULL: Reason = ("No space left on device", "make room on the disk");
const READ_ONLY: Reason = (
    "Read-only file system",
    "write to a folder that you may write to",
);

/// It says which file, why, and what to do.
fn assert_said(command: &str, disk: &Disk, outcome: &Outcome, (because, hint): Reason) {
    assert_eq!(outcome.code, 2, "{command}: {outcome}");
    let path = format!("error: cannot write {}", disk.path().display());
    assert!(
        outcome.stderr.contains(&path)
            && outcome.stderr.contains(&format!("because: {because}"))
            && outcome.stderr.contains(hint),
        "{command}: {outcome}"
    );
}

#[test]
#[ignore = "mounts a small disk, as root"]
fn a_full_disk_is_said_and_leaves_nothing_half() {
    const SIZE: u64 = 1024;
    let folder = project();
    for command in WRITING {
        // What is whole is compared with what it is where there is room.
        let Some(roomy) = Disk::mount(1 << 16) else {
            return;
        };
        let done = run(folder.path(), &roomy, command);
        assert!(matches!(done.code, 0 | 1 | 99), "{command}: {done}");
        let mut failures = 0;
        for room in [0, 4, 8, 16, 32, 64] {
            let Some(disk) = Disk::mount(SIZE) else {
                return;
            };
            disk.fill(SIZE, room);
            let outcome = run(folder.path(), &disk, command);
            if outcome.code == done.code {
                continue;
            }
            failures += 1;
            assert_said(command, &disk, &outcome, FULL);
            for file in disk.files().iter().filter(|file| *file != "filler") {
                let (found, whole) = (
                    fs::read(disk.path().join(file)),
                    fs::read(roomy.path().join(file)),
                );
                assert_eq!(
                    found.unwrap(),
                    whole.unwrap(),
                    "{command}, {room} KiB: {file} is half"
                );
            }
            fs::remove_file(disk.path().join("filler")).unwrap();
            let again = run(folder.path(), &disk, command);
            assert!(
                again.code == done.code,
                "{command}, {room} KiB, again: {again}"
            );
            assert_eq!(disk.files(), roomy.files(), "{command}");
        }
        assert!(failures > 0, "{command} always finds room");
    }
}

/// What a shell redirects is ours only as far as the exit code goes.
#[test]
#[ignore = "mounts a small disk, as root"]
fn a_full_disk_behind_stdout_is_said() {
    let Some(disk) = Disk::mount(64) else { return };
    disk.fill(64, 0);
    for command in [
        "completions bash",
        "man",
        "summary SMOKE --format json",
        "html SMOKE -o -",
    ] {
        let smoke = samples().join("smoke/v2025.11");
        let command = command.replace("SMOKE", smoke.to_str().unwrap());
        let out = fs::File::create(disk.path().join("out")).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_perf-report"))
            .args(command.split(' '))
            .stdout(out)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{command}: {said}");
        assert!(
            said.contains("No space left on device"),
            "{command}: {said}"
        );
    }
}

/// What was packed until the disk was full can be read, as after a kill.
#[test]
#[ignore = "mounts a small disk, as root"]
fn what_was_packed_until_the_disk_was_full_is_read() {
    let input = tempfile::tempdir().unwrap();
    let scene = commands::pack(input.path());
    let stream = input.path().join("numbered.csv");
    let stream = stream.to_str().unwrap();
    ok(scene.path(), &["pack", stream, "-o", "x.parquet"]);
    let whole = fs::metadata(scene.path().join("x.parquet")).unwrap().len() >> 10;
    let Some(disk) = Disk::mount(whole - 16) else {
        return;
    };
    let outcome = run(
        scene.path(),
        &disk,
        &format!("pack {stream} -o DISK/x.parquet"),
    );
    assert_said("pack", &disk, &outcome, FULL);
    assert!(
        outcome
            .stderr
            .contains("note: what was packed until then is in"),
        "{outcome}"
    );
    assert_eq!(disk.files(), ["x.parquet.partial"]);
    let read = run(scene.path(), &disk, "summary DISK/x.parquet.partial");
    assert_eq!(read.code, 0, "{read}");
    // At least the samples of one checkpoint.
    let samples = read.stdout.split_once(" samples").unwrap().0;
    let samples = samples.rsplit([' ', '(']).next().unwrap();
    assert!(samples.parse::<u32>().unwrap() >= 1 << 20, "{read}");
}

/// Nothing of an archive is lost when its disk is full.
#[test]
#[ignore = "mounts a small disk, as root"]
fn an_archive_on_a_full_disk_stays_whole() {
    const SIZE: u64 = 256;
    let folder = project();
    let Some(disk) = Disk::mount(SIZE) else {
        return;
    };
    let first = run(
        folder.path(),
        &disk,
        "archive --archive DISK/archive add run-1 --release v1",
    );
    assert_eq!(first.code, 0, "{first}");
    let used = fs::read_dir(disk.path()).unwrap().count();
    assert_eq!(used, 1);
    // As much as there is room for.
    let mut filler = fs::File::create(disk.path().join("filler")).unwrap();
    let full = std::io::copy(&mut std::io::repeat(0), &mut filler);
    assert!(full.is_err());
    for command in [
        "archive --archive DISK/archive add run-2 --release v2",
        "archive --archive DISK/archive baseline set v1",
        "archive --archive DISK/archive discard run-2 --release v2 --reason x",
    ] {
        let outcome = run(folder.path(), &disk, command);
        assert_said(command, &disk, &outcome, FULL);
        let verify = run(
            folder.path(),
            &disk,
            "archive --archive DISK/archive verify",
        );
        assert_eq!(verify.code, 0, "{command}: {verify}");
        assert_eq!(manifests(&disk.path().join("archive")).len(), 1);
        let aside = fs::read_dir(disk.path().join("archive/.aside")).unwrap();
        assert_eq!(aside.count(), 0, "{command}");
    }
}

#[test]
#[ignore = "mounts a small disk, as root"]
fn a_disk_that_cannot_be_written_is_said_and_can_be_read() {
    let folder = project();
    let Some(disk) = Disk::mount(4096) else {
        return;
    };
    for command in [
        "archive --archive DISK/archive add run-1 --release v1",
        "html run-1 -o DISK/x.html",
        "pack run-1/small.ndjson -o DISK/run.parquet",
    ] {
        let outcome = run(folder.path(), &disk, command);
        assert_eq!(outcome.code, 0, "{outcome}");
    }
    let before = disk.files();
    disk.remount("ro");
    for command in WRITING {
        let outcome = run(folder.path(), &disk, command);
        assert_said(command, &disk, &outcome, READ_ONLY);
        assert_eq!(disk.files(), before, "{command}");
    }
    for command in [
        "archive --archive DISK/archive verify",
        "archive --archive DISK/archive list",
        "summary --archive DISK/archive @v1",
        "summary DISK/run.parquet",
    ] {
        let outcome = run(folder.path(), &disk, command);
        assert!(matches!(outcome.code, 0), "{command}: {outcome}");
    }
    disk.remount("rw");
}
