//! What the load generator sends.

use crate::numbers::{float, unit, wide};

/// Milliseconds in a second.
pub(crate) const MS_PER_S: f64 = 1000.0;

/// How requests are started.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LoadModel {
    /// A fixed number of virtual users, each iterating over the endpoints one
    /// after the other: a slower server gets fewer requests.
    Closed {
        /// Number of virtual users.
        users: usize,
    },
    /// Iterations start at a fixed rate, whatever the latency.
    Open {
        /// Started iterations per second.
        iterations_per_second: f64,
    },
}

/// The load of one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Workload {
    /// Number of endpoints.
    pub endpoints: usize,
    /// Length of the run in seconds. What is in flight then still finishes: in
    /// the closed model the last request of each user, in the open model each
    /// started iteration, as with k6's `gracefulStop`.
    pub seconds: f64,
    /// How requests are started.
    pub model: LoadModel,
    /// Mean pause after each request in milliseconds; each pause is uniform
    /// between half and one and a half times this.
    pub think_ms: f64,
    /// Exponent s of Zipf's law: an iteration visits endpoint e with
    /// probability (e + 1)^-s. 0 visits every endpoint in every iteration.
    pub zipf: f64,
}

impl Workload {
    /// 10 users over 4 endpoints for 45 s: about 4500 requests.
    #[must_use]
    pub fn closed() -> Self {
        Self {
            endpoints: 4,
            seconds: 45.0,
            model: LoadModel::Closed { users: 10 },
            think_ms: 60.0,
            zipf: 0.0,
        }
    }

    /// 25 iterations per second over 4 endpoints for 45 s: 4500 requests.
    #[must_use]
    pub fn open() -> Self {
        Self {
            model: LoadModel::Open {
                iterations_per_second: 25.0,
            },
            ..Self::closed()
        }
    }

    /// 500 endpoints of unequal popularity over 45 s: the first gets hundreds
    /// of requests, the last a handful or none.
    #[must_use]
    pub fn many_endpoints() -> Self {
        Self {
            endpoints: 500,
            zipf: 0.8,
            ..Self::closed()
        }
    }

    /// Probability that an iteration visits the endpoint.
    pub(crate) fn popularity(&self, endpoint: usize) -> f64 {
        (float(endpoint) + 1.0).powf(-self.zipf)
    }
}

const FASTEST_MS: f64 = 5.0;
const SLOWEST_MS: f64 = 100.0;

/// An endpoint's median latency in milliseconds before any noise: log-uniform
/// between 5 and 100 ms by a hash of its index, so that all runs share it.
#[must_use]
pub fn base_latency_ms(endpoint: usize) -> f64 {
    FASTEST_MS * (SLOWEST_MS / FASTEST_MS).powf(unit(splitmix64(wide(endpoint))))
}

/// `SplitMix64` (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
/// generators"): the first output for a given state.
fn splitmix64(state: u64) -> u64 {
    let mut hash = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_gives_its_published_first_output() {
        // First output for seed 0 in the reference implementation.
        assert_eq!(splitmix64(0), 0xE220_A839_7B1D_CDAF);
    }

    #[test]
    fn base_latencies_are_log_uniform_between_5_and_100_ms() {
        let logs: Vec<f64> = (0..2000).map(|e| base_latency_ms(e).ln()).collect();
        assert!(logs.iter().all(|l| (5_f64.ln()..100_f64.ln()).contains(l)));
        let mean = logs.iter().sum::<f64>() / 2000.0;
        assert!((mean - f64::midpoint(5_f64.ln(), 100_f64.ln())).abs() < 0.06);
    }
}
