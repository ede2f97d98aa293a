//! Reading a file of whatever format.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::csv_stream::CsvStream;
use super::detect::{self, Format};
use super::input::Input;
use super::json_stream::JsonStream;
use super::meter::Meter;
use super::sink::{Sink, StreamRead};
use super::{handle_summary, histogram, machine_readable, stream, summary_export, unpack};
use crate::error::Result;
use crate::run::{Samples, SamplesBuilder, Skipped, Summary};

/// What one file holds.
#[derive(Debug)]
pub(super) enum Content {
    /// A summary.
    Summary(Box<Summary>),
    /// Samples.
    Stream {
        samples: Box<Samples>,
        /// What of the file was not used.
        skipped: Skipped,
        /// The format in which k6 wrote them.
        origin: Format,
        /// What there is to know of the file beside.
        notes: Vec<String>,
    },
}

/// Reads one file of whatever format; a histogram together with `more` files of it.
pub(super) fn file(input: Input, more: &[PathBuf], meter: &Meter) -> Result<(Format, Content)> {
    let path = input.path.clone();
    let mut format = input.format;
    let content = match format {
        Format::JsonStream | Format::CsvStream | Format::Packed => {
            let read = stream(input, SamplesBuilder::default(), meter)?;
            Content::Stream {
                samples: Box::new(read.sink.finish()?),
                skipped: read.skipped,
                origin: read.origin,
                notes: Vec::new(),
            }
        }
        Format::Histogram => {
            let parts = histogram::read(&[&[path], more].concat(), meter)?;
            Content::Stream {
                samples: Box::new(parts.samples),
                skipped: parts.skipped,
                // Types are those of the rows.
                origin: Format::JsonStream,
                notes: parts.notes,
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
pub(super) fn stream<S: Sink>(input: Input, sink: S, meter: &Meter) -> Result<StreamRead<S>> {
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
