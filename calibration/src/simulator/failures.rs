//! Failure probabilities of one run, which vary from second to second.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::numbers::whole;
use crate::simulator::change::FailureChange;
use crate::simulator::noise::Noise;
use std::f64::consts::TAU;

/// The failure probabilities of one run.
#[derive(Debug)]
pub(crate) struct FailurePath {
    usual: f64,
    changed: Option<(Option<usize>, f64)>,
    sd: f64,
    rng: ChaCha8Rng,
    draws: Vec<f64>,
}

impl FailurePath {
    pub(crate) fn new(noise: &Noise, change: Option<FailureChange>, rng: ChaCha8Rng) -> Self {
        let sd = noise.failure_sd;
        Self {
            usual: centre(noise.failures, sd),
            changed: change.map(|change| (change.endpoint, centre(change.rate, sd))),
            sd,
            rng,
            draws: Vec::new(),
        }
    }

    /// Probability that a request to `endpoint` at `time` seconds fails.
    pub(crate) fn probability(&mut self, endpoint: usize, time: f64) -> f64 {
        let second = whole(time);
        while self.draws.len() <= second {
            self.draws.push(self.rng.sample(StandardNormal));
        }
        let draw = self.draws.get(second).copied().unwrap_or_default();
        let centre = match self.changed {
            Some((at, centre)) if at.is_none_or(|at| at == endpoint) => centre,
            _ => self.usual,
        };
        logistic(centre + self.sd * draw)
    }
}

fn logistic(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// The logit around which normal noise of the given standard deviation has the
/// mean probability `rate`. The plain logit of the rate would not do: the
/// logistic function is convex there, so noise would raise the mean.
fn centre(rate: f64, sd: f64) -> f64 {
    if rate <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if rate >= 1.0 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (-60.0, 60.0);
    // Each step halves the range: 50 of them reach the precision of a float.
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if mean_probability(middle, sd) < rate {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Mean of the logistic function over normal noise, by the trapezoid rule.
fn mean_probability(centre: f64, sd: f64) -> f64 {
    const STEP: f64 = 0.1;
    (-80..=80)
        .map(|step| f64::from(step) * STEP)
        .map(|draw| STEP * density(draw) * logistic(centre + sd * draw))
        .sum()
}

/// The density of the standard normal distribution.
fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / TAU.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::streams::Stream;

    fn noise() -> Noise {
        Noise {
            failures: 0.01,
            failure_sd: 1.5,
            ..Noise::none()
        }
    }

    fn probabilities(change: Option<FailureChange>, endpoint: usize) -> Vec<f64> {
        let mut path = FailurePath::new(&noise(), change, Stream::FailureNoise.rng(2));
        (0..100_000)
            .map(|second| path.probability(endpoint, f64::from(second) + 0.5))
            .collect()
    }

    #[test]
    fn the_mean_is_the_rate_and_seconds_differ() {
        let all = probabilities(None, 0);
        let mean = all.iter().sum::<f64>() / 100_000.0;
        assert!((mean - 0.01).abs() < 0.0005, "{mean}");
        let logits: Vec<f64> = all.iter().map(|p| (p / (1.0 - p)).ln()).collect();
        let centre = logits.iter().sum::<f64>() / 100_000.0;
        let variance = logits.iter().map(|l| (l - centre).powi(2)).sum::<f64>() / 100_000.0;
        assert!((variance.sqrt() - 1.5).abs() < 0.02);
    }

    #[test]
    fn a_change_reaches_only_its_endpoint() {
        let change = FailureChange {
            endpoint: Some(1),
            rate: 0.03,
        };
        let mean = |endpoint| probabilities(Some(change), endpoint).iter().sum::<f64>() / 100_000.0;
        assert!((mean(1) - 0.03).abs() < 0.0015);
        assert!((mean(0) - 0.01).abs() < 0.0005);
    }

    #[test]
    fn impossible_and_certain_failures_are_exact() {
        assert!(logistic(centre(0.0, 1.0)) <= 0.0);
        assert!(logistic(centre(1.0, 1.0)) >= 1.0);
    }
}
