//! What noise does to a comparison, as every renderer shows it, and as `calibrate --format json`
//! writes it.

use serde::Serialize;

use crate::compare::{BASELINE_RUNS, Calibration, NoiseRow};
use crate::run::MetricName;

/// The version of `calibrate --format json`.
pub const CALIBRATION_SCHEMA: &str = "perf-report.calibrate/1";

/// Repeated runs of unchanged systems.
#[derive(Debug, Serialize)]
pub struct CalibrationReport {
    /// The version of this document.
    pub schema: &'static str,
    /// The numbers of baseline runs to which the smallest detectable changes belong.
    pub baseline_runs: [usize; BASELINE_RUNS.len()],
    /// A calibration for every name.
    pub calibrations: Vec<NameReport>,
}

/// The runs of one name.
#[derive(Debug, Serialize)]
pub struct NameReport {
    /// The name.
    pub name: String,
    /// The number of runs.
    pub runs: usize,
    /// The first files of each.
    pub sources: Vec<String>,
    /// How often one run was compared with another, in both orders.
    pub comparisons: usize,
    /// How often a regression was called.
    pub alarms: usize,
    /// How often it was left open.
    pub inconclusive: usize,
    /// The noise by endpoint and figure.
    pub rows: Vec<NoiseReport>,
    /// What speaks against trusting it.
    pub remarks: Vec<String>,
}

/// The noise of a figure, as fractions of it.
#[derive(Debug, Serialize)]
pub struct NoiseReport {
    /// The endpoint, named like a submetric.
    pub name: String,
    /// The figure.
    pub stat: String,
    /// Its geometric mean over the runs, in milliseconds.
    pub value: f64,
    /// The standard deviation between runs.
    pub between_runs: f64,
    /// That of the endpoint against the others.
    pub against_others: Option<f64>,
    /// What one run shows by resampling of the deviation that is judged.
    pub within_run: f64,
    /// The smallest slowdown that would be seen, by the number of baseline runs.
    pub smallest_detectable: [f64; BASELINE_RUNS.len()],
    /// The floor that is suggested.
    pub suggested_floor: f64,
    /// The endpoint, taken apart.
    #[serde(skip)]
    pub id: MetricName,
}

impl From<&[Calibration<'_>]> for CalibrationReport {
    fn from(calibrations: &[Calibration<'_>]) -> Self {
        Self {
            schema: CALIBRATION_SCHEMA,
            baseline_runs: BASELINE_RUNS,
            calibrations: calibrations.iter().map(NameReport::from).collect(),
        }
    }
}

impl From<&Calibration<'_>> for NameReport {
    fn from(calibration: &Calibration<'_>) -> Self {
        let first = calibration
            .runs
            .iter()
            .filter_map(|run| run.sources().first());
        Self {
            name: calibration.name.to_owned(),
            runs: calibration.runs.len(),
            sources: first.map(|source| source.path.clone()).collect(),
            comparisons: calibration.comparisons,
            alarms: calibration.alarms,
            inconclusive: calibration.inconclusive,
            rows: calibration.rows.iter().map(NoiseReport::from).collect(),
            remarks: calibration.remarks.clone(),
        }
    }
}

impl From<&NoiseRow> for NoiseReport {
    fn from(row: &NoiseRow) -> Self {
        Self {
            name: row.name.text().to_owned(),
            stat: row.figure.to_string(),
            value: row.value,
            between_runs: row.between,
            against_others: row.own,
            within_run: row.within,
            smallest_detectable: row.detectable,
            suggested_floor: (row.floor * 100.0).ceil() / 100.0,
            id: row.name.clone(),
        }
    }
}

impl NameReport {
    /// The floor of every figure: the largest that any endpoint needs.
    #[must_use]
    pub fn floors(&self) -> Vec<(&str, f64)> {
        let mut floors: Vec<(&str, f64)> = Vec::new();
        for row in &self.rows {
            match floors.iter_mut().find(|(stat, _)| *stat == row.stat) {
                Some((_, floor)) => *floor = floor.max(row.suggested_floor),
                None => floors.push((&row.stat, row.suggested_floor)),
            }
        }
        floors
    }
}
