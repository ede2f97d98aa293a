//! Which files are one run.
//!
//! In a folder, files of one stem are one run: samples come from exactly one of them (the JSON
//! stream, else the CSV stream), and summaries supply what it lacks. A second stream of the same
//! kind is a run of its own. A file named on the command line takes a summary of its stem beside
//! it, never samples. One stream and one summary named together are one run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::input::{self, Input, STDIN};
use super::paths::{self, Named};
use super::{Content, Format};
use crate::error::{Error, Result};
use crate::run::{self, Run, RunParts, Samples, Source, Summary, builtin};

/// How runs are put together.
#[derive(Debug, Clone, Copy, Default)]
pub struct LoadOptions {
    /// A named file takes no summary beside it.
    pub alone: bool,
    /// Runs of one name are the parts of a distributed test and become one.
    pub merge: bool,
    /// Files are hashed.
    pub hash: bool,
}

/// The runs that were asked for.
#[derive(Debug)]
pub struct Loaded {
    /// At least one run.
    pub runs: Vec<Run>,
    /// Where each came from, in the same order: its folder, for reports that go beside it.
    pub folders: Vec<PathBuf>,
    /// What was passed over, for stderr.
    pub remarks: Vec<String>,
}

/// Reads the runs that RUN arguments name: files, folders, globs, or `-` for stdin.
///
/// # Errors
/// When a path cannot be read, a named file is not k6's, or a folder holds nothing of k6's.
pub fn load<P: AsRef<Path>>(names: &[P], options: LoadOptions) -> Result<Loaded> {
    let mut gathering = Gathering {
        options,
        plans: Vec::new(),
        remarks: Vec::new(),
    };
    let mut files = Vec::new();
    let mut stdin = false;
    for name in names {
        for named in paths::expand(name.as_ref())? {
            match named {
                Named::Folder(path) => gathering.folder(&path)?,
                Named::File(path) => {
                    if path.as_os_str() == STDIN && std::mem::replace(&mut stdin, true) {
                        return Err(Error::usage(
                            "stdin (-) is given twice",
                            "it can be read only once",
                        ));
                    }
                    files.push(probe(path)?);
                }
                Named::Found(path) => files.extend(gathering.probe_found(path)?),
                Named::FoundFolder(path) => {
                    if let Err(error) = gathering.folder(&path) {
                        if error.is_loss() {
                            return Err(error);
                        }
                        gathering.pass_over(&error);
                    }
                }
            }
        }
    }
    gathering.named_files(files)?;
    if gathering.plans.is_empty() {
        return Err(Error::usage(
            format!("{}: no k6 output found", list(names)),
            "pass a summary (.json) or a stream (.ndjson, .csv), plain, .gz or .zst",
        ));
    }
    gathering.name_apart();
    gathering.read()
}

fn list<P: AsRef<Path>>(names: &[P]) -> String {
    let names: Vec<_> = names
        .iter()
        .map(|name| name.as_ref().display().to_string())
        .collect();
    names.join(" ")
}

/// A file whose format is known. A stream stays unread; stdin and pipes stay open, as they cannot
/// be read twice.
struct Probed {
    path: PathBuf,
    format: Format,
    open: Option<Input>,
}

/// The files of one run.
struct Plan {
    name: String,
    label: String,
    folder: PathBuf,
    stream: Option<Probed>,
    summaries: Vec<Probed>,
}

fn probe(path: PathBuf) -> Result<Probed> {
    let input = input::open(&path)?;
    let reopens = path.as_os_str() != STDIN && std::fs::metadata(&path).is_ok_and(|m| m.is_file());
    Ok(Probed {
        path,
        format: input.format,
        open: (!reopens).then_some(input),
    })
}

struct Gathering {
    options: LoadOptions,
    plans: Vec<Plan>,
    remarks: Vec<String>,
}

impl Gathering {
    fn pass_over(&mut self, error: &Error) {
        self.remarks
            .push(format!("passed over {}", error.with_causes()));
    }

    /// A file that a glob found: if it is not k6's, that is remarked and no error.
    fn probe_found(&mut self, path: PathBuf) -> Result<Option<Probed>> {
        if !paths::may_be_k6(&path) {
            return Ok(None);
        }
        match probe(path) {
            Ok(probed) => Ok(Some(probed)),
            Err(error) if error.is_loss() => Err(error),
            Err(error) => {
                self.pass_over(&error);
                Ok(None)
            }
        }
    }

    /// The runs of a folder, or of the folders in it when it has none itself.
    fn folder(&mut self, folder: &Path) -> Result<()> {
        let before = self.plans.len();
        self.folder_or_below(folder)?;
        if self.plans.len() == before {
            // What was passed over is the likely reason, and would be lost with this error.
            let because = self.remarks.first().map(|remark| format!("; {remark}"));
            return Err(Error::usage(
                format!(
                    "{}: no k6 output in this folder{}",
                    folder.display(),
                    because.unwrap_or_default()
                ),
                "did the run leave its results elsewhere? A summary ends in .json, a stream in \
                 .ndjson or .csv",
            ));
        }
        Ok(())
    }

    fn folder_or_below(&mut self, folder: &Path) -> Result<()> {
        let (files, folders) = paths::list(folder)?;
        let mut stems: BTreeMap<String, Vec<Probed>> = BTreeMap::new();
        let mut losses: Vec<(String, Error)> = Vec::new();
        for path in files.into_iter().filter(|path| paths::may_be_k6(path)) {
            let stem = paths::stem(&path);
            match probe(path) {
                Ok(probed) => stems.entry(stem).or_default().push(probed),
                Err(error) if error.is_loss() => losses.push((stem, error)),
                Err(error) => self.pass_over(&error),
            }
        }
        // A run of which nothing is left must not go unnoticed; what another file of it says may
        // do without the lost one.
        for (stem, error) in losses {
            if !stems.contains_key(&stem) {
                return Err(error);
            }
            self.pass_over(&error);
        }
        if stems.is_empty() {
            return folders
                .iter()
                .try_for_each(|folder| self.folder_or_below(folder));
        }
        for (stem, files) in stems {
            self.stem_in_folder(folder, &stem, files);
        }
        Ok(())
    }

    fn stem_in_folder(&mut self, folder: &Path, stem: &str, files: Vec<Probed>) {
        let (mut streams, summaries): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| file.format.is_stream());
        if streams
            .iter()
            .any(|stream| stream.format == Format::JsonStream)
        {
            streams.retain(|stream| stream.format == Format::JsonStream);
        }
        // The summary belongs to the stream of the plainest name.
        streams.sort_by_key(|stream| (stream.path.as_os_str().len(), stream.path.clone()));
        let mut summaries = by_worth(summaries);
        let streams = streams.into_iter().map(Some);
        let mut streams: Vec<Option<Probed>> = streams.collect();
        if streams.is_empty() {
            streams.push(None);
        }
        for stream in streams {
            self.plans.push(Plan {
                name: stem.to_owned(),
                label: stem.to_owned(),
                folder: folder.to_owned(),
                stream,
                summaries: std::mem::take(&mut summaries),
            });
        }
    }

    fn named_files(&mut self, files: Vec<Probed>) -> Result<()> {
        let (mut streams, mut summaries): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| file.format.is_stream());
        if streams.len() == 1 && summaries.len() == 1 {
            self.plans.push(Plan::of(streams.pop(), summaries));
            return Ok(());
        }
        let stems: Vec<_> = streams.iter().map(|stream| place(&stream.path)).collect();
        let (mut attached, own): (Vec<_>, Vec<_>) = summaries
            .drain(..)
            .partition(|summary| stems.contains(&place(&summary.path)));
        for stream in streams {
            let at = place(&stream.path);
            let named: Vec<Probed>;
            (named, attached) = attached
                .into_iter()
                .partition(|summary| place(&summary.path) == at);
            let summaries = if named.is_empty() {
                self.summaries_beside(&stream)?
            } else {
                named
            };
            self.plans.push(Plan::of(Some(stream), summaries));
        }
        self.plans
            .extend(own.into_iter().map(|summary| Plan::of(None, vec![summary])));
        Ok(())
    }

    fn summaries_beside(&mut self, stream: &Probed) -> Result<Vec<Probed>> {
        if self.options.alone || stream.path.as_os_str() == STDIN {
            return Ok(Vec::new());
        }
        let (folder, stem) = place(&stream.path);
        let (files, _) = paths::list(&folder)?;
        let beside = files.into_iter().filter(|path| paths::stem(path) == stem);
        let beside = beside.filter(|path| path.file_name() != stream.path.file_name());
        let mut summaries = Vec::new();
        for path in beside.filter(|path| paths::may_be_k6(path)) {
            match probe(path) {
                Ok(file) if file.format.is_stream() => {}
                Ok(file) => summaries.push(file),
                // What is not k6's was not asked for, so that nothing is said about it.
                Err(error) if !error.is_loss() => {}
                Err(error) => self.pass_over(&error),
            }
        }
        Ok(summaries)
    }

    /// Runs of one name get labels that tell them apart.
    fn name_apart(&mut self) {
        let mut taken: Vec<(PathBuf, String)> = Vec::new();
        for plan in &mut self.plans {
            let file = plan.stream.as_ref().or(plan.summaries.first());
            if taken.contains(&(plan.folder.clone(), plan.label.clone()))
                && let Some(file) = file
            {
                plan.label = paths::label(&file.path);
            }
            taken.push((plan.folder.clone(), plan.label.clone()));
        }
    }

    fn read(self) -> Result<Loaded> {
        let (mut runs, mut folders) = (Vec::new(), Vec::new());
        for plan in self.plans {
            folders.push(plan.folder.clone());
            runs.push(plan.read(self.options.hash)?);
        }
        let mut loaded = Loaded {
            runs,
            folders,
            remarks: self.remarks,
        };
        if self.options.merge {
            loaded.merge()?;
        }
        Ok(loaded)
    }
}

impl Loaded {
    /// Makes one run of those of one name; where all names differ, of all of them.
    fn merge(&mut self) -> Result<()> {
        self.refuse_twice_the_same()?;
        let mut names: Vec<String> = self.runs.iter().map(|run| run.name().to_owned()).collect();
        names.sort();
        names.dedup();
        let one = names.len() == self.runs.len();
        let mut parts: BTreeMap<String, Vec<Run>> = BTreeMap::new();
        let mut folders: BTreeMap<String, PathBuf> = BTreeMap::new();
        for (run, folder) in self.runs.drain(..).zip(self.folders.drain(..)) {
            let name = if one {
                common_name(&names)
            } else {
                run.name().to_owned()
            };
            folders.entry(name.clone()).or_insert(folder);
            parts.entry(name).or_default().push(run);
        }
        for (name, runs) in parts {
            self.runs.push(if let [run] = runs.as_slice() {
                run.clone()
            } else {
                run::merge(runs, &name)?
            });
            self.folders.extend(folders.remove(&name));
        }
        Ok(())
    }
}

impl Loaded {
    /// Samples that come twice would count twice: one file named twice, or one run in two formats.
    fn refuse_twice_the_same(&self) -> Result<()> {
        let mut seen: Vec<(PathBuf, String)> = Vec::new();
        for run in self.runs.iter().filter(|run| run.samples().is_some()) {
            let Some(source) = run.sources().first() else {
                continue;
            };
            let path = Path::new(&source.path);
            let path = path.canonicalize().unwrap_or(path.to_owned());
            let twin = seen.iter().find(|(known, format)| {
                *known == path || (place(known) == place(&path) && *format != source.format)
            });
            if let Some((known, _)) = twin {
                return Err(Error::usage(
                    format!(
                        "cannot merge {} with {}: they hold the same samples",
                        source.path,
                        known.display()
                    ),
                    "give each part of the test once",
                ));
            }
            seen.push((path, source.format.to_owned()));
        }
        Ok(())
    }
}

/// What names have in common at their beginning: `pod-1`, `pod-2` are `pod`.
fn common_name(names: &[String]) -> String {
    let first = names.first().map_or("", String::as_str);
    let common = names.iter().fold(first, |common, name| {
        let same = common
            .char_indices()
            .zip(name.chars())
            .find(|((_, a), b)| a != b);
        &common[..same.map_or(common.len().min(name.len()), |((at, _), _)| at)]
    });
    let common = common.trim_end_matches(|c: char| !c.is_alphanumeric());
    if common.is_empty() {
        "merged".to_owned()
    } else {
        common.to_owned()
    }
}

/// The folder and the stem of a file.
fn place(path: &Path) -> (PathBuf, String) {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    (
        folder.unwrap_or(Path::new(".")).to_owned(),
        paths::stem(path),
    )
}

/// Summaries, the one that says most first.
fn by_worth(mut summaries: Vec<Probed>) -> Vec<Probed> {
    summaries.sort_by_key(|file| (file.format, file.path.as_os_str().len(), file.path.clone()));
    summaries
}

impl Plan {
    fn of(stream: Option<Probed>, summaries: Vec<Probed>) -> Self {
        let file = stream.as_ref().or(summaries.first());
        let (folder, name) = file.map(|file| place(&file.path)).unwrap_or_default();
        Self {
            label: name.clone(),
            name,
            folder,
            stream,
            summaries: by_worth(summaries),
        }
    }

    fn read(self, hash: bool) -> Result<Run> {
        let has_stream = self.stream.is_some();
        let mut parts = RunParts {
            name: self.name,
            label: self.label,
            ..RunParts::default()
        };
        if let Some(stream) = self.stream {
            let (content, source) = stream.read(hash)?;
            parts.sources.push(source);
            if let Content::Stream(samples, skipped) = content {
                parts.samples = Some(*samples);
                parts.skipped = skipped;
            }
        }
        let mut summary: Option<Summary> = None;
        let mut notes = Vec::new();
        for file in self.summaries {
            let path = file.path.clone();
            let (content, source) = match file.read(hash) {
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
            parts.sources.push(source);
        }
        notes.extend(untyped_note(&parts, summary.as_ref()));
        notes.extend(unknown_thresholds_note(&parts, summary.as_ref()));
        parts.notes = notes;
        parts.summary = summary;
        Ok(Run::new(parts))
    }
}

/// A CSV stream has no types, and a JSON stream whose head is missing lacks some.
fn untyped_note(parts: &RunParts, summary: Option<&Summary>) -> Option<String> {
    let listed: BTreeSet<&str> = summary
        .iter()
        .flat_map(|s| &s.metrics)
        .map(|m| m.name.metric())
        .collect();
    let declarations = parts.samples.iter().flat_map(Samples::declarations);
    let untyped: Vec<&str> = declarations
        .filter(|declaration| declaration.kind.is_none())
        .map(|declaration| declaration.name.as_str())
        .filter(|name| builtin(name).is_none() && !listed.contains(name))
        .collect();
    let (be, what) = if untyped.len() == 1 {
        ("is", "a trend")
    } else {
        ("are", "trends")
    };
    (!untyped.is_empty()).then(|| {
        format!(
            "the stream does not say what type {} {be}: taken as {what}; put the run's summary \
             beside it to know",
            few(&untyped)
        )
    })
}

/// A JSON stream names the submetrics that thresholds stand on, but not those thresholds; CSV
/// names none. Without a summary they cannot be evaluated, and that must not look like a pass.
fn unknown_thresholds_note(parts: &RunParts, summary: Option<&Summary>) -> Option<String> {
    if summary.is_some() {
        return None;
    }
    let samples = parts.samples.as_ref()?;
    if parts
        .sources
        .iter()
        .any(|source| source.format == Format::CsvStream.name())
    {
        return Some(
            "a CSV stream holds no thresholds: put the run's summary beside it to check them"
                .to_owned(),
        );
    }
    let submetrics: Vec<&str> = samples
        .declarations()
        .iter()
        .flat_map(|declaration| &declaration.submetrics)
        .map(|submetric| submetric.name.text())
        .filter(|name| *name != "http_req_duration{expected_response:true}")
        .collect();
    (!submetrics.is_empty()).then(|| {
        format!(
            "the stream does not hold the thresholds on {}: put the run's summary beside it to \
             check them",
            few(&submetrics)
        )
    })
}

/// Some names, and how many more there are.
fn few(names: &[&str]) -> String {
    const FEW: usize = 5;
    let shown = names[..names.len().min(FEW)].join(", ");
    if names.len() > FEW {
        format!("{shown} and {} more", names.len() - FEW)
    } else {
        shown
    }
}

impl Probed {
    fn read(self, hash: bool) -> Result<(Content, Source)> {
        let input = match self.open {
            Some(input) => input,
            None => input::open(&self.path)?,
        };
        let bytes = std::rc::Rc::clone(&input.bytes);
        let (format, content) = super::read(input)?;
        let is_stdin = self.path.as_os_str() == STDIN;
        let on_disk = std::fs::metadata(&self.path).map(|meta| meta.len());
        let source = Source {
            bytes: if is_stdin {
                bytes.get()
            } else {
                on_disk.unwrap_or(bytes.get())
            },
            sha256: if hash && !is_stdin {
                Some(input::sha256(&self.path)?)
            } else {
                None
            },
            path: self.path.display().to_string(),
            format: format.name(),
        };
        Ok((content, source))
    }
}
