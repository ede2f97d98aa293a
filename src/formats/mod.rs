//! k6's files, one module a format. The only place that opens inputs.
//!
//! A file is told by its content, never by its name.

mod csv_stream;
mod detect;
mod gather;
mod handle_summary;
mod input;
mod json_stream;
mod loaded;
mod machine_readable;
mod paths;
mod plan;
mod summary_export;
mod time;

use std::path::Path;

use serde_json::Value;

use crate::error::Result;
use crate::run::{Samples, Skipped, Summary};

pub use detect::Format;
pub use gather::{LoadOptions, load};
pub use loaded::Loaded;

/// What one file holds.
#[derive(Debug)]
pub(crate) enum Content {
    /// A summary.
    Summary(Box<Summary>),
    /// Samples, and what of the file was not used.
    Stream(Box<Samples>, Skipped),
}

/// Reads one file of whatever format.
pub(crate) fn read(input: input::Input) -> Result<(Format, Content)> {
    let path = input.path.clone();
    let mut format = input.format;
    let content = match format {
        Format::JsonStream => {
            let (samples, skipped) = json_stream::read(input.into_lines())?;
            Content::Stream(Box::new(samples), skipped)
        }
        Format::CsvStream => {
            let (samples, skipped) = csv_stream::read(input.into_lines())?;
            Content::Stream(Box::new(samples), skipped)
        }
        Format::HandleSummary | Format::SummaryExport | Format::MachineReadable => {
            let text = input.into_summary_text()?;
            let json = detect::summary_json(&path, &text)?;
            // The head of a large one does not tell which of the three it is.
            format = detect::summary_format(&path, &json)?;
            Content::Summary(Box::new(parse_summary(format, &path, &json)?))
        }
    };
    Ok((format, content))
}

fn parse_summary(format: Format, path: &Path, json: &Value) -> Result<Summary> {
    match format {
        Format::SummaryExport => summary_export::parse(path, json),
        Format::MachineReadable => machine_readable::parse(path, json),
        _ => handle_summary::parse(path, json),
    }
}
