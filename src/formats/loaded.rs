//! The runs that were asked for, and making one of several.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::paths::place;
use crate::error::{Error, Result};
use crate::run::{self, Run, Selection};

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

impl Loaded {
    /// Makes one run of those of one name; where all names differ, of all of them.
    pub(super) fn merge(&mut self) -> Result<()> {
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
    /// Leaves of every run what is selected.
    pub(super) fn select(&mut self, selection: &Selection) -> Result<()> {
        if selection.is_everything() {
            return Ok(());
        }
        for run in &mut self.runs {
            *run = run.select(selection)?;
        }
        Ok(())
    }

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
