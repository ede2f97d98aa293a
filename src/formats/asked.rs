//! What is asked for: what a RUN argument names, or the files of a run that is known.

use std::path::{Path, PathBuf};

use crate::run::{Filed, K6Exit, Part};

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// A file, a folder, a glob, or `-` for stdin.
    Path(PathBuf),
    /// A run of which the files are known.
    Files(Box<KnownFiles>),
}

/// The files of one run, wherever they lie.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownFiles {
    /// The name by which the run is paired.
    pub name: String,
    /// What tells it from other runs of that name.
    pub label: String,
    /// Where an archive has it.
    pub filed: Filed,
    /// What stands for its folder where its files are named.
    pub place: String,
    /// The file of its samples.
    pub stream: Option<PathBuf>,
    /// Its summary.
    pub summary: Option<PathBuf>,
    /// What part of its run it is; `None` for all of it.
    pub part: Option<Part>,
    /// How k6 ended, where that is known.
    pub k6_exit: Option<K6Exit>,
}

impl<P: AsRef<Path>> From<P> for Asked {
    fn from(path: P) -> Self {
        Self::Path(path.as_ref().to_owned())
    }
}
