//! Slow sinusoidal drift of one run.

use std::f64::consts::TAU;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::simulator::noise::Drift;

/// The drift of one run, with its phase drawn.
#[derive(Debug)]
pub(crate) struct DriftPath {
    drift: Drift,
    phase: f64,
}

impl DriftPath {
    pub(crate) fn new(drift: Drift, mut rng: ChaCha8Rng) -> Self {
        let phase = TAU * rng.random::<f64>();
        Self { drift, phase }
    }

    /// The factor of durations at `time` seconds.
    pub(crate) fn factor(&self, time: f64) -> f64 {
        if self.drift.amplitude > 0.0 {
            1.0 + self.drift.amplitude * (TAU * time / self.drift.period_s + self.phase).sin()
        } else {
            1.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::streams::Stream;

    #[test]
    fn drift_swings_by_its_amplitude_and_repeats_after_its_period() {
        let drift = Drift {
            amplitude: 0.1,
            period_s: 60.0,
        };
        let path = DriftPath::new(drift, Stream::Drift.rng(1));
        let factors: Vec<f64> = (0..60).map(|s| path.factor(f64::from(s))).collect();
        let greatest = factors.iter().copied().fold(f64::MIN, f64::max);
        let least = factors.iter().copied().fold(f64::MAX, f64::min);
        assert!((greatest - 1.1).abs() < 0.001);
        assert!((least - 0.9).abs() < 0.001);
        assert!((path.factor(7.0) - path.factor(67.0)).abs() < 1e-9);
    }
}
