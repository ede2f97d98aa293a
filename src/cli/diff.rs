//! `perf-report diff`

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;

use super::exit::ExitStatus;
use super::inputs::{LoadArgs, refuse_repeats, remark_same};
use super::reports::{Format, ReportArgs};
use super::{references, remark};
use crate::compare::{Aspect, Change, CompareOptions, Gate, Limit, ValidityVerdict, compare};
use crate::config::{Setting, Settings};
use crate::error::{Error, Result};
use crate::nearest::nearest;
use crate::render;
use crate::report::DiffReport;
use crate::run::Run;

/// Compare runs with a baseline; exit with 1 on a regression
///
/// Runs are paired by the file name up to its first dot; several runs of one name are repetitions.
/// One run on each side is a pair whatever the names. From samples, the noise of each endpoint is
/// measured by resampling, each endpoint is held against the others, and what all have in common is
/// judged by itself. From summaries alone noise is assumed: a regression is called from about 13% of
/// a median or a mean, 20% of p(95) and 40% of p(99). Failed requests and checks are compared as
/// shares, from 0.2 percentage points on. docs/statistics.md has the method and its error rates.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:
  perf-report diff results/v1 results/v2
  perf-report diff --baseline old-1.ndjson --baseline old-2.ndjson new.ndjson
  perf-report diff old/ new/ --limit 'http_req_duration:p(95)<=baseline*1.1+5'
  perf-report diff old/ new/ --format github --report junit=out.xml",
    override_usage = "perf-report diff [OPTIONS] BASELINE CANDIDATE\n       \
                            perf-report diff [OPTIONS] --baseline RUN... CANDIDATE..."
)]
pub(super) struct Args {
    /// The baseline and the candidate; only candidates with --baseline
    #[arg(value_name = "RUN", required_unless_present = "show_config")]
    runs: Vec<PathBuf>,

    /// Compare with this run; may be given several times
    #[arg(long, value_name = "RUN")]
    baseline: Vec<PathBuf>,

    /// Call a regression unless this holds, such as `http_req_duration:p(95)<=baseline*1.1+5`
    ///
    /// The right-hand side knows numbers, baseline, + - * / ( ), max(a,b) and min(a,b). A limit
    /// without data counts as crossed.
    #[arg(long, value_name = "LIMIT")]
    limit: Vec<String>,

    /// What decides: gmean, med, avg, p(95), p(99), common, failed, checks
    ///
    /// The figures are those of every endpoint's durations; gmean is their geometric mean, the
    /// typical duration, and common is what all endpoints have in common. Everything else is shown
    /// and never fails a build. Unless configured, gmean, med, p(95), common, failed and checks do.
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    gate: Vec<Gate>,

    /// The chance of calling a regression where there is none, for all that decides together [default: 0.05]
    #[arg(long, value_name = "SHARE", value_parser = alpha)]
    alpha: Option<f64>,

    /// Compare although this differs: duration, vus, scenarios, mix, or what the runs ran on
    ///
    /// What archived runs ran on has the keys os, arch and ci, and those of archive add --meta.
    #[arg(long, value_name = "KEY", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    allow: Vec<String>,

    /// Take the candidate as a run of this release, whose accepted regressions do not fail
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,

    /// Exit with 3 on this, too; a regression always exits with 1
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    fail_on: Vec<FailOn>,

    /// Show every row
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    load: LoadArgs,

    #[command(flatten)]
    reports: ReportArgs,
}

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum FailOn {
    /// A regression, or a limit that is crossed
    Regressed,
    /// A change that is neither clearly real nor clearly noise
    Inconclusive,
    /// A run that is not fit to be judged
    Invalid,
    /// A run without a baseline
    NoBaseline,
    /// A threshold that says less than in the baseline
    LoosenedThreshold,
}

impl FailOn {
    pub(super) fn is_met(self, report: &DiffReport) -> bool {
        let mut pairs = report.pairs.iter();
        match self {
            Self::Regressed => report.verdict == Change::Regressed,
            Self::Inconclusive => pairs.any(|pair| pair.verdict == Change::Inconclusive),
            Self::Invalid => pairs.any(|pair| {
                let sides = [&pair.baseline, &pair.candidate];
                sides
                    .iter()
                    .any(|side| side.validity.verdict == ValidityVerdict::Invalid)
            }),
            Self::NoBaseline => report
                .unpaired
                .iter()
                .any(|run| run.verdict == Change::Added),
            Self::LoosenedThreshold => pairs.any(|pair| !pair.findings.is_empty()),
        }
    }
}

fn alpha(text: &str) -> Result<f64, String> {
    let share = text
        .parse()
        .ok()
        .filter(|share| (1e-6..=0.5).contains(share));
    share.ok_or_else(|| "it is a share from 0.000001 to 0.5, such as 0.05".to_owned())
}

/// Says which keys stand for nothing here. That is no error: what a pipeline allows may be in none of
/// the runs that were filed so far.
fn remark_on_unknown<'a>(allowed: &[String], runs: impl Iterator<Item = &'a Run>) {
    let mut known: BTreeSet<&str> = Aspect::ALL.into_iter().map(Aspect::key).collect();
    for run in runs {
        known.extend(run.environment().into_keys());
    }
    for key in allowed.iter().filter(|key| !known.contains(key.as_str())) {
        let known: Vec<&str> = known.iter().copied().collect();
        let meant = nearest(key, known.iter().copied());
        let meant = meant.map_or_else(String::new, |meant| format!("is it {meant}? "));
        remark(&format!(
            "--allow {key}: no run here has that; {meant}there are {}",
            known.join(", ")
        ));
    }
}

impl Args {
    pub(super) fn settle(&self, settings: &mut Settings) -> Result<()> {
        for text in &self.limit {
            let limit = Setting::flag(Limit::parse(text)?, "--limit");
            settings.limits.push(limit);
        }
        if let Some(alpha) = self.alpha {
            settings.alpha = Setting::flag(alpha, "--alpha");
        }
        if !self.gate.is_empty() {
            settings.gates = Setting::flag(self.gate.clone(), "--gate");
        }
        if !self.allow.is_empty() {
            settings.allowed = Setting::flag(self.allow.clone(), "--allow");
        }
        Ok(())
    }

    pub(super) fn run(self, settings: &Settings) -> Result<ExitStatus> {
        let (baselines, candidates) = self.sides(settings)?;
        let baseline = self.load.load(&baselines, settings)?;
        let candidate = self.load.load(&candidates, settings)?;
        refuse_repeats(&baseline.runs, "in the baseline")?;
        refuse_repeats(&candidate.runs, "in the candidate")?;
        remark_on_unknown(&self.allow, baseline.runs.iter().chain(&candidate.runs));
        remark_same(&baseline.runs, &candidate.runs);
        let options = CompareOptions {
            waivers: references::waivers(settings, &candidates, self.release.as_deref())?,
            ..settings.compare_options()
        };
        let comparison = compare(&baseline.runs, &candidate.runs, &options)?;
        let report = DiffReport::from(&comparison);
        self.reports.write(&|format, width, out| match format {
            Format::Text => render::diff_text::diff(&report, self.all, width, out),
            Format::Json => render::json::document(&report, out),
            Format::Markdown => render::diff_markdown::diff(&report, self.all, out),
            Format::Csv => render::csv::diff(&report, out),
            Format::Junit => render::junit::diff(&report, out),
            Format::Openmetrics => render::openmetrics::diff(&report, out),
            Format::Github => render::github::diff(&report, out),
        })?;
        Ok(match report.verdict {
            Change::Regressed => ExitStatus::Regression,
            _ if self.fail_on.iter().any(|what| what.is_met(&report)) => ExitStatus::Undecided,
            _ => ExitStatus::Success,
        })
    }

    /// The RUN arguments of each side.
    fn sides(&self, settings: &Settings) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
        if !self.baseline.is_empty() {
            return Ok((self.baseline.clone(), self.runs.clone()));
        }
        match self.runs.as_slice() {
            [candidate] if !settings.baseline.value.is_empty() => {
                Ok((settings.baseline.value.clone(), vec![candidate.clone()]))
            }
            [baseline, candidate] => Ok((vec![baseline.clone()], vec![candidate.clone()])),
            runs => Err(Error::usage(
                format!(
                    "diff takes a baseline and a candidate, and got {} RUN",
                    runs.len()
                ),
                "write perf-report diff BASELINE CANDIDATE, --baseline RUN before each run of the \
                 baseline, or set diff.baseline in perf-report.toml",
            )),
        }
    }
}
