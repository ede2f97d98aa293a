//! `perf-report archive add`

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use super::describe::{facts, refuse_many_names, scenario};
use crate::archive::{Archive, Filed, Filing, Name, Options, place};
use crate::cli::exit::ExitStatus;
use crate::cli::inputs::{GatherArgs, ThresholdArgs, refuse_repeats};
use crate::cli::output::stdout;
use crate::cli::selecting::PartArgs;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::report::{ReportOptions, RunReport};
use crate::units;

/// File runs under a release
///
/// Each run is kept as Parquet with k6's summary, and a manifest that names the hashes of everything.
/// What the script's setup returned, its text, and the values of URLs' queries are left out; what looks
/// like a token or a private key stops the command. A run that is filed already stays as it is. Of runs
/// of which a part is selected only that part is filed, and every report of it says so. The exit code is
/// 0 whatever the verdicts.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Summaries, streams, folders or globs [default: test-results/performance]
    #[arg(value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// The release that was tested
    #[arg(long, value_name = "NAME")]
    release: String,

    /// The test, if it is not what its files are called
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,

    /// The ticket of the release
    #[arg(long, value_name = "TICKET")]
    ticket: Option<String>,

    /// The commit that was tested [default: as the CI system tells]
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,

    /// Say what the runs ran on; may be given several times
    ///
    /// diff leaves everything inconclusive where runs have other values of a key, unless that is allowed
    /// (--allow KEY). What differs from run to run by its nature belongs into --note.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    meta: Vec<(String, String)>,

    /// Say something about the runs
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,

    /// Keep k6's files as they are, too
    #[arg(long, value_enum, value_name = "WHAT")]
    keep: Option<Keep>,

    /// Keep what looks like a secret
    #[arg(long)]
    allow_secrets: bool,

    #[command(flatten)]
    thresholds: ThresholdArgs,

    #[command(flatten)]
    gather: GatherArgs,

    #[command(flatten)]
    select: PartArgs,
}

/// What is kept beside the samples and the summary.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Keep {
    /// k6's files, byte for byte
    Raw,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').unwrap_or(("", ""));
    if key.trim().is_empty() || text.contains(char::is_control) {
        return Err("it is a key and a value, such as machine=large".to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}

impl Args {
    pub(super) fn settle(&self, settings: &mut Settings) -> Result<()> {
        self.thresholds.settle(settings)
    }

    pub(super) fn run(self, archive: &Archive, settings: &Settings) -> Result<ExitStatus> {
        let release = Name::parse("release", &self.release)?;
        let name = |what: &str, text: &Option<String>| {
            text.as_ref()
                .map(|text| Name::parse(what, text))
                .transpose()
        };
        let given = name("scenario", &self.scenario)?;
        let ticket = name("ticket", &self.ticket)?;
        let options = ReportOptions {
            demands: settings.demands(),
            ..ReportOptions::default()
        };
        refuse_archived(&self.runs)?;
        let selection = self.select.selection();
        let loaded = self
            .gather
            .load_part(&self.runs, selection.clone(), settings)?;
        refuse_repeats(&loaded.runs, "to archive add")?;
        refuse_many_names(&loaded.runs, given.as_ref())?;
        for run in &loaded.runs {
            let report = RunReport::new(run, &options)?;
            let filing = Filing {
                release: release.clone(),
                scenario: scenario(run, given.as_ref())?,
                run,
                facts: facts(run, &report, &selection, self.commit.clone())?,
                ticket: ticket.clone(),
                note: self.note.clone(),
                meta: self.meta.iter().cloned().collect::<BTreeMap<_, _>>(),
                options: Options {
                    keep_raw: self.keep.is_some(),
                    allow_secrets: self.allow_secrets,
                    merge: self.gather.merge,
                },
                redacted: settings.redacted_tags.value.clone(),
            };
            let mut out = stdout();
            match archive.add(&filing)? {
                Filed::New(run) => {
                    let bytes: u64 = run.manifest.files.iter().map(|file| file.bytes).sum();
                    let facts = &run.manifest.facts;
                    let part = facts.part.as_ref();
                    let part = part.map(|part| format!("; {}", part.note()));
                    writeln!(
                        out,
                        "archived {}: {}, {}, {}{}",
                        place(&run),
                        facts.validity.verdict,
                        facts.verdict_words(),
                        units::bytes(bytes as f64),
                        part.unwrap_or_default()
                    )?;
                }
                Filed::Known(run) => {
                    writeln!(out, "{} is archived already", place(&run))?;
                }
            }
        }
        Ok(ExitStatus::Success)
    }
}

/// Archived runs are not filed again.
pub(super) fn refuse_archived(runs: &[PathBuf]) -> Result<()> {
    let archived = runs.iter().find(|run| {
        let is_reference = run.to_str().is_some_and(|text| text.starts_with('@'));
        is_reference && !run.exists()
    });
    match archived {
        None => Ok(()),
        Some(run) => Err(Error::usage(
            format!("{} is archived already", run.display()),
            "name k6's own files, or what perf-report pack made of them",
        )),
    }
}
