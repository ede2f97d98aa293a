//! `perf-report archive prune`

use std::io::Write as _;

use crate::archive::{Archive, place};
use crate::cli::exit::ExitStatus;
use crate::cli::output::stdout;
use crate::error::Result;
use crate::units::{bytes, counted};

/// Remove the runs of old releases, and leave tombstones
///
/// The newest releases stay, and so does the baseline. A tombstone says what was there, with its hashes,
/// and why it went; the root hash of the release stays as it was.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// How many releases stay
    #[arg(long, value_name = "RELEASES", value_parser = clap::value_parser!(u32).range(1..))]
    keep: u32,

    /// Only say what would go
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    pub(super) fn run(self, archive: &Archive) -> Result<ExitStatus> {
        let pruning = archive.plan_pruning(self.keep as usize)?;
        let mut out = stdout();
        let mut freed = 0;
        for run in &pruning.runs {
            freed += run
                .manifest
                .files
                .iter()
                .map(|file| file.bytes)
                .sum::<u64>();
            let verb = if self.dry_run {
                "would remove"
            } else {
                "removing"
            };
            writeln!(
                out,
                "{verb} {} of {}",
                place(run),
                run.manifest.facts.time()
            )?;
        }
        if !self.dry_run {
            archive.prune(&pruning)?;
        }
        let verb = if self.dry_run { "would go" } else { "removed" };
        let runs = counted(pruning.runs.len() as u64, "run");
        writeln!(out, "{runs} {verb}, {}", bytes(freed as f64))?;
        Ok(ExitStatus::Success)
    }
}
