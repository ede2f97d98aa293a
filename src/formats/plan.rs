//! The files of one run, and reading them into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use super::asked::KnownFiles;
use super::detect::Format;
use super::histogram;
use super::input::{self, Input, STDIN};
use super::load_options::LoadOptions;
use super::meter::Meter;
use super::notes;
use super::paths::{self, PLAN, place};
use super::read::{self, Content};
use super::{recorded, test_plan};
use crate::error::{Error, Result};
use crate::run::{Filed, Part, Recorded, Run, RunParts, Source, Summary};

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

/// The files of one run.
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) folder: PathBuf,
    pub(super) filed: Option<Filed>,
    /// What stands for the folder where the files are named, if not their own paths do.
    pub(super) place: Option<String>,
    pub(super) stream: Option<Probed>,
    pub(super) summaries: Vec<Probed>,
    /// What the test was to do, if that file is known; else it is looked for beside the others.
    pub(super) plan: Option<PathBuf>,
    /// What was written down beside them, if that is known; else it is looked for.
    pub(super) recorded: Option<Recorded>,
    /// What part of its run it is; `None` for all of it.
    pub(super) part: Option<Part>,
}

/// Summaries, the one that says most first.
pub(super) fn by_worth(mut summaries: Vec<Probed>) -> Vec<Probed> {
    summaries.sort_by_key(|file| (file.format, file.path.as_os_str().len(), file.path.clone()));
    summaries
}

impl Plan {
    pub(super) fn of(stream: Option<Probed>, summaries: Vec<Probed>) -> Self {
        let file = stream.as_ref().or(summaries.first());
        let place = file.map(|file| (place(&file.path).0, file.stem()));
        let (folder, name) = place.unwrap_or_default();
        Self {
            label: name.clone(),
            name,
            folder,
            filed: None,
            place: None,
            stream,
            summaries: by_worth(summaries),
            plan: None,
            recorded: None,
            part: None,
        }
    }

    /// A run of which the files are known. Nothing is put beside them.
    pub(super) fn known(known: &KnownFiles, meter: &Arc<Meter>) -> Result<Self> {
        let probe = |path: &PathBuf| probe(path.clone(), meter);
        Ok(Self {
            name: known.name.clone(),
            label: known.label.clone(),
            folder: PathBuf::from("."),
            filed: Some(known.filed.clone()),
            place: Some(known.place.clone()),
            stream: known.stream.as_ref().map(probe).transpose()?,
            summaries: known.summary.iter().map(probe).collect::<Result<_>>()?,
            plan: known.plan.clone(),
            recorded: Some(Recorded {
                k6_exit: known.k6_exit,
                thresholds: Vec::new(),
            }),
            part: known.part.clone(),
        })
    }

    /// The size of its stream, where that is known before it is read.
    pub(super) fn stream_size(&self) -> Option<u64> {
        let stream = self
            .stream
            .as_ref()
            .filter(|stream| stream.open.is_none())?;
        let size = |path: &PathBuf| Some(std::fs::metadata(path).ok()?.len());
        stream.paths().map(size).sum()
    }

    /// What `perf-report run` left of the test: like a summary, a file of the stem beside the others. A second
    /// stream of that stem is another run.
    fn plan_file(&self, options: &LoadOptions) -> Option<PathBuf> {
        if self.place.is_some() {
            return self.plan.clone();
        }
        let file = self.stream.as_ref().or(self.summaries.first())?;
        if options.alone || file.path.as_os_str() == STDIN || self.label != self.name {
            return None;
        }
        let beside = self.folder.join(format!("{}{PLAN}", self.name));
        beside.is_file().then_some(beside)
    }

    pub(super) fn read(self, options: &LoadOptions, meter: &Arc<Meter>) -> Result<Run> {
        let hash = options.hash;
        let has_stream = self.stream.is_some();
        let mut notes = Vec::new();
        let plan_file = self.plan_file(options);
        let known = self.recorded.clone();
        let mut recorded = known.unwrap_or_else(|| {
            let read = plan_file.as_deref().map(recorded::read).transpose();
            // Reading what the test was to do says what is wrong with that file.
            read.ok().flatten().unwrap_or_default()
        });
        let mut parts = RunParts {
            name: self.name,
            label: self.label,
            filed: self.filed,
            vocabulary: Arc::clone(&options.vocabulary),
            ..RunParts::default()
        };
        if let Some(path) = plan_file {
            match test_plan::read(&path) {
                Ok(plan) => parts.plan = Some(plan),
                Err(error) => notes.push(format!("passed over {}", error.with_causes())),
            }
        }
        let mut origin = None;
        if let Some(stream) = self.stream {
            let path = stream.path.clone();
            let before = state(&path);
            let (content, sources) = stream.read(hash, meter)?;
            parts.sources.extend(sources);
            if before != state(&path) {
                notes.push(
                    "the file was changed while it was read, so the numbers may be of two states: \
                     read it again when k6 has ended"
                        .to_owned(),
                );
            }
            if let Content::Stream {
                samples,
                skipped,
                origin: written_as,
                notes: of_file,
            } = content
            {
                notes.extend(of_file);
                parts.samples = Some(*samples);
                parts.skipped = skipped;
                origin = Some(written_as);
            }
        }
        let mut summary: Option<Summary> = None;
        for file in self.summaries {
            let path = file.path.clone();
            let (content, sources) = match file.read(hash, &Arc::default()) {
                Ok(read) => read,
                // Too large to have been looked at whole before.
                Err(error) if has_stream => {
                    notes.push(format!("passed over {}", error.with_causes()));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Content::Summary(more) = content else {
                continue;
            };
            match &mut summary {
                None => summary = Some(*more),
                Some(summary) => {
                    if let Some(name) = summary.contradiction(&more) {
                        notes.push(format!(
                            "passed over {}: it is another run's summary, as {name} tells",
                            path.display()
                        ));
                        continue;
                    }
                    summary.complete_from(*more);
                }
            }
            parts.sources.extend(sources);
        }
        // k6's own summary tells which thresholds it had in the end.
        if summary.is_some() {
            recorded.thresholds.clear();
        }
        if let (Some(samples), Some(origin)) = (&parts.samples, origin) {
            notes.extend(notes::of(
                samples,
                origin,
                summary.as_ref(),
                &recorded,
                options,
            ));
        }
        parts.recorded = recorded;
        if let Some(part) = &self.part {
            notes.push(part.note());
            parts.selected_ms = Some(part.duration_ms);
        }
        if let Some(place) = self.place {
            for source in &mut parts.sources {
                let name = Path::new(&source.path).file_name().unwrap_or_default();
                source.path = format!("{place}/{}", name.to_string_lossy());
            }
        }
        parts.notes = notes;
        parts.summary = summary;
        Ok(Run::new(parts))
    }
}

/// What tells whether a file was written to; `None` for a pipe.
fn state(path: &Path) -> Option<(u64, Option<SystemTime>)> {
    let meta = std::fs::metadata(path)
        .ok()
        .filter(std::fs::Metadata::is_file)?;
    Some((meta.len(), meta.modified().ok()))
}

impl Probed {
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

    fn read(self, hash: bool, meter: &Arc<Meter>) -> Result<(Content, Vec<Source>)> {
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
