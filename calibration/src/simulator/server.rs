//! The server of one run, which answers single requests.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::numbers::stored;
use crate::simulator::change::{Change, Slowdown};
use crate::simulator::environment::Environment;
use crate::simulator::failures::FailurePath;
use crate::simulator::noise::Noise;
use crate::simulator::request::Request;
use crate::simulator::streams::Stream;
use crate::simulator::workload::{MS_PER_S, Workload};

/// Shortest duration in milliseconds: a microsecond, so that time always
/// passes and a closed run ends.
const SHORTEST_MS: f64 = 0.001;

/// The server of one run: how long each request takes and whether it fails.
pub(crate) struct Server {
    environment: Environment,
    failures: FailurePath,
    noise: Noise,
    slowdown: Option<Slowdown>,
    rng: ChaCha8Rng,
}

impl Server {
    pub(crate) fn new(workload: &Workload, noise: &Noise, change: &Change, seed: u64) -> Self {
        Self {
            environment: Environment::new(noise, workload.endpoints, seed),
            failures: FailurePath::new(noise, change.failures, Stream::FailureNoise.rng(seed)),
            noise: *noise,
            slowdown: change.slowdown,
            rng: Stream::Requests.rng(seed),
        }
    }

    /// The request to `endpoint` sent at `start` seconds. It takes the same
    /// number of draws whatever happens, so a change shifts no later draws.
    pub(crate) fn answer(&mut self, endpoint: usize, start: f64) -> Request {
        let body: f64 = self.rng.sample(StandardNormal);
        let [tail, tail_size, slow, fail]: [f64; 4] = self.rng.random();
        let mut duration_ms = self
            .environment
            .latency_ms(endpoint, start)
            .unwrap_or_default();
        duration_ms *= (self.noise.sigma * body).exp();
        let rare = self.noise.tail;
        if tail < rare.share {
            duration_ms *= rare.least + (rare.most - rare.least) * tail_size;
        }
        if let Some(slowdown) = self.slowdown {
            duration_ms *= slowdown.factor_for(endpoint, slow);
        }
        let duration_ms = duration_ms.max(SHORTEST_MS);
        Request {
            time: start + duration_ms / MS_PER_S,
            endpoint: stored(endpoint),
            duration_ms,
            failed: fail < self.failures.probability(endpoint, start),
        }
    }
}
