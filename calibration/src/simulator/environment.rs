//! What the server is like during one run: everything that slows requests
//! together, before the variation of single requests.

use rand::Rng;
use rand_distr::StandardNormal;

use crate::simulator::bursts::BurstPath;
use crate::simulator::drift::DriftPath;
use crate::simulator::noise::Noise;
use crate::simulator::streams::Stream;
use crate::simulator::wander::WanderPath;
use crate::simulator::workload::base_latency_ms;

/// One endpoint during one run.
#[derive(Debug)]
struct EndpointState {
    /// Median latency in milliseconds in this run.
    level_ms: f64,
    wander: WanderPath,
}

/// The conditions of one run. They do not depend on the load, so requests can
/// be looked up in any order of time.
#[derive(Debug)]
pub(crate) struct Environment {
    drift: DriftPath,
    wander: WanderPath,
    bursts: BurstPath,
    endpoints: Vec<EndpointState>,
}

impl Environment {
    pub(crate) fn new(noise: &Noise, endpoints: usize, seed: u64) -> Self {
        let draw: f64 = Stream::RunEffect.rng(seed).sample(StandardNormal);
        let run_effect = noise.run_effect * draw;
        let endpoint = |endpoint| {
            let mut rng = Stream::Endpoint(endpoint).rng(seed);
            let draw: f64 = rng.sample(StandardNormal);
            let effect = run_effect + noise.endpoint_run_effect * draw;
            EndpointState {
                level_ms: base_latency_ms(endpoint) * effect.exp(),
                wander: WanderPath::new(noise.endpoint_wander, rng),
            }
        };
        Self {
            drift: DriftPath::new(noise.drift, Stream::Drift.rng(seed)),
            wander: WanderPath::new(noise.wander, Stream::Wander.rng(seed)),
            bursts: BurstPath::new(noise.bursts, Stream::Bursts.rng(seed)),
            endpoints: (0..endpoints).map(endpoint).collect(),
        }
    }

    /// Median latency in milliseconds of a request to `endpoint` that starts at
    /// `time` seconds; `None` if there is no such endpoint.
    pub(crate) fn latency_ms(&mut self, endpoint: usize, time: f64) -> Option<f64> {
        let state = self.endpoints.get_mut(endpoint)?;
        let log = self.wander.log_factor(time) + state.wander.log_factor(time);
        let shared = self.drift.factor(time) * self.bursts.factor(time);
        Some(state.level_ms * log.exp() * shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::noise::Wander;

    /// Logs of the factors of endpoints 0 and 1 over many runs.
    fn effects(noise: &Noise) -> Vec<(f64, f64)> {
        let log = |environment: &mut Environment, endpoint| {
            let latency = environment.latency_ms(endpoint, 0.0);
            latency.map_or(f64::NAN, |ms| (ms / base_latency_ms(endpoint)).ln())
        };
        (0..3000)
            .map(|seed| {
                let mut environment = Environment::new(noise, 2, seed);
                (log(&mut environment, 0), log(&mut environment, 1))
            })
            .collect()
    }

    fn mean_product(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
        pairs.map(|(a, b)| a * b).sum::<f64>() / 3000.0
    }

    #[test]
    fn a_common_run_effect_is_shared() {
        let logs = effects(&Noise::none().with_run_effect(0.08));
        let variance = mean_product(logs.iter().map(|(a, _)| (*a, *a)));
        assert!((variance.sqrt() - 0.08).abs() < 0.004);
        assert!(logs.iter().all(|(a, b)| (a - b).abs() < 1e-9));
    }

    #[test]
    fn an_endpoint_run_effect_is_independent() {
        let logs = effects(&Noise::none().with_endpoint_run_effect(0.08));
        let variance = mean_product(logs.iter().map(|(a, _)| (*a, *a)));
        assert!((variance.sqrt() - 0.08).abs() < 0.004);
        let covariance = mean_product(logs.iter().copied());
        assert!((covariance / variance).abs() < 0.06);
    }

    #[test]
    fn wander_can_be_shared_or_not() {
        let wander = Wander {
            sd: 0.1,
            tau_s: 3.0,
        };
        let shared = effects(&Noise {
            wander,
            ..Noise::none()
        });
        assert!(shared.iter().all(|(a, b)| (a - b).abs() < 1e-9));
        let own = effects(&Noise {
            endpoint_wander: wander,
            ..Noise::none()
        });
        let variance = mean_product(own.iter().map(|(a, _)| (*a, *a)));
        assert!((variance.sqrt() - 0.1).abs() < 0.005);
        assert!((mean_product(own.into_iter()) / variance).abs() < 0.06);
    }
}
