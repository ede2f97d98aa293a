//! Histograms with logarithmic bins, for showing a distribution with a long tail.

use super::ranked::Ranked;

/// One bin: values from `low` up to, but not including, `high` (the last includes it).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// The lower edge.
    pub low: f64,
    /// The upper edge.
    pub high: f64,
    /// The number of values.
    pub count: u64,
}

/// Bins of equal width on a logarithmic scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogScale {
    low: f64,
    high: f64,
    bins: usize,
}

impl LogScale {
    /// Bins from `low` to `high`; `None` unless both are finite, positive and apart.
    #[must_use]
    pub fn new(low: f64, high: f64, bins: usize) -> Option<Self> {
        let is_scale = low > 0.0 && low < high && high.is_finite() && bins > 0;
        is_scale.then_some(Self { low, high, bins })
    }

    /// The number of bins.
    #[must_use]
    pub fn bins(self) -> usize {
        self.bins
    }

    /// The lower edge of a bin; that of the bin after the last is the upper end.
    #[must_use]
    pub fn edge(self, bin: usize) -> f64 {
        if bin >= self.bins {
            return self.high;
        }
        self.low * (self.high / self.low).powf(bin as f64 / self.bins as f64)
    }

    /// The bin of a value, that beyond an end in the bin at the end; `None` of what is not positive
    /// or not finite.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates at both ends"
    )]
    pub fn bin(self, value: f64) -> Option<usize> {
        if !(value > 0.0 && value.is_finite()) {
            return None;
        }
        let share = (value / self.low).ln() / (self.high / self.low).ln();
        Some(((share * self.bins as f64) as usize).min(self.bins - 1))
    }
}

/// At most `bins` bins of equal width on a logarithmic scale over the positive values. Values of zero
/// or less, and infinite ones, have no place on that scale.
#[must_use]
pub fn logarithmic(values: Ranked<'_>, bins: usize) -> Vec<Bin> {
    let from = values.up_to(0.0);
    let until = values.up_to(f64::MAX);
    if from >= until || bins == 0 {
        return Vec::new();
    }
    let (Some(low), Some(high)) = (values.get(from), values.get(until - 1)) else {
        return Vec::new();
    };
    if low == high {
        return vec![Bin {
            low,
            high,
            count: until - from,
        }];
    }
    let step = (high / low).powf(1.0 / bins as f64);
    let mut edge = low;
    let mut seen = from;
    (1..=bins)
        .map(|i| {
            let next = if i == bins {
                high
            } else {
                low * step.powf(i as f64)
            };
            let end = if i == bins { until } else { values.below(next) };
            let bin = Bin {
                low: edge,
                high: next,
                count: end.saturating_sub(seen),
            };
            edge = next;
            seen = end.max(seen);
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
        assert!(logarithmic(Ranked::Each(&[]), 10).is_empty());
        assert!(logarithmic(Ranked::Each(&[-1.0, 0.0, f64::INFINITY]), 10).is_empty());
        assert_eq!(
            logarithmic(Ranked::Each(&[5.0, 5.0]), 10),
            [Bin {
                low: 5.0,
                high: 5.0,
                count: 2
            }]
        );
    }

    #[test]
    fn a_known_split() {
        let bins = logarithmic(Ranked::Each(&[1.0, 2.0, 9.0, 10.0, 99.0, 100.0]), 2);
        assert_eq!(bins.iter().map(|b| b.count).collect::<Vec<_>>(), [3, 3]);
        assert!((bins[0].high - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_scale_has_no_place_for_nothing() {
        assert_eq!(LogScale::new(0.0, 5.0, 3), None);
        assert_eq!(LogScale::new(5.0, 5.0, 3), None);
        let scale = LogScale::new(1.0, 1000.0, 3).unwrap();
        let bins = [0.1, 1.0, 9.9, 10.1, 1000.0, 1e9].map(|value| scale.bin(value).unwrap());
        assert_eq!(bins, [0, 0, 0, 1, 2, 2]);
        assert_eq!(scale.bin(0.0), None);
        assert_eq!(scale.bin(f64::NAN), None);
        assert!((scale.edge(1) - 10.0).abs() < 1e-9);
        assert_eq!(scale.edge(3), 1000.0);
    }

    proptest! {
        #[test]
        fn a_bin_holds_its_values(value in 1e-3..1e5f64, bins in 1..60usize) {
            let scale = LogScale::new(1e-3, 1e5, bins).unwrap();
            let bin = scale.bin(value).unwrap();
            prop_assert!(scale.edge(bin) <= value * 1.000_001);
            prop_assert!(value <= scale.edge(bin + 1) * 1.000_001);
        }

        #[test]
        fn no_value_is_lost(mut values in prop::collection::vec(1e-6..1e6f64, 0..300), bins in 1..60usize) {
            values.sort_unstable_by(f64::total_cmp);
            let total: u64 = logarithmic(Ranked::Each(&values), bins).iter().map(|b| b.count).sum();
            prop_assert_eq!(total, values.len() as u64);
        }
    }
}
