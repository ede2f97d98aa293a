//! A bootstrap that treats requests as independent.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::numbers::float;
use crate::rivals::holm::holm;
use crate::rivals::{Durations, Rule, by_endpoint};
use crate::simulator::request::Request;
use perf_report::stats::normal::survival;
use perf_report::stats::quantile::quantile;

/// A quantile whose ratio is tested.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Statistic {
    p: f64,
    /// Share by which the quantile has to rise.
    rise: f64,
}

const STATISTICS: [Statistic; 2] = [
    Statistic { p: 0.5, rise: 0.03 },
    Statistic {
        p: 0.95,
        rise: 0.05,
    },
];

/// Calls a regression when the log ratio of an endpoint's median or p95 is
/// significantly above 0 (two-sided, Holm over endpoints and both statistics),
/// with the median up by more than 3% or p95 by more than 5%.
///
/// Each p-value comes from the estimate over its bootstrap standard error
/// (Efron & Tibshirani 1993, chapter 6) by the normal distribution. Counting
/// resamples instead cannot give p-values below 2/(B + 1), which with B = 500
/// is too coarse for Holm over more than a dozen tests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// Number of resamples, B. With fewer than 2 nothing is ever called.
    pub resamples: usize,
    /// Family-wise error rate.
    pub alpha: f64,
    /// Requests an endpoint needs in both runs to be judged: the standard error
    /// of a p95 from a handful of requests is far too small.
    pub least_requests: usize,
    /// Seed of the resampling.
    pub seed: u64,
}

impl Default for Bootstrap {
    /// 500 resamples, 5%, endpoints with at least 20 requests.
    fn default() -> Self {
        Self {
            resamples: 500,
            alpha: 0.05,
            least_requests: 20,
            seed: 0,
        }
    }
}

/// One tested log ratio.
#[derive(Debug, Clone, Copy)]
struct Finding {
    p_value: f64,
    /// Whether it rose by more than the statistic's floor.
    rises: bool,
}

impl Rule for Bootstrap {
    fn alarms(&self, baseline: &[Request], candidate: &[Request], endpoints: usize) -> bool {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let findings: Vec<Finding> =
            by_endpoint(baseline, candidate, endpoints, self.least_requests)
                .iter()
                .flat_map(|durations| self.findings(durations, &mut rng))
                .collect();
        let p_values: Vec<f64> = findings.iter().map(|finding| finding.p_value).collect();
        holm(&p_values, self.alpha)
            .into_iter()
            .zip(findings)
            .any(|(significant, finding)| significant && finding.rises)
    }
}

impl Bootstrap {
    fn findings(&self, durations: &Durations, rng: &mut ChaCha8Rng) -> Vec<Finding> {
        let resampled: Vec<[f64; 2]> = (0..self.resamples)
            .map(|_| {
                log_ratios(
                    &resample(&durations.baseline, rng),
                    &resample(&durations.candidate, rng),
                )
            })
            .collect();
        let estimates = log_ratios(&durations.baseline, &durations.candidate);
        let judge = |number: usize, (estimate, statistic): (f64, Statistic)| {
            let draws = resampled.iter().filter_map(|ratios| ratios.get(number));
            let error = standard_deviation(&draws.copied().collect::<Vec<f64>>());
            Finding {
                p_value: two_sided_p(estimate, error),
                rises: estimate > statistic.rise.ln_1p(),
            }
        };
        estimates
            .into_iter()
            .zip(STATISTICS)
            .enumerate()
            .map(|(number, pair)| judge(number, pair))
            .collect()
    }
}

/// Log ratio of each statistic, candidate over baseline.
fn log_ratios(baseline: &[f64], candidate: &[f64]) -> [f64; 2] {
    let log = |sorted: &[f64], p| quantile(sorted, p).map_or(f64::NAN, f64::ln);
    STATISTICS.map(|statistic| log(candidate, statistic.p) - log(baseline, statistic.p))
}

/// As many values drawn with replacement, ascending. Counting how often each
/// index is drawn keeps the order without sorting.
fn resample(sorted: &[f64], rng: &mut ChaCha8Rng) -> Vec<f64> {
    let mut counts = vec![0_usize; sorted.len()];
    for _ in sorted {
        if let Some(count) = counts.get_mut(rng.random_range(0..sorted.len())) {
            *count += 1;
        }
    }
    sorted
        .iter()
        .zip(counts)
        .flat_map(|(value, count)| std::iter::repeat_n(*value, count))
        .collect()
}

/// Two-sided p-value of an estimate; not a number, which Holm keeps, if neither
/// the estimate nor its error differs from 0.
fn two_sided_p(estimate: f64, error: f64) -> f64 {
    2.0 * survival((estimate / error).abs())
}

/// Not a number for fewer than two values.
fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let count = float(values.len());
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (count - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rivals::tests::{alarms, requests};
    use crate::simulator::change::{Change, Slowdown};
    use crate::simulator::noise::Noise;

    fn independent() -> Noise {
        Noise {
            sigma: 0.3,
            ..Noise::none()
        }
    }

    /// The asymptotic standard error of a median's log over n lognormal values
    /// is sigma·sqrt(pi/2)/sqrt(n); of a ratio, sqrt(2) times that.
    #[test]
    fn the_standard_error_is_that_of_independent_requests() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut sample = || {
            let mut values: Vec<f64> = (0..4000)
                .map(|_| (0.3 * rng.sample::<f64, _>(rand_distr::StandardNormal)).exp())
                .collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let (baseline, candidate) = (sample(), sample());
        let draws: Vec<f64> = (0..500)
            .map(|_| {
                let [median, _] = log_ratios(
                    &resample(&baseline, &mut rng),
                    &resample(&candidate, &mut rng),
                );
                median
            })
            .collect();
        let expected = 0.3 * (std::f64::consts::PI / 4000.0).sqrt();
        let ratio = standard_deviation(&draws) / expected;
        assert!((ratio - 1.0).abs() < 0.2, "{ratio}");
    }

    #[test]
    fn few_false_alarms_on_independent_requests() {
        // The floors and one direction keep it well under 5% of 60.
        let found = alarms(&Bootstrap::default(), &independent(), &Change::none(), 60);
        assert!(found <= 6, "{found}");
    }

    #[test]
    fn finds_a_slowdown_of_the_median_and_of_the_tail() {
        let rule = Bootstrap::default();
        let slower = Change::slower(Some(0), 1.15);
        assert_eq!(alarms(&rule, &independent(), &slower, 10), 10);
        let tail = Change {
            slowdown: Some(Slowdown {
                endpoint: Some(0),
                factor: 4.0,
                tail_only: Some(0.1),
            }),
            ..Change::none()
        };
        assert_eq!(alarms(&rule, &independent(), &tail, 10), 10);
        let faster = Change::slower(None, 0.85);
        assert_eq!(alarms(&rule, &independent(), &faster, 10), 0);
    }

    #[test]
    fn constant_durations_are_judged_by_their_difference() {
        let constant = |ms| requests(0, std::iter::repeat_n(ms, 50));
        let rule = Bootstrap::default();
        assert!(!rule.alarms(&constant(1.0), &constant(1.0), 1));
        assert!(rule.alarms(&constant(1.0), &constant(2.0), 1));
    }

    #[test]
    fn neither_few_requests_nor_few_resamples_raise_an_alarm() {
        let ramp =
            |last, factor: f64| requests(0, (1..=last).map(move |ms| factor * f64::from(ms)));
        let rule = Bootstrap::default();
        assert!(!rule.alarms(&ramp(19, 1.0), &ramp(19, 9.0), 1));
        assert!(rule.alarms(&ramp(20, 1.0), &ramp(20, 9.0), 1));
        let rule = Bootstrap {
            resamples: 0,
            ..rule
        };
        assert!(!rule.alarms(&ramp(20, 1.0), &ramp(20, 9.0), 1));
    }
}
