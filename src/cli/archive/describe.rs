//! What is known of a run, for the archive.

use std::collections::BTreeMap;
use std::path::Path;

use crate::archive::{
    self, Environment, Facts, Fitness, Name, Numbers, SourceEntry, ThresholdEntry, moment,
};
use crate::compare::ValidityVerdict;
use crate::error::{Error, Result};
use crate::report::RunReport;
use crate::run::{Part, Run, Selection};
use crate::thresholds::{ThresholdSource, Verdict};

/// Everything about a run, or what was selected of it, that an archive keeps beside its files.
pub(super) fn facts(
    run: &Run,
    report: &RunReport,
    selection: &Selection,
    commit: Option<String>,
) -> Result<Facts> {
    let (ci, ci_commit) = archive::ci();
    let sources = run.sources().iter().map(|source| {
        let path = Path::new(&source.path);
        let name = path.file_name().unwrap_or_default();
        let sha256 = source.sha256.clone();
        Ok(SourceEntry {
            name: name.to_string_lossy().into_owned(),
            format: source.format.to_owned(),
            bytes: source.bytes,
            sha256: sha256.ok_or_else(|| not_a_file(&source.path))?,
        })
    });
    let sources = sources.collect::<Result<Vec<_>>>()?;
    let verdict = match report.validity.verdict {
        ValidityVerdict::Valid => "valid",
        ValidityVerdict::Suspect => "suspect",
        ValidityVerdict::Invalid => "invalid",
    };
    let numbers = report.metrics.iter().map(|metric| {
        let values = metric.values.iter();
        let values = values.filter_map(|(stat, value)| Some((stat.clone(), value.as_f64()?)));
        let numbers = Numbers {
            kind: metric.kind,
            contains: metric.contains,
            values: values.collect::<BTreeMap<_, _>>(),
        };
        (metric.name.clone(), numbers)
    });
    let thresholds = report.thresholds.iter().map(|threshold| ThresholdEntry {
        name: threshold.name.clone(),
        expression: threshold.expression.clone(),
        observed: threshold.observed,
        verdict: word(threshold.verdict).to_owned(),
        k6_verdict: threshold.k6_verdict.map(|verdict| word(verdict).to_owned()),
        source: source(threshold.source).to_owned(),
    });
    Ok(Facts {
        commit: commit.or(ci_commit),
        ci,
        environment: Environment::this(),
        part: (!selection.is_everything()).then(|| Part {
            selection: selection.text(),
            duration_ms: run.duration_ms().unwrap_or(0.0),
        }),
        k6_exit: report.k6_exit,
        k6_version: run.k6_version().map(str::to_owned),
        started_at: run.span().map(|(start, _)| moment(start)),
        ended_at: run.span().map(|(_, end)| moment(end)),
        written_at: written_at(run),
        duration_ms: run.duration_ms(),
        samples: run.points(),
        hosts: run.hosts().into_iter().map(str::to_owned).collect(),
        sources,
        skipped_lines: run.skipped().lines,
        validity: Fitness {
            verdict: verdict.to_owned(),
            reasons: report.validity.reasons.clone(),
        },
        verdict: word(report.verdict).to_owned(),
        thresholds: thresholds.collect(),
        numbers: numbers.collect(),
    })
}

/// When the newest file of a run without samples was written to: nothing else tells its time.
fn written_at(run: &Run) -> Option<String> {
    if run.span().is_some() {
        return None;
    }
    let written = run.sources().iter().filter_map(|source| {
        let written = std::fs::metadata(&source.path).ok()?.modified().ok()?;
        let since = written.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_nanos()).ok()
    });
    written.max().map(moment)
}

fn source(source: ThresholdSource) -> &'static str {
    match source {
        ThresholdSource::K6 => "k6",
        ThresholdSource::Config => "config",
        ThresholdSource::Cli => "cli",
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::NoData => "no_data",
    }
}

fn not_a_file(path: &str) -> Error {
    if path.starts_with('@') {
        Error::usage(
            format!("{path} is archived already"),
            "name k6's own files, or what perf-report pack made of them",
        )
    } else {
        Error::usage(
            format!("{path}: only files can be archived"),
            "keep the stream first: perf-report pack - -o FILE.parquet",
        )
    }
}

/// The scenario of a run: the one that was named, or its own name.
pub(super) fn scenario(run: &Run, given: Option<&Name>) -> Result<Name> {
    given.map_or_else(
        || Name::parse("scenario", run.name()),
        |name| Ok(name.clone()),
    )
}

/// Runs of several names cannot be made one scenario.
pub(super) fn refuse_many_names(runs: &[Run], given: Option<&Name>) -> Result<()> {
    let mut names: Vec<&str> = runs.iter().map(Run::name).collect();
    names.sort_unstable();
    names.dedup();
    match (given, names.as_slice()) {
        (Some(_), [one, other, ..]) => Err(Error::usage(
            format!("--scenario names one scenario, and these are runs of {one} and {other}"),
            "file the runs of each scenario by themselves",
        )),
        _ => Ok(()),
    }
}
