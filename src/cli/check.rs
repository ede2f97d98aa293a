//! `perf-report check`

use std::path::PathBuf;

use super::exit::ExitStatus;
use super::inputs::{LoadArgs, ThresholdArgs};
use super::output::OutputArgs;
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
pub(super) struct Args {
    /// Summaries, streams, folders or globs [default: test-results/performance]
    #[arg(value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// Choose the form of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Let thresholds without data pass
    #[arg(long)]
    allow_no_data: bool,

    #[command(flatten)]
    thresholds: ThresholdArgs,

    #[command(flatten)]
    load: LoadArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    /// A line for every threshold
    #[default]
    Text,
    /// perf-report.check/1
    Json,
    /// A table for a ticket or a pull request
    Markdown,
}

impl Args {
    pub(super) fn run(self) -> Result<ExitStatus> {
        let demands = self.thresholds.demands()?;
        let loaded = self.load.load(&self.runs)?;
        let options = ReportOptions {
            demands,
            allow_no_data: self.allow_no_data,
            ..ReportOptions::default()
        };
        let report = CheckReport::from(SummaryReport::new(&loaded.runs, &options)?);
        match self.format {
            Format::Text => self
                .output
                .write_text(|out| render::text::check(&report, out)),
            Format::Json => self
                .output
                .write_document(|out| render::json::document(&report, out)),
            Format::Markdown => self
                .output
                .write_document(|out| render::markdown::check(&report, out)),
        }?;
        Ok(match report.verdict {
            Verdict::Passed => ExitStatus::Success,
            Verdict::Failed | Verdict::NoData => ExitStatus::ThresholdCrossed,
        })
    }
}
