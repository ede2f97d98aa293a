//! Runs the command as a user would, in the folder of the samples.

use std::fmt;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a command left behind.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "exit code: {}\n----- stdout -----\n{}\n----- stderr -----\n{}",
            self.code,
            self.stdout.trim_end(),
            self.stderr.trim_end()
        )
    }
}

/// Runs `perf-report` with these arguments among the samples.
pub(crate) fn run(args: &[&str]) -> Outcome {
    run_in(&samples(), args, b"")
}

/// Runs it in a folder, with an input on stdin.
pub(crate) fn run_in(folder: &Path, args: &[&str], stdin: &[u8]) -> Outcome {
    run_with(folder, args, stdin, &[])
}

/// Runs it with these environment variables as well.
pub(crate) fn run_with(
    folder: &Path,
    args: &[&str],
    stdin: &[u8],
    variables: &[(&str, &str)],
) -> Outcome {
    let mut child = Command::new(env!("CARGO_BIN_EXE_perf-report"))
        .args(args)
        .current_dir(folder)
        .env("TZ", "Pacific/Auckland")
        .env_remove("GITHUB_STEP_SUMMARY")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command may well end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The samples' folder.
pub(crate) fn samples() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}
