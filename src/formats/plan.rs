//! The files of one run, and reading them into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::asked::KnownFiles;
use super::input::STDIN;
use super::load_options::LoadOptions;
use super::meter::Meter;
use super::notes;
use super::paths::{PLAN, place};
use super::probed::{Probed, probe};
use super::read::Content;
use super::{recorded, test_plan};
use crate::error::{Error, Result};
use crate::run::{Filed, Part, Recorded, Run, RunParts, Source, Summary, TestPlan};
use crate::small_file;

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
    pub(super) left_by_run: Option<PathBuf>,
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
            left_by_run: None,
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
            left_by_run: known.plan.clone(),
            recorded: Some(Recorded {
                k6_exit: known.k6_exit,
                thresholds: Vec::new(),
            }),
            part: known.part.clone(),
        })
    }

    /// The size of its stream, where that is known before it is read.
    pub(super) fn stream_size(&self) -> Option<u64> {
        let stream = self.stream.as_ref().filter(|stream| !stream.is_open())?;
        let size = |path: &PathBuf| Some(std::fs::metadata(path).ok()?.len());
        stream.paths().map(size).sum()
    }

    /// What `perf-report run` left of the test: like a summary, a file of the stem beside the others. A second
    /// stream of that stem is another run.
    fn file_of_run(&self, options: &LoadOptions) -> Option<PathBuf> {
        if self.place.is_some() {
            return self.left_by_run.clone();
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
        let plan_file = self.file_of_run(options);
        let (plan, mut recorded) = left_by_run(plan_file.as_deref(), self.recorded, &mut notes);
        let mut parts = RunParts {
            name: self.name,
            label: self.label,
            filed: self.filed,
            vocabulary: Arc::clone(&options.vocabulary),
            plan,
            ..RunParts::default()
        };
        let mut origin = None;
        if let Some(stream) = self.stream {
            let read = stream.read_unchanged(hash, meter, &mut notes)?;
            parts.sources.extend(read.1);
            if let Content::Stream {
                samples,
                skipped,
                origin: written_as,
                notes: of_file,
            } = read.0
            {
                notes.extend(of_file);
                parts.samples = Some(*samples);
                parts.skipped = skipped;
                origin = Some(written_as);
            }
        }
        let summaries = self.summaries;
        let summary = summary_of(summaries, hash, has_stream, &mut parts.sources, &mut notes)?;
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

/// What `perf-report run` left of a test: what it was to do, and what was written down of it unless that is
/// `known`.
fn left_by_run(
    file: Option<&Path>,
    known: Option<Recorded>,
    notes: &mut Vec<String>,
) -> (Option<TestPlan>, Recorded) {
    let mut pass_over = |error: &Error| {
        let note = format!("passed over {}", error.with_causes());
        // One file can be broken for both.
        if notes.is_empty() {
            notes.push(note);
        }
    };
    let text = file.and_then(|path| {
        let text = small_file::read(path);
        Some((path, text.map_err(|error| pass_over(&error)).ok()?))
    });
    let mut take = |error: Error| pass_over(&error);
    let plan = text
        .as_ref()
        .and_then(|(path, text)| test_plan::parse(path, text).map_err(&mut take).ok());
    let recorded = known.or_else(|| {
        let (path, text) = text.as_ref()?;
        recorded::parse(path, text).map_err(&mut take).ok()
    });
    (plan, recorded.unwrap_or_default())
}

/// What summaries of a run say together. Beside a stream one that cannot be read is passed over.
fn summary_of(
    files: Vec<Probed>,
    hash: bool,
    has_stream: bool,
    sources: &mut Vec<Source>,
    notes: &mut Vec<String>,
) -> Result<Option<Summary>> {
    let mut summary: Option<Summary> = None;
    for file in files {
        let path = file.path.clone();
        let (content, read_from) = match file.read(hash, &Arc::default()) {
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
        sources.extend(read_from);
    }
    Ok(summary)
}
