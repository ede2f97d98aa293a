//! `perf-report diff`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::exit::ExitStatus;
use super::inputs::LoadArgs;
use super::output::OutputArgs;
use crate::compare::{Change, Limit, compare};
use crate::error::{Error, Result};
use crate::render;
use crate::report::DiffReport;
use crate::run::Run;

/// Compare runs with a baseline; exit with 1 on a regression
///
/// Runs are paired by the file name up to its first dot; several runs of one name are repetitions.
/// One run on each side is a pair whatever the names. Until noise is measured it is assumed: a
/// regression is called from about 13% of a median or a mean, 20% of p(95) and 40% of p(99), and
/// beyond 0.5 ms; of failure and check rates by a two-proportion test from 0.2 percentage points.
/// Median and p(95) of request durations, failed requests and checks decide, each as a whole and in
/// its parts; everything else is shown.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "perf-report diff [OPTIONS] BASELINE CANDIDATE\n       \
                            perf-report diff [OPTIONS] --baseline RUN... CANDIDATE..."
)]
pub(super) struct Args {
    /// The baseline and the candidate; only candidates with --baseline
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,

    /// Compare with this run; may be given several times
    #[arg(long, value_name = "RUN")]
    baseline: Vec<PathBuf>,

    /// Call a regression unless this holds, such as `http_req_duration:p(95)<=baseline*1.1+5`
    ///
    /// The right-hand side knows numbers, baseline, + - * / ( ), max(a,b) and min(a,b). A limit
    /// without data counts as crossed.
    #[arg(long, value_name = "LIMIT")]
    limit: Vec<String>,

    /// Show every row
    #[arg(long)]
    all: bool,

    /// Choose the form of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    #[command(flatten)]
    load: LoadArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    /// A sentence, and a table of the rows that matter
    #[default]
    Text,
    /// perf-report.diff/1
    Json,
    /// The same for a ticket or a pull request
    Markdown,
}

impl Args {
    pub(super) fn run(self) -> Result<ExitStatus> {
        let limits = self.limit.iter().map(|text| Limit::parse(text));
        let limits: Vec<Limit> = limits.collect::<Result<_, _>>()?;
        let (baseline, candidate) = self.sides()?;
        let baseline = self.load.load(&baseline)?;
        let candidate = self.load.load(&candidate)?;
        refuse_repeats(&baseline.runs, "baseline")?;
        refuse_repeats(&candidate.runs, "candidate")?;
        let comparison = compare(&baseline.runs, &candidate.runs, &limits)?;
        let report = DiffReport::from(&comparison);
        match self.format {
            Format::Text => self
                .output
                .write_text(|out| render::diff_text::diff(&report, self.all, out)),
            Format::Json => self
                .output
                .write_document(|out| render::json::document(&report, out)),
            Format::Markdown => self
                .output
                .write_document(|out| render::diff_markdown::diff(&report, self.all, out)),
        }?;
        Ok(match report.verdict {
            Change::Regressed => ExitStatus::Regression,
            _ => ExitStatus::Success,
        })
    }

    /// The RUN arguments of each side.
    fn sides(&self) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
        if !self.baseline.is_empty() {
            return Ok((self.baseline.clone(), self.runs.clone()));
        }
        match self.runs.as_slice() {
            [baseline, candidate] => Ok((vec![baseline.clone()], vec![candidate.clone()])),
            runs => Err(Error::usage(
                format!(
                    "diff takes a baseline and a candidate, and got {} RUN",
                    runs.len()
                ),
                "write perf-report diff BASELINE CANDIDATE, or --baseline RUN before each run of the \
                 baseline",
            )),
        }
    }
}

/// One run given several times is no repetition: it would make the comparison look surer than it is.
fn refuse_repeats(runs: &[Run], side: &str) -> Result<()> {
    let mut seen = BTreeSet::new();
    for source in runs.iter().filter_map(|run| run.sources().first()) {
        let path = Path::new(&source.path);
        if path.exists() && !seen.insert(path.canonicalize().unwrap_or(path.to_owned())) {
            return Err(Error::usage(
                format!("{} is given twice in the {side}", source.path),
                "several runs of a name are taken as repetitions; give each once",
            ));
        }
    }
    Ok(())
}
