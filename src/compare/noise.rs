//! The noise that is assumed of a single run as long as none is measured.

use super::figure::Figure;
use crate::run::Stat;
use crate::stats::normal::ONE_SIDED_1_PERCENT;

/// Milliseconds that nobody notices: a change of a duration within them is none.
pub(super) const UNNOTICED_MS: f64 = 0.3;

/// Whether two values differ by more than goes unnoticed and by more than the floor. Measured by the
/// larger value, so that a rise and the fall back from it are judged alike.
pub(super) fn matters([before, after]: [f64; 2], floor: f64, unnoticed: f64) -> bool {
    let difference = (after - before).abs();
    difference > unnoticed && difference > floor * before.abs().max(after.abs())
}

/// A difference of shares that nobody acts on: 0.2 percentage points.
pub(super) const SHARE_FLOOR: f64 = 0.002;

/// Where the estimate of a row's noise came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Noise {
    /// From repeated runs of a side, drawn towards what is assumed where they are few.
    #[serde(rename = "history")]
    History,
    /// Within the run by resampling, and between runs assumed.
    #[serde(rename = "within-run+assumed")]
    WithinRun,
    /// Assumed: a fixed standard error of a run, or requests that fail independently.
    #[serde(rename = "assumed")]
    Assumed,
    /// There is no estimate.
    #[serde(rename = "none")]
    None,
}

/// What is assumed of a statistic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct AssumedNoise {
    /// The standard error of one run's value, as a fraction of it.
    pub(super) standard_error: f64,
    /// The change, as a fraction, below which a difference is of no interest.
    pub(super) floor: f64,
    /// The number of samples below which the assumption does not hold: with fewer than 1/(1 − p),
    /// no sample is expected beyond the quantile p.
    pub(super) least_samples: u64,
}

/// The change of a figure, as a fraction, below which a difference is of no interest: 3% of a median,
/// a mean or a rate per second, 5% of percentiles up to p(95), 10% beyond.
pub(super) fn floor(figure: Figure) -> f64 {
    match figure {
        Figure::Stat(Stat::P(percent)) if percent.share() > 0.95 => 0.10,
        Figure::Stat(Stat::P(percent)) if percent.share() > 0.5 => 0.05,
        Figure::CommonTail => 0.05,
        _ => 0.03,
    }
}

impl AssumedNoise {
    /// The assumption on a statistic of a trend, or on a rate per second.
    ///
    /// Two runs of one unchanged system differ by more than 13% of the median or the mean, 20% of
    /// p(95) and 40% of p(99) in one of a hundred comparisons.
    pub(super) fn of(stat: Stat) -> Self {
        let (standard_error, least_samples) = match stat {
            Stat::P(percent) if percent.share() > 0.95 => (0.12, 100),
            Stat::P(percent) if percent.share() > 0.5 => (0.06, 20),
            _ => (0.04, 10),
        };
        Self {
            standard_error,
            floor: floor(stat.into()),
            least_samples,
        }
    }

    /// How far the larger of two values lies above the smaller by noise alone, as a fraction of the
    /// smaller: exceeded in one of a hundred comparisons, on one side. With n repetitions the
    /// standard error of a side's value is that of one run divided by √n.
    pub(super) fn margin(&self, repetitions: (usize, usize)) -> f64 {
        let variance = |n: usize| self.standard_error.powi(2) / n.max(1) as f64;
        ONE_SIDED_1_PERCENT * (variance(repetitions.0) + variance(repetitions.1)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_runs_are_called_from_13_20_and_40_percent() {
        for (stat, percent) in [
            (Stat::Med, 13.2),
            (Stat::Avg, 13.2),
            (Stat::p(95), 19.7),
            (Stat::p(99), 39.5),
        ] {
            let margin = AssumedNoise::of(stat).margin((1, 1));
            assert!((margin * 100.0 - percent).abs() < 0.05, "{stat}: {margin}");
        }
    }

    #[test]
    fn repetitions_narrow_it() {
        let noise = AssumedNoise::of(Stat::Med);
        let (one, four) = (noise.margin((1, 1)), noise.margin((4, 4)));
        assert!((four - one / 2.0).abs() < 1e-12);
        assert!(noise.margin((1, 4)) > four);
    }
}
