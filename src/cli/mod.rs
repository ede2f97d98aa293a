//! The command line: one file a subcommand, its arguments beside its function.

mod archive;
mod calibrate;
mod check;
mod diff;
mod exit;
mod global;
mod html;
mod init;
mod inputs;
mod output;
mod pack;
mod progress;
mod references;
mod reports;
mod run;
mod selecting;
mod shell;
mod signals;
mod sql;
mod summary;
mod trend;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::ExitStatus;

use crate::config::Settings;
use crate::error::{Error, Result};
use crate::units::printable;

/// Read what k6 wrote: exact numbers, threshold checks, comparisons and reports
///
/// RUN is a summary or a stream of k6 (plain, gzip or zstd, or packed), a folder of them, a glob,
/// stdin as -, or archived runs: @RELEASE, @RELEASE/SCENARIO, @baseline, @previous or @latest.
/// Without RUN, the folder of the configuration is read, else test-results/performance.
#[derive(Debug, Parser)]
#[command(
    name = "perf-report",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = EXAMPLES
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    global: global::GlobalArgs,
}

const EXAMPLES: &str = "Examples:
  perf-report summary results/            what k6 printed, of any of its files
  perf-report check --report junit=out.xml   thresholds, with k6's exit code 99
  perf-report diff results/v1 results/v2  what changed
  perf-report html                        a page a run, beside its files
  perf-report run -- --vus 10             the configured scenarios, with k6";

#[derive(Debug, Subcommand)]
enum Command {
    Summary(summary::Args),
    Check(check::Args),
    Diff(diff::Args),
    Calibrate(calibrate::Args),
    Html(html::Args),
    Pack(pack::Args),
    Archive(archive::Args),
    Trend(trend::Args),
    Sql(sql::Args),
    Run(run::Args),
    Init(init::Args),
    Completions(shell::CompletionsArgs),
    Man(shell::ManArgs),
}

/// Runs the command that these arguments ask for.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(args) {
        Ok(cli) => cli.run().unwrap_or_else(|error| report(&error)).into(),
        Err(usage) => {
            let code = if usage.use_stderr() {
                // There is nowhere left to say that stderr is closed.
                let _ = usage.print();
                ExitStatus::Usage
            } else {
                help(&usage).map_or_else(|error| report(&error), |()| ExitStatus::Success)
            };
            code.into()
        }
    }
}

/// Prints the help or the version that was asked for.
fn help(asked: &clap::Error) -> Result<()> {
    let text = asked.render().ansi().to_string();
    output::stdout().write_all(text.as_bytes())?;
    Ok(())
}

impl Cli {
    fn run(self) -> Result<ExitStatus> {
        self.global.set_talk();
        signals::watch()?;
        if self.global.show_config {
            let mut settings = self.global.settings()?;
            if let Some(command) = &self.command {
                command.settle(&mut settings)?;
            }
            output::write_stdout(settings.show().as_bytes())?;
            return Ok(ExitStatus::Success);
        }
        match self.command {
            // What concerns no project is not held up by its configuration.
            Some(Command::Pack(args)) => args.run(),
            Some(Command::Init(args)) => args.run(self.global.config.as_deref()),
            Some(Command::Completions(args)) => args.run(),
            Some(Command::Man(args)) => args.run(),
            Some(command) => {
                let mut settings = self.global.settings()?;
                command.settle(&mut settings)?;
                command.run(&settings)
            }
            None => Err(Error::usage(
                "there is no subcommand",
                "perf-report --help lists them",
            )),
        }
    }
}

impl Command {
    /// Lets flags override what is configured.
    fn settle(&self, settings: &mut Settings) -> Result<()> {
        match self {
            Self::Summary(args) => args.settle(settings),
            Self::Check(args) => args.settle(settings),
            Self::Diff(args) => args.settle(settings),
            Self::Html(args) => args.settle(settings),
            Self::Run(args) => {
                args.settle(settings);
                Ok(())
            }
            Self::Archive(args) => args.settle(settings),
            Self::Sql(args) => args.settle(settings),
            _ => Ok(()),
        }
    }

    fn run(self, settings: &Settings) -> Result<ExitStatus> {
        match self {
            Self::Summary(args) => args.run(settings),
            Self::Check(args) => args.run(settings),
            Self::Diff(args) => args.run(settings),
            Self::Calibrate(args) => args.run(settings),
            Self::Sql(args) => args.run(settings),
            Self::Html(args) => args.run(settings),
            Self::Run(args) => args.run(settings),
            Self::Pack(args) => args.run(),
            Self::Archive(args) => args.run(settings),
            Self::Trend(args) => args.run(settings),
            Self::Init(args) => args.run(None),
            Self::Completions(args) => args.run(),
            Self::Man(args) => args.run(),
        }
    }
}

/// Says what went wrong, why, and what to do.
fn report(error: &Error) -> ExitStatus {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let shown = |text: &dyn std::fmt::Display| {
        // A path can hold anything; only our own line ends are kept.
        let text = text.to_string();
        text.lines()
            .map(|line| printable(line).into_owned())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let mut text = format!("{red}error{red:#}: {}\n", shown(error));
    let mut cause = std::error::Error::source(error);
    while let Some(because) = cause {
        let _ = writeln!(text, "  because: {}", shown(because));
        cause = because.source();
    }
    if let Some(hint) = error.hint() {
        let _ = writeln!(text, "  hint: {hint}");
    }
    // There is nowhere left to say that stderr is closed.
    let _ = anstream::stderr().write_all(text.as_bytes());
    match error {
        Error::Unverified { .. } => ExitStatus::Unverified,
        _ => ExitStatus::Usage,
    }
}

/// Says something that is no result.
fn remark(text: &str) {
    if !global::says(global::Talk::Usual) {
        return;
    }
    let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
    let text = printable(text);
    let _ = writeln!(anstream::stderr(), "{yellow}note{yellow:#}: {text}");
}

/// Says what is done, to whoever asked for it.
fn detail(text: &str) {
    if global::says(global::Talk::Verbose) {
        let _ = writeln!(anstream::stderr(), "{}", printable(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_hold_together() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
