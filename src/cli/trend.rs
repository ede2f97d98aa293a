//! `perf-report trend`

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::exit::ExitStatus;
use super::output::OutputArgs;
use super::references::archive_of;
use crate::archive::{self, Archive, ArchivedRun, Name, Release};
use crate::compare::RowPattern;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::formats::{Asked, LoadOptions, load_watched};
use crate::render;
use crate::report::{Followed, Measured, TrendReport};
use crate::run::{MetricName, MetricType, Run, Stat, Vocabulary};

/// Show how statistics moved over the archived releases
///
/// A table for each statistic, or a page with a chart of every run. Releases are held against the
/// baseline, or against the oldest where there is none; how much unchanged runs differ is taken from
/// the runs of each release. diff says more of two releases, and decides.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to follow, such as `http_req_duration{label:x}:p(95)` [default: durations of all and of
    /// submetrics, failures, checks and throughput]
    #[arg(value_name = "METRIC")]
    metrics: Vec<String>,

    /// Only this test
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,

    /// Choose the form of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    /// A table for each statistic
    #[default]
    Text,
    /// perf-report.trend/1
    Json,
    /// Tables for a ticket or a pull request
    Markdown,
    /// A page with charts
    Html,
}

impl Args {
    pub(super) fn run(self, settings: &Settings) -> Result<ExitStatus> {
        let archive = archive_of(settings);
        let only = self.scenario.as_ref();
        let only = only.map(|name| Name::parse("scenario", name)).transpose()?;
        let wanted = self.metrics.iter().map(|text| RowPattern::parse(text));
        let wanted = wanted.collect::<Result<Vec<_>>>()?;
        let mut releases = archive.all()?;
        releases.retain(|release| !release.used().is_empty());
        let reference = reference(&archive, &releases)?;
        let scenarios: BTreeSet<&Name> = releases.iter().flat_map(Release::scenarios).collect();
        if let Some(only) = only.as_ref().filter(|only| !scenarios.contains(only)) {
            let known: Vec<&str> = scenarios.iter().map(|name| name.as_str()).collect();
            return Err(Error::usage(
                format!("the archive has no run of {only}"),
                format!("it has runs of {}", known.join(", ")),
            ));
        }
        let scenarios = scenarios
            .into_iter()
            .filter(|it| only.as_ref().is_none_or(|o| o == *it));
        let mut loaded = Loaded {
            vocabulary: settings.vocabulary(),
            ..Loaded::default()
        };
        let mut followed = Vec::new();
        for scenario in scenarios {
            let runs = releases.iter().flat_map(Release::used);
            let runs: Vec<&ArchivedRun> = runs
                .filter(|run| run.manifest.scenario == *scenario)
                .collect();
            let of_scenario = if wanted.is_empty() {
                usual(&runs)
            } else {
                loaded.followed(&archive, &wanted, &runs)?
            };
            followed.push((scenario.clone(), of_scenario));
        }
        let measure = |run: &ArchivedRun, one: &Followed| loaded.value(&archive, run, one);
        let report = TrendReport::new(&releases, &reference, &followed, measure)?;
        if report.trends.is_empty() {
            return Err(nothing(&self.metrics, &releases));
        }
        match self.format {
            Format::Text => self
                .output
                .write_text(|out, _| render::trend_text::text(&report, out)),
            Format::Json => self
                .output
                .write_document(|out| render::json::document(&report, out)),
            Format::Markdown => self
                .output
                .write_document(|out| render::trend_text::markdown(&report, out)),
            Format::Html => {
                let mut page = Vec::new();
                render::trend_html::page(&report, &mut page)?;
                self.output.write_document(|out| out.write_all(&page))
            }
        }?;
        self.output.say_wrote()?;
        Ok(ExitStatus::Success)
    }
}

/// The baseline, or the oldest release.
fn reference(archive: &Archive, releases: &[Release]) -> Result<Name> {
    let baseline = archive
        .baseline()?
        .and_then(|(_, baseline)| baseline.release);
    let baseline = baseline.filter(|name| releases.iter().any(|release| release.name == *name));
    let first = releases.first().map(|release| release.name.clone());
    baseline.or(first).ok_or_else(|| {
        Error::usage(
            format!("the archive {} has no run", archive.root().display()),
            "perf-report archive add files one",
        )
    })
}

/// What everybody asks for, as far as the newest run has it.
fn usual(runs: &[&ArchivedRun]) -> Vec<Followed> {
    let newest = runs.iter().max_by_key(|run| run.manifest.facts.time());
    let Some(numbers) = newest.map(|run| &run.manifest.facts.numbers) else {
        return Vec::new();
    };
    let mut followed: Vec<(usize, Followed)> = Vec::new();
    for (text, numbers) in numbers {
        let name = MetricName::parse(text).unwrap_or_else(|_| MetricName::plain(text));
        let is_k6s = name
            .tags()
            .iter()
            .any(|(key, _)| key == "expected_response");
        let (rank, stats): (usize, &[Stat]) = match (name.metric(), name.is_submetric()) {
            ("http_req_duration" | "grpc_req_duration", false) => (0, &[Stat::Med, Stat::p(95)]),
            ("http_req_duration" | "grpc_req_duration", true) if !is_k6s => (1, &[Stat::p(95)]),
            ("http_req_failed", false) => (2, &[Stat::Rate]),
            ("checks", false) => (3, &[Stat::Rate]),
            ("http_reqs", false) => (4, &[Stat::Rate]),
            _ => continue,
        };
        let has = |stat: &&Stat| numbers.values.contains_key(&stat.to_string());
        let stats = stats.iter().filter(has);
        followed.extend(stats.map(|stat| (rank, (name.clone(), *stat))));
    }
    // Sorting is stable, so that names stay in their order.
    followed.sort_by_key(|(rank, _)| *rank);
    followed.into_iter().map(|(_, one)| one).collect()
}

fn nothing(metrics: &[String], releases: &[Release]) -> Error {
    let numbers = releases.iter().flat_map(Release::used);
    let names: BTreeSet<&String> = numbers
        .flat_map(|run| run.manifest.facts.numbers.keys())
        .collect();
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    Error::usage(
        format!("no archived run has {}", metrics.join(" or ")),
        format!("they have {}", names.join(", ")),
    )
}

/// The statistic of a metric that people ask for first.
fn first_stat(kind: MetricType) -> Stat {
    match kind {
        MetricType::Trend => Stat::p(95),
        MetricType::Rate | MetricType::Counter => Stat::Rate,
        MetricType::Gauge => Stat::Max,
    }
}

/// Runs of which the samples were needed, by their hashes.
#[derive(Default)]
struct Loaded {
    vocabulary: Arc<Vocabulary>,
    runs: BTreeMap<String, Run>,
}

impl Loaded {
    /// What is asked for, each with its statistic.
    fn followed(
        &mut self,
        archive: &Archive,
        wanted: &[RowPattern],
        runs: &[&ArchivedRun],
    ) -> Result<Vec<Followed>> {
        let mut followed = Vec::new();
        for pattern in wanted {
            let name = pattern.name();
            let stat = if let Some(stat) = pattern.stat()? {
                stat
            } else {
                let mut kind = None;
                for run in runs {
                    kind = kind.or(self.kind(archive, run, name)?);
                }
                first_stat(kind.unwrap_or(MetricType::Trend))
            };
            followed.push((name.clone(), stat));
        }
        Ok(followed)
    }

    fn kind(
        &mut self,
        archive: &Archive,
        run: &ArchivedRun,
        name: &MetricName,
    ) -> Result<Option<MetricType>> {
        if let Some(numbers) = run.manifest.facts.numbers.get(name.metric()) {
            return Ok(Some(numbers.kind));
        }
        let run = self.load(archive, run)?;
        Ok(run
            .lists(name.metric())
            .then(|| run.kind_of(name.metric()))
            .flatten()
            .map(|it| it.0))
    }

    /// A run's value: as its manifest has it, or from its samples.
    fn value(
        &mut self,
        archive: &Archive,
        archived: &ArchivedRun,
        (name, stat): &Followed,
    ) -> Result<Option<Measured>> {
        if let Some(numbers) = archived.manifest.facts.numbers.get(name.text())
            && let Some(value) = numbers.values.get(&stat.to_string())
        {
            return Ok(Some(Measured {
                value: *value,
                kind: numbers.kind,
                contains: numbers.contains,
            }));
        }
        let run = self.load(archive, archived)?;
        if !run.lists(name.metric()) {
            return Ok(None);
        }
        let Some((kind, contains)) = run.kind_of(name.metric()) else {
            return Ok(None);
        };
        let measure = run.measure(name).filter(|measure| !measure.is_empty());
        Ok(measure
            .and_then(|measure| measure.get(*stat))
            .map(|value| Measured {
                value,
                kind,
                contains,
            }))
    }

    fn load(&mut self, archive: &Archive, archived: &ArchivedRun) -> Result<&Run> {
        if !self.runs.contains_key(&archived.hash) {
            archive.checked(vec![archived])?;
            let asked = [Asked::Files(Box::new(archive::files(archived)))];
            let options = LoadOptions {
                vocabulary: Arc::clone(&self.vocabulary),
                ..LoadOptions::default()
            };
            let loaded = load_watched(&asked, options, &Arc::default())?;
            for run in loaded.runs {
                self.runs.insert(archived.hash.clone(), run);
            }
        }
        self.runs
            .get(&archived.hash)
            .ok_or_else(|| Error::usage(archive::place(archived), "this run has no files"))
    }
}
