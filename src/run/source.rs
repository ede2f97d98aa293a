//! The files of a run, and what of them could not be used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::units::millis;

/// Where an archive has a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filed {
    /// The release that was tested.
    pub release: String,
    /// The ticket of the release.
    pub ticket: Option<String>,
    /// The commit that was tested.
    pub commit: Option<String>,
    /// The machine and the CI system that filed it, by key.
    pub machine: BTreeMap<String, String>,
    /// What was said of it when it was filed, by key.
    pub meta: BTreeMap<String, String>,
    /// What else there is to know of the release: other attempts, runs that were discarded.
    pub notes: Vec<String>,
}

/// What part of its run an archived one is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// What was selected, in words.
    pub selection: String,
    /// The time that the selection took, in milliseconds.
    pub duration_ms: f64,
}

impl Part {
    /// What there is to know of its numbers.
    #[must_use]
    pub fn note(&self) -> String {
        let Self {
            selection,
            duration_ms,
        } = self;
        let took = millis(*duration_ms);
        format!("only a part of the run was filed: {selection}; over {took}")
    }
}

/// A file that a run was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The path as it was given or found; `-` for stdin.
    pub path: String,
    /// The format's name, such as `json-stream`.
    pub format: &'static str,
    /// The size in bytes, compressed where the file is.
    pub bytes: u64,
    /// The SHA-256 of the file, in hexadecimal, where it was asked for.
    pub sha256: Option<String>,
}

/// What could not be used of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Skipped {
    /// The number of lines.
    pub lines: u64,
    /// The first of them, counted from 1.
    pub first_line: Option<u64>,
    /// What was wrong with the first.
    pub first_reason: Option<String>,
    /// How the stream ended too early, if it did.
    pub cut: Option<String>,
}

impl Skipped {
    /// Counts one line.
    pub fn add(&mut self, line: u64, reason: impl FnOnce() -> String) {
        self.lines += 1;
        if self.first_line.is_none() {
            self.first_line = Some(line);
            self.first_reason = Some(reason());
        }
    }

    /// Adds what was skipped of a later part, before which there are so many lines.
    pub fn add_all(&mut self, later: &Self, lines_before: u64) {
        self.lines = self.lines.saturating_add(later.lines);
        if self.first_line.is_none() {
            self.first_line = later
                .first_line
                .map(|line| lines_before.saturating_add(line));
            self.first_reason.clone_from(&later.first_reason);
        }
        if self.cut.is_none() {
            self.cut.clone_from(&later.cut);
        }
    }

    /// What was skipped, in a sentence without its stop; `None` when no line was.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let (line, reason) = self.first_line.zip(self.first_reason.as_ref())?;
        let lines = if self.lines == 1 {
            "line was"
        } else {
            "lines were"
        };
        Some(format!(
            "{} {lines} skipped, the first is line {line}: {reason}",
            self.lines
        ))
    }

    /// Whether all of the input was used.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.lines == 0 && self.cut.is_none()
    }
}
