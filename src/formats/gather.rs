//! Which files are one run.
//!
//! In a folder, files of one stem are one run: samples come from exactly one of them (the JSON
//! stream, else the packed one, else the CSV stream), and summaries supply what it lacks. A second stream of the same
//! kind is a run of its own. A file named on the command line takes a summary of its stem beside
//! it, never samples. One stream and one summary named together are one run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::asked::Asked;
use super::input::STDIN;
use super::load_options::LoadOptions;
use super::loaded::Loaded;
use super::meter::Meter;
use super::paths::{self, Named, place};
use super::plan::{Plan, by_worth};
use super::probed::{Probed, join_histograms, probe};
use crate::error::{Error, Result};

/// Reads the runs that RUN arguments name: files, folders, globs, or `-` for stdin.
///
/// # Errors
/// When a path cannot be read, a named file is not k6's, or a folder holds nothing of k6's.
pub fn load<P: AsRef<Path>>(names: &[P], options: LoadOptions) -> Result<Loaded> {
    let asked: Vec<Asked> = names.iter().map(Asked::from).collect();
    load_watched(&asked, options, &Arc::default())
}

/// Like [`load`], and takes runs of which the files are known, too; `meter` shows meanwhile how far it
/// has come.
///
/// # Errors
/// Like [`load`].
pub fn load_watched(asked: &[Asked], options: LoadOptions, meter: &Arc<Meter>) -> Result<Loaded> {
    let mut gathering = Gathering {
        options,
        meter: Arc::clone(meter),
        plans: Vec::new(),
        remarks: Vec::new(),
    };
    let mut files = Vec::new();
    let mut stdin = false;
    for one in asked {
        let name = match one {
            Asked::Path(name) => name,
            Asked::Files(known) => {
                gathering.plans.push(Plan::known(known, meter)?);
                continue;
            }
        };
        for named in paths::expand(name)? {
            match named {
                Named::Folder(path) => gathering.folder(&path)?,
                Named::File(path) => {
                    if path.as_os_str() == STDIN && std::mem::replace(&mut stdin, true) {
                        return Err(Error::usage(
                            "stdin (-) is given twice",
                            "it can be read only once",
                        ));
                    }
                    files.push(probe(path, meter)?);
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
            format!("{}: no k6 output found", list(asked)),
            "pass a summary (.json) or a stream (.ndjson, .csv, plain, .gz or .zst, or .parquet)",
        ));
    }
    gathering.name_apart();
    gathering.read()
}

fn list(asked: &[Asked]) -> String {
    let names: Vec<_> = asked
        .iter()
        .map(|one| match one {
            Asked::Path(name) => name.display().to_string(),
            Asked::Files(known) => known.place.clone(),
        })
        .collect();
    names.join(" ")
}

struct Gathering {
    options: LoadOptions,
    meter: Arc<Meter>,
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
        match probe(path, &self.meter) {
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
                 .ndjson, .csv or .parquet",
            ));
        }
        Ok(())
    }

    fn folder_or_below(&mut self, folder: &Path) -> Result<()> {
        let (files, folders) = paths::list(folder)?;
        for path in files.iter().filter(|path| paths::is_unfinished(path)) {
            self.remarks.push(format!(
                "passed over {}: it is left of packing that was stopped; name it to read it",
                path.display()
            ));
        }
        let mut stems: BTreeMap<String, Vec<Probed>> = BTreeMap::new();
        let mut losses: Vec<(String, Error)> = Vec::new();
        let mut found = Vec::new();
        for path in files.into_iter().filter(|path| paths::may_be_k6(path)) {
            let stem = paths::stem(&path);
            match probe(path, &self.meter) {
                Ok(probed) => found.push(probed),
                Err(error) if error.is_loss() => losses.push((stem, error)),
                Err(error) => self.pass_over(&error),
            }
        }
        for probed in join_histograms(found) {
            stems.entry(probed.stem()).or_default().push(probed);
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
        if let Some(best) = streams.iter().map(|stream| stream.format).min() {
            streams.retain(|stream| stream.format == best);
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
                filed: None,
                place: None,
                left_by_run: None,
                stream,
                summaries: std::mem::take(&mut summaries),
                recorded: None,
                part: None,
            });
        }
    }

    fn named_files(&mut self, files: Vec<Probed>) -> Result<()> {
        let (mut streams, mut summaries): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| file.format.is_stream());
        streams = join_histograms(streams);
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
            match probe(path, &self.meter) {
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
        let unnamed = self.plans.iter_mut().filter(|plan| plan.place.is_none());
        for plan in unnamed {
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
        for size in self.plans.iter().filter_map(Plan::stream_size) {
            self.meter.expect(size);
        }
        for plan in self.plans {
            folders.push(plan.folder.clone());
            runs.push(plan.read(&self.options, &self.meter)?);
        }
        let mut loaded = Loaded {
            runs,
            folders,
            remarks: self.remarks,
        };
        if self.options.merge {
            loaded.merge()?;
        }
        loaded.select(&self.options.selection)?;
        Ok(loaded)
    }
}
