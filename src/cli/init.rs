//! `perf-report init`

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::exit::ExitStatus;
use super::output::stdout;
use super::reports::write_file;
use crate::config::{FILE, TEMPLATE};
use crate::error::{Error, Result};

/// Write a commented perf-report.toml
///
/// Every key stands in it behind a #, with what it is for; take away the # of those that you want.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write to this file; - is stdout [default: the file of --config, else perf-report.toml]
    ///
    /// Missing folders are made.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

impl Args {
    /// Writes the file; `config` is what `--config` names.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<ExitStatus> {
        let path = self.output.as_deref().or(config).unwrap_or(Path::new(FILE));
        if path.exists() && !self.force {
            return Err(Error::usage(
                format!("{} is there already", path.display()),
                "--force writes over it, -o writes elsewhere",
            ));
        }
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            fs::create_dir_all(folder).map_err(|error| Error::write(folder, error))?;
        }
        write_file(path, TEMPLATE.as_bytes())?;
        if path.as_os_str() != "-" {
            writeln!(stdout(), "wrote {}", path.display())?;
        }
        Ok(ExitStatus::Success)
    }
}
