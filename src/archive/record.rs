//! Records: what was decided about releases. They are only ever added; of those about one thing the
//! last one stands.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::aside;
use super::clean::refuse_secret;
use super::layout::{self, Archive, Kind};
use super::manifest::{Facts, FileEntry};
use super::name::Name;
use super::provenance;
use super::version;
use crate::error::{Error, Result};
use crate::formats::sha256_of;

/// The version of a record.
pub const RECORD_SCHEMA: &str = "perf-report.archive-record/1";

/// A record with its place.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The SHA-256 of its file, which is a part of its name.
    pub hash: String,
    /// What it says.
    pub record: Record,
}

/// What was decided, when, by whom and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The version of this document.
    pub schema: String,
    /// When, RFC 3339 in UTC with nine digits of a second.
    pub at: String,
    /// Who, as the environment tells.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
    /// What.
    #[serde(flatten)]
    pub decision: Decision,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Decision {
    /// A release is what others are compared with.
    Baseline(Baseline),
    /// A run is not used.
    Discard(Discard),
    /// A regression is accepted for a while.
    Waiver(Waiver),
    /// A run was removed.
    Tombstone(Tombstone),
}

/// The release that others are compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// The release; null where there is none any more.
    pub release: Option<Name>,
    /// Its runs at that time.
    pub runs: Vec<String>,
    /// Its root hash at that time.
    pub root: Option<String>,
    /// Whether it was made the baseline although no run of it is fit to be.
    pub forced: bool,
}

/// A run that is not used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Discard {
    /// The release that was tested.
    pub release: Name,
    /// The test.
    pub scenario: Name,
    /// What tells it from other runs.
    pub content: String,
    /// The run.
    #[serde(flatten)]
    pub facts: Box<Facts>,
}

/// A regression that is accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiver {
    /// The release that has it.
    pub release: Name,
    /// The test; null for all of them.
    pub scenario: Option<Name>,
    /// The row of `diff`, by its name, or by its name and statistic.
    pub row: String,
    /// The last day on which it is accepted, such as 2026-12-31.
    pub until: String,
}

/// A run that was removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tombstone {
    /// The release that was tested.
    pub release: Name,
    /// The test.
    pub scenario: Name,
    /// The hash of its manifest.
    pub run: String,
    /// What tells it from other runs.
    pub content: String,
    /// When it was, as its manifest said.
    pub time: String,
    /// The files that were there.
    pub files: Vec<FileEntry>,
}

impl Decision {
    /// What it is called in file names and lists.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Baseline(_) => "baseline",
            Self::Discard(_) => "discard",
            Self::Waiver(_) => "waiver",
            Self::Tombstone(_) => "tombstone",
        }
    }

    /// The release that it is about; `None` for one about the whole archive.
    #[must_use]
    pub fn release(&self) -> Option<&Name> {
        match self {
            Self::Baseline(_) => None,
            Self::Discard(discard) => Some(&discard.release),
            Self::Waiver(waiver) => Some(&waiver.release),
            Self::Tombstone(tombstone) => Some(&tombstone.release),
        }
    }
}

impl Recorded {
    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}-{}.json", self.record.decision.kind(), self.hash)
    }
}

impl Archive {
    /// The file of a record.
    #[must_use]
    pub fn record_file(&self, recorded: &Recorded) -> PathBuf {
        let folder = self.records_folder(recorded.record.decision.release());
        folder.join(recorded.file_name())
    }

    /// Adds a record and gives it back.
    ///
    /// # Errors
    /// When it holds what looks like a secret, or cannot be written.
    pub fn record(&self, decision: Decision, reason: Option<String>) -> Result<Recorded> {
        // Whatever the clock says, what is added later comes later.
        let known = self.records(decision.release())?;
        let last = known.last().map(|last| last.record.at.as_str());
        let record = Record {
            schema: RECORD_SCHEMA.to_owned(),
            at: provenance::now_after(last),
            by: provenance::who(),
            reason,
            decision,
        };
        let text = document(&record)?;
        refuse_secret("what is to be recorded", &String::from_utf8_lossy(&text))?;
        let hash = sha256_of(&text);
        let recorded = Recorded { hash, record };
        aside::write_file(self, &self.record_file(&recorded), &text)?;
        Ok(recorded)
    }

    /// The records of a release, or those of the whole archive, the oldest first.
    ///
    /// # Errors
    /// When one cannot be read, or is not what was written.
    pub fn records(&self, release: Option<&Name>) -> Result<Vec<Recorded>> {
        let folder = self.records_folder(release);
        let mut records = Vec::new();
        for (name, kind) in layout::entries(&folder)? {
            if kind == Kind::File && !name.starts_with('.') {
                records.push(read(&folder.join(name), release)?);
            }
        }
        records.sort_by(|a, b| (&a.record.at, &a.hash).cmp(&(&b.record.at, &b.hash)));
        Ok(records)
    }

    /// The baseline, as it was last set.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub fn baseline(&self) -> Result<Option<(Recorded, Baseline)>> {
        let last = self.records(None)?.into_iter().next_back();
        Ok(last.and_then(|last| match &last.record.decision {
            Decision::Baseline(baseline) => Some((last.clone(), baseline.clone())),
            _ => None,
        }))
    }
}

/// Reads a record and holds it against its name.
pub(super) fn read(path: &Path, release: Option<&Name>) -> Result<Recorded> {
    let text = layout::read_text(path)?;
    let hash = sha256_of(&text);
    let changed = |problem: String| {
        Error::unverified(
            path,
            problem,
            "restore the file from a copy of the archive; perf-report archive verify tells what else \
             is changed",
        )
    };
    if let Some(problem) = version::problem(&text, RECORD_SCHEMA) {
        return Err(Error::unverified(path, problem, version::HINT));
    }
    let record: Record = serde_json::from_slice(&text)
        .map_err(|error| changed(format!("this is no record of an archive ({error})")))?;
    let recorded = Recorded { hash, record };
    let name = recorded.file_name();
    if path.file_name().is_none_or(|found| *found != *name) {
        return Err(changed("its content is not that of its name".to_owned()));
    }
    if recorded.record.decision.release() != release {
        return Err(changed("it is about another release".to_owned()));
    }
    Ok(recorded)
}

/// A document without white space, for what comes with every run.
pub(super) fn compact(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec(value).map_err(|error| Error::Frame(Box::new(error)))?;
    text.push(b'\n');
    Ok(text)
}

/// A document as it is written.
pub(super) fn document(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut text =
        serde_json::to_vec_pretty(value).map_err(|error| Error::Frame(Box::new(error)))?;
    text.push(b'\n');
    Ok(text)
}
