//! The Mann–Whitney U test per endpoint.

use crate::numbers::float;
use crate::rivals::holm::holm;
use crate::rivals::{Durations, Rule, by_endpoint};
use crate::simulator::request::Request;
use perf_report::stats::normal::survival;
use perf_report::stats::quantile::quantile;

/// Calls a regression when an endpoint's durations are stochastically larger
/// (one-sided test, Holm over endpoints) and its median rose by enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannWhitney {
    /// Family-wise error rate.
    pub alpha: f64,
    /// Share by which the median has to rise; 0.03 is 3%.
    pub rise: f64,
}

impl Default for MannWhitney {
    /// 5%, and a median up by more than 3%.
    fn default() -> Self {
        Self {
            alpha: 0.05,
            rise: 0.03,
        }
    }
}

impl MannWhitney {
    fn rises(&self, durations: &Durations) -> bool {
        let before = quantile(&durations.baseline, 0.5);
        let after = quantile(&durations.candidate, 0.5);
        matches!((before, after), (Some(before), Some(after)) if after > before * (1.0 + self.rise))
    }
}

impl Rule for MannWhitney {
    fn alarms(&self, baseline: &[Request], candidate: &[Request], endpoints: usize) -> bool {
        let durations = by_endpoint(baseline, candidate, endpoints, 1);
        let p_values: Vec<f64> = durations
            .iter()
            .map(|durations| one_sided_p(&durations.baseline, &durations.candidate))
            .collect();
        holm(&p_values, self.alpha)
            .into_iter()
            .zip(&durations)
            .any(|(significant, durations)| significant && self.rises(durations))
    }
}

/// The one-sided p-value of the Mann–Whitney U test that `candidate` is
/// stochastically larger than `baseline`, both ascending: normal approximation
/// with tie and continuity corrections (Mann & Whitney 1947; ties as in
/// Lehmann 1975, "Nonparametrics", section 1.4). 1 without any spread.
#[must_use]
pub(super) fn one_sided_p(baseline: &[f64], candidate: &[f64]) -> f64 {
    let (n, m) = (float(baseline.len()), float(candidate.len()));
    let total = n + m;
    let ranks = rank_sum(baseline, candidate);
    let u = ranks.candidate - m * (m + 1.0) / 2.0;
    let variance = n * m / 12.0 * (total + 1.0 - ranks.ties / (total * (total - 1.0)));
    if variance > 0.0 {
        survival((u - n * m / 2.0 - 0.5) / variance.sqrt())
    } else {
        1.0
    }
}

struct RankSum {
    /// Sum of the candidate's midranks.
    candidate: f64,
    /// Sum of t³ − t over groups of t equal values.
    ties: f64,
}

/// Ranks both sorted samples together in one merging pass.
fn rank_sum(mut baseline: &[f64], mut candidate: &[f64]) -> RankSum {
    let mut sum = RankSum {
        candidate: 0.0,
        ties: 0.0,
    };
    let mut ranked = 0.0;
    while let Some(value) = least(baseline, candidate) {
        let from_baseline = take(&mut baseline, value);
        let from_candidate = take(&mut candidate, value);
        let tied = from_baseline + from_candidate;
        sum.candidate += from_candidate * (ranked + f64::midpoint(tied, 1.0));
        sum.ties += tied.powi(3) - tied;
        ranked += tied;
    }
    sum
}

fn least(a: &[f64], b: &[f64]) -> Option<f64> {
    let firsts = a.first().into_iter().chain(b.first());
    firsts.copied().min_by(f64::total_cmp)
}

/// Takes the values up to `value` off the front; returns how many there were.
fn take(sorted: &mut &[f64], value: f64) -> f64 {
    let count = sorted
        .iter()
        .take_while(|other| other.total_cmp(&value).is_le())
        .count();
    *sorted = sorted.get(count..).unwrap_or_default();
    float(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rivals::tests::{alarms, requests};
    use crate::simulator::change::Change;
    use crate::simulator::noise::Noise;

    // scipy 1.17.1, python -c "from scipy.stats import mannwhitneyu as m;
    // b=[12,15,15,18,21,21,25,30]; c=[14,18,21,22,25,25,31,33,40];
    // print(m(c, b, alternative='greater', method='asymptotic').pvalue,
    //       m(b, c, alternative='greater', method='asymptotic').pvalue)"
    #[test]
    fn matches_scipy_with_ties() {
        let baseline = [12.0, 15.0, 15.0, 18.0, 21.0, 21.0, 25.0, 30.0];
        let candidate = [14.0, 18.0, 21.0, 22.0, 25.0, 25.0, 31.0, 33.0, 40.0];
        let slower = one_sided_p(&baseline, &candidate);
        assert!((slower - 0.060_676_179_734_368_01).abs() < 1e-12);
        let faster = one_sided_p(&candidate, &baseline);
        assert!((faster - 0.950_112_178_763_510_5).abs() < 1e-12);
    }

    #[test]
    fn no_spread_is_no_evidence() {
        assert!(one_sided_p(&[1.0; 9], &[1.0; 9]) >= 1.0);
        assert!(one_sided_p(&[], &[1.0]) >= 1.0);
    }

    #[test]
    fn a_significant_but_small_rise_is_no_alarm() {
        let ramp = |factor: f64| (0..4000).map(move |i| factor * (1.0 + f64::from(i) * 1e-5));
        let baseline = requests(0, ramp(1.0));
        let rule = MannWhitney::default();
        assert!(!rule.alarms(&baseline, &requests(0, ramp(1.02)), 1));
        assert!(rule.alarms(&baseline, &requests(0, ramp(1.04)), 1));
    }

    #[test]
    fn holds_its_level_on_independent_requests_and_finds_a_slowdown() {
        let noise = Noise {
            sigma: 0.3,
            ..Noise::none()
        };
        // Without the floor, so that the test itself is looked at. 5% of 400
        // is 20; 33 is three standard deviations above.
        let rule = MannWhitney {
            rise: 0.0,
            ..MannWhitney::default()
        };
        let false_alarms = alarms(&rule, &noise, &Change::none(), 400);
        assert!((7..=33).contains(&false_alarms), "{false_alarms}");
        let found = alarms(&rule, &noise, &Change::slower(Some(2), 1.15), 20);
        assert_eq!(found, 20);
    }
}
