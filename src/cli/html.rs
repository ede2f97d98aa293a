//! `perf-report html`

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use super::exit::ExitStatus;
use super::inputs::{LoadArgs, ThresholdArgs};
use super::output::{write_stdout, write_whole};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::formats::Loaded;
use crate::render;
use crate::report::page::Page;
use crate::report::{ReportOptions, RunReport};
use crate::run::Run;

/// Write one self-contained HTML report per run
///
/// A report lands beside the files of its run as <run>.html, unless --output says otherwise. It
/// needs no network and no scripts. The exit code is 0 whatever the verdicts; use check to fail on
/// them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  perf-report html                                     beside the files of every run
  perf-report html x.ndjson.gz -o x.html
  perf-report html results/ -o pages/")]
pub(super) struct Args {
    /// Summaries, streams, folders or globs [default: test-results/performance]
    #[arg(value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// Write to a file, or to a folder if it exists or ends with /; - is stdout
    #[arg(short, long, value_name = "FILE|FOLDER")]
    output: Option<PathBuf>,

    #[command(flatten)]
    thresholds: ThresholdArgs,

    #[command(flatten)]
    load: LoadArgs,
}

/// Where the reports go.
enum Target {
    Stdout,
    File(PathBuf),
    Folder(PathBuf),
    BesideTheRun,
}

impl Args {
    pub(super) fn settle(&self, settings: &mut Settings) -> Result<()> {
        self.thresholds.settle(settings)
    }

    pub(super) fn run(self, settings: &Settings) -> Result<ExitStatus> {
        let options = ReportOptions {
            demands: settings.demands(),
            ..ReportOptions::default()
        };
        let loaded = self.load.load(&self.runs, settings)?;
        let target = target(self.output.as_deref(), loaded.runs.len())?;
        if let Target::Stdout = target {
            let page = render(&loaded.runs[0], &options)?;
            write_stdout(&page)?;
            return Ok(ExitStatus::Success);
        }
        if let Target::Folder(folder) = &target {
            fs::create_dir_all(folder).map_err(|e| Error::write(folder, e))?;
        }
        for (run, path) in loaded.runs.iter().zip(paths(&loaded, &target)?) {
            write_whole(&path, &render(run, &options)?)?;
            writeln!(anstream::stdout(), "wrote {}", path.display())?;
        }
        Ok(ExitStatus::Success)
    }
}

pub(super) fn render(run: &Run, options: &ReportOptions) -> Result<Vec<u8>> {
    let report = RunReport::new(run, options)?;
    let mut page = Vec::new();
    render::html::page(&Page::new(run, &report), &mut page)?;
    Ok(page)
}

fn target(output: Option<&Path>, runs: usize) -> Result<Target> {
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
fn paths(loaded: &Loaded, target: &Target) -> Result<Vec<PathBuf>> {
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
