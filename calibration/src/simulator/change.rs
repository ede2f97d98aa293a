//! What the candidate differs in: the truth a comparison has to find.

/// Requests that take longer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slowdown {
    /// The endpoint that got slower; `None` for all.
    pub endpoint: Option<usize>,
    /// What durations are multiplied by; 1.15 is 15% slower.
    pub factor: f64,
    /// Share of the endpoint's requests that get the factor, drawn at random;
    /// `None` for all.
    pub tail_only: Option<f64>,
}

impl Slowdown {
    /// The factor of a request to `endpoint`, with `draw` uniform in [0, 1).
    pub(crate) fn factor_for(&self, endpoint: usize, draw: f64) -> f64 {
        let here = self.endpoint.is_none_or(|slow| slow == endpoint);
        let hit = self.tail_only.is_none_or(|share| draw < share);
        if here && hit { self.factor } else { 1.0 }
    }
}

/// Requests that fail at another rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FailureChange {
    /// The endpoint concerned; `None` for all.
    pub endpoint: Option<usize>,
    /// Mean probability per request that it fails, instead of the noise's own.
    pub rate: f64,
}

/// All that distinguishes a run from the baseline. The default is no change.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Change {
    /// Slower requests.
    pub slowdown: Option<Slowdown>,
    /// Another failure rate.
    pub failures: Option<FailureChange>,
}

impl Change {
    /// The baseline, and a candidate in which nothing changed.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Every request of `endpoint` (`None`: of all) takes `factor` times as long.
    #[must_use]
    pub fn slower(endpoint: Option<usize>, factor: f64) -> Self {
        Self {
            slowdown: Some(Slowdown {
                endpoint,
                factor,
                tail_only: None,
            }),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn the_factor_reaches_only_its_endpoint_and_share() {
        let slowdown = Slowdown {
            endpoint: Some(2),
            factor: 3.0,
            tail_only: Some(0.1),
        };
        assert!(near(slowdown.factor_for(2, 0.05), 3.0));
        assert!(near(slowdown.factor_for(2, 0.15), 1.0));
        assert!(near(slowdown.factor_for(1, 0.05), 1.0));
    }
}
