//! The endpoints of one run, with what others are held against added up.

use super::difference::variance;
use super::resample::{FIGURES, Logs, Resampled, TYPICAL};

/// The endpoints of one run, in the order of the pair's.
#[derive(Debug)]
pub(super) struct RunEndpoints {
    pub(super) endpoints: Vec<Resampled>,
    /// The sums over those that others are held against: as measured, and of every replicate.
    pub(super) sum: Logs,
    pub(super) sums: Vec<Logs>,
}

impl RunEndpoints {
    pub(super) fn new(endpoints: Vec<Resampled>) -> Self {
        let replicates = endpoints.first().map_or(0, |first| first.replicates.len());
        Self {
            endpoints,
            sum: Logs::default(),
            sums: vec![Logs::default(); replicates],
        }
    }

    /// Adds up anew.
    pub(super) fn add_up(&mut self, is_reference: &[[bool; FIGURES.len()]]) {
        self.sum = Logs::default();
        self.sums.fill(Logs::default());
        for (endpoint, counts) in self.endpoints.iter().zip(is_reference) {
            add(&mut self.sum, &endpoint.logs, *counts);
            for (sum, replicate) in self.sums.iter_mut().zip(&endpoint.replicates) {
                add(sum, replicate, *counts);
            }
        }
    }
}

fn add(sum: &mut Logs, logs: &Logs, counts: [bool; FIGURES.len()]) {
    for figure in 0..FIGURES.len() {
        if counts[figure] {
            sum[figure] += logs[figure];
        }
    }
}

/// How many independent requests would give an endpoint's typical duration the variance that it
/// has, as it is or against the mean of all, whichever are more: what all share does not make an
/// endpoint less known, nor do others that waver.
pub(super) fn effective_samples(run: &RunEndpoints, at: usize) -> f64 {
    let endpoint = &run.endpoints[at];
    let samples = endpoint.samples as f64;
    let all = run.endpoints.len() as f64;
    let replicates = || run.sums.iter().zip(&endpoint.replicates);
    let whole = variance(replicates().map(|(_, own)| own[TYPICAL]));
    let own = variance(replicates().map(|(sum, own)| own[TYPICAL] - sum[TYPICAL] / all));
    let others: f64 = run.endpoints.iter().map(|e| e.independent).sum();
    let independent = endpoint.independent * (1.0 - 2.0 / all) + others / (all * all);
    let worth = |independent: f64, seen: f64| {
        // Durations that are all the same vary by rounding alone.
        if independent > ROUNDING && seen > independent {
            independent / seen
        } else {
            1.0
        }
    };
    let single = worth(endpoint.independent, whole);
    let share = if all > 1.0 {
        single.max(worth(independent, own))
    } else {
        single
    };
    samples * share
}

/// A variance of logarithms that is nothing but rounding.
const ROUNDING: f64 = 1e-12;
