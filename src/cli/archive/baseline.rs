//! `perf-report archive baseline`

use std::io::Write as _;

use clap::Subcommand;

use super::named_release;
use crate::archive::{Archive, Baseline, Decision};
use crate::cli::exit::ExitStatus;
use crate::cli::output::stdout;
use crate::error::{Error, Result};
use crate::units::counted;

/// Say which release others are compared with, as @baseline
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a release the baseline
    Set {
        /// The release
        #[arg(value_name = "RELEASE")]
        release: String,

        /// Why
        #[arg(long, value_name = "TEXT", value_parser = super::waive::reason)]
        reason: Option<String>,

        /// Take it although none of its runs is fit to be judged
        #[arg(long)]
        force: bool,
    },
    /// Show which release is the baseline
    Show,
    /// Have no baseline
    Clear {
        /// Why
        #[arg(long, value_name = "TEXT", value_parser = super::waive::reason)]
        reason: Option<String>,
    },
}

impl Args {
    pub(super) fn run(self, archive: &Archive) -> Result<ExitStatus> {
        match self.command {
            Command::Set {
                release,
                reason,
                force,
            } => set(archive, &release, reason, force),
            Command::Show => show(archive),
            Command::Clear { reason } => {
                archive.releases()?;
                let none = Baseline {
                    release: None,
                    runs: Vec::new(),
                    root: None,
                    forced: false,
                };
                archive.record(Decision::Baseline(none), reason)?;
                writeln!(stdout(), "there is no baseline any more")?;
                Ok(ExitStatus::Success)
            }
        }
    }
}

fn set(archive: &Archive, name: &str, reason: Option<String>, force: bool) -> Result<ExitStatus> {
    let (release, scenario) = named_release(archive, name)?;
    if scenario.is_some() {
        return Err(Error::usage(
            format!("{name}: a whole release is the baseline"),
            "leave the scenario away",
        ));
    }
    let used = release.used();
    let invalid: Vec<String> = used
        .iter()
        .filter(|run| run.manifest.facts.is_invalid())
        .map(|run| run.manifest.facts.validity.reasons.join("; "))
        .collect();
    let fit = used.len() - invalid.len();
    if fit == 0 && !force {
        let why = match invalid.first() {
            Some(reasons) => format!("its runs are invalid: {reasons}"),
            None => "it has no run that counts".to_owned(),
        };
        return Err(Error::usage(
            format!("{} cannot be the baseline: {why}", release.name),
            "file runs that can be judged, or add --force, which is recorded",
        ));
    }
    let baseline = Baseline {
        release: Some(release.name.clone()),
        runs: release.runs.iter().map(|run| run.hash.clone()).collect(),
        root: Some(release.root()),
        forced: fit == 0,
    };
    archive.record(Decision::Baseline(baseline), reason)?;
    let forced = if fit == 0 { ", forced" } else { "" };
    writeln!(
        stdout(),
        "{} is the baseline, with {}{forced}",
        release.name,
        counted(fit as u64, "run")
    )?;
    Ok(ExitStatus::Success)
}

/// A moment to the second, as people read it.
fn second(moment: &str) -> String {
    match moment.get(..19) {
        Some(second) => format!("{} UTC", second.replace('T', " ")),
        None => moment.to_owned(),
    }
}

fn show(archive: &Archive) -> Result<ExitStatus> {
    archive.releases()?;
    let mut out = stdout();
    match archive.baseline()? {
        Some((recorded, baseline)) if baseline.release.is_some() => {
            let record = &recorded.record;
            let release = baseline.release.as_ref().map_or("", |name| name.as_str());
            let forced = if baseline.forced { ", forced" } else { "" };
            let reason = record.reason.as_ref().map(|reason| format!(": {reason}"));
            let reason = reason.unwrap_or_default();
            writeln!(
                out,
                "{release}, set by {} at {}{forced}{reason}",
                record.by,
                second(&record.at)
            )?;
        }
        _ => writeln!(out, "there is no baseline")?,
    }
    Ok(ExitStatus::Success)
}
