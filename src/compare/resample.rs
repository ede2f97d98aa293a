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
    pub(super) samples: u64,
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
        for (value, bin, count) in each(values) {
            let sum = &mut sums[bin];
            // A few outliers would drown what the many share.
            sum.0 += (log(value) - mean).clamp(-1.0, 1.0) * count;
            sum.1 += count;
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
            samples: part.values.samples(),
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
        for (value, bin, count) in each(values) {
            part.counts[bin] += count;
            part.sums[bin] += value * count;
            part.log_sums[bin] += log(value) * count;
        }
        part.logs = part.replicate(&vec![1; bins]);
        let (n, mean) = (values.samples() as f64, part.logs[TYPICAL]);
        let squares: f64 = each(values)
            .map(|(value, _, count)| (log(value) - mean).powi(2) * count)
            .sum();
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
            self.passed += self.weight(self.next);
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

    fn weight(&self, at: usize) -> u64 {
        let drawn = self.weights[self.values.bins[at] as usize];
        u64::from(drawn) * u64::from(self.values.counts[at])
    }
}

fn log(value: f64) -> f64 {
    value.max(SHORTEST_MS).ln()
}

fn mean_log(values: &BinnedValues) -> f64 {
    let sum: f64 = each(values)
        .map(|(value, _, count)| log(value) * count)
        .sum();
    sum / values.samples().max(1) as f64
}

/// The values, their bins, and how often each stands.
fn each(values: &BinnedValues) -> impl Iterator<Item = (f64, usize, f64)> + '_ {
    let binned = values.values.iter().zip(&values.bins);
    let counted = binned.zip(&values.counts);
    counted.map(|((value, bin), count)| (*value, *bin as usize, f64::from(*count)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile::quantile;
    use proptest::prelude::*;

    fn binned(values: &[(f64, u32)]) -> BinnedValues {
        let counted: Vec<_> = values
            .iter()
            .map(|(value, bin)| (*value, *bin, 1))
            .collect();
        counted_binned(&counted)
    }

    fn counted_binned(values: &[(f64, u32, u32)]) -> BinnedValues {
        let mut sorted = values.to_vec();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        BinnedValues {
            values: sorted.iter().map(|v| v.0).collect(),
            bins: sorted.iter().map(|v| v.1).collect(),
            counts: sorted.iter().map(|v| v.2).collect(),
        }
    }

    proptest! {
        /// Buckets against their samples written out.
        #[test]
        fn buckets_are_samples(
            values in prop::collection::vec((0.001..1e4f64, 0..6u32, 1..5u32), 1..40),
            weights in prop::collection::vec(0..4u32, 6),
        ) {
            let buckets = counted_binned(&values);
            let written_out: Vec<(f64, u32)> = values
                .iter()
                .flat_map(|(value, bin, count)| vec![(*value, *bin); *count as usize])
                .collect();
            let each = binned(&written_out);
            let (buckets, each) = (Part::of(&buckets, 6), Part::of(&each, 6));
            prop_assert!((buckets.independent - each.independent).abs() < 1e-9);
            let pairs = buckets.replicate(&weights).into_iter().zip(each.replicate(&weights));
            for (found, wanted) in pairs {
                prop_assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
            }
        }

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
