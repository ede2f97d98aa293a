//! Where everything of an archive lies.
//!
//! ```text
//! perf-archive/
//!   records/baseline-<hash>.json                             which release is the baseline
//!   release=v2025.10/
//!     records/discard-<hash>.json                            also waivers and tombstones
//!     scenario=user-journeys/run=<hash>/manifest.json        <hash> is this file's SHA-256
//!                                       samples.parquet
//!                                       summary.json
//!                                       plan.json            what the test was to do, where that is known
//!                                       raw/                 with --keep raw
//! ```
//!
//! Links in it are not followed: whatever is no plain file or folder is an error.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::name::Name;
use crate::error::{Error, Result};

pub(super) const RECORDS: &str = "records";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SAMPLES: &str = "samples.parquet";
pub(super) const SUMMARY: &str = "summary.json";
pub(super) const PLAN: &str = "plan.json";
pub(super) const RAW: &str = "raw";
/// Where files and folders are written before they get their names.
pub(super) const ASIDE: &str = ".aside";

/// No manifest or record is larger.
const LARGEST_TEXT: u64 = 64 << 20;

/// A folder of archived releases.
#[derive(Debug, Clone)]
pub struct Archive {
    root: PathBuf,
}

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    File,
    Folder,
    /// A link, a device or a pipe.
    Other,
}

impl Archive {
    /// The archive in this folder, which need not be there yet.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether there is one.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.root.is_dir()
    }

    /// Refuses to read an archive that is not there.
    pub(super) fn must_exist(&self) -> Result<()> {
        if self.exists() {
            return Ok(());
        }
        Err(Error::usage(
            format!("there is no archive at {}", self.root.display()),
            "name one with --archive DIR or PERF_REPORT_ARCHIVE; perf-report archive add begins one",
        ))
    }

    /// The releases that have a folder, by name.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn releases(&self) -> Result<Vec<Name>> {
        self.must_exist()?;
        let folders = partitions(&self.root, "release")?;
        Ok(folders.into_iter().map(|(name, _)| name).collect())
    }

    pub(super) fn release_folder(&self, release: &Name) -> PathBuf {
        self.root.join(format!("release={}", release.encoded()))
    }

    pub(super) fn run_folder(&self, release: &Name, scenario: &Name, hash: &str) -> PathBuf {
        self.release_folder(release)
            .join(format!("scenario={}", scenario.encoded()))
            .join(format!("run={hash}"))
    }

    /// Where the records of a release lie, or those of the whole archive.
    pub(super) fn records_folder(&self, release: Option<&Name>) -> PathBuf {
        match release {
            Some(release) => self.release_folder(release).join(RECORDS),
            None => self.root.join(RECORDS),
        }
    }

    pub(super) fn aside_folder(&self) -> PathBuf {
        self.root.join(ASIDE)
    }

    /// A path as it is called within the archive.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// The entries of a folder by name; none if it is not there.
pub(super) fn entries(folder: &Path) -> Result<Vec<(String, Kind)>> {
    let failed = |error| Error::read(folder, error);
    let kind_of = |meta: &fs::FileType| match meta {
        kind if kind.is_dir() => Kind::Folder,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Other,
    };
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut found = Vec::new();
    for entry in listed {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        // A name that is no text is none of ours; shown like this, it is unexpected.
        let name = entry.file_name().to_string_lossy().into_owned();
        found.push((name, kind_of(&kind)));
    }
    found.sort();
    Ok(found)
}

/// The folders `<key>=<name>` of a folder.
pub(super) fn partitions(folder: &Path, key: &str) -> Result<Vec<(Name, PathBuf)>> {
    let partition = |(name, kind): (String, Kind)| {
        let value = name.strip_prefix(key)?.strip_prefix('=')?;
        let value = Name::decoded(value)?;
        (kind == Kind::Folder).then(|| (value, folder.join(&name)))
    };
    Ok(entries(folder)?.into_iter().filter_map(partition).collect())
}

/// Opens a file of the archive, unless it is a link.
pub(super) fn open(path: &Path) -> Result<File> {
    let failed = |error| Error::read(path, error);
    if !fs::symlink_metadata(path).map_err(failed)?.is_file() {
        return Err(Error::unverified(path, "this is no plain file", LINKS));
    }
    File::open(path).map_err(failed)
}

/// What to do about links.
pub(super) const LINKS: &str = "links in an archive are not followed: put the file itself there";

/// The text of a manifest or a record.
pub(super) fn read_text(path: &Path) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut file = open(path)?.take(LARGEST_TEXT + 1);
    file.read_to_end(&mut text)
        .map_err(|error| Error::read(path, error))?;
    if text.len() as u64 > LARGEST_TEXT {
        return Err(Error::unverified(
            path,
            "this is too large for a file of the archive",
            "perf-report archive verify tells what else is changed",
        ));
    }
    Ok(text)
}
