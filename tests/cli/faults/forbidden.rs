//! Inputs and outputs that this user may not read or write.
//!
//! Permissions do not bind root: then the command runs as nobody.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::super::archive_fixture::contents;
use super::{project, skipped};

/// The user nobody, and its group.
const NOBODY: u32 = 65534;

/// A folder of somebody whom permissions bind, and the command for them.
struct Bound {
    folder: tempfile::TempDir,
    program: PathBuf,
    is_root: bool,
}

impl Bound {
    /// A folder with two runs, of which one is archived. `None`, said loudly, where root cannot become
    /// somebody else.
    fn new() -> Option<Self> {
        let folder = project();
        let program = folder.path().join("perf-report");
        let is_root = rustix::process::geteuid().is_root();
        let built = Path::new(env!("CARGO_BIN_EXE_perf-report"));
        if is_root {
            // Where it was built nobody may have no way.
            fs::copy(built, &program).unwrap();
            own(folder.path(), NOBODY);
            set(folder.path(), 0o755);
        }
        let program = if is_root { program } else { built.to_owned() };
        let bound = Self {
            folder,
            program,
            is_root,
        };
        let output = bound.run(&["--version"]);
        if output.as_ref().is_ok_and(|output| output.status.success()) {
            return Some(bound);
        }
        skipped(&format!(
            "root cannot become nobody here, which takes setpriv: {output:?}"
        ));
        None
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, args: &[&str]) -> std::io::Result<Output> {
        let mut command = if self.is_root {
            let mut command = Command::new("setpriv");
            let ids = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
            command.args(ids).arg("--clear-groups").arg(&self.program);
            command
        } else {
            Command::new(&self.program)
        };
        command
            .args(args)
            .current_dir(self.path())
            .stdin(Stdio::null())
            .output()
    }

    fn refused(&self, args: &[&str], what: &str) {
        let output = self.run(args).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(
            said.contains(&format!("error: {what}")) && said.contains("Permission denied"),
            "{args:?}: {said}"
        );
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        // Else it could not be removed.
        for path in [
            "",
            "run-1",
            "run-1/small.ndjson",
            "closed",
            "perf-archive",
            "perf-archive/.aside",
        ] {
            let path = self.path().join(path);
            if path.exists() {
                set(&path, 0o755);
            }
        }
    }
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn own(path: &Path, user: u32) {
    chown(path, Some(user), Some(user)).unwrap();
    for entry in fs::read_dir(path).into_iter().flatten() {
        own(&entry.unwrap().path(), user);
    }
}

#[test]
fn an_input_that_may_not_be_read_is_named() {
    let Some(bound) = Bound::new() else { return };
    let (folder, file) = (
        bound.path().join("run-1"),
        bound.path().join("run-1/small.ndjson"),
    );
    set(&file, 0o000);
    for (command, run) in [
        (["summary"].as_slice(), "run-1"),
        (&["check"], "run-1/small.ndjson"),
        (&["html", "-o", "-"], "run-1"),
        (&["diff", "run-2"], "run-1"),
        (&["pack", "-o", "x.parquet"], "run-1/small.ndjson"),
        (&["archive", "add", "--release", "v2"], "run-1"),
    ] {
        bound.refused(
            &[command, &[run]].concat(),
            "cannot read run-1/small.ndjson",
        );
    }
    bound.refused(
        &["--config", "run-1/small.ndjson", "summary", "run-2"],
        "cannot read run-1/small.ndjson",
    );
    bound.refused(
        &["check", "run-2", "--thresholds", "run-1/small.ndjson"],
        "cannot read run-1/small.ndjson",
    );
    set(&file, 0o644);
    set(&folder, 0o000);
    bound.refused(&["summary", "run-1"], "cannot read run-1");
    bound.refused(
        &["summary", "run-1/small.ndjson"],
        "cannot read run-1/small.ndjson",
    );
    // Entries can be listed, and not be opened.
    set(&folder, 0o444);
    let output = bound.run(&["summary", "run-1"]).unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn an_output_that_may_not_be_written_is_named() {
    let Some(bound) = Bound::new() else { return };
    let closed = bound.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::write(closed.join("earlier.html"), "an earlier page").unwrap();
    own(
        &closed,
        if bound.is_root {
            NOBODY
        } else {
            rustix::process::geteuid().as_raw()
        },
    );
    set(&closed, 0o555);
    let before = contents(bound.path());
    for args in [
        ["summary", "run-1", "-o", "closed/s.txt"].as_slice(),
        &[
            "summary",
            "run-1",
            "--report",
            "json=closed/s.json",
            "-o",
            "/dev/null",
        ],
        &[
            "check",
            "run-1",
            "--report",
            "junit=closed/c.xml",
            "-o",
            "/dev/null",
        ],
        &[
            "diff",
            "run-1",
            "run-2",
            "--report",
            "csv=closed/d.csv",
            "-o",
            "/dev/null",
        ],
        &["html", "run-1", "-o", "closed/earlier.html"],
        &["html", "run-1", "run-2", "-o", "closed/pages/"],
        &["html", "run-1", "-o", "-", "--assets", "closed/static"],
        &["html", "run-1", "-o", "-", "--card", "closed/x.svg"],
        &["pack", "run-1/small.ndjson", "-o", "closed/x.parquet"],
        &[
            "pack",
            "run-1/small.ndjson",
            "--histogram",
            "-o",
            "closed/x.parquet",
        ],
        &[
            "archive",
            "--archive",
            "closed/archive",
            "add",
            "run-1",
            "--release",
            "v1",
        ],
        &[
            "archive",
            "export",
            "v1",
            "--ticket",
            "T-1",
            "-o",
            "closed/T-1.zip",
        ],
        &["init", "-o", "closed/perf-report.toml"],
        &["man", "-o", "closed/man"],
    ] {
        bound.refused(args, "cannot write closed/");
        assert_eq!(contents(bound.path()), before, "{args:?}");
    }
}

#[test]
fn an_archive_that_may_not_be_written_can_be_read() {
    let Some(bound) = Bound::new() else { return };
    let archive = bound.path().join("perf-archive");
    let before = contents(&archive);
    set(&archive.join(".aside"), 0o555);
    set(&archive, 0o555);
    for args in [
        ["archive", "add", "run-2", "--release", "v2"].as_slice(),
        &["archive", "baseline", "set", "v1"],
        &[
            "archive",
            "discard",
            "run-2",
            "--release",
            "v2",
            "--reason",
            "x",
        ],
    ] {
        bound.refused(args, "cannot write perf-archive/.aside/");
    }
    for args in [
        ["archive", "verify"].as_slice(),
        &["archive", "list"],
        &["archive", "show", "v1"],
        &["summary", "@v1"],
        &[
            "archive", "export", "v1", "--ticket", "T-1", "-o", "T-1.zip",
        ],
        // There is nothing to remove.
        &["archive", "prune", "--keep", "1"],
    ] {
        let output = bound.run(args).unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
    }
    assert_eq!(contents(&archive), before);
}
