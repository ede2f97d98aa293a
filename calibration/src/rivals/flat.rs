//! A flat limit on the rise of quantiles.

use crate::rivals::{Rule, by_endpoint};
use crate::simulator::request::Request;
use perf_report::stats::quantile::quantile;

/// Calls a regression when a quantile of an endpoint's durations rises by more
/// than a fixed share.
#[derive(Debug, Clone, PartialEq)]
pub struct Flat {
    /// Probabilities of the quantiles looked at.
    pub quantiles: Vec<f64>,
    /// Share by which a quantile may rise; 0.1 is 10%.
    pub rise: f64,
}

impl Flat {
    /// p95 up by more than 10%.
    #[must_use]
    pub fn p95() -> Self {
        Self {
            quantiles: vec![0.95],
            rise: 0.1,
        }
    }

    /// The median, p95 or p99 up by more than 10%.
    #[must_use]
    pub fn all() -> Self {
        Self {
            quantiles: vec![0.5, 0.95, 0.99],
            ..Self::p95()
        }
    }

    fn rises(&self, baseline: &[f64], candidate: &[f64], p: f64) -> bool {
        match (quantile(baseline, p), quantile(candidate, p)) {
            (Some(before), Some(after)) => after > before * (1.0 + self.rise),
            _ => false,
        }
    }
}

impl Rule for Flat {
    fn alarms(&self, baseline: &[Request], candidate: &[Request], endpoints: usize) -> bool {
        by_endpoint(baseline, candidate, endpoints, 1)
            .iter()
            .any(|durations| {
                self.quantiles
                    .iter()
                    .any(|p| self.rises(&durations.baseline, &durations.candidate, *p))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rivals::tests::requests;

    fn ramp(factor: f64) -> impl Iterator<Item = f64> {
        (1..=100).map(move |ms| factor * f64::from(ms))
    }

    #[test]
    fn alarms_above_ten_per_cent_only() {
        let baseline = requests(0, ramp(1.0));
        assert!(!Flat::all().alarms(&baseline, &baseline, 1));
        assert!(!Flat::all().alarms(&baseline, &requests(0, ramp(1.09)), 1));
        assert!(Flat::p95().alarms(&baseline, &requests(0, ramp(1.11)), 1));
        assert!(!Flat::all().alarms(&baseline, &requests(0, ramp(0.5)), 1));
    }

    #[test]
    fn p95_alone_misses_the_top_two_per_cent() {
        let baseline = requests(0, ramp(1.0));
        let slow_top = (1..=100).map(|ms| f64::from(if ms > 98 { 3 * ms } else { ms }));
        let candidate = requests(0, slow_top);
        assert!(!Flat::p95().alarms(&baseline, &candidate, 1));
        assert!(Flat::all().alarms(&baseline, &candidate, 1));
    }

    #[test]
    fn any_endpoint_suffices_and_missing_ones_do_not_count() {
        let mut baseline = requests(0, ramp(1.0));
        let mut candidate = baseline.clone();
        candidate.extend(requests(1, ramp(9.0)));
        assert!(!Flat::p95().alarms(&baseline, &candidate, 2));
        baseline.extend(requests(1, ramp(1.0)));
        assert!(Flat::p95().alarms(&baseline, &candidate, 2));
    }
}
