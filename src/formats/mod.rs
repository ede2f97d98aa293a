//! k6's files, one module a format. The only place that opens inputs.
//!
//! A file is told by its content, never by its name.

mod about;
mod blocks;
mod csv_stream;
mod decimal;
mod detect;
mod gather;
mod handle_summary;
mod input;
mod json_stream;
mod known;
mod loaded;
mod machine_readable;
mod meter;
mod pack;
mod packed;
mod paths;
mod plan;
mod sink;
mod stream;
mod summary_export;
#[cfg(test)]
mod tests;
mod time;
mod unpack;

use std::path::Path;

use serde_json::Value;

use crate::error::Result;
use crate::run::{Samples, SamplesBuilder, Skipped, Summary};

use csv_stream::CsvStream;
use input::Input;
use json_stream::JsonStream;
use sink::{Sink, StreamRead};

pub use detect::Format;
pub use gather::{LoadOptions, load, load_watched};
pub use loaded::Loaded;
pub use meter::Meter;
pub use pack::{Packed, pack};

/// What one file holds.
#[derive(Debug)]
enum Content {
    /// A summary.
    Summary(Box<Summary>),
    /// Samples.
    Stream {
        samples: Box<Samples>,
        /// What of the file was not used.
        skipped: Skipped,
        /// The format in which k6 wrote them.
        origin: Format,
    },
}

/// Reads one file of whatever format.
fn read(input: Input, meter: &Meter) -> Result<(Format, Content)> {
    let path = input.path.clone();
    let mut format = input.format;
    let content = match format {
        Format::JsonStream | Format::CsvStream | Format::Packed => {
            let read = read_stream(input, SamplesBuilder::default(), meter)?;
            Content::Stream {
                samples: Box::new(read.sink.finish()?),
                skipped: read.skipped,
                origin: read.origin,
            }
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

/// Reads the samples of a stream into a sink.
fn read_stream<S: Sink>(input: Input, sink: S, meter: &Meter) -> Result<StreamRead<S>> {
    match input.format {
        Format::Packed => unpack::read(input, sink, meter),
        Format::CsvStream => stream::read::<CsvStream, S>(input, sink, meter),
        _ => stream::read::<JsonStream, S>(input, sink, meter),
    }
}

fn parse_summary(format: Format, path: &Path, json: &Value) -> Result<Summary> {
    match format {
        Format::SummaryExport => summary_export::parse(path, json),
        Format::MachineReadable => machine_readable::parse(path, json),
        _ => handle_summary::parse(path, json),
    }
}
