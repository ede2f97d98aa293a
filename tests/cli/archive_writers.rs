//! `archive add` under bad conditions: many at once, killed, a full disk, a read-only folder.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::archive_fixture::{contents, manifests, ok, run, start, write_stream};

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

/// The number of runs that have their place while somebody writes.
fn run_folders(archive: &Path) -> usize {
    let scenarios = fs::read_dir(archive.join("release=a"))
        .into_iter()
        .flatten();
    let runs = scenarios.filter_map(|scenario| fs::read_dir(scenario.ok()?.path()).ok());
    runs.map(Iterator::count).sum()
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
        // So many runs later, and then at some moment of the next: whatever else this machine does.
        let wanted = point as usize % names.len();
        while run_folders(&archive) < wanted && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(whole * point / 50 / 8);
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
