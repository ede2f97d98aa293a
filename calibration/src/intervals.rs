//! How often a rule raises an alarm, with a 95% interval.
//!
//! Of independent simulations each counts for one. Of all pairs of a set of
//! runs they do not: pairs share runs, and one odd run can raise an alarm
//! against all others.

use crate::numbers::float;
use perf_report::stats::{normal, student};

/// What lies beyond each end of a 95% interval.
const OUTSIDE: f64 = 0.025;

/// A rate of alarms with its 95% interval, all from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Share of comparisons that raised an alarm.
    pub rate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// The rate of `alarms` in `trials` independent comparisons with the score
/// interval of Wilson 1927, "Probable inference, the law of succession, and
/// statistical inference". `None` without trials.
#[must_use]
pub fn wilson(alarms: usize, trials: usize) -> Option<Rate> {
    (trials > 0).then(|| {
        score_interval(
            float(alarms) / float(trials),
            float(trials),
            normal::upper_quantile(OUTSIDE),
        )
    })
}

fn score_interval(rate: f64, trials: f64, z: f64) -> Rate {
    let scale = 1.0 + z * z / trials;
    let centre = (rate + z * z / (2.0 * trials)) / scale;
    let spread = rate * (1.0 - rate) / trials + (z / (2.0 * trials)).powi(2);
    let half = z * spread.sqrt() / scale;
    Rate {
        rate,
        low: (centre - half).clamp(0.0, rate),
        high: (centre + half).clamp(rate, 1.0),
    }
}

/// The rate of alarms over all ordered pairs of runs, and its variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jackknife {
    /// Share of ordered pairs that raised an alarm.
    pub rate: f64,
    /// Variance of the rate over sets of runs.
    pub variance: f64,
}

/// The alarms among the ordered pairs of a set of runs.
struct Alarms {
    total: f64,
    /// For each run, the alarms it is part of, as baseline or as candidate.
    by_run: Vec<f64>,
}

impl Alarms {
    fn count(runs: usize, alarm: impl Fn(usize, usize) -> bool) -> Self {
        let mut by_run = vec![0.0; runs];
        let mut total = 0.0;
        for baseline in 0..runs {
            for candidate in (0..runs).filter(|candidate| *candidate != baseline) {
                if alarm(baseline, candidate) {
                    total += 1.0;
                    for run in [baseline, candidate] {
                        if let Some(count) = by_run.get_mut(run) {
                            *count += 1.0;
                        }
                    }
                }
            }
        }
        Self { total, by_run }
    }

    /// How many runs are part of an alarm, or of a pair without one: the fewer
    /// of both.
    fn rarer_outcome_runs(&self) -> usize {
        let pairs = 2.0 * (float(self.by_run.len()) - 1.0);
        let alarmed = self.by_run.iter().filter(|alarms| **alarms > 0.0).count();
        let quiet = self.by_run.iter().filter(|alarms| **alarms < pairs).count();
        alarmed.min(quiet)
    }

    /// The leave-one-run-out jackknife of the share of pairs.
    fn jackknife(&self) -> Jackknife {
        let runs = float(self.by_run.len());
        let rate = self.total / (runs * (runs - 1.0));
        let left = (runs - 1.0) * (runs - 2.0);
        let without: Vec<f64> = self
            .by_run
            .iter()
            .map(|own| (self.total - own) / left)
            .collect();
        let squares: f64 = without.iter().map(|share| (share - rate).powi(2)).sum();
        Jackknife {
            rate,
            variance: squares * (runs - 1.0) / runs,
        }
    }
}

/// The rate of alarms over all ordered pairs of `runs` runs with its jackknife
/// variance. `alarm(baseline, candidate)` is asked once for every two different
/// runs, by index.
///
/// The rate is a U-statistic of degree 2 over runs, whose variance Arvesen 1969,
/// "Jackknifing U-statistics", estimates by leaving out one run with all its
/// pairs at a time. `None` for fewer than 3 runs.
#[must_use]
pub fn jackknife(runs: usize, alarm: impl Fn(usize, usize) -> bool) -> Option<Jackknife> {
    (runs >= 3).then(|| Alarms::count(runs, alarm).jackknife())
}

/// The rate of alarms over all ordered pairs of `runs` runs with an interval
/// that respects that pairs share runs. `alarm(baseline, candidate)` is asked
/// once for every two different runs, by index. `None` for fewer than 3 runs.
///
/// The interval is Wilson's for the number of independent comparisons that
/// would have the [`jackknife`] variance, with a Student quantile for the number
/// of runs (the way of Dean & Pagano 2015, "Evaluating confidence interval
/// methods for binomial proportions in clustered surveys"). The usual interval,
/// the rate ± t standard errors, holds a true rate of 2% or 5% far too seldom
/// with 10 to 30 runs, as the jackknife sees no variance without alarms.
///
/// Runs make at least ⌊n/2⌋ independent pairs (Hoeffding 1963, section 5), and
/// this is the number taken where the variance cannot be estimated: when a third
/// of the runs or fewer take part in the alarms, or in the pairs without one.
#[must_use]
pub fn all_pairs(runs: usize, alarm: impl Fn(usize, usize) -> bool) -> Option<Rate> {
    if runs < 3 {
        return None;
    }
    let alarms = Alarms::count(runs, alarm);
    let Jackknife { rate, variance } = alarms.jackknife();
    let disjoint = float(runs / 2);
    let seldom = 3 * alarms.rarer_outcome_runs() <= runs;
    let independent = if seldom || variance <= 0.0 {
        disjoint
    } else {
        let all = float(runs) * (float(runs) - 1.0);
        (rate * (1.0 - rate) / variance).clamp(disjoint, all)
    };
    Some(score_interval(
        rate,
        independent,
        student::upper_quantile(OUTSIDE, float(runs) - 1.0),
    ))
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    // scipy 1.17.1: binomtest(k, n).proportion_ci(method='wilson')
    #[test]
    fn wilson_matches_scipy() {
        for (alarms, trials, low, high) in [
            (0, 20, 0.0, 0.161_125_158_052_819_35),
            (3, 40, 0.025_836_025_774_588_198, 0.198_642_335_243_105_43),
            (40, 40, 0.912_378_398_802_713_3, 1.0),
        ] {
            let found = wilson(alarms, trials);
            assert!(found.is_some_and(|rate| near(rate.low, low) && near(rate.high, high)));
        }
        assert_eq!(wilson(0, 0), None);
    }

    /// If only the candidate decides, the rate is a plain mean over runs, whose
    /// jackknife variance is k(n − k) / (n²(n − 1)): 2·3 / (25·4) = 0.06.
    #[test]
    fn jackknife_of_a_mean_is_its_variance() {
        let slow = [true, false, false, true, false];
        let found = jackknife(5, |_, candidate| slow[candidate]);
        assert!(found.is_some_and(|found| near(found.rate, 0.4) && near(found.variance, 0.06)));
        assert_eq!(jackknife(2, |_, _| true), None);
    }

    /// By hand: one alarm in 4 runs is a rate of 1/12. Without either of its
    /// runs it is 0, without either of the others 1/6, so the variance is
    /// 3/4 · 4 · (1/12)² = 1/48.
    #[test]
    fn jackknife_of_a_single_alarm() {
        let found = jackknife(4, |baseline, candidate| (baseline, candidate) == (0, 2));
        assert!(found.is_some_and(|f| near(f.rate, 1.0 / 12.0) && near(f.variance, 1.0 / 48.0)));
    }

    #[test]
    fn no_alarm_counts_disjoint_pairs_only() {
        let none = all_pairs(20, |_, _| false);
        let all = all_pairs(20, |_, _| true);
        // Wilson's upper end for 0 of 10 with t = 2.093: t² / (10 + t²).
        let high = 2.093_f64.powi(2) / (10.0 + 2.093_f64.powi(2));
        assert!(none.is_some_and(|r| near(r.low, 0.0) && (r.high - high).abs() < 1e-4));
        assert!(all.is_some_and(|r| near(r.high, 1.0) && (r.low - 1.0 + high).abs() < 1e-4));
        assert_eq!(all_pairs(2, |_, _| false), None);
    }

    /// The jackknife variance of a single alarm would make it worth some 200
    /// independent pairs, and its upper end lower than without any alarm.
    #[test]
    fn a_single_alarm_is_no_better_known_than_none() {
        let none = all_pairs(20, |_, _| false);
        let one = all_pairs(20, |baseline, candidate| (baseline, candidate) == (0, 2));
        let quiet = all_pairs(20, |baseline, candidate| (baseline, candidate) != (0, 2));
        assert!(matches!((none, one), (Some(none), Some(one)) if one.high > none.high));
        assert!(
            matches!((one, quiet), (Some(one), Some(quiet)) if near(one.high, 1.0 - quiet.low))
        );
    }

    /// Share of intervals that hold the true rate, when an alarm is raised if
    /// the effects of two runs of `runs` differ by more than fits that rate,
    /// and of naive intervals that count every pair as independent.
    fn coverage(runs: usize, z: f64, truth: f64) -> (f64, f64) {
        const SETS: usize = 1000;
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let (mut held, mut naive) = (0, 0);
        for _ in 0..SETS {
            let effects: Vec<f64> = (0..runs).map(|_| rng.sample(StandardNormal)).collect();
            let alarm = |baseline: usize, candidate: usize| {
                effects[candidate] - effects[baseline] > z * 2.0_f64.sqrt()
            };
            let holds = |rate: Rate| (rate.low..=rate.high).contains(&truth);
            held += usize::from(all_pairs(runs, alarm).is_some_and(holds));
            let pairs = float(runs * (runs - 1));
            let rate = Alarms::count(runs, alarm).total / pairs;
            naive += usize::from(holds(score_interval(
                rate,
                pairs,
                normal::upper_quantile(OUTSIDE),
            )));
        }
        (float(held) / float(SETS), float(naive) / float(SETS))
    }

    #[test]
    fn intervals_over_all_pairs_hold_the_true_rate() {
        for (z, truth) in [(1.644_854, 0.05), (0.841_621, 0.2)] {
            for runs in [10, 20, 30] {
                let (held, naive) = coverage(runs, z, truth);
                assert!(held > 0.935, "{runs} runs, rate {truth}: {held}");
                assert!(naive < 0.85, "{runs} runs, rate {truth}: {naive}");
            }
        }
    }
}
