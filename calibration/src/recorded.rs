//! Recorded runs, compared each with each.

use std::path::{Path, PathBuf};

use perf_report::error::Result;
use perf_report::formats::{LoadOptions, load};
use perf_report::run::{Point, Run, RunParts, SamplesBuilder, endpoint_name};

use crate::intervals::{Rate, all_pairs, wilson};
use crate::measured::Outcome;
use crate::numbers::{float, index, stored};
use crate::rivals::{Flat, MannWhitney, Rule};
use crate::simulator::request::Request;

/// The folders of recorded runs that are kept with this crate.
#[must_use]
pub fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings")
}

/// The runs in the folders `run-1`, `run-2` … below a folder.
///
/// # Errors
/// When one cannot be read.
pub fn runs(folder: &Path) -> Result<Vec<Run>> {
    Ok(load(&[folder.join("run-*")], LoadOptions::default())?.runs)
}

/// The same run with every request taking so many times as long.
#[must_use]
pub fn slowed(run: &Run, factor: f64) -> Run {
    let mut slower = SamplesBuilder::default();
    if let Some(samples) = run.samples() {
        for point in samples.iter() {
            let series = samples.series().get(point.series);
            let is_duration = series.metric() == "http_req_duration";
            let number = slower.series(series.metric(), series.tags());
            slower.push(Point {
                series: number,
                value: if is_duration {
                    point.value * factor
                } else {
                    point.value
                },
                ..point
            });
        }
        for declaration in samples.declarations() {
            slower.declare(declaration.clone());
        }
    }
    Run::new(RunParts {
        name: run.name().to_owned(),
        label: run.label().to_owned(),
        samples: slower.finish().ok(),
        ..RunParts::default()
    })
}

/// How often runs of one unchanged system are told to have regressed.
#[must_use]
pub fn false_alarms(runs: &[Run]) -> Option<Rate> {
    let alarms = alarms(runs, runs);
    all_pairs(runs.len(), |before, after| alarms[before][after])
}

/// The same of the flat 10% on p(95), and of Mann–Whitney.
#[must_use]
pub fn false_alarms_of_rivals(runs: &[Run]) -> [Option<Rate>; 2] {
    let requests: Vec<(Vec<Request>, usize)> = runs.iter().map(requests).collect();
    let rules: [&dyn Rule; 2] = [&Flat::p95(), &MannWhitney::default()];
    rules.map(|rule| {
        all_pairs(runs.len(), |before, after| {
            rule.alarms(&requests[before].0, &requests[after].0, requests[before].1)
        })
    })
}

/// How often a slower run is found, of every pair of a run before and one after.
#[must_use]
pub fn found(before: &[Run], after: &[Run]) -> Option<Rate> {
    let alarms = alarms(before, after);
    let hits = alarms.iter().flatten().filter(|alarm| **alarm).count();
    // Pairs share runs: no more of them count than there are runs of the smaller set.
    let pairs = before.len() * after.len();
    let independent = before.len().min(after.len());
    let share = float(hits) / float(pairs.max(1));
    let rate = wilson(hits * independent / pairs.max(1), independent)?;
    Some(Rate {
        rate: share,
        ..rate
    })
}

/// How often a slower run is found with all other unchanged runs as its baseline.
#[must_use]
pub fn found_with_all_others(runs: &[Run], factor: f64) -> Option<Rate> {
    let hits = (0..runs.len()).filter(|left_out| {
        let slower = slowed(&runs[*left_out], factor);
        let others: Vec<Run> = runs
            .iter()
            .enumerate()
            .filter(|(at, _)| at != left_out)
            .map(|(_, run)| run.clone())
            .collect();
        Outcome::of(&others, &[slower]).is_some_and(|outcome| outcome.alarms())
    });
    wilson(hits.count(), runs.len())
}

fn alarms(before: &[Run], after: &[Run]) -> Vec<Vec<bool>> {
    let alarm = |a: &Run, b: &Run| {
        let outcome = Outcome::of(std::slice::from_ref(a), std::slice::from_ref(b));
        outcome.is_some_and(|outcome| outcome.alarms())
    };
    before
        .iter()
        .map(|a| after.iter().map(|b| alarm(a, b)).collect())
        .collect()
}

/// The requests of a run, with endpoints numbered in the order of their names, and how many of those
/// there are.
fn requests(run: &Run) -> (Vec<Request>, usize) {
    let Some(samples) = run.samples() else {
        return (Vec::new(), 0);
    };
    let ids = run.endpoint_ids(false);
    let names: Vec<&str> = ids.iter().map(|id| id.name.as_str()).collect();
    let endpoints: Vec<Option<usize>> = samples
        .series()
        .iter()
        .map(|series| {
            let name = series.tag("name").map(endpoint_name);
            let is_duration = series.metric() == "http_req_duration";
            name.filter(|_| is_duration)
                .and_then(|name| names.iter().position(|known| *known == name))
        })
        .collect();
    let requests = samples.iter().filter_map(|point| {
        Some(Request {
            time: 0.0,
            endpoint: stored(endpoints[index(point.series)]?),
            duration_ms: point.value,
            failed: false,
        })
    });
    (requests.collect(), names.len())
}
