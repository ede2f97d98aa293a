//! `perf-report html`

mod assets;
mod baselines;
mod target;

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use assets::Assets;
pub(super) use baselines::Baselines;
use target::{Target, paths, target};

use super::exit::ExitStatus;
use super::inputs::{LoadArgs, ThresholdArgs, refuse_repeats};
use super::output::{stdout, write_stdout, write_whole};
use super::references;
use crate::compare::CompareOptions;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::render;
use crate::report::ReportOptions;
use crate::report::page::{Index, Page};
use crate::run::Run;

/// Write one self-contained HTML report per run
///
/// A report lands beside the files of its run as <run>.html, unless --output says otherwise; several
/// reports in one folder get an index.html, too. It needs no network, and no script to be read. The
/// exit code is 0 whatever the verdicts; use check and diff to fail on them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  perf-report html                                     beside the files of every run
  perf-report html x.ndjson.gz -o x.html --card x.png
  perf-report html new/ --baseline old/ -o pages/      and what changed since")]
pub(super) struct Args {
    /// Summaries, streams, folders or globs [default: test-results/performance]
    #[arg(value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// Show what changed since this run, and draw it behind every chart; may be given several times
    ///
    /// Runs are paired by name as in diff; several of a name are repetitions.
    #[arg(long, value_name = "RUN")]
    baseline: Vec<PathBuf>,

    /// Write to a file, or to a folder if it exists or ends with /; - is stdout
    #[arg(short, long, value_name = "FILE|FOLDER")]
    output: Option<PathBuf>,

    /// Write the first screen as a picture, too, for a ticket or a chat: .svg or .png
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,

    /// Write style and script into this folder and link to them, for a server that forbids inline
    /// ones, as Jenkins does
    ///
    /// Without it such a server shows a plain page that holds everything.
    #[arg(long, value_name = "FOLDER")]
    assets: Option<PathBuf>,

    #[command(flatten)]
    thresholds: ThresholdArgs,

    #[command(flatten)]
    load: LoadArgs,
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
        let card = self
            .card
            .as_deref()
            .map(|path| Card::of(path, loaded.runs.len()));
        let card = card.transpose()?;
        let baselines = if self.baseline.is_empty() {
            Baselines::default()
        } else {
            let loaded = self.load.load(&self.baseline, settings)?;
            refuse_repeats(&loaded.runs, "in the baseline")?;
            Baselines::new(loaded.runs)
        };
        let assets = self.assets.as_deref().map(Assets::write).transpose()?;
        let link = |folder: &Path| {
            assets
                .as_ref()
                .map(|assets| assets.link(folder))
                .transpose()
        };
        let alone = loaded.runs.len() == 1;
        let compare = CompareOptions {
            waivers: references::waivers(settings, &self.runs, None)?,
            ..settings.compare_options()
        };
        let page = |run: &Run| baselines.page(run, alone, &options, &compare);
        if let Target::Stdout = target {
            let page = page(&loaded.runs[0])?;
            if let Some(card) = card {
                card.write(&page)?;
            }
            let mut html = Vec::new();
            render::html::page(&page, link(Path::new("."))?.as_deref(), &mut html)?;
            write_stdout(&html)?;
            return Ok(ExitStatus::Success);
        }
        if let Target::Folder(folder) = &target {
            fs::create_dir_all(folder).map_err(|e| Error::write(folder, e))?;
        }
        let mut index = Index::default();
        for (run, path) in loaded.runs.iter().zip(paths(&loaded, &target)?) {
            let page = page(run)?;
            let mut html = Vec::new();
            render::html::page(&page, link(folder_of(&path))?.as_deref(), &mut html)?;
            write_whole(&path, &html)?;
            wrote(&path)?;
            if let Some(card) = &card {
                card.write(&page)?;
                wrote(card.path())?;
            }
            let text =
                |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
            let (name, file) = (text(path.file_stem()), text(path.file_name()));
            index.add(&page, &name, &assets::url(&file));
        }
        if let Target::Folder(folder) = &target
            && loaded.runs.len() > 1
        {
            let path = folder.join(target::INDEX);
            let mut html = Vec::new();
            render::html::index(&index, link(folder)?.as_deref(), &mut html)?;
            write_whole(&path, &html)?;
            wrote(&path)?;
        }
        Ok(ExitStatus::Success)
    }
}

fn wrote(path: &Path) -> Result<()> {
    writeln!(stdout(), "wrote {}", path.display())?;
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().unwrap_or(Path::new("."));
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}

/// The picture of the first screen.
enum Card {
    Svg(PathBuf),
    Png(PathBuf),
}

impl Card {
    fn of(path: &Path, runs: usize) -> Result<Self> {
        if runs > 1 {
            return Err(Error::usage(
                format!(
                    "{runs} runs do not fit into one picture, {}",
                    path.display()
                ),
                "name one run where --card is given",
            ));
        }
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("svg") => Ok(Self::Svg(path.to_owned())),
            Some("png") => Ok(Self::Png(path.to_owned())),
            _ => Err(Error::usage(
                format!("{} is neither .svg nor .png", path.display()),
                "let the file of --card end in .svg or .png",
            )),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Svg(path) | Self::Png(path) => path,
        }
    }

    fn write(&self, page: &Page) -> Result<()> {
        match self {
            Self::Svg(path) => write_whole(path, render::card::svg(page)?.as_bytes()),
            Self::Png(path) => write_whole(path, &render::card::png(page)?),
        }
    }
}
