//! `perf-report html`

mod assets;
mod target;

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use assets::Assets;
use target::{Target, paths, target};

use super::exit::ExitStatus;
use super::inputs::{LoadArgs, ThresholdArgs, refuse_repeats};
use super::output::{write_stdout, write_whole};
use super::remark;
use crate::compare::{CompareOptions, compare};
use crate::error::{Error, Result};
use crate::render;
use crate::report::page::{Baseline, Index, Page};
use crate::report::{DiffReport, ReportOptions, RunReport};
use crate::run::Run;

/// Write one self-contained HTML report per run
///
/// A report lands beside the files of its run as <run>.html, unless --output says otherwise; several
/// reports in one folder get an index.html, too. It needs no network, and no script to be read. The
/// exit code is 0 whatever the verdicts; use check and diff to fail on them.
#[derive(Debug, clap::Args)]
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
    pub(super) fn run(self) -> Result<ExitStatus> {
        let options = ReportOptions {
            demands: self.thresholds.demands()?,
            ..ReportOptions::default()
        };
        let loaded = self.load.load(&self.runs)?;
        let target = target(self.output.as_deref(), loaded.runs.len())?;
        let card = self
            .card
            .as_deref()
            .map(|path| Card::of(path, loaded.runs.len()));
        let card = card.transpose()?;
        let baselines = self.baselines()?;
        let assets = self.assets.as_deref().map(Assets::write).transpose()?;
        let link = |folder: &Path| {
            assets
                .as_ref()
                .map(|assets| assets.link(folder))
                .transpose()
        };
        let page = |run: &Run| page(run, &options, &baselines, loaded.runs.len());
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

    /// The runs of the baseline, those of a name together.
    fn baselines(&self) -> Result<Vec<Vec<Run>>> {
        if self.baseline.is_empty() {
            return Ok(Vec::new());
        }
        let loaded = self.load.load(&self.baseline)?;
        refuse_repeats(&loaded.runs, "in the baseline")?;
        let mut by_name: Vec<Vec<Run>> = Vec::new();
        for run in loaded.runs {
            match by_name.iter_mut().find(|runs| runs[0].name() == run.name()) {
                Some(runs) => runs.push(run),
                None => by_name.push(vec![run]),
            }
        }
        Ok(by_name)
    }
}

fn wrote(path: &Path) -> Result<()> {
    writeln!(anstream::stdout(), "wrote {}", path.display())?;
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

/// A run's page, with what changed since the baseline of its name, if there is one.
fn page(run: &Run, options: &ReportOptions, baselines: &[Vec<Run>], runs: usize) -> Result<Page> {
    let report = RunReport::new(run, options)?;
    let of_name = baselines
        .iter()
        .find(|before| before[0].name() == run.name());
    // One run each is a pair whatever the names.
    let only = || match baselines {
        [only] if runs == 1 && only.len() == 1 => Some(only),
        _ => None,
    };
    let Some(before) = of_name.or_else(only) else {
        if !baselines.is_empty() {
            remark(&format!("{} has no baseline of its name", run.name()));
        }
        return Ok(Page::new(run, &report, None));
    };
    let comparison = compare(
        before,
        std::slice::from_ref(run),
        &CompareOptions::default(),
    )?;
    let diff = DiffReport::from(&comparison);
    let runs: Vec<&Run> = before.iter().collect();
    let baseline = diff
        .pairs
        .first()
        .map(|pair| Baseline { pair, runs: &runs });
    Ok(Page::new(run, &report, baseline))
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
