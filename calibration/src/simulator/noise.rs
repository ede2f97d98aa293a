//! How much latency varies when nothing has changed.

/// Slow sinusoidal drift, shared by all endpoints.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// Amplitude as a share of the latency; 0.1 is ±10%.
    pub amplitude: f64,
    /// Period in seconds. The phase is random per run.
    pub period_s: f64,
}

/// A stationary Ornstein–Uhlenbeck process of the log latency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wander {
    /// Stationary standard deviation of the log factor.
    pub sd: f64,
    /// Time constant in seconds: the autocorrelation at this lag is 1/e.
    pub tau_s: f64,
}

impl Wander {
    /// No wander.
    pub const NONE: Self = Self {
        sd: 0.0,
        tau_s: 1.0,
    };
}

/// Recurring short periods in which everything is slower.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bursts {
    /// Mean time from one burst to the next in seconds; each is jittered by up
    /// to a quarter of this either way.
    pub every_s: f64,
    /// Length of a burst in seconds.
    pub length_s: f64,
    /// What durations are multiplied by during a burst.
    pub factor: f64,
}

/// Single requests that are much slower than the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tail {
    /// Share of requests concerned.
    pub share: f64,
    /// Least factor of their duration; the factor is uniform up to `most`.
    pub least: f64,
    /// Greatest factor of their duration.
    pub most: f64,
}

/// All variation of one run. Standard deviations are those of log factors, so
/// 0.03 is about 3%.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// Log standard deviation of single requests (lognormal body).
    pub sigma: f64,
    /// Much slower single requests.
    pub tail: Tail,
    /// Slow drift shared by all endpoints.
    pub drift: Drift,
    /// Wander shared by all endpoints.
    pub wander: Wander,
    /// Wander of each endpoint on its own.
    pub endpoint_wander: Wander,
    /// Bursts shared by all endpoints.
    pub bursts: Option<Bursts>,
    /// Standard deviation of a log factor drawn once per run for all endpoints.
    pub run_effect: f64,
    /// Standard deviation of a log factor drawn per run and endpoint.
    pub endpoint_run_effect: f64,
    /// Mean probability per request that it fails.
    pub failures: f64,
    /// Standard deviation of the failure probability's logit from second to
    /// second, shared by all endpoints: failures come in bursts.
    pub failure_sd: f64,
}

impl Noise {
    /// Nothing varies and nothing fails.
    #[must_use]
    pub fn none() -> Self {
        Self {
            sigma: 0.0,
            tail: Tail {
                share: 0.0,
                least: 3.0,
                most: 7.0,
            },
            drift: Drift {
                amplitude: 0.0,
                period_s: 60.0,
            },
            wander: Wander::NONE,
            endpoint_wander: Wander::NONE,
            bursts: None,
            run_effect: 0.0,
            endpoint_run_effect: 0.0,
            failures: 0.0,
            failure_sd: 0.0,
        }
    }

    /// A quiet machine: lognormal requests, 1% of them 3 to 7 times slower,
    /// drift of ±10% over a minute, and runs that do not differ otherwise.
    #[must_use]
    pub fn quiet() -> Self {
        let none = Self::none();
        Self {
            sigma: 0.3,
            tail: Tail {
                share: 0.01,
                ..none.tail
            },
            drift: Drift {
                amplitude: 0.1,
                ..none.drift
            },
            failures: 0.002,
            failure_sd: 0.5,
            ..none
        }
    }

    /// A shared machine: as quiet, with runs that differ by 4%, wander of 15%
    /// within seconds, a 2 s burst of doubled latency every 20 s, and more
    /// failures that cluster more.
    #[must_use]
    pub fn noisy() -> Self {
        Self {
            run_effect: 0.04,
            wander: Wander {
                sd: 0.15,
                tau_s: 3.0,
            },
            bursts: Some(Bursts {
                every_s: 20.0,
                length_s: 2.0,
                factor: 2.0,
            }),
            failures: 0.005,
            failure_sd: 1.5,
            ..Self::quiet()
        }
    }

    /// The same noise with another run effect shared by all endpoints.
    #[must_use]
    pub fn with_run_effect(self, sd: f64) -> Self {
        Self {
            run_effect: sd,
            ..self
        }
    }

    /// The same noise with another run effect per endpoint.
    #[must_use]
    pub fn with_endpoint_run_effect(self, sd: f64) -> Self {
        Self {
            endpoint_run_effect: sd,
            ..self
        }
    }
}
