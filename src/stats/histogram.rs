//! Histograms with logarithmic bins, for showing a distribution with a long tail.

/// One bin: values from `low` up to, but not including, `high` (the last includes it).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// The lower edge.
    pub low: f64,
    /// The upper edge.
    pub high: f64,
    /// The number of values.
    pub count: usize,
}

/// At most `bins` bins of equal width on a logarithmic scale over the positive values of an
/// ascending slice. Values of zero or less, and infinite ones, have no place on that scale.
#[must_use]
pub fn logarithmic(ascending: &[f64], bins: usize) -> Vec<Bin> {
    let from = ascending.partition_point(|v| *v <= 0.0);
    let until = ascending.partition_point(|v| v.is_finite());
    let values = ascending.get(from..until).unwrap_or_default();
    let (Some(&low), Some(&high), true) = (values.first(), values.last(), bins > 0) else {
        return Vec::new();
    };
    if low == high {
        return vec![Bin {
            low,
            high,
            count: values.len(),
        }];
    }
    let step = (high / low).powf(1.0 / bins as f64);
    let mut edge = low;
    let mut seen = 0;
    (1..=bins)
        .map(|i| {
            let next = if i == bins {
                high
            } else {
                low * step.powf(i as f64)
            };
            let until = if i == bins {
                values.len()
            } else {
                values.partition_point(|v| *v < next)
            };
            let bin = Bin {
                low: edge,
                high: next,
                count: until.saturating_sub(seen),
            };
            edge = next;
            seen = until.max(seen);
            bin
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn few_or_equal_values() {
        assert!(logarithmic(&[], 10).is_empty());
        assert!(logarithmic(&[-1.0, 0.0, f64::INFINITY], 10).is_empty());
        assert_eq!(
            logarithmic(&[5.0, 5.0], 10),
            [Bin {
                low: 5.0,
                high: 5.0,
                count: 2
            }]
        );
    }

    #[test]
    fn a_known_split() {
        let bins = logarithmic(&[1.0, 2.0, 9.0, 10.0, 99.0, 100.0], 2);
        assert_eq!(bins.iter().map(|b| b.count).collect::<Vec<_>>(), [3, 3]);
        assert!((bins[0].high - 10.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn no_value_is_lost(mut values in prop::collection::vec(1e-6..1e6f64, 0..300), bins in 1..60usize) {
            values.sort_unstable_by(f64::total_cmp);
            let total: usize = logarithmic(&values, bins).iter().map(|b| b.count).sum();
            prop_assert_eq!(total, values.len());
        }
    }
}
