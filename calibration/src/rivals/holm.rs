//! Many tests at once.

use crate::numbers::float;

/// Which hypotheses are rejected with a family-wise error rate of `alpha`, in
/// the order of `p_values`: the step-down procedure of Holm 1979, "A simple
/// sequentially rejective multiple test procedure". Not a number counts as 1.
#[must_use]
pub(super) fn holm(p_values: &[f64], alpha: f64) -> Vec<bool> {
    let known = |p: &f64| if p.is_nan() { 1.0 } else { *p };
    let mut order: Vec<(usize, f64)> = p_values.iter().map(known).enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut rejected = vec![false; p_values.len()];
    for (rank, (test, p)) in order.into_iter().enumerate() {
        if p > alpha / float(p_values.len() - rank) {
            break;
        }
        if let Some(slot) = rejected.get_mut(test) {
            *slot = true;
        }
    }
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;

    // By hand, at 5%: 0.005 ≤ 0.05/4, 0.01 ≤ 0.05/3, 0.03 > 0.05/2, so the
    // third stops the procedure and 0.04 is kept although it is below 0.05/1.
    // Bonferroni would reject the same two, Benjamini-Hochberg all four.
    #[test]
    fn steps_down_until_the_first_that_is_kept() {
        assert_eq!(
            holm(&[0.01, 0.04, 0.03, 0.005], 0.05),
            [true, false, false, true]
        );
    }

    // 0.02 > 0.05/3, so Bonferroni keeps it; Holm compares it with 0.05/2.
    #[test]
    fn rejects_more_than_bonferroni() {
        assert_eq!(holm(&[0.02, 0.3, 0.01], 0.05), [true, false, true]);
    }

    #[test]
    fn keeps_what_is_not_a_number() {
        assert_eq!(
            holm(&[f64::NAN, -f64::NAN, 0.001], 0.05),
            [false, false, true]
        );
        assert!(holm(&[], 0.05).is_empty());
    }
}
