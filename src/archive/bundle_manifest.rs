//! What a bundle says of itself.

use serde::{Deserialize, Serialize};

use super::manifest::{FileEntry, Tool};
use super::name::Name;

/// The version of a bundle's manifest.
pub const BUNDLE_SCHEMA: &str = "perf-report.bundle/1";

/// What a bundle says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BundleManifest {
    /// The version of this document.
    pub schema: String,
    /// The release.
    pub release: Name,
    /// The ticket.
    pub ticket: Name,
    /// The hash of all manifests, discards and waivers of the release: that of `root.txt`.
    pub root: String,
    /// The release that it was compared with.
    pub baseline: Option<BundleBaseline>,
    /// What follows from its thresholds: `passed` or `failed`.
    pub thresholds: String,
    /// What the comparison says, if there was one.
    pub diff: Option<String>,
    /// The number of runs that were tried, filed or not.
    pub attempts: usize,
    /// The number of runs that were discarded.
    pub discarded: usize,
    /// The files of the bundle but this one, the sums and their signature.
    pub files: Vec<FileEntry>,
    /// What wrote it.
    pub tool: Tool,
}

/// The release that another is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BundleBaseline {
    /// Its name.
    pub release: Name,
    /// Its root hash.
    pub root: String,
}
