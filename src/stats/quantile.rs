//! Quantiles as k6 computes them.

/// The quantile at `share` (0 to 1) of values in ascending order; `None` without values.
///
/// With n values and i = share · (n − 1), the result is v⌊i⌋ + (v⌈i⌉ − v⌊i⌋) · (i − ⌊i⌋), in this
/// order of operations, which is k6's (`metrics.TrendSink.P`): linear interpolation between the
/// closest ranks, type 7 of Hyndman & Fan, "Sample Quantiles in Statistical Packages",
/// The American Statistician 50 (1996).
///
/// ```
/// use perf_report::stats::quantile::quantile;
/// assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.5), Some(2.0));
/// assert_eq!(quantile(&[1.0, 2.0], 0.9), Some(1.9));
/// assert_eq!(quantile(&[], 0.5), None);
/// ```
#[must_use]
pub fn quantile(ascending: &[f64], share: f64) -> Option<f64> {
    let (below, above, part) = neighbours(ascending.len(), share)?;
    Some(quantile_between(
        *ascending.get(below)?,
        *ascending.get(above)?,
        part,
    ))
}

/// The ranks ⌊i⌋ and ⌈i⌉ between which the quantile of `count` values lies, and i − ⌊i⌋; `None`
/// without values.
pub(super) fn neighbours(count: usize, share: f64) -> Option<(usize, usize, f64)> {
    let i = share.clamp(0.0, 1.0) * count.checked_sub(1)? as f64;
    Some((index(i.floor()), index(i.ceil()), i - i.floor()))
}

/// The quantile between two neighbours.
pub(super) fn quantile_between(below: f64, above: f64, part: f64) -> f64 {
    // Equal neighbours may be infinite, whose difference is no number.
    if below == above {
        return below;
    }
    below + (above - below) * part
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and n − 1"
)]
fn index(i: f64) -> usize {
    i as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_answers() {
        // numpy.percentile(x, q) with its default method, which is the same type 7.
        let x = [-3.0, 1.5, 2.0, 2.0, 9.0, 10.0];
        for (q, expected) in [
            (0.0, -3.0),
            (0.25, 1.625),
            (0.5, 2.0),
            (0.9, 9.5),
            (0.95, 9.75),
            (1.0, 10.0),
        ] {
            assert_eq!(quantile(&x, q), Some(expected), "{q}");
        }
        assert_eq!(quantile(&[7.0], 0.95), Some(7.0));
        assert_eq!(quantile(&[5.0, 5.0, 5.0], 0.33), Some(5.0));
        assert_eq!(
            quantile(&[f64::INFINITY, f64::INFINITY], 0.5),
            Some(f64::INFINITY)
        );
    }

    proptest! {
        #[test]
        fn lies_between_its_neighbours_and_grows(
            mut values in prop::collection::vec(-1e6..1e6f64, 1..200),
            a in 0.0..=1.0f64,
            b in 0.0..=1.0f64,
        ) {
            values.sort_unstable_by(f64::total_cmp);
            let (low, high) = if a <= b { (a, b) } else { (b, a) };
            let below = quantile(&values, low).unwrap();
            let above = quantile(&values, high).unwrap();
            prop_assert!(below <= above + 1e-9 * above.abs());
            prop_assert!(values[0] <= below && above <= values[values.len() - 1]);
        }
    }
}
