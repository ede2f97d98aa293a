//! `perf-report completions` and `perf-report man`

use std::io::Write as _;
use std::path::PathBuf;

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::Cli;
use super::exit::ExitStatus;
use super::output::{stdout, write_stdout, write_whole};
use crate::error::{Error, Result};

const NAME: &str = "perf-report";

/// Print what makes a shell complete commands and options
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  mkdir -p ~/.local/share/bash-completion/completions
  perf-report completions bash > ~/.local/share/bash-completion/completions/perf-report
  perf-report completions zsh > \"${fpath[1]}/_perf-report\"
  perf-report completions fish > ~/.config/fish/completions/perf-report.fish")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl CompletionsArgs {
    pub(super) fn run(&self) -> Result<ExitStatus> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), NAME, &mut script);
        write_stdout(&script)?;
        Ok(ExitStatus::Success)
    }
}

/// Print the manual page, or write one for every subcommand
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  perf-report man | man -l -
  perf-report man -o ~/.local/share/man/man1")]
pub(super) struct ManArgs {
    /// Write all pages to this folder
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl ManArgs {
    pub(super) fn run(&self) -> Result<ExitStatus> {
        let mut command = Cli::command();
        command.build();
        let Some(folder) = &self.output else {
            write_stdout(&page(&command)?)?;
            return Ok(ExitStatus::Success);
        };
        std::fs::create_dir_all(folder).map_err(|e| Error::write(folder, e))?;
        let mut written = 0;
        // Commands have commands of their own, to which their pages refer.
        let mut left = vec![&command];
        while let Some(command) = left.pop() {
            let name = command.get_display_name().unwrap_or(NAME);
            write_whole(&folder.join(format!("{name}.1")), &page(command)?)?;
            written += 1;
            left.extend(command.get_subcommands());
        }
        let pages = crate::units::counted(written, "page");
        writeln!(stdout(), "wrote {pages} to {}", folder.display())?;
        Ok(ExitStatus::Success)
    }
}

fn page(command: &clap::Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}
