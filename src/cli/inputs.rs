//! Arguments that several subcommands share: runs, and thresholds beside k6's own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::progress::Progress;
use super::selecting::SelectArgs;
use super::{detail, references, remark};
use crate::config::{Setting, Settings};
use crate::error::{Error, Result};
use crate::formats::{Asked, LoadOptions, Loaded, load_watched};
use crate::run::{Run, Selection};
use crate::small_file;
use crate::thresholds::{Demand, parse_file};
use crate::units::moment_for_people;

/// Scenarios that are run one after the other are not further apart than this, in nanoseconds.
const HOUR: i64 = 3_600_000_000_000;

/// Which files are one run.
#[derive(Debug, Default, Args)]
pub(super) struct GatherArgs {
    /// Take nothing beside a named file
    ///
    /// A stream usually takes the summary of its stem that lies beside it.
    #[arg(long)]
    alone: bool,

    /// Make one run of several streams, the parts of a distributed test
    #[arg(long)]
    pub(super) merge: bool,
}

impl GatherArgs {
    /// Reads and hashes runs as a whole, and says on stderr what was passed over.
    pub(super) fn load_hashed(&self, names: &[PathBuf], settings: &Settings) -> Result<Loaded> {
        self.load_part(names, Selection::default(), settings)
    }

    /// The same of a part of each run.
    pub(super) fn load_part(
        &self,
        names: &[PathBuf],
        selection: Selection,
        settings: &Settings,
    ) -> Result<Loaded> {
        let loaded = self.load(names, true, selection, settings)?;
        loaded.runs.iter().for_each(say_notes);
        Ok(loaded)
    }

    /// Reads whole runs, and says on stderr what was passed over and what there is to know of them.
    pub(super) fn load_plainly(&self, names: &[PathBuf], settings: &Settings) -> Result<Loaded> {
        let loaded = self.load(names, false, Selection::default(), settings)?;
        loaded.runs.iter().for_each(say_notes);
        Ok(loaded)
    }

    /// Reads runs, and says on stderr what was passed over; what there is to know of each run is left to
    /// be said.
    fn load(
        &self,
        names: &[PathBuf],
        hash: bool,
        selection: Selection,
        settings: &Settings,
    ) -> Result<Loaded> {
        let options = LoadOptions {
            alone: self.alone,
            merge: self.merge,
            hash,
            selection,
            thresholds_on: settings.thresholds_on(),
            vocabulary: settings.vocabulary(),
        };
        let results = &settings.results.value;
        let (asked, mut remarks) = references::asked(settings, names)?;
        let default = [Asked::Path(results.clone())];
        let progress = Progress::new();
        let load =
            |asked| progress.watch(|| load_watched(asked, options.clone(), progress.meter()));
        let loaded = if asked.is_empty() {
            if !results.is_dir() {
                return Err(Error::usage(
                    format!("no RUN given, and there is no folder {}", results.display()),
                    "name a summary, a stream or a folder of k6's, run k6 first, or set results.folder in \
                     perf-report.toml",
                ));
            }
            load(&default)?
        } else {
            load(&asked)?
        };
        remarks.extend(loaded.remarks.iter().cloned());
        remarks.extend(of_different_times(&loaded));
        for text in &remarks {
            remark(text);
        }
        for run in &loaded.runs {
            for source in run.sources() {
                detail(&format!("read {} ({})", source.path, source.format));
            }
        }
        Ok(loaded)
    }
}

/// Runs of several scenarios in one folder are taken for those of one test: old results must not be judged
/// with new ones unnoticed.
fn of_different_times(loaded: &Loaded) -> Option<String> {
    let runs = loaded.folders.iter().zip(&loaded.runs);
    let mut runs: Vec<_> = runs
        .filter(|(_, run)| run.filed().is_none())
        .filter_map(|(folder, run)| Some((folder, run.span()?, run.name())))
        .collect();
    runs.sort();
    let apart = runs.windows(2).find(|pair| {
        let [(folder, (_, end), name), (next_folder, (start, _), next)] = pair else {
            return false;
        };
        folder == next_folder && name != next && start.saturating_sub(*end) > HOUR
    });
    let [(folder, (older, _), name), (_, (newer, _), next)] = apart? else {
        return None;
    };
    let (older, newer) = (moment_for_people(*older), moment_for_people(*newer));
    Some(format!(
        "{} holds results of different times: {name} of {older} and {next} of {newer}; name those that you \
         mean",
        folder.display()
    ))
}

/// How runs are put together from files.
#[derive(Debug, Args)]
pub(super) struct LoadArgs {
    #[command(flatten)]
    gather: GatherArgs,

    /// Hash the inputs (SHA-256)
    #[arg(long)]
    hash: bool,

    #[command(flatten)]
    select: SelectArgs,
}

impl LoadArgs {
    /// Reads runs, and says on stderr what was passed over and what there is to know of them.
    pub(super) fn load(&self, names: &[PathBuf], settings: &Settings) -> Result<Loaded> {
        self.load_for(names, settings, false)
    }

    /// The same; but where the result tells people what there is to know of the runs, it is not said
    /// twice.
    pub(super) fn load_for(
        &self,
        names: &[PathBuf],
        settings: &Settings,
        tells: bool,
    ) -> Result<Loaded> {
        let selection = self.select.selection();
        let loaded = self.gather.load(names, self.hash, selection, settings)?;
        if !tells {
            loaded.runs.iter().for_each(say_notes);
        }
        Ok(loaded)
    }
}

/// Says what could not be used of a run's stream, and what there is to know of its numbers.
fn say_notes(run: &Run) {
    let skipped = run.skipped();
    let path = run
        .sources()
        .first()
        .map_or("-", |source| source.path.as_str());
    if let Some(line) = skipped.first_line {
        let (lines, verb) = if skipped.lines == 1 {
            ("line", "was")
        } else {
            ("lines", "were")
        };
        let reason = skipped.first_reason.as_deref().unwrap_or("unreadable");
        remark(&format!(
            "{path}:{line}: {} {lines} {verb} skipped; the first: {reason}",
            skipped.lines
        ));
    }
    if let Some(cut) = &skipped.cut {
        remark(&format!("{path}: {cut}; everything before it was used"));
    }
    for note in run.notes() {
        remark(&format!("{path}: {note}"));
    }
}

/// Thresholds beside those of k6's files.
#[derive(Debug, Args)]
pub(super) struct ThresholdArgs {
    /// Add a threshold, such as `http_req_duration{label:x}:p(95)<500`
    #[arg(long, value_name = "METRIC:EXPRESSION")]
    threshold: Vec<String>,

    /// Add the thresholds of a file: TOML, k6's options as JSON, a summary of k6's, a plan.json; - is
    /// stdin
    #[arg(long, value_name = "FILE")]
    thresholds: Vec<PathBuf>,
}

impl ThresholdArgs {
    /// Adds them to those of the configuration.
    pub(super) fn settle(&self, settings: &mut Settings) -> Result<()> {
        for path in &self.thresholds {
            let text = read_text(path)?;
            let demands = parse_file(path, &text)?.into_iter();
            let demands = demands.map(|demand| Setting::flag(demand, "--thresholds"));
            settings.thresholds.extend(demands);
        }
        for text in &self.threshold {
            let demand = Setting::flag(Demand::parse(text)?, "--threshold");
            settings.thresholds.push(demand);
        }
        Ok(())
    }
}

/// The text of a file; `-` is stdin.
fn read_text(path: &Path) -> Result<String> {
    if path.as_os_str() == "-" {
        small_file::read_stdin(path)
    } else {
        small_file::read_text(path)
    }
}

/// A run on both sides is compared with itself, which says nothing.
pub(super) fn remark_same(baseline: &[Run], candidate: &[Run]) {
    let first = |run: &Run| run.sources().first().map(|source| source.path.clone());
    let before: BTreeSet<String> = baseline.iter().filter_map(first).collect();
    for path in candidate
        .iter()
        .filter_map(first)
        .filter(|path| before.contains(path))
    {
        remark(&format!(
            "{path} is baseline and candidate: it is compared with itself"
        ));
    }
}

/// One run given several times is no repetition: it would make the comparison look surer than it is.
pub(super) fn refuse_repeats(runs: &[Run], place: &str) -> Result<()> {
    let mut seen = BTreeSet::new();
    for source in runs.iter().filter_map(|run| run.sources().first()) {
        let path = Path::new(&source.path);
        // An archived run has a name that is no path, and as good.
        if !seen.insert(path.canonicalize().unwrap_or(path.to_owned())) {
            return Err(Error::usage(
                format!("{} is given twice {place}", source.path),
                "several runs of a name are taken as repetitions; give each once",
            ));
        }
    }
    Ok(())
}
