//! What the page was made from.

use serde::Serialize;

use super::shown;
use crate::report::RunReport;
use crate::units::{self, counted};

/// What the page was made from.
#[derive(Debug, Serialize)]
pub struct Origin {
    /// The files.
    pub sources: Vec<SourceRow>,
    /// Whether any of them was hashed.
    pub hashed: bool,
    /// What was read and what was not, and the load where it is known.
    pub sentence: String,
    /// Where the duration comes from, in a sentence.
    pub duration: Option<&'static str>,
    /// The version of this tool.
    pub version: &'static str,
}

/// One file.
#[derive(Debug, Serialize)]
pub struct SourceRow {
    /// Its path.
    pub path: String,
    /// Its format.
    pub format: &'static str,
    /// Its size.
    pub size: String,
    /// Its SHA-256, where it was asked for.
    pub sha256: String,
}

impl Origin {
    pub(super) fn new(report: &RunReport) -> Self {
        let row = |source: &crate::run::Source| SourceRow {
            path: shown(&source.path),
            format: source.format,
            size: units::bytes(source.bytes as f64),
            sha256: source.sha256.clone().unwrap_or_default(),
        };
        Self {
            sources: report.sources.iter().map(row).collect(),
            hashed: report.sources.iter().any(|source| source.sha256.is_some()),
            sentence: sentence(report),
            duration: report.duration_from.map(|from| match from {
                "k6" => "The duration is k6’s own.",
                _ => "The duration is that from the first to the last sample.",
            }),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

fn sentence(report: &RunReport) -> String {
    let read = what_was_read(report);
    match &report.load {
        Some(load) => format!("{read} The load was: {}.", shown(&load.line())),
        None => read,
    }
}

fn what_was_read(report: &RunReport) -> String {
    let Some(points) = report.points else {
        return "Every number is as k6’s summary reports it.".to_owned();
    };
    let skipped = report.skipped.clone().unwrap_or_default();
    let unused = match skipped.lines {
        0 => "no line was skipped".to_owned(),
        lines => format!("{} could not be used", counted(lines, "line")),
    };
    let cut = skipped
        .cut
        .map_or_else(String::new, |cut| format!(" The stream is cut: {cut}."));
    shown(&format!(
        "{} read, {unused}.{cut}",
        counted(points, "sample")
    ))
}
