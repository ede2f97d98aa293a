//! The external k6: where it is, how it is called, and how it ended.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use super::files::ResultFiles;
use super::signals::Signals;
use crate::cli::detail;
use crate::config::Scenario;
use crate::error::{Error, Result};
use crate::run::K6Exit;

const INSTALL: &str = "install it as https://grafana.com/docs/k6/latest/set-up/install-k6/ tells, or name it \
                       with K6_BIN; what k6 wrote elsewhere is read without it";

/// The environment variable in which scripts look for the folder of their summary.
const RESULTS_FOLDER: &str = "PERF_RESULTS_DIR";

/// An external k6.
pub(super) struct K6 {
    program: PathBuf,
    /// The folder of the configuration, in which k6 works.
    folder: PathBuf,
    variables: BTreeMap<String, String>,
}

impl K6 {
    /// `K6_BIN`, from the environment or the variables, else `k6` in the PATH.
    pub(super) fn find(folder: &Path, variables: BTreeMap<String, String>) -> Result<Self> {
        let named =
            std::env::var_os("K6_BIN").or_else(|| variables.get("K6_BIN").map(OsString::from));
        let named = named.filter(|name| !name.is_empty());
        let program = match &named {
            Some(name) => locate(name),
            None => locate(OsStr::new("k6")),
        };
        let program = program.ok_or_else(|| {
            let problem = match &named {
                Some(name) => format!(
                    "K6_BIN is {}, and there is no such program",
                    Path::new(name).display()
                ),
                None => "k6 is not in the PATH".to_owned(),
            };
            Error::usage(problem, INSTALL)
        })?;
        let absolute = std::path::absolute(folder);
        let folder = if folder.as_os_str().is_empty() {
            std::env::current_dir()?
        } else {
            absolute?
        };
        Ok(Self {
            program,
            folder,
            variables,
        })
    }

    /// A path that is seen from the configuration's folder.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// Whether k6 finds a variable in its environment.
    pub(super) fn is_set(&self, variable: &str) -> bool {
        self.variables.contains_key(variable) || std::env::var_os(variable).is_some()
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(subcommand)
            .current_dir(&self.folder)
            .envs(&self.variables)
            .stdin(Stdio::null());
        command
    }

    /// What `k6 inspect` writes of a script: its options, as JSON.
    pub(super) fn inspect(&self, scenario: &Scenario, flags: &[OsString]) -> Result<Vec<u8>> {
        let output = self
            .command("inspect")
            .arg("--include-system-env-vars")
            .args(variables_of(flags))
            .arg(&scenario.script)
            .output()
            .map_err(|e| Error::read(&self.program, e))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let problem = said.lines().last().unwrap_or("it failed").to_owned();
        Err(Error::usage(problem, "k6 run tells more"))
    }

    /// Runs a scenario, with k6's own output on this process's stdout and stderr.
    pub(super) fn run(
        &self,
        scenario: &Scenario,
        files: &ResultFiles,
        flags: &[OsString],
        signals: &Signals,
    ) -> Result<K6Exit> {
        let mut samples = OsString::from("json=");
        samples.push(std::path::absolute(files.samples())?);
        let export = std::path::absolute(files.export())?;
        let mut command = self.command("run");
        command.arg("--out").arg(samples);
        command.arg("--summary-export").arg(&export);
        command.args(flags).arg(&scenario.script);
        let is_set = std::env::var_os(RESULTS_FOLDER).is_some();
        if !is_set && !self.variables.contains_key(RESULTS_FOLDER) {
            command.env(RESULTS_FOLDER, export.parent().unwrap_or(Path::new(".")));
        }
        detail(&shown(&command));
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            // Else the terminal's Ctrl-C would come twice: once from it, once from here.
            command.process_group(0);
        }
        super::flush()?;
        signals.begin();
        let mut child = command.spawn().map_err(|e| Error::read(&self.program, e))?;
        let status = signals.wait(&mut child)?;
        Ok(K6Exit {
            code: status.code(),
            signal: signal(status),
        })
    }
}

/// The signal that killed a process.
#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

/// Windows has none.
#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

/// A program by its path, or by its name in the PATH.
fn locate(name: &OsStr) -> Option<PathBuf> {
    let path = Path::new(name);
    if path.components().count() > 1 {
        let path = std::path::absolute(path).ok()?;
        return path.is_file().then_some(path);
    }
    let folders = std::env::var_os("PATH")?;
    let mut folders = std::env::split_paths(&folders);
    let ending = std::env::consts::EXE_SUFFIX;
    folders.find_map(|folder| {
        let mut file = name.to_owned();
        if !ending.is_empty() && path.extension().is_none() {
            file.push(ending);
        }
        let found = std::path::absolute(folder.join(file)).ok()?;
        found.is_file().then_some(found)
    })
}

/// The flags that set variables: `-e NAME=value`, `--env NAME=value`, `--env=NAME=value`.
fn variables_of(flags: &[OsString]) -> Vec<&OsString> {
    let mut found = Vec::new();
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        let text = flag.to_string_lossy();
        if text == "-e" || text == "--env" {
            found.push(flag);
            found.extend(flags.next());
        } else if is_variable(&text) {
            found.push(flag);
        }
    }
    found
}

fn is_variable(flag: &str) -> bool {
    flag.starts_with("--env=")
        || (flag.starts_with("-e") && !flag.starts_with("--") && flag.len() > 2)
}

/// A command as it may be shown: the values of variables stay out of sight.
fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    let mut args = command.get_args();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        if text == "-e" || text == "--env" {
            words.push(text.clone().into_owned());
            words.extend(args.next().map(|value| hidden(&value.to_string_lossy())));
        } else if is_variable(&text) {
            words.push(hidden(&text));
        } else {
            words.push(text.into_owned());
        }
    }
    words.join(" ")
}

/// `NAME=value` without the value.
fn hidden(text: &str) -> String {
    let from = text.strip_prefix("--env=").map_or(0, |_| "--env=".len());
    match text[from..].find('=') {
        Some(at) => format!("{}=…", &text[..from + at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_variables_are_not_shown() {
        let mut command = Command::new("k6");
        let flags = [
            "-e",
            "A=hunter2",
            "--env=B=hunter2",
            "-eC=hunter2",
            "--vus",
            "5",
            "--env",
            "D",
        ];
        command.args(flags);
        assert_eq!(shown(&command), "k6 -e A=… --env=B=… -eC=… --vus 5 --env D");
        let flags = flags.map(OsString::from);
        let found: Vec<&OsString> = variables_of(&flags);
        assert_eq!(
            found,
            [
                "-e",
                "A=hunter2",
                "--env=B=hunter2",
                "-eC=hunter2",
                "--env",
                "D"
            ]
        );
    }
}
