//! `perf-report html`

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::exit::ExitStatus;
use super::inputs::{LoadArgs, ThresholdArgs};
use super::output::write_whole;
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
pub(super) struct Args {
    /// Summaries, streams, folders or globs [default: test-results/performance]
    #[arg(value_name = "RUN")]
    runs: Vec<String>,

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
    pub(super) fn run(self) -> Result<ExitStatus> {
        let options = ReportOptions {
            demands: self.thresholds.demands()?,
            ..ReportOptions::default()
        };
        let loaded = self.load.load(&self.runs)?;
        let target = target(self.output.as_deref(), loaded.runs.len())?;
        if let Target::Stdout = target {
            let page = render(&loaded.runs[0], &options)?;
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(&page)?;
            stdout.flush()?;
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

fn render(run: &Run, options: &ReportOptions) -> Result<Vec<u8>> {
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

/// A path for each run, no two the same.
fn paths(loaded: &Loaded, target: &Target) -> Result<Vec<PathBuf>> {
    let mut taken: BTreeMap<PathBuf, &Run> = BTreeMap::new();
    let mut paths = Vec::new();
    for (run, folder) in loaded.runs.iter().zip(&loaded.folders) {
        let file = format!("{}.html", run.label());
        let path = match target {
            Target::File(path) => path.clone(),
            Target::Folder(folder) => folder.join(file),
            Target::Stdout | Target::BesideTheRun => folder.join(file),
        };
        if let Some(other) = taken.insert(path.clone(), run) {
            let source = |run: &Run| {
                run.sources()
                    .first()
                    .map_or("-".to_owned(), |s| s.path.clone())
            };
            return Err(Error::usage(
                format!(
                    "the reports of {} and {} would both be {}",
                    source(other),
                    source(run),
                    path.display()
                ),
                "report them one at a time, each with its own -o",
            ));
        }
        paths.push(path);
    }
    Ok(paths)
}
