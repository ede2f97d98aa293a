//! `perf-report archive waive`

use std::io::Write as _;

use chrono::NaiveDate;

use super::named_release;
use crate::archive::{self, Archive, ArchivedRun, Decision, Name, Release, Waiver, today};
use crate::cli::exit::ExitStatus;
use crate::cli::output::stdout;
use crate::cli::remark;
use crate::compare::RowPattern;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::formats::{Asked, LoadOptions, load_watched};
use crate::run::{MetricName, Run};

/// Accept a known regression of a release for a while
///
/// It is shown with its reason in every comparison with a run of the release as candidate, and does not
/// fail diff until the day after.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The release that has it, or RELEASE/SCENARIO
    #[arg(value_name = "RELEASE")]
    release: String,

    /// The row of diff, such as `http_req_duration{label:x}` or `http_req_duration{label:x}:p(95)`
    #[arg(value_name = "ROW")]
    row: String,

    /// Why
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,

    /// The last day on which it is accepted, such as 2026-12-31 (UTC)
    #[arg(long, value_name = "DATE")]
    until: String,
}

/// A reason is a line of text.
pub(super) fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_control) || text.len() > 2000 {
        return Err("it is a line of text".to_owned());
    }
    Ok(text.to_owned())
}

impl Args {
    pub(super) fn run(self, archive: &Archive, settings: &Settings) -> Result<ExitStatus> {
        let until = NaiveDate::parse_from_str(&self.until, "%Y-%m-%d").map_err(|_| {
            Error::usage(
                format!("--until {}: this is no date", self.until),
                "write a day as 2026-12-31",
            )
        })?;
        if until < today() {
            return Err(Error::usage(
                format!("--until {until}: this day is over"),
                "name a day from today on",
            ));
        }
        let pattern = RowPattern::parse(&self.row)?;
        let (release, scenario) = named_release(archive, &self.release)?;
        if let Some(text) = without_effect(&release, scenario.as_ref(), &pattern, settings) {
            remark(&text);
        }
        let waiver = Waiver {
            release: release.name.clone(),
            scenario,
            row: self.row.clone(),
            until: until.to_string(),
        };
        archive.record(Decision::Waiver(waiver), Some(self.reason.clone()))?;
        writeln!(
            stdout(),
            "{} of {} is accepted until {until}: {}",
            self.row,
            release.name,
            self.reason
        )?;
        Ok(ExitStatus::Success)
    }
}

/// What there is to say where no run of the release has the scenario, or the row. It may have one later.
fn without_effect(
    release: &Release,
    scenario: Option<&Name>,
    pattern: &RowPattern,
    settings: &Settings,
) -> Option<String> {
    let is_meant = |run: &&ArchivedRun| scenario.is_none_or(|it| run.manifest.scenario == *it);
    let runs: Vec<&ArchivedRun> = release.runs.iter().filter(is_meant).collect();
    if runs.is_empty() {
        let of = scenario.map_or_else(String::new, |name| format!(" of {name}"));
        return Some(format!("{} has no run{of} yet", release.name));
    }
    let asked: Vec<Asked> = runs
        .iter()
        .map(|run| Asked::Files(Box::new(archive::files(run))))
        .collect();
    let options = LoadOptions {
        vocabulary: settings.vocabulary(),
        ..LoadOptions::default()
    };
    // What cannot be read tells nothing; verify says why.
    let loaded = load_watched(&asked, options, &std::sync::Arc::default()).ok()?;
    let name = pattern.name();
    let has = |run: &Run| has_row(run, name);
    (!loaded.runs.iter().any(has)).then(|| {
        format!(
            "no run of {} has a row {name}; perf-report diff --all shows those that there are",
            release.name
        )
    })
}

/// Whether a comparison of this run can have a row of that name.
fn has_row(run: &Run, name: &MetricName) -> bool {
    let tag = &run.vocabulary().endpoint_tag;
    let is_endpoint = || {
        let ids = run
            .endpoint_ids(false)
            .into_iter()
            .chain(run.endpoint_ids(true));
        let mut names = ids.map(|id| id.submetric(name.metric(), tag).selection());
        run.lists(name.metric()) && names.any(|known| known == name.selection())
    };
    let is_check = || {
        run.checks().iter().any(|check| {
            let tags = [
                ("check", Some(&check.name)),
                ("group", check.group.as_ref()),
            ];
            let tags = tags.into_iter();
            let tags = tags.filter_map(|(key, value)| Some((key.to_owned(), value?.clone())));
            MetricName::with_tags("checks", tags.collect()).text() == name.text()
        })
    };
    run.measure(name).is_some_and(|measure| !measure.is_empty()) || is_endpoint() || is_check()
}
