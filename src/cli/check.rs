//! `perf-report check`

use std::path::PathBuf;

use super::exit::ExitStatus;
use super::inputs::{LoadArgs, ThresholdArgs};
use super::reports::{Format, ReportArgs};
use crate::config::Settings;
use crate::error::Result;
use crate::render;
use crate::report::{CheckReport, ReportOptions, SummaryReport};
use crate::thresholds::Verdict;

/// Evaluate thresholds; exit with 99 when one is crossed
///
/// Thresholds come from k6's files, from --thresholds and from --threshold. Each is evaluated anew
/// from the best data at hand, and k6's own verdict is shown where it differs. A threshold without
/// data fails, too, unless --allow-no-data is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  perf-report check                                    the configured results folder
  perf-report check x.json --threshold 'http_req_failed:rate<0.01'
  perf-report check --report junit=out.xml --report markdown=pr.md")]
pub(super) struct Args {
    /// Summaries, streams, folders or globs [default: test-results/performance]
    #[arg(value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// Let thresholds without data pass
    #[arg(long)]
    allow_no_data: bool,

    #[command(flatten)]
    thresholds: ThresholdArgs,

    #[command(flatten)]
    load: LoadArgs,

    #[command(flatten)]
    reports: ReportArgs,
}

impl Args {
    pub(super) fn settle(&self, settings: &mut Settings) -> Result<()> {
        self.thresholds.settle(settings)
    }

    pub(super) fn run(self, settings: &Settings) -> Result<ExitStatus> {
        let tells = self.reports.tells_a_terminal();
        let loaded = self.load.load_for(&self.runs, settings, tells)?;
        let options = ReportOptions {
            demands: settings.demands(),
            allow_no_data: self.allow_no_data,
            ..ReportOptions::default()
        };
        let report = CheckReport::from(SummaryReport::new(&loaded.runs, &options)?);
        self.reports.write(&|format, width, out| match format {
            Format::Text => render::text::check(&report, width, out),
            Format::Json => render::json::document(&report, out),
            Format::Markdown => render::markdown::check(&report, out),
            Format::Csv => render::csv::check(&report, out),
            Format::Junit => render::junit::check(&report, out),
            Format::Openmetrics => render::openmetrics::check(&report, out),
            Format::Github => render::github::check(&report, out),
        })?;
        Ok(match report.verdict {
            Verdict::Passed => ExitStatus::Success,
            Verdict::Failed | Verdict::NoData => ExitStatus::ThresholdCrossed,
        })
    }
}
