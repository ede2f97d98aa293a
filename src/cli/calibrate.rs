//! `perf-report calibrate`

use std::path::PathBuf;

use super::exit::ExitStatus;
use super::inputs::{LoadArgs, refuse_repeats};
use super::output::OutputArgs;
use crate::compare::calibrate;
use crate::config::Settings;
use crate::error::Result;
use crate::render;
use crate::report::CalibrationReport;

/// Tell what noise does to the comparison here, from repeated runs of one unchanged system
///
/// Every run is compared with every other: how many of those comparisons call a regression, how much
/// each endpoint differs from run to run, as it is and against the other endpoints, and the smallest
/// slowdown that would be seen with 1, 3, 5 and 10 baseline runs. Three runs of one name are the
/// least, ten say much more.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  perf-report calibrate results/run-*                  ten runs of one unchanged system")]
pub(super) struct Args {
    /// Streams, folders or globs of the repeated runs
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,

    /// Choose the form of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    #[command(flatten)]
    load: LoadArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    /// A sentence, a table, and floors for perf-report.toml
    #[default]
    Text,
    /// perf-report.calibrate/1
    Json,
}

impl Args {
    pub(super) fn run(self, settings: &Settings) -> Result<ExitStatus> {
        let loaded = self.load.load(&self.runs, settings)?;
        refuse_repeats(&loaded.runs, "among the runs")?;
        let calibrations = calibrate(&loaded.runs, &settings.compare_options())?;
        let report = CalibrationReport::from(&calibrations[..]);
        match self.format {
            Format::Text => self
                .output
                .write_text(|out, _| render::calibration_text::calibration(&report, out)),
            Format::Json => self
                .output
                .write_document(|out| render::json::document(&report, out)),
        }?;
        Ok(ExitStatus::Success)
    }
}
