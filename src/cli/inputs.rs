//! Arguments that several subcommands share: runs, and thresholds beside k6's own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::progress::Progress;
use super::remark;
use crate::error::{Error, Result};
use crate::formats::{LoadOptions, Loaded, load_watched};
use crate::run::Run;
use crate::thresholds::{Demand, parse_file};

/// Where runs are looked for when none is named.
pub(super) const RESULTS: &str = "test-results/performance";

/// How runs are put together from files.
#[derive(Debug, Args)]
pub(super) struct LoadArgs {
    /// Take nothing beside a named file
    ///
    /// A stream usually takes the summary of its stem that lies beside it.
    #[arg(long)]
    alone: bool,

    /// Make one run of several streams, the parts of a distributed test
    #[arg(long)]
    merge: bool,

    /// Hash the inputs (SHA-256)
    #[arg(long)]
    hash: bool,
}

impl LoadArgs {
    /// Reads runs, and says on stderr what was passed over.
    pub(super) fn load(&self, names: &[PathBuf]) -> Result<Loaded> {
        let options = LoadOptions {
            alone: self.alone,
            merge: self.merge,
            hash: self.hash,
        };
        let default = [PathBuf::from(RESULTS)];
        let progress = Progress::new();
        let load = |names| progress.watch(|| load_watched(names, options, progress.meter()));
        let loaded = if names.is_empty() {
            if !std::path::Path::new(RESULTS).is_dir() {
                return Err(Error::usage(
                    format!("no RUN given, and there is no folder {RESULTS}"),
                    "name a summary, a stream or a folder of k6's, or run k6 first",
                ));
            }
            load(&default)?
        } else {
            load(names)?
        };
        for text in &loaded.remarks {
            remark(text);
        }
        for run in &loaded.runs {
            say_skipped(run);
        }
        Ok(loaded)
    }
}

/// Says what could not be used of a run's stream.
fn say_skipped(run: &Run) {
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

    /// Add the thresholds of a file: TOML, or k6's JSON
    #[arg(long, value_name = "FILE")]
    thresholds: Vec<PathBuf>,
}

impl ThresholdArgs {
    pub(super) fn demands(&self) -> Result<Vec<Demand>> {
        let mut demands = Vec::new();
        for path in &self.thresholds {
            let text = fs::read_to_string(path).map_err(|e| Error::read(path, e))?;
            demands.extend(parse_file(path, &text)?);
        }
        for text in &self.threshold {
            demands.push(Demand::parse(text)?);
        }
        Ok(demands)
    }
}

/// One run given several times is no repetition: it would make the comparison look surer than it is.
pub(super) fn refuse_repeats(runs: &[Run], place: &str) -> Result<()> {
    let mut seen = BTreeSet::new();
    for source in runs.iter().filter_map(|run| run.sources().first()) {
        let path = Path::new(&source.path);
        if path.exists() && !seen.insert(path.canonicalize().unwrap_or(path.to_owned())) {
            return Err(Error::usage(
                format!("{} is given twice {place}", source.path),
                "several runs of a name are taken as repetitions; give each once",
            ));
        }
    }
    Ok(())
}
