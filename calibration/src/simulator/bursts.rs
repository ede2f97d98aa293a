//! Bursts of slowness of one run.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::numbers::float;
use crate::simulator::noise::Bursts;

/// Share of the interval by which a burst may come early or late.
const JITTER: f64 = 0.25;

/// The bursts of one run, drawn as far as they are looked at.
#[derive(Debug)]
pub(crate) struct BurstPath {
    bursts: Option<Bursts>,
    rng: ChaCha8Rng,
    phase: f64,
    starts: Vec<f64>,
}

impl BurstPath {
    pub(crate) fn new(bursts: Option<Bursts>, mut rng: ChaCha8Rng) -> Self {
        let phase = rng.random();
        Self {
            bursts,
            rng,
            phase,
            starts: Vec::new(),
        }
    }

    /// The factor of durations at `time` seconds.
    pub(crate) fn factor(&mut self, time: f64) -> f64 {
        let Some(bursts) = self.bursts.filter(|b| b.every_s > 0.0) else {
            return 1.0;
        };
        // One burst further than needed, as the next may come early.
        while self.starts.last().is_none_or(|start| *start <= time) {
            // Two before the run, so that it can start within a burst.
            let number = float(self.starts.len()) - 2.0 + self.phase;
            let jitter = JITTER * (2.0 * self.rng.random::<f64>() - 1.0);
            self.starts.push((number + jitter) * bursts.every_s);
        }
        let begun = self.starts.partition_point(|start| *start <= time);
        let last = begun.checked_sub(1).and_then(|last| self.starts.get(last));
        match last {
            Some(start) if time - start < bursts.length_s => bursts.factor,
            _ => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::streams::Stream;

    #[test]
    fn a_tenth_of_the_time_is_slow() {
        let bursts = Bursts {
            every_s: 20.0,
            length_s: 2.0,
            factor: 2.0,
        };
        let mut path = BurstPath::new(Some(bursts), Stream::Bursts.rng(3));
        let slow = (0..200_000).filter(|t| path.factor(f64::from(*t) * 0.1) > 1.5);
        let share = float(slow.count()) / 200_000.0;
        assert!((share - 0.1).abs() < 0.001, "{share}");
    }

    #[test]
    fn the_first_second_is_as_often_slow_as_any() {
        let bursts = Bursts {
            every_s: 20.0,
            length_s: 2.0,
            factor: 2.0,
        };
        let slow = (0..4000).filter(|seed| {
            BurstPath::new(Some(bursts), Stream::Bursts.rng(*seed)).factor(0.0) > 1.5
        });
        assert!((float(slow.count()) / 4000.0 - 0.1).abs() < 0.02);
    }
}
