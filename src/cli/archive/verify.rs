//! `perf-report archive verify`

use std::io::Write as _;

use super::named_release;
use crate::archive::{Archive, Discrepancy};
use crate::cli::exit::ExitStatus;
use crate::error::Result;
use crate::units::{counted, printable};

/// Recompute every hash; exit with 4 when something is not as it was written
///
/// Names each changed, missing or unexpected file. What this proves, and what not, is in
/// docs/archive.md.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// A release, or a bundle that archive export wrote [default: the whole archive]
    #[arg(value_name = "RELEASE|BUNDLE.zip")]
    what: Option<String>,
}

impl Args {
    pub(super) fn run(self, archive: &Archive) -> Result<ExitStatus> {
        let release = match &self.what {
            None => None,
            Some(name) => Some(named_release(archive, name)?.0.name),
        };
        let found = archive.verify(release.as_ref())?;
        let mut out = anstream::stdout();
        if !found.discrepancies.is_empty() {
            return say(&found.discrepancies);
        }
        writeln!(
            out,
            "verified {} with {} and {}",
            counted(found.files, "file"),
            counted(found.runs, "run"),
            counted(found.records, "record")
        )?;
        for (release, root) in &found.roots {
            writeln!(out, "  {release} {root}")?;
        }
        Ok(ExitStatus::Success)
    }
}

/// Says what is not as it was written.
fn say(discrepancies: &[Discrepancy]) -> Result<ExitStatus> {
    let bad = anstyle::AnsiColor::Red.on_default();
    let mut out = anstream::stdout();
    for Discrepancy { path, problem } in discrepancies {
        let (path, problem) = (printable(path), printable(problem));
        writeln!(out, "{bad}✗{bad:#} {path}: {problem}")?;
    }
    let count = discrepancies.len() as u64;
    let noun = if count == 1 {
        "discrepancy"
    } else {
        "discrepancies"
    };
    writeln!(out, "does not verify: {count} {noun}")?;
    Ok(ExitStatus::Unverified)
}
