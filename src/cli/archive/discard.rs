//! `perf-report archive discard`

use std::io::Write as _;
use std::path::PathBuf;

use super::describe::{facts, refuse_many_names, scenario};
use crate::archive::{Archive, Facts, Name, Reference, short};
use crate::cli::exit::ExitStatus;
use crate::cli::inputs::GatherArgs;
use crate::cli::output::stdout;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::report::{ReportOptions, RunReport};
use crate::run::Selection;

/// Record that runs are not used, and why
///
/// An auditor asks for the runs that were not filed. Their hashes and numbers are kept, and they are
/// listed wherever the release is. An archived run that is discarded stays, and counts no more.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Summaries, streams, folders or globs, or an archived run as @RELEASE/SCENARIO/RUN
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,

    /// The release that was tested; an archived run names it itself
    #[arg(long, value_name = "NAME")]
    release: Option<String>,

    /// The test, if it is not what its files are called
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,

    /// Why
    #[arg(long, value_name = "TEXT", value_parser = super::waive::reason)]
    reason: String,

    #[command(flatten)]
    gather: GatherArgs,
}

impl Args {
    pub(super) fn run(self, archive: &Archive, settings: &Settings) -> Result<ExitStatus> {
        let given = self.scenario.as_ref();
        let given = given
            .map(|name| Name::parse("scenario", name))
            .transpose()?;
        let (archived, files): (Vec<_>, Vec<_>) = self.runs.iter().cloned().partition(|run| {
            let is_reference = run.to_str().is_some_and(|text| text.starts_with('@'));
            is_reference && !run.exists()
        });
        let release = match &self.release {
            Some(name) => Name::parse("release", name)?,
            None if files.is_empty() => named_by(archive, &archived)?,
            None => {
                return Err(Error::usage(
                    "files do not tell which release was tested",
                    "name it with --release",
                ));
            }
        };
        let mut runs = of_archive(archive, &release, &archived)?;
        if !files.is_empty() {
            let loaded = self.gather.load_hashed(&files, settings)?;
            refuse_many_names(&loaded.runs, given.as_ref())?;
            for run in &loaded.runs {
                let report = RunReport::new(run, &ReportOptions::default())?;
                runs.push((
                    scenario(run, given.as_ref())?,
                    facts(run, &report, &Selection::default(), None)?,
                ));
            }
        }
        for (scenario, facts) in runs {
            let content = facts.content();
            let name = format!("@{release}/{scenario}, content {}", short(&content));
            let mut out = stdout();
            match archive.discard(&release, &scenario, &facts, self.reason.clone())? {
                Some(_) => writeln!(out, "discarded a run of {name}: {}", self.reason)?,
                None => writeln!(out, "the run of {name} is discarded already")?,
            }
        }
        Ok(ExitStatus::Success)
    }
}

/// The release of the first archived run; the others have to be of the same.
fn named_by(archive: &Archive, names: &[PathBuf]) -> Result<Name> {
    let text = names.first().map(|name| name.to_string_lossy());
    let reference = text.map(|text| Reference::parse(&text)).transpose()?;
    match reference.flatten() {
        Some(reference) => archive.release_name(&reference),
        None => Err(Error::usage(
            "no run is named",
            "name a run of an archive, or files",
        )),
    }
}

/// Runs of this release that are archived.
fn of_archive(archive: &Archive, release: &Name, names: &[PathBuf]) -> Result<Vec<(Name, Facts)>> {
    let mut runs = Vec::new();
    for name in names {
        let text = name.to_string_lossy();
        let Some(reference) = Reference::parse(&text)? else {
            continue;
        };
        let resolved = archive.resolve(&reference)?;
        if resolved.release.name != *release {
            return Err(Error::usage(
                format!(
                    "{text} is a run of {}, not of {release}",
                    resolved.release.name
                ),
                "discard it with --release of its own release",
            ));
        }
        let found = resolved.runs.into_iter();
        runs.extend(found.map(|run| (run.manifest.scenario, run.manifest.facts)));
    }
    Ok(runs)
}
