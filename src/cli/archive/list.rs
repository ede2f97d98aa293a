//! `perf-report archive list`

use super::Format;
use crate::archive::Archive;
use crate::cli::exit::ExitStatus;
use crate::cli::output::OutputArgs;
use crate::error::Result;
use crate::render;
use crate::report::ArchiveReport;

/// List the releases, the oldest first
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Choose the form of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    #[command(flatten)]
    output: OutputArgs,
}

impl Args {
    pub(super) fn run(self, archive: &Archive) -> Result<ExitStatus> {
        let releases = archive.all()?;
        let baseline = archive
            .baseline()?
            .and_then(|(_, baseline)| baseline.release);
        let report = ArchiveReport::new(&releases, baseline.map(|name| name.to_string()));
        match self.format {
            Format::Text => self
                .output
                .write_text(|out, width| render::archive_text::list(&report, width, out)),
            Format::Json => self
                .output
                .write_document(|out| render::json::document(&report, out)),
        }?;
        Ok(ExitStatus::Success)
    }
}
