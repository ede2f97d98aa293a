//! How far a run's durations might have come out differently: its endpoints, resampled together.

use super::figure::Figure;
use crate::run::{BinnedDurations, BinnedValues, Stat};
use crate::stats::blocks::{self, Blocks};
use crate::threads;

/// The figures that are resampled.
pub(super) const FIGURES: [Figure; 5] = [
    Figure::GeometricMean,
    Figure::Stat(Stat::Med),
    Figure::Stat(Stat::Avg),
    Figure::Stat(Stat::p(95)),
    Figure::Stat(Stat::p(99)),
];

/// Where the geometric mean stands among the figures.
pub(super) const TYPICAL: usize = 0;
/// Where p(95) stands among the figures.
pub(super) const TAIL: usize = 3;

/// The logarithms of the figures.
pub(super) type Logs = [f64; FIGURES.len()];

/// The shares of the quantiles among the figures, and where they stand, in ascending order.
const QUANTILES: [(f64, usize); 3] = [(0.5, 1), (0.95, TAIL), (0.99, 4)];

/// A standard error from so many replicates, 400, is off by some 3.5%. Those of a part are drawn by
/// one thread, and the parts are the same on every machine.
const PARTS: u64 = 8;
const REPLICATES_A_PART: usize = 50;

/// The same draws for every run, so that exchanging two runs mirrors their comparison.
const SEED: u64 = 0x6b36;

/// A duration of zero has no logarithm; nothing that anybody cares about is faster than this.
pub(super) const SHORTEST_MS: f64 = 1e-3;

/// One endpoint of one run.
#[derive(Debug)]
pub(super) struct Resampled {
    /// The number of its requests.
    pub(super) samples: usize,
    /// The figures as measured.
    pub(super) logs: Logs,
    /// The figures of every replicate.
    pub(super) replicates: Vec<Logs>,
    /// The variance of the typical duration if requests were independent.
    pub(super) independent: f64,
    /// How many blocks of time hold its requests.
    pub(super) blocks: f64,
}

/// How a run is resampled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// The number of bins of time.
    pub(super) bins: usize,
    /// The length of a block in bins.
    pub(super) length: usize,
}

/// The autocorrelation of what all endpoints share from one bin of time to the next.
pub(super) fn autocorrelation(durations: &BinnedDurations) -> f64 {
    let mut sums = vec![(0.0, 0.0); durations.bins];
    for (_, values) in &durations.endpoints {
        let mean = mean_log(values);
        for (value, bin) in values.values.iter().zip(&values.bins) {
            let sum = &mut sums[*bin as usize];
            // A few outliers would drown what the many share.
            sum.0 += (log(*value) - mean).clamp(-1.0, 1.0);
            sum.1 += 1.0;
        }
    }
    let series: Vec<f64> = sums
        .into_iter()
        .filter(|(_, count)| *count > 0.0)
        .map(|(sum, count)| sum / count)
        .collect();
    blocks::autocorrelation(&series)
}

/// Resamples endpoints of a run, all by the same blocks of time, so that what moves them together
/// does so in every replicate.
pub(super) fn resample(endpoints: &[&BinnedValues], plan: Plan) -> Vec<Resampled> {
    let parts: Vec<Part<'_>> = endpoints
        .iter()
        .map(|values| Part::of(values, plan.bins))
        .collect();
    let drawn = threads::each((0..PARTS).collect(), |part| {
        let mut blocks = Blocks::new(plan.bins, plan.length, SEED + part);
        let mut weights = Vec::new();
        let mut replicates: Vec<Vec<Logs>> = vec![Vec::new(); parts.len()];
        for _ in 0..REPLICATES_A_PART {
            blocks.draw(&mut weights);
            for (part, replicates) in parts.iter().zip(&mut replicates) {
                replicates.push(part.replicate(&weights));
            }
        }
        replicates
    });
    let mut all: Vec<Vec<Logs>> = vec![Vec::new(); parts.len()];
    for share in drawn {
        for (all, share) in all.iter_mut().zip(share) {
            all.extend(share);
        }
    }
    let resampled = parts.into_iter().zip(all);
    resampled
        .map(|(part, replicates)| Resampled {
            samples: part.values.values.len(),
            logs: part.logs,
            replicates,
            independent: part.independent,
            blocks: part.counts.iter().filter(|count| **count > 0.0).count() as f64
                / plan.length.max(1) as f64,
        })
        .collect()
}

/// An endpoint's values, added up by bins where that serves.
struct Part<'a> {
    values: &'a BinnedValues,
    counts: Vec<f64>,
    sums: Vec<f64>,
    log_sums: Vec<f64>,
    logs: Logs,
    independent: f64,
}

impl<'a> Part<'a> {
    fn of(values: &'a BinnedValues, bins: usize) -> Self {
        let mut part = Self {
            values,
            counts: vec![0.0; bins],
            sums: vec![0.0; bins],
            log_sums: vec![0.0; bins],
            logs: Logs::default(),
            independent: 0.0,
        };
        for (value, bin) in values.values.iter().zip(&values.bins) {
            let bin = *bin as usize;
            part.counts[bin] += 1.0;
            part.sums[bin] += value;
            part.log_sums[bin] += log(*value);
        }
        part.logs = part.replicate(&vec![1; bins]);
        let (n, mean) = (values.values.len() as f64, part.logs[TYPICAL]);
        let squares: f64 = values.values.iter().map(|v| (log(*v) - mean).powi(2)).sum();
        part.independent = squares / (n - 1.0).max(1.0) / n.max(1.0);
        part
    }

    /// The figures where each bin counts as often as it weighs; those of the measurement itself
    /// where no bin with a request was drawn.
    fn replicate(&self, weights: &[u32]) -> Logs {
        let total = |values: &[f64]| -> f64 {
            let weighed = weights.iter().zip(values);
            weighed
                .map(|(weight, value)| f64::from(*weight) * value)
                .sum()
        };
        let count = total(&self.counts);
        if count < 1.0 {
            return self.logs;
        }
        let mut logs = Logs::default();
        logs[TYPICAL] = total(&self.log_sums) / count;
        logs[2] = log(total(&self.sums) / count);
        let mut walk = Walk {
            values: self.values,
            weights,
            next: 0,
            passed: 0,
        };
        for (share, at) in QUANTILES {
            logs[at] = log(walk.quantile(share, count));
        }
        logs
    }
}

/// Goes once through ascending values, each of which stands as often as its bin weighs.
struct Walk<'a> {
    values: &'a BinnedValues,
    weights: &'a [u32],
    next: usize,
    passed: u64,
}

impl Walk<'_> {
    /// The quantile as [`crate::stats::quantile::quantile`] has it. Shares have to ascend.
    fn quantile(&mut self, share: f64, count: f64) -> f64 {
        let place = share * (count - 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, a count"
        )]
        let rank = place.floor() as u64;
        let below = self.up_to(rank);
        let part = place - place.floor();
        if part == 0.0 || self.passed > rank + 1 {
            return below;
        }
        below + (self.above() - below) * part
    }

    /// The value of a rank that is not before the last one asked for.
    fn up_to(&mut self, rank: u64) -> f64 {
        while self.passed <= rank && self.next < self.values.values.len() {
            self.passed += u64::from(self.weight(self.next));
            self.next += 1;
        }
        self.values.values[self.next.max(1) - 1]
    }

    /// The first value after the last one asked for.
    fn above(&self) -> f64 {
        let after = self.next..self.values.values.len();
        let found = after.into_iter().find(|at| self.weight(*at) > 0);
        self.values.values[found.unwrap_or(self.next.max(1) - 1)]
    }

    fn weight(&self, at: usize) -> u32 {
        self.weights[self.values.bins[at] as usize]
    }
}

fn log(value: f64) -> f64 {
    value.max(SHORTEST_MS).ln()
}

fn mean_log(values: &BinnedValues) -> f64 {
    let sum: f64 = values.values.iter().map(|value| log(*value)).sum();
    sum / values.values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile::quantile;
    use proptest::prelude::*;

    fn binned(values: &[(f64, u32)]) -> BinnedValues {
        let mut sorted = values.to_vec();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (values, bins) = sorted.into_iter().unzip();
        BinnedValues { values, bins }
    }

    proptest! {
        /// Against values that are written out as often as they weigh.
        #[test]
        fn weighing_is_repeating(
            values in prop::collection::vec((0.001..1e4f64, 0..6u32), 1..60),
            weights in prop::collection::vec(0..4u32, 6),
        ) {
            let sorted = binned(&values);
            let part = Part::of(&sorted, 6);
            let repeated: Vec<f64> = sorted.values.iter().zip(&sorted.bins)
                .flat_map(|(value, bin)| vec![*value; weights[*bin as usize] as usize])
                .collect();
            let logs = part.replicate(&weights);
            if repeated.is_empty() {
                prop_assert_eq!(logs, part.logs);
                return Ok(());
            }
            let n = repeated.len() as f64;
            let wanted = [
                repeated.iter().map(|v| v.ln()).sum::<f64>() / n,
                quantile(&repeated, 0.5).unwrap().ln(),
                (repeated.iter().sum::<f64>() / n).ln(),
                quantile(&repeated, 0.95).unwrap().ln(),
                quantile(&repeated, 0.99).unwrap().ln(),
            ];
            for (found, wanted) in logs.into_iter().zip(wanted) {
                prop_assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
            }
        }
    }
}
