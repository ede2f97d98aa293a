//! What noise does to a comparison here: repeated runs of one unchanged system, held against each
//! other.

use std::collections::{BTreeMap, BTreeSet};

use super::comparability::comparability;
use super::difference::Variation;
use super::endpoints::{Cut, Endpoints, gather};
use super::family::{Family, TYPICAL_SHARE};
use super::figure::Figure;
use super::noise::floor;
use super::options::CompareOptions;
use super::pair::Pair;
use super::resample::FIGURES;
use super::side::Side;
use super::validity::ValidityVerdict;
use super::verdict::Change;
use crate::error::{Error, Result};
use crate::run::{ENDPOINT_TAG, EndpointId, MetricName, Run};

/// Fewer runs than this do not show how much runs differ.
pub const FEWEST_RUNS: usize = 3;

/// The numbers of baseline runs for which the smallest change that is seen is told.
pub const BASELINE_RUNS: [usize; 4] = [1, 3, 5, 10];

/// Runs of one unchanged system, and what they show.
#[derive(Debug)]
pub struct Calibration<'a> {
    /// The runs' name.
    pub name: &'a str,
    /// The runs.
    pub runs: Vec<&'a Run>,
    /// How many times one run was compared with another: each with each, in both orders.
    pub comparisons: usize,
    /// How many of those called a regression.
    pub alarms: usize,
    /// How many were left open.
    pub inconclusive: usize,
    /// The noise of every endpoint's figures, and of what they have in common.
    pub rows: Vec<NoiseRow>,
    /// What speaks against trusting it.
    pub remarks: Vec<String>,
}

/// How much a figure differs between runs. All are fractions of the figure.
#[derive(Debug, Clone)]
pub struct NoiseRow {
    /// The endpoint, named like a submetric; the metric itself for what all have in common.
    pub name: MetricName,
    /// The figure.
    pub figure: Figure,
    /// Its geometric mean over the runs, in milliseconds.
    pub value: f64,
    /// The standard deviation between runs.
    pub between: f64,
    /// That of the endpoint against the others.
    pub own: Option<f64>,
    /// The standard deviation that one run shows of what is judged, by resampling.
    pub within: f64,
    /// The smallest slowdown of one candidate run that would be called in four of five comparisons
    /// with so many baseline runs as [`BASELINE_RUNS`] has.
    pub detectable: [f64; BASELINE_RUNS.len()],
    /// The floor that is suggested: below it, changes of one run against another are noise here.
    pub floor: f64,
}

/// Holds runs of one name against each other; several names are several calibrations.
///
/// # Errors
/// When no name has [`FEWEST_RUNS`] runs, or runs cannot be compared.
pub fn calibrate<'a>(runs: &'a [Run], options: &CompareOptions) -> Result<Vec<Calibration<'a>>> {
    let mut names: BTreeMap<&str, Vec<&Run>> = BTreeMap::new();
    for run in runs {
        names.entry(run.name()).or_default().push(run);
    }
    let most = names.values().map(Vec::len).max().unwrap_or(0);
    if most < FEWEST_RUNS {
        return Err(Error::usage(
            format!("{FEWEST_RUNS} runs of one name are needed, and there are {most}"),
            "run the same script several times against one unchanged system, and give all of the \
             runs, such as results/run-*",
        ));
    }
    let enough = names.into_values().filter(|runs| runs.len() >= FEWEST_RUNS);
    enough.map(|runs| Calibration::of(runs, options)).collect()
}

impl<'a> Calibration<'a> {
    fn of(runs: Vec<&'a Run>, options: &CompareOptions) -> Result<Self> {
        let rows = noise(&runs, options)?;
        let remarks = remarks(&runs)?;
        let (mut alarms, mut inconclusive) = (0, 0);
        for (at, before) in runs.iter().enumerate() {
            for after in &runs[at + 1..] {
                let pair = Pair::new(Side::new(vec![*before])?, Side::new(vec![*after])?, options)?;
                let has = |verdict: Change| {
                    let mut gating = pair.rows.iter().filter(|row| row.gate);
                    gating.any(|row| row.judged.verdict == verdict)
                };
                // What improved would have got worse the other way round.
                alarms += usize::from(has(Change::Regressed)) + usize::from(has(Change::Improved));
                inconclusive += 2 * usize::from(pair.verdict == Change::Inconclusive);
            }
        }
        Ok(Self {
            name: runs.first().map_or("", |run| run.name()),
            comparisons: runs.len() * (runs.len() - 1),
            alarms,
            inconclusive,
            rows,
            remarks,
            runs,
        })
    }
}

/// Runs that are not fit to be judged, or not alike.
fn remarks(runs: &[&Run]) -> Result<Vec<String>> {
    let mut remarks = Vec::new();
    for run in runs {
        let path = run
            .sources()
            .first()
            .map_or("a run", |source| source.path.as_str());
        let validity = Side::new(vec![*run])?.validity();
        if validity.verdict != ValidityVerdict::Valid {
            remarks.push(format!("{path}: {}", validity.reasons.join("; ")));
        }
    }
    let (first, rest) = (&runs[..1], &runs[1..]);
    let (one, others) = (Side::new(first.to_vec())?, Side::new(rest.to_vec())?);
    let differences = comparability(&one, &others, &BTreeSet::new()).differences;
    remarks.extend(differences.into_iter().map(|difference| difference.text));
    let ids: Vec<BTreeSet<EndpointId>> = runs.iter().map(|run| run.endpoint_ids(false)).collect();
    let all: BTreeSet<&EndpointId> = ids.iter().flatten().collect();
    let lacking = all
        .into_iter()
        .filter(|id| ids.iter().any(|run| !run.contains(*id)));
    remarks.extend(lacking.map(|id| format!("{} is not in every run, and left out", id.title())));
    Ok(remarks)
}

/// The noise of every endpoint, by what the gates look at.
fn noise(runs: &[&Run], options: &CompareOptions) -> Result<Vec<NoiseRow>> {
    let cannot = |reason: &str| {
        Error::usage(
            format!("the noise of these runs cannot be measured: {reason}"),
            "calibrate takes k6's streams (--out json= or csv=, or packed), each of half a minute or \
             more",
        )
    };
    let name = runs.iter().find_map(|run| run.request_metric());
    let vocabulary = runs.first().map(|run| run.vocabulary());
    let tag = vocabulary.map_or(ENDPOINT_TAG, |vocabulary| &vocabulary.endpoint_tag);
    let metric = name.ok_or_else(|| cannot("they hold no request"))?;
    let gathered = gather([runs, &[]], Cut::of([runs, &[]])).map_err(|reason| match reason {
        Endpoints::Unfit(reason) => cannot(&reason),
        _ => cannot("a run has no samples, or no endpoint is in all of them"),
    })?;
    let levels = options.levels();
    let judged = options.gates.figures();
    let (ids, family) = Family::new(gathered);
    let count = (family.count(&judged) * judged.len()).max(1) as f64;
    let mut rows = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        for &figure in &judged {
            let whole = family.variation(at, figure);
            let own = family.own_variation(at, figure);
            let decisive = own.unwrap_or(whole);
            let level = if own.is_some() {
                levels.own
            } else {
                levels.own + levels.common
            };
            rows.push(NoiseRow {
                name: id.submetric(metric, tag),
                figure: FIGURES[figure],
                value: whole.value.exp(),
                between: whole.between,
                own: own.map(|own| own.between),
                ..row(decisive, FIGURES[figure], level / count)
            });
        }
    }
    if let Some(common) = family.common_variation() {
        rows.push(NoiseRow {
            name: MetricName::plain(metric),
            ..row(common, Figure::Common, levels.common * TYPICAL_SHARE)
        });
    }
    Ok(rows)
}

fn row(noise: Variation, figure: Figure, level: f64) -> NoiseRow {
    NoiseRow {
        name: MetricName::plain(""),
        figure,
        value: noise.value.exp(),
        between: noise.between,
        own: None,
        within: noise.within,
        detectable: BASELINE_RUNS.map(|runs| noise.detectable(runs, level).exp_m1()),
        // Two runs differ by √2 of a run's deviation; what exceeds 95% of that is no longer noise.
        floor: (1.645 * std::f64::consts::SQRT_2 * noise.between)
            .exp_m1()
            .max(floor(figure)),
    }
}
