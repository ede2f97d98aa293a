//! `perf-report init`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::exit::ExitStatus;
use super::reports::write_file;
use crate::config::{FILE, TEMPLATE};
use crate::error::{Error, Result};

/// Write a commented perf-report.toml
///
/// Every key stands in it behind a #, with what it is for; take away the # of those that you want.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write to this file; - is stdout
    #[arg(short, long, value_name = "FILE", default_value = FILE)]
    output: PathBuf,

    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

impl Args {
    pub(super) fn run(&self) -> Result<ExitStatus> {
        let path: &Path = &self.output;
        if path.exists() && !self.force {
            return Err(Error::usage(
                format!("{} is there already", path.display()),
                "--force writes over it, -o writes elsewhere",
            ));
        }
        write_file(path, TEMPLATE.as_bytes())?;
        if path.as_os_str() != "-" {
            writeln!(anstream::stdout(), "wrote {}", path.display())?;
        }
        Ok(ExitStatus::Success)
    }
}
