//! `perf-report summary`

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::exit::ExitStatus;
use super::inputs::{LoadArgs, ThresholdArgs};
use super::reports::{Format, ReportArgs};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::render;
use crate::report::{ReportOptions, SummaryReport};
use crate::run::{Run, Stat};

/// Show k6's end-of-test summary of any input
///
/// The numbers are k6's to the last bit, for metrics and submetrics alike. The exit code is 0
/// whatever the verdicts; use check to fail on them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  perf-report summary results/                         every run of a folder
  perf-report summary x.ndjson.gz --by name            told apart by endpoint
  perf-report summary x.ndjson.gz --skip 30s --where status=200
  perf-report summary x.json --format openmetrics -o metrics.txt")]
pub(super) struct Args {
    /// Summaries, streams, folders or globs [default: test-results/performance]
    #[arg(value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// Split every metric by the values of a tag
    #[arg(long, value_name = "TAG")]
    by: Option<String>,

    /// Choose the statistics of trends, such as 'avg,p(99.9)'
    #[arg(long, value_name = "STATS", value_delimiter = ',', value_parser = parse_stat)]
    stats: Vec<Stat>,

    #[command(flatten)]
    thresholds: ThresholdArgs,

    #[command(flatten)]
    load: LoadArgs,

    #[command(flatten)]
    reports: ReportArgs,
}

fn parse_stat(text: &str) -> Result<Stat, String> {
    let stat = text
        .trim()
        .parse()
        .ok()
        .filter(|stat: &Stat| stat.fits(crate::run::MetricType::Trend));
    stat.ok_or_else(|| {
        format!("{text:?} is no statistic of a trend: avg, min, med, max, count or p(N)")
    })
}

impl Args {
    pub(super) fn settle(&self, settings: &mut Settings) -> Result<()> {
        self.thresholds.settle(settings)
    }

    pub(super) fn run(self, settings: &Settings) -> Result<ExitStatus> {
        let tells = self.reports.tells_a_terminal();
        let loaded = self.load.load_for(&self.runs, settings, tells)?;
        if let Some(tag) = &self.by {
            check_tag(tag, &loaded.runs)?;
        }
        let options = ReportOptions {
            demands: settings.demands(),
            by: self.by,
            stats: self.stats,
            allow_no_data: false,
        };
        let report = SummaryReport::new(&loaded.runs, &options)?;
        self.reports.write(&|format, width, out| match format {
            Format::Text => render::text::summary(&report, width, out),
            Format::Json => render::json::document(&report, out),
            Format::Markdown => render::markdown::summary(&report, out),
            Format::Csv => render::csv::summary(&report, out),
            Format::Junit => render::junit::summary(&report, out),
            Format::Openmetrics => render::openmetrics::summary(&report, out),
            Format::Github => render::github::summary(&report, out),
        })?;
        Ok(ExitStatus::Success)
    }
}

/// Refuses a tag by which nothing can be split.
fn check_tag(tag: &str, runs: &[Run]) -> Result<()> {
    let samples = runs.iter().filter_map(Run::samples);
    let keys: BTreeSet<&str> = samples
        .flat_map(|samples| samples.series().keys())
        .collect();
    if keys.contains(tag) {
        return Ok(());
    }
    if runs.iter().all(|run| run.samples().is_none()) {
        return Err(Error::usage(
            format!("--by {tag}: these runs are known from summaries alone"),
            "give the stream (--out json= or --out csv=); a summary has no tags",
        ));
    }
    let keys: Vec<&str> = keys.into_iter().collect();
    Err(Error::usage(
        format!("--by {tag}: no sample has this tag"),
        format!("the samples have {}", keys.join(", ")),
    ))
}
