//! Arguments that several subcommands share: runs, the archive, and thresholds beside k6's own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::progress::Progress;
use super::remark;
use crate::archive::{self, Archive, Reference, Release};
use crate::compare::{RowPattern, Waiver};
use crate::error::{Error, Result};
use crate::formats::{Asked, LoadOptions, Loaded, load_watched};
use crate::run::Run;
use crate::thresholds::{Demand, parse_file};

/// Where runs are looked for when none is named.
pub(super) const RESULTS: &str = "test-results/performance";

/// Where the archive is looked for when none is named.
const ARCHIVE: &str = "perf-archive";

/// Where the archive is.
#[derive(Debug, Args)]
pub(super) struct ArchiveArgs {
    /// Use the archive in this folder [default: perf-archive]
    #[arg(
        long,
        value_name = "DIR",
        env = "PERF_REPORT_ARCHIVE",
        hide_env_values = true,
        global = true
    )]
    archive: Option<PathBuf>,
}

impl ArchiveArgs {
    /// The archive, which need not be there.
    pub(super) fn archive(&self) -> Archive {
        let given = self
            .archive
            .as_deref()
            .filter(|path| !path.as_os_str().is_empty());
        Archive::at(given.unwrap_or(Path::new(ARCHIVE)))
    }

    /// What RUN arguments ask for, and what there is to say about it.
    fn asked(&self, names: &[PathBuf]) -> Result<(Vec<Asked>, Vec<String>)> {
        let (mut asked, mut remarks) = (Vec::new(), Vec::new());
        for name in names {
            match reference(name)? {
                None => asked.push(Asked::from(name)),
                Some(reference) => {
                    let found = self.archive().resolve(&reference)?;
                    asked.extend(found.runs.iter().map(archive::files).map(Asked::Files));
                    remarks.extend(found.remarks);
                }
            }
        }
        Ok((asked, remarks))
    }

    /// The regressions that were accepted in the releases of candidates, and in the one named.
    pub(super) fn waivers(&self, runs: &[PathBuf], release: Option<&str>) -> Result<Vec<Waiver>> {
        let mut releases = self.releases(runs)?;
        if let Some(name) = release {
            releases.push(self.archive().release_of(&Reference::of_release(name)?)?);
        }
        waivers_of(&releases)
    }

    /// The releases that RUN arguments name.
    fn releases(&self, names: &[PathBuf]) -> Result<Vec<Release>> {
        let mut releases: Vec<Release> = Vec::new();
        for name in names {
            if let Some(reference) = reference(name)? {
                let release = self.archive().release_of(&reference)?;
                if releases.iter().all(|known| known.name != release.name) {
                    releases.push(release);
                }
            }
        }
        Ok(releases)
    }
}

/// The regressions that were accepted in releases.
pub(super) fn waivers_of(releases: &[Release]) -> Result<Vec<Waiver>> {
    let today = archive::today().to_string();
    let mut waivers = Vec::new();
    for (recorded, waiver) in releases.iter().flat_map(Release::waivers) {
        let record = &recorded.record;
        waivers.push(Waiver {
            row: waiver.row.clone(),
            pattern: RowPattern::parse(&waiver.row)?,
            scenario: waiver.scenario.as_ref().map(ToString::to_string),
            reason: record.reason.clone().unwrap_or_default(),
            by: record.by.clone(),
            expired: waiver.until < today,
            until: waiver.until.clone(),
        });
    }
    Ok(waivers)
}

/// The reference that a RUN argument is, unless it is a path: also one of a file whose name begins
/// with @.
fn reference(name: &Path) -> Result<Option<Reference>> {
    match name.to_str() {
        Some(text) if !name.exists() => Reference::parse(text),
        _ => Ok(None),
    }
}

/// Which files are one run.
#[derive(Debug, Args)]
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
    /// Reads runs, and says on stderr what was passed over.
    pub(super) fn load(
        &self,
        names: &[PathBuf],
        hash: bool,
        archive: &ArchiveArgs,
    ) -> Result<Loaded> {
        let options = LoadOptions {
            alone: self.alone,
            merge: self.merge,
            hash,
        };
        let (asked, mut remarks) = archive.asked(names)?;
        let default = [Asked::Path(PathBuf::from(RESULTS))];
        let progress = Progress::new();
        let load = |asked| progress.watch(|| load_watched(asked, options, progress.meter()));
        let loaded = if asked.is_empty() {
            if !std::path::Path::new(RESULTS).is_dir() {
                return Err(Error::usage(
                    format!("no RUN given, and there is no folder {RESULTS}"),
                    "name a summary, a stream or a folder of k6's, or run k6 first",
                ));
            }
            load(&default)?
        } else {
            load(&asked)?
        };
        remarks.extend(loaded.remarks.iter().cloned());
        for text in &remarks {
            remark(text);
        }
        for run in &loaded.runs {
            say_skipped(run);
        }
        Ok(loaded)
    }
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
    pub(super) archive: ArchiveArgs,
}

impl LoadArgs {
    /// Reads runs, and says on stderr what was passed over.
    pub(super) fn load(&self, names: &[PathBuf]) -> Result<Loaded> {
        self.gather.load(names, self.hash, &self.archive)
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
