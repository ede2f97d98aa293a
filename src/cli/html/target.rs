//! Where reports go: a path for each run, no two the same.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};
use crate::formats::Loaded;
use crate::run::Run;

/// The list of all reports of a folder.
pub(super) const INDEX: &str = "index.html";

/// Where the reports go.
pub(super) enum Target {
    Stdout,
    File(PathBuf),
    Folder(PathBuf),
    BesideTheRun,
}

pub(super) fn target(output: Option<&Path>, runs: usize) -> Result<Target> {
    let Some(output) = output else {
        return Ok(Target::BesideTheRun);
    };
    let ends_as_folder = output.to_string_lossy().ends_with(std::path::is_separator);
    if ends_as_folder || output.is_dir() {
        return Ok(Target::Folder(output.to_owned()));
    }
    if runs > 1 {
        return Err(Error::usage(
            format!("{runs} runs do not fit into one file, {}", output.display()),
            "give -o an existing folder, or one that ends with /",
        ));
    }
    Ok(if output.as_os_str() == "-" {
        Target::Stdout
    } else {
        Target::File(output.to_owned())
    })
}

/// A path for each run, no two the same. In one folder, reports of one name get their runs'
/// folders in front, as many as it takes.
pub(super) fn paths(loaded: &Loaded, target: &Target) -> Result<Vec<PathBuf>> {
    let runs = || loaded.runs.iter().zip(&loaded.folders);
    let deepest = loaded
        .folders
        .iter()
        .map(|folder| folder.components().count())
        .max();
    let named = |folders: usize| -> Vec<PathBuf> {
        let path = |(run, beside): (&Run, &PathBuf)| match target {
            Target::File(path) => path.clone(),
            Target::Folder(folder) => folder.join(format!("{}.html", name(run, beside, folders))),
            Target::Stdout | Target::BesideTheRun => beside.join(format!("{}.html", run.label())),
        };
        runs().map(path).collect()
    };
    if matches!(target, Target::Folder(_)) && loaded.runs.len() > 1 {
        let taken = runs().find(|(run, _)| run.label() == "index");
        if let Some((run, _)) = taken {
            return Err(Error::usage(
                format!(
                    "the report of {} and the list of all would be one file",
                    run.name()
                ),
                "rename that run's files, or report it by itself",
            ));
        }
    }
    let mut clash = None;
    for folders in 0..=deepest.unwrap_or(0) {
        let paths = named(folders);
        clash = twins(&paths);
        if clash.is_none() {
            return Ok(paths);
        }
    }
    let (one, other) = clash.unwrap_or_default();
    let source = |i: usize| {
        let source = loaded.runs.get(i).and_then(|run| run.sources().first());
        source.map_or("-", |source| source.path.as_str())
    };
    Err(Error::usage(
        format!(
            "the reports of {} and {} would be one file",
            source(one),
            source(other)
        ),
        "report them one at a time, each with its own -o",
    ))
}

/// A run's label with the names of the last `folders` folders that it lies in.
fn name(run: &Run, beside: &Path, folders: usize) -> String {
    let mut parts: Vec<String> = beside
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    let mut parts = parts.split_off(parts.len().saturating_sub(folders));
    parts.push(run.label().to_owned());
    parts.join("-")
}

/// The first two equal paths.
fn twins(paths: &[PathBuf]) -> Option<(usize, usize)> {
    let mut taken: BTreeMap<&Path, usize> = BTreeMap::new();
    paths
        .iter()
        .enumerate()
        .find_map(|(i, path)| Some((taken.insert(path, i)?, i)))
}
