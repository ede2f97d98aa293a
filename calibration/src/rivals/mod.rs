//! Rules in common use to call a regression between two runs.
//!
//! Each looks at the durations of all requests, failed ones included, endpoint
//! by endpoint, and treats requests as if they were independent.

mod bootstrap;
mod flat;
mod holm;
mod mann_whitney;

use crate::numbers::index;
use crate::simulator::request::Request;

pub use bootstrap::Bootstrap;
pub use flat::Flat;
pub use mann_whitney::MannWhitney;

/// A rule that compares a candidate run with a baseline run.
pub trait Rule {
    /// Whether the rule calls a regression at any of the first `endpoints`
    /// endpoints. One without requests in either run is not judged.
    fn alarms(&self, baseline: &[Request], candidate: &[Request], endpoints: usize) -> bool;
}

/// The durations at one endpoint in milliseconds, ascending.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Durations {
    pub(crate) baseline: Vec<f64>,
    pub(crate) candidate: Vec<f64>,
}

/// The durations of every endpoint that has at least `least` requests in both
/// runs.
pub(crate) fn by_endpoint(
    baseline: &[Request],
    candidate: &[Request],
    endpoints: usize,
    least: usize,
) -> Vec<Durations> {
    sorted(baseline, endpoints)
        .into_iter()
        .zip(sorted(candidate, endpoints))
        .filter(|(baseline, candidate)| baseline.len().min(candidate.len()) >= least)
        .map(|(baseline, candidate)| Durations {
            baseline,
            candidate,
        })
        .collect()
}

fn sorted(run: &[Request], endpoints: usize) -> Vec<Vec<f64>> {
    let mut durations = vec![Vec::new(); endpoints];
    for request in run {
        if let Some(endpoint) = durations.get_mut(index(request.endpoint)) {
            endpoint.push(request.duration_ms);
        }
    }
    for endpoint in &mut durations {
        endpoint.sort_by(f64::total_cmp);
    }
    durations
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::simulator::change::Change;
    use crate::simulator::noise::Noise;
    use crate::simulator::simulate::simulate;
    use crate::simulator::workload::Workload;

    /// Requests to one endpoint with the given durations.
    pub(crate) fn requests(endpoint: u32, durations: impl Iterator<Item = f64>) -> Vec<Request> {
        durations
            .map(|duration_ms| Request {
                time: 0.0,
                endpoint,
                duration_ms,
                failed: false,
            })
            .collect()
    }

    /// How many of `pairs` pairs of simulated runs raise an alarm.
    pub(crate) fn alarms(rule: &impl Rule, noise: &Noise, change: &Change, pairs: u64) -> usize {
        let workload = Workload::open();
        (0..pairs)
            .filter(|pair| {
                let baseline = simulate(&workload, noise, &Change::none(), 2 * pair);
                let candidate = simulate(&workload, noise, change, 2 * pair + 1);
                rule.alarms(&baseline, &candidate, workload.endpoints)
            })
            .count()
    }

    #[test]
    fn durations_are_sorted_and_sparse_endpoints_left_out() {
        let mut baseline = requests(0, [3.0, 1.0, 2.0].into_iter());
        baseline.extend(requests(1, [5.0].into_iter()));
        baseline.extend(requests(9, [5.0].into_iter()));
        let candidate = requests(0, [4.0, 2.0].into_iter());
        let expected = Durations {
            baseline: vec![1.0, 2.0, 3.0],
            candidate: vec![2.0, 4.0],
        };
        assert_eq!(by_endpoint(&baseline, &candidate, 2, 2), [expected]);
        assert!(by_endpoint(&baseline, &candidate, 2, 3).is_empty());
    }
}
