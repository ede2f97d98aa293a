//! What a packed file says beside its samples.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::detect::Format;
use crate::error::{Error, Result};
use crate::run::{MetricDeclaration, Skipped};

/// The key of the Parquet file's metadata that holds it, as JSON.
const KEY: &str = "perf-report";

/// The version of the layout: of this, and of the columns.
const VERSION: &str = "perf-report.packed/1";

/// What a packed file says beside its samples.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct About {
    version: String,
    /// The format in which k6 wrote the samples.
    origin: String,
    /// Whether the stream was packed to its end.
    pub(super) finished: bool,
    /// What was not used of the stream.
    pub(super) skipped: Skipped,
    /// The metrics in the order in which the stream shows them.
    pub(super) metrics: Vec<MetricDeclaration>,
}

impl About {
    pub(super) fn new(
        origin: Format,
        finished: bool,
        skipped: &Skipped,
        metrics: &[MetricDeclaration],
    ) -> Self {
        Self {
            version: VERSION.to_owned(),
            origin: origin.name().to_owned(),
            finished,
            skipped: skipped.clone(),
            metrics: metrics.to_vec(),
        }
    }

    /// As metadata of a Parquet file.
    pub(super) fn to_metadata(&self) -> Result<[(String, String); 1]> {
        let json = serde_json::to_string(self).map_err(|error| Error::Frame(Box::new(error)))?;
        Ok([(KEY.to_owned(), json)])
    }

    /// From the metadata of a histogram file, which has it if it was written here.
    pub(super) fn of_histogram(path: &Path, metadata: &[(String, String)]) -> Result<Option<Self>> {
        let has_it = metadata.iter().any(|(key, _)| key == KEY);
        has_it
            .then(|| Self::from_metadata(path, metadata))
            .transpose()
    }

    /// From the metadata of a Parquet file.
    pub(super) fn from_metadata(path: &Path, metadata: &[(String, String)]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            version: String,
        }
        let json = metadata.iter().find(|(key, _)| key == KEY);
        let (_, json) = json.ok_or_else(|| {
            Error::input(
                path,
                "this Parquet file was not written by perf-report pack",
                "pass k6's own stream, or what perf-report pack makes of it",
            )
        })?;
        let broken = |error: serde_json::Error| {
            Error::damaged(
                path,
                format!("what this packed file says of itself cannot be read ({error})"),
                "pack the stream again",
            )
        };
        let Version { version } = serde_json::from_str(json).map_err(broken)?;
        if version != VERSION {
            return Err(Error::input(
                path,
                format!("this file is packed as {version:?}, and only {VERSION:?} is known"),
                "it was made by another version of perf-report: use that, or a newer one",
            ));
        }
        serde_json::from_str(json).map_err(broken)
    }

    /// The format in which k6 wrote the samples.
    pub(super) fn origin(&self) -> Format {
        if self.origin == Format::CsvStream.name() {
            Format::CsvStream
        } else {
            Format::JsonStream
        }
    }
}
