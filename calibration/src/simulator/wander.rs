//! An Ornstein–Uhlenbeck path of one run.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::numbers::whole;
use crate::simulator::noise::Wander;

/// Steps per time constant. The path is constant within a step, which keeps
/// its stationary variance exact; interpolation would lower it.
const STEPS_PER_TAU: f64 = 20.0;

/// A stationary path of log factors, drawn as far as it is looked at.
#[derive(Debug)]
pub(crate) struct WanderPath {
    wander: Wander,
    rng: ChaCha8Rng,
    logs: Vec<f64>,
}

impl WanderPath {
    pub(crate) fn new(wander: Wander, rng: ChaCha8Rng) -> Self {
        Self {
            wander,
            rng,
            logs: Vec::new(),
        }
    }

    /// The log factor at `time` seconds.
    pub(crate) fn log_factor(&mut self, time: f64) -> f64 {
        let Wander { sd, tau_s } = self.wander;
        if sd <= 0.0 || tau_s <= 0.0 {
            return 0.0;
        }
        let step = whole(time * STEPS_PER_TAU / tau_s);
        // The exact update (Gillespie 1996, "Exact numerical simulation of the
        // Ornstein-Uhlenbeck process and its integral", eq. 1.9a).
        let keep = (-1.0 / STEPS_PER_TAU).exp();
        let fresh = sd * (1.0 - keep * keep).sqrt();
        while self.logs.len() <= step {
            let draw: f64 = self.rng.sample(StandardNormal);
            let next = match self.logs.last() {
                Some(last) => keep * last + fresh * draw,
                None => sd * draw,
            };
            self.logs.push(next);
        }
        self.logs.get(step).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::streams::Stream;

    const TAU_S: f64 = 3.0;
    const LENGTH: usize = 400_000;

    fn path() -> Vec<f64> {
        let wander = Wander {
            sd: 0.15,
            tau_s: TAU_S,
        };
        let mut path = WanderPath::new(wander, Stream::Wander.rng(5));
        path.log_factor(TAU_S / STEPS_PER_TAU * 400_000.0);
        path.logs.truncate(LENGTH);
        path.logs
    }

    /// Mean product of values a number of steps apart; the mean is known to be 0.
    fn covariance(logs: &[f64], lag: usize) -> f64 {
        let products = logs.iter().zip(logs.iter().skip(lag)).map(|(a, b)| a * b);
        products.sum::<f64>() / crate::numbers::float(logs.len() - lag)
    }

    #[test]
    fn standard_deviation_is_the_stationary_one() {
        assert!((covariance(&path(), 0).sqrt() - 0.15).abs() < 0.003);
    }

    #[test]
    fn autocorrelation_at_the_time_constant_is_one_over_e() {
        let logs = path();
        let correlation = covariance(&logs, 20) / covariance(&logs, 0);
        assert!((correlation - (-1.0_f64).exp()).abs() < 0.03);
    }

    #[test]
    fn starts_stationary() {
        let wander = Wander {
            sd: 0.15,
            tau_s: TAU_S,
        };
        let squares =
            (0..4000).map(|seed| WanderPath::new(wander, Stream::Wander.rng(seed)).log_factor(0.0));
        let variance = squares.map(|log| log * log).sum::<f64>() / 4000.0;
        assert!((variance.sqrt() - 0.15).abs() < 0.006);
    }
}
