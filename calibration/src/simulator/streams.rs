//! Independent random streams of one seed.
//!
//! Every process draws from its own stream, so that a change of latency cannot
//! shift the draws of another process: the same seed meets the same weather.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::numbers::wide;

/// What a random stream is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Drift,
    Wander,
    Bursts,
    RunEffect,
    FailureNoise,
    Users,
    Requests,
    Endpoint(usize),
}

impl Stream {
    /// The generator of this stream for the given seed.
    pub(crate) fn rng(self, seed: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(match self {
            Self::Drift => 0,
            Self::Wander => 1,
            Self::Bursts => 2,
            Self::RunEffect => 3,
            Self::FailureNoise => 4,
            Self::Users => 5,
            Self::Requests => 6,
            Self::Endpoint(endpoint) => 7 + wide(endpoint),
        });
        rng
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::Rng;

    use super::*;

    #[test]
    fn no_two_streams_or_seeds_agree() {
        let streams = [
            Stream::Drift,
            Stream::Wander,
            Stream::Bursts,
            Stream::RunEffect,
            Stream::FailureNoise,
            Stream::Users,
            Stream::Requests,
            Stream::Endpoint(0),
            Stream::Endpoint(1),
        ];
        let first = |(seed, stream): (u64, Stream)| stream.rng(seed).random::<u64>();
        let draws: HashSet<u64> = (0..2)
            .flat_map(|seed| streams.map(|stream| (seed, stream)))
            .map(first)
            .collect();
        assert_eq!(draws.len(), 2 * streams.len());
    }
}
