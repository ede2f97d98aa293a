//! `perf-report archive show`

use super::{Format, named_release};
use crate::archive::{Archive, today};
use crate::cli::exit::ExitStatus;
use crate::cli::output::OutputArgs;
use crate::error::Result;
use crate::render;
use crate::report::ReleaseReport;

/// Show a release: its runs, its root hash, and what was decided about it
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The release
    #[arg(value_name = "RELEASE")]
    release: String,

    /// Choose the form of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    #[command(flatten)]
    output: OutputArgs,
}

impl Args {
    pub(super) fn run(self, archive: &Archive) -> Result<ExitStatus> {
        let (release, _) = named_release(archive, &self.release)?;
        let baseline = archive
            .baseline()?
            .and_then(|(_, baseline)| baseline.release);
        let is_baseline = baseline.as_ref() == Some(&release.name);
        let report = ReleaseReport::new(&release, is_baseline, &today().to_string());
        match self.format {
            Format::Text => self
                .output
                .write_text(|out, _| render::archive_text::show(&report, out)),
            Format::Json => self
                .output
                .write_document(|out| render::json::document(&report, out)),
        }?;
        Ok(ExitStatus::Success)
    }
}
