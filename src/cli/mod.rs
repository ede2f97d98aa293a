//! The command line: one file a subcommand, its arguments beside its function.

mod archive;
mod calibrate;
mod check;
mod diff;
mod exit;
mod html;
mod inputs;
mod output;
mod pack;
mod progress;
mod summary;
mod trend;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::ExitStatus;

use crate::error::{Error, Result};
use crate::units::printable;

/// Read what k6 wrote: exact numbers, threshold checks, comparisons and reports
///
/// RUN is a summary or a stream of k6 (plain, gzip or zstd, or packed), a folder of them, a glob,
/// stdin as -, or archived runs: @RELEASE, @RELEASE/SCENARIO, @baseline, @previous or @latest.
/// Without RUN, the folder test-results/performance is read.
#[derive(Debug, Parser)]
#[command(
    name = "perf-report",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

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
}

/// Runs the command that these arguments ask for.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(args) {
        Ok(cli) => cli
            .command
            .run()
            .unwrap_or_else(|error| report(&error))
            .into(),
        Err(usage) => {
            // Help goes to stdout, a wrong usage to stderr; a closed pipe is no error.
            let _ = usage.print();
            let code = if usage.use_stderr() {
                ExitStatus::Usage
            } else {
                ExitStatus::Success
            };
            code.into()
        }
    }
}

impl Command {
    fn run(self) -> Result<ExitStatus> {
        match self {
            Self::Summary(args) => args.run(),
            Self::Check(args) => args.run(),
            Self::Diff(args) => args.run(),
            Self::Calibrate(args) => args.run(),
            Self::Html(args) => args.run(),
            Self::Pack(args) => args.run(),
            Self::Archive(args) => args.run(),
            Self::Trend(args) => args.run(),
        }
    }
}

/// Says what went wrong, why, and what to do.
fn report(error: &Error) -> ExitStatus {
    if error.is_closed_pipe() {
        return ExitStatus::Success;
    }
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
    let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
    let text = printable(text);
    let _ = writeln!(anstream::stderr(), "{yellow}note{yellow:#}: {text}");
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
