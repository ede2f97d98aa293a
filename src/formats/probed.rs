//! Files whose formats are known.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use super::detect::Format;
use super::histogram;
use super::input::{self, Input, STDIN};
use super::meter::Meter;
use super::paths::{self, place};
use super::read::{self, Content};
use crate::error::{Error, Result};
use crate::run::Source;

/// A file whose format is known. A stream stays unread; stdin and pipes stay open, as they cannot
/// be read twice.
pub(super) struct Probed {
    pub(super) path: PathBuf,
    pub(super) format: Format,
    open: Option<Input>,
    /// The other files of a histogram, which is one run whatever number of files an engine made of it.
    more: Vec<PathBuf>,
}

/// Opens a file and finds out what it is.
pub(super) fn probe(path: PathBuf, meter: &Arc<Meter>) -> Result<Probed> {
    let unwatched = Arc::default();
    let is_file = path.as_os_str() != STDIN && std::fs::metadata(&path).is_ok_and(|m| m.is_file());
    // What is read again is counted then.
    let input = input::open(&path, if is_file { &unwatched } else { meter })?;
    Ok(Probed {
        path,
        format: input.format,
        open: (!is_file).then_some(input),
        more: Vec::new(),
    })
}

/// Puts the files of a histogram together that lie in one folder and are of one run.
pub(super) fn join_histograms(files: Vec<Probed>) -> Vec<Probed> {
    let mut joined: Vec<Probed> = Vec::new();
    let mut known: Vec<((PathBuf, String), usize)> = Vec::new();
    for file in files {
        let run = match file.format {
            Format::Histogram => histogram::run_of(&file.path),
            _ => None,
        };
        let Some(run) = run else {
            joined.push(file);
            continue;
        };
        let key = (place(&file.path).0, run);
        if let Some((_, at)) = known.iter().find(|(known, _)| *known == key) {
            joined[*at].more.push(file.path);
        } else {
            known.push((key, joined.len()));
            joined.push(file);
        }
    }
    joined
}

/// What tells whether a file was written to; `None` for a pipe.
fn state(path: &Path) -> Option<(u64, Option<SystemTime>)> {
    let meta = std::fs::metadata(path)
        .ok()
        .filter(std::fs::Metadata::is_file)?;
    Some((meta.len(), meta.modified().ok()))
}

impl Probed {
    /// Whether it stays open, as it cannot be read twice.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Reads it, and notes it where it was written to meanwhile.
    pub(super) fn read_unchanged(
        self,
        hash: bool,
        meter: &Arc<Meter>,
        notes: &mut Vec<String>,
    ) -> Result<(Content, Vec<Source>)> {
        let path = self.path.clone();
        let before = state(&path);
        let read = self.read(hash, meter)?;
        if before != state(&path) {
            notes.push(
                "the file was changed while it was read, so the numbers may be of two states: \
                 read it again when k6 has ended"
                    .to_owned(),
            );
        }
        Ok(read)
    }

    /// What the run of this file is called. The files of a histogram, and those in a folder that an engine
    /// made of it, have names of the engine's own.
    pub(super) fn stem(&self) -> String {
        let (folder, stem) = place(&self.path);
        if self.format != Format::Histogram {
            return stem;
        }
        let run = histogram::run_of(&self.path);
        let is_of_engine = |run: &String| !self.more.is_empty() || paths::stem(&folder) == *run;
        run.filter(is_of_engine).unwrap_or(stem)
    }

    /// Its files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.path).chain(&self.more)
    }

    pub(super) fn read(self, hash: bool, meter: &Arc<Meter>) -> Result<(Content, Vec<Source>)> {
        if self.format == Format::Histogram {
            let paths: Vec<PathBuf> = self.paths().cloned().collect();
            let (format, content) = read::histogram(&paths, meter)?;
            let source = |path: &PathBuf| {
                let meta = std::fs::metadata(path).map_err(|error| Error::read(path, error))?;
                Ok(Source {
                    bytes: meta.len(),
                    sha256: hash.then(|| input::sha256(path)).transpose()?,
                    path: path.display().to_string(),
                    format: format.name(),
                })
            };
            let sources: Result<Vec<Source>> = paths.iter().map(source).collect();
            return Ok((content, sources?));
        }
        let input = match self.open {
            Some(input) => input,
            None => input::open(&self.path, meter)?,
        };
        let bytes = Arc::clone(&input.bytes);
        let (format, content) = read::file(input, meter)?;
        let bytes = bytes.load(Ordering::Relaxed);
        let is_stdin = self.path.as_os_str() == STDIN;
        let on_disk = std::fs::metadata(&self.path).map(|meta| meta.len());
        let source = Source {
            bytes: if is_stdin {
                bytes
            } else {
                on_disk.unwrap_or(bytes)
            },
            sha256: if hash && !is_stdin {
                Some(input::sha256(&self.path)?)
            } else {
                None
            },
            path: self.path.display().to_string(),
            format: format.name(),
        };
        Ok((content, vec![source]))
    }
}
