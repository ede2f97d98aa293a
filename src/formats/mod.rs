//! k6's files, one module a format. The only place that opens inputs.
//!
//! A file is told by its content, never by its name.

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
mod paths;
mod plan;
mod stream;
mod summary_export;
mod time;

use std::path::Path;

use serde_json::Value;

use crate::error::Result;
use crate::run::{MetricDeclaration, Samples, SamplesBuilder, Skipped, Summary};

use csv_stream::CsvStream;
use input::Input;
use json_stream::JsonStream;
use known::Tags;
use stream::Sink;

pub use detect::Format;
pub use gather::{LoadOptions, load, load_watched};
pub use loaded::Loaded;
pub use meter::Meter;

/// What one file holds.
#[derive(Debug)]
enum Content {
    /// A summary.
    Summary(Box<Summary>),
    /// Samples, and what of the file was not used.
    Stream(Box<Samples>, Skipped),
}

/// Reads one file of whatever format.
fn read(input: Input, meter: &Meter) -> Result<(Format, Content)> {
    let path = input.path.clone();
    let mut format = input.format;
    let content = match format {
        Format::JsonStream | Format::CsvStream => {
            let (samples, skipped) = read_stream(input, SamplesBuilder::default(), meter)?;
            Content::Stream(Box::new(samples.finish()?), skipped)
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
fn read_stream<S: Sink>(input: Input, sink: S, meter: &Meter) -> Result<(S, Skipped)> {
    match input.format {
        Format::CsvStream => stream::read::<CsvStream, S>(input, sink, meter),
        _ => stream::read::<JsonStream, S>(input, sink, meter),
    }
}

impl Sink for SamplesBuilder {
    fn generation(&self) -> u64 {
        0
    }

    fn metric(&mut self, name: &str) -> u32 {
        self.know(name);
        self.series_table().intern_metric(name)
    }

    fn tags(&mut self, tags: Tags<'_>) -> u32 {
        self.series_table().intern_tags(tags.into_iter())
    }

    fn series(&mut self, metric: u32, tags: u32) -> u32 {
        self.series_table().intern_pair(metric, tags)
    }

    fn declare(&mut self, declaration: MetricDeclaration) {
        Self::declare(self, declaration);
    }

    fn append(&mut self, series: &[u32], times: &[i64], values: &[f64]) -> Result<()> {
        self.extend(series, times, values);
        Ok(())
    }

    fn strays(&mut self, _: &[u8]) -> Result<()> {
        Ok(())
    }
}

fn parse_summary(format: Format, path: &Path, json: &Value) -> Result<Summary> {
    match format {
        Format::SummaryExport => summary_export::parse(path, json),
        Format::MachineReadable => machine_readable::parse(path, json),
        _ => handle_summary::parse(path, json),
    }
}
