//! `perf-report archive`: one file a subcommand.

mod add;
mod baseline;
mod describe;
mod discard;
mod export;
mod list;
mod prune;
mod show;
mod verify;
mod waive;

use clap::Subcommand;

use super::exit::ExitStatus;
use super::references::archive_of;
use crate::archive::{Archive, Name, Reference, Release};
use crate::config::Settings;
use crate::error::Result;

/// Keep runs of releases: baselines, history and evidence
///
/// The archive is a folder, by default perf-archive. Runs in it are never changed, and two archives are
/// merged by copying one into the other. Its runs are named by @RELEASE, @RELEASE/SCENARIO,
/// @baseline, @previous and @latest wherever a command takes a RUN.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Box<add::Args>),
    Discard(discard::Args),
    List(list::Args),
    Show(show::Args),
    Baseline(baseline::Args),
    Verify(verify::Args),
    Export(export::Args),
    Waive(waive::Args),
    Prune(prune::Args),
}

impl Args {
    pub(super) fn settle(&self, settings: &mut Settings) -> Result<()> {
        match &self.command {
            Command::Add(args) => args.settle(settings),
            _ => Ok(()),
        }
    }

    pub(super) fn run(self, settings: &Settings) -> Result<ExitStatus> {
        let archive = archive_of(settings);
        match self.command {
            Command::Add(args) => args.run(&archive, settings),
            Command::Discard(args) => args.run(&archive, settings),
            Command::List(args) => args.run(&archive),
            Command::Show(args) => args.run(&archive),
            Command::Baseline(args) => args.run(&archive),
            Command::Verify(args) => args.run(&archive),
            Command::Export(args) => args.run(&archive, settings),
            Command::Waive(args) => args.run(&archive, settings),
            Command::Prune(args) => args.run(&archive),
        }
    }
}

/// The release that an argument names: by its name, or as baseline, previous or latest.
fn named_release(archive: &Archive, text: &str) -> Result<(Release, Option<Name>)> {
    let reference = Reference::of_release(text)?;
    let release = archive.release_of(&reference)?;
    Ok((release, reference.scenario().cloned()))
}

/// The forms of a list.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    /// A table
    #[default]
    Text,
    /// A document of a schema in schemas/
    Json,
}
