//! Files whose formats are known.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use super::checksum;
use super::detect::Format;
use super::histogram;
use super::input::{self, Input, STDIN};
use super::meter::Meter;
use super::paths::{self, place};
use super::read::{self, Content};
use crate::error::Result;
use crate::run::Source;

/// A file whose format is known. A stream stays unread; stdin and pipes stay open, as they cannot
/// be read twice.
pub(super) struct Probed {
    pub(super) path: PathBuf,
    pub(super) format: Format,
    open: Option<Input>,
    /// What the run of a histogram is called, as its file says.
    run: Option<String>,
    /// The other files of a histogram, which is one run whatever number of files an engine made of it.
    more: Vec<PathBuf>,
}

/// Opens a file and finds out what it is.
pub(super) fn probe(path: PathBuf, meter: &Arc<Meter>) -> Result<Probed> {
    let unwatched = Arc::default();
    let is_file = path.as_os_str() != STDIN && std::fs::metadata(&path).is_ok_and(|m| m.is_file());
    // What is read again is counted then.
    let input = input::open(&path, if is_file { &unwatched } else { meter })?;
    let format = input.format;
    let is_histogram = format == Format::Histogram;
    Ok(Probed {
        run: is_histogram.then(|| histogram::run_of(&path)).flatten(),
        path,
        format,
        open: (!is_file).then_some(input),
        more: Vec::new(),
    })
}

/// Puts the files of a histogram together that lie in one folder and are of one run.
pub(super) fn join_histograms(files: Vec<Probed>) -> Vec<Probed> {
    let mut joined: Vec<Probed> = Vec::new();
    let mut known: Vec<((PathBuf, String), usize)> = Vec::new();
    for file in files {
        let Some(run) = &file.run else {
            joined.push(file);
            continue;
        };
        let key = (place(&file.path).0, run.clone());
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
pub(super) fn state(path: &Path) -> Option<(u64, Option<SystemTime>)> {
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
        let paths: Vec<PathBuf> = self.paths().cloned().collect();
        let states = || paths.iter().map(|path| state(path)).collect::<Vec<_>>();
        let before = states();
        let read = self.read(hash, meter)?;
        if before != states() {
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
        let is_of_engine = |run: &&String| !self.more.is_empty() || paths::stem(&folder) == **run;
        let run = self.run.as_ref().filter(is_of_engine);
        run.cloned().unwrap_or(stem)
    }

    /// Its files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.path).chain(&self.more)
    }

    pub(super) fn read(self, hash: bool, meter: &Arc<Meter>) -> Result<(Content, Vec<Source>)> {
        let input = match self.open {
            Some(input) => input,
            None => input::open(&self.path, meter)?,
        };
        let bytes = Arc::clone(&input.bytes);
        let (format, content) = read::file(input, &self.more, meter)?;
        let bytes = bytes.load(Ordering::Relaxed);
        let source = |path: &PathBuf| {
            let is_stdin = path.as_os_str() == STDIN;
            let meta = std::fs::metadata(path).ok().filter(|_| !is_stdin);
            // What comes through a pipe comes once.
            let is_pipe = is_stdin || meta.as_ref().is_some_and(|meta| !meta.is_file());
            Ok(Source {
                bytes: meta.filter(|_| !is_pipe).map_or(bytes, |meta| meta.len()),
                sha256: if hash && !is_pipe {
                    Some(checksum::sha256(path)?)
                } else {
                    None
                },
                path: path.display().to_string(),
                format: format.name(),
            })
        };
        let paths = std::iter::once(&self.path).chain(&self.more);
        let sources: Result<Vec<Source>> = paths.map(source).collect();
        Ok((content, sources?))
    }
}
