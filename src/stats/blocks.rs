//! Resampling a run by blocks of time, so that what neighbouring requests share is kept.
//!
//! Requests of the same seconds are slow together: taken one by one they would make a run look far
//! surer than it is. The moving-block bootstrap (H. R. Künsch, The Annals of Statistics 17, 1989),
//! with blocks that wrap around the end (D. N. Politis & J. P. Romano, 1992), draws whole stretches
//! of time.

/// The longest block, in bins of time.
pub const LONGEST: usize = 5;
/// Fewer blocks than this say nothing about their spread.
pub const FEWEST_BLOCKS: usize = 8;

/// How long blocks should be, in bins of time, for a series of so many bins with this
/// autocorrelation from one bin to the next; `None` when the series is too short for enough blocks.
///
/// The rule of D. N. Politis & H. White (Econometric Reviews 23, 2004, with the correction of 2009)
/// for the circular bootstrap, for which an autoregressive series with coefficient ρ gives
/// (6 ρ² / (1 − ρ²)² · n)^⅓.
#[must_use]
pub fn length(autocorrelation: f64, bins: usize) -> Option<usize> {
    let most = (bins / FEWEST_BLOCKS).min(LONGEST);
    if most == 0 {
        return None;
    }
    // An estimate from few bins can come near 1, where the rule has a pole.
    let rho = autocorrelation.clamp(0.0, 0.9);
    let rule = (6.0 * rho * rho / (1.0 - rho * rho).powi(2) * bins as f64).cbrt();
    Some(
        (1..most)
            .find(|length| *length as f64 >= rule)
            .unwrap_or(most),
    )
}

/// The autocorrelation from one value to the next; 0 for a constant series.
#[must_use]
pub fn autocorrelation(series: &[f64]) -> f64 {
    let mean = series.iter().sum::<f64>() / series.len().max(1) as f64;
    let variance: f64 = series.iter().map(|value| (value - mean).powi(2)).sum();
    let together = series
        .windows(2)
        .map(|two| (two[0] - mean) * (two[1] - mean));
    if variance > 0.0 {
        together.sum::<f64>() / variance
    } else {
        0.0
    }
}

/// The degrees of freedom of a variance that comes from so many bins in blocks of this length.
/// Overlapping blocks tell one and a half times as much as separate ones (Künsch, 1989).
#[must_use]
pub fn degrees_of_freedom(bins: usize, length: usize) -> f64 {
    (1.5 * bins as f64 / length.max(1) as f64 - 1.0).max(1.0)
}

/// Draws blocks. The same seed gives the same draws, on every machine.
#[derive(Debug, Clone)]
pub struct Blocks {
    bins: usize,
    length: usize,
    state: u64,
}

impl Blocks {
    /// Blocks of `length` bins of a series of `bins`.
    #[must_use]
    pub fn new(bins: usize, length: usize, seed: u64) -> Self {
        Self {
            bins,
            length: length.max(1),
            state: seed,
        }
    }

    /// How often each bin is drawn in the next replicate: as many draws as there are bins.
    pub fn draw(&mut self, weights: &mut Vec<u32>) {
        weights.clear();
        weights.resize(self.bins, 0);
        let mut left = self.bins;
        while left > 0 {
            let start = self.below(self.bins);
            let taken = self.length.min(left);
            for step in 0..taken {
                weights[(start + step) % self.bins] += 1;
            }
            left -= taken;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "below a usize")]
    fn below(&mut self, most: usize) -> usize {
        ((u128::from(self.next()) * most as u128) >> 64) as usize
    }

    /// `SplitMix64` (G. L. Steele, D. Lea & C. H. Flood, OOPSLA 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // The first numbers of its reference implementation for the seed 1234567.
        let mut blocks = Blocks::new(1, 1, 1_234_567);
        let first = [blocks.next(), blocks.next(), blocks.next()];
        let reference = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        assert_eq!(first, reference);
    }

    #[test]
    fn dependence_makes_blocks_longer() {
        assert_eq!(length(0.0, 40), Some(1));
        // (6 · 0.09 / 0.91² · 40)^⅓ = 2.97
        assert_eq!(length(0.3, 40), Some(3));
        assert_eq!(length(0.7, 40), Some(5));
        assert_eq!(length(0.7, 20), Some(2));
        assert_eq!(length(0.7, 7), None);
    }

    #[test]
    fn a_known_autocorrelation() {
        // 1 −1 1 −1: three products of −1 over a variance of four.
        assert!((autocorrelation(&[1.0, -1.0, 1.0, -1.0]) + 0.75).abs() < 1e-12);
        assert_eq!(autocorrelation(&[2.0, 2.0]), 0.0);
        assert_eq!(autocorrelation(&[]), 0.0);
    }

    /// The variance of the mean of an autoregressive series, which is known: the bootstrap comes
    /// near it with blocks, and far below without.
    #[test]
    fn blocks_keep_what_neighbours_share() {
        const BINS: usize = 2000;
        let rho: f64 = 0.6;
        let mut noise = Blocks::new(BINS, 1, 7);
        let mut uniform = || noise.next() as f64 / u64::MAX as f64 - 0.5;
        let mut value = 0.0;
        let series: Vec<f64> = (0..BINS)
            .map(|_| {
                value = rho * value + uniform();
                value
            })
            .collect();
        let spread = |length| {
            let mut blocks = Blocks::new(BINS, length, 1);
            let mut weights = Vec::new();
            let means: Vec<f64> = (0..400)
                .map(|_| {
                    blocks.draw(&mut weights);
                    let sum: f64 = weights
                        .iter()
                        .zip(&series)
                        .map(|(w, v)| f64::from(*w) * v)
                        .sum();
                    sum / BINS as f64
                })
                .collect();
            let mean = means.iter().sum::<f64>() / 400.0;
            means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / 399.0
        };
        let known = 1.0 / 12.0 / (1.0 - rho).powi(2) / BINS as f64;
        assert!(
            (0.75..1.2).contains(&(spread(20) / known)),
            "{}",
            spread(20) / known
        );
        assert!(spread(1) / known < 0.4, "{}", spread(1) / known);
    }

    proptest! {
        #[test]
        fn every_replicate_is_as_long_as_the_series(bins in 1..200usize, length in 1..9usize, seed: u64) {
            let mut blocks = Blocks::new(bins, length, seed);
            let mut weights = Vec::new();
            for _ in 0..3 {
                blocks.draw(&mut weights);
                prop_assert_eq!(weights.len(), bins);
                prop_assert_eq!(weights.iter().sum::<u32>() as usize, bins);
            }
        }
    }
}
