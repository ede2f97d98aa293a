//! Values put into order only as far as it is needed.

use std::sync::OnceLock;

use super::quantile::{neighbours, quantile_between};

/// Fewer values than this are simply sorted.
const FEW: usize = 512;

/// Values that answer quantiles. Those that are announced are found by selection, which takes time
/// proportional to the number of values; only another one, or the whole order, costs a sort.
#[derive(Debug, Clone, Default)]
pub struct Ordered {
    /// As a whole in no order, but each of `ranks` holds what it would hold if they were sorted.
    values: Vec<f64>,
    /// Ascending; `None` when all of them are in their places.
    ranks: Option<Vec<usize>>,
    sorted: OnceLock<Vec<f64>>,
}

impl Ordered {
    /// Takes values in any order; `shares` (each 0 to 1) are the quantiles that will be asked for.
    #[must_use]
    pub fn new(mut values: Vec<f64>, shares: &[f64]) -> Self {
        if values.len() < FEW {
            values.sort_unstable_by(f64::total_cmp);
            return Self {
                values,
                ..Self::default()
            };
        }
        let mut ranks: Vec<usize> = shares
            .iter()
            .filter_map(|share| neighbours(values.len(), *share))
            .flat_map(|(below, above, _)| [below, above])
            .collect();
        ranks.sort_unstable();
        ranks.dedup();
        select(&mut values, &ranks, 0);
        Self {
            values,
            ranks: Some(ranks),
            sorted: OnceLock::new(),
        }
    }

    /// The quantile at `share` (0 to 1), as [`super::quantile::quantile`] gives it.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let (below, above, part) = neighbours(self.values.len(), share)?;
        let values = match &self.ranks {
            None => &self.values,
            Some(ranks) => {
                let is_placed = |rank| ranks.binary_search(&rank).is_ok();
                if is_placed(below) && is_placed(above) {
                    &self.values
                } else {
                    self.ascending()
                }
            }
        };
        Some(quantile_between(
            *values.get(below)?,
            *values.get(above)?,
            part,
        ))
    }

    /// All values in ascending order.
    #[must_use]
    pub fn ascending(&self) -> &[f64] {
        if self.ranks.is_none() {
            return &self.values;
        }
        self.sorted.get_or_init(|| {
            let mut sorted = self.values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            sorted
        })
    }
}

/// Puts into their places the values of these ascending ranks, of which the first value has the
/// rank `first`: Hoare's selection ("Algorithm 65: Find", Communications of the ACM 4, 1961) for
/// several ranks, the middle one first.
fn select(values: &mut [f64], ranks: &[usize], first: usize) {
    let Some(&middle) = ranks.get(ranks.len() / 2) else {
        return;
    };
    let (lower, _, upper) = values.select_nth_unstable_by(middle - first, f64::total_cmp);
    select(lower, &ranks[..ranks.len() / 2], first);
    select(upper, &ranks[ranks.len() / 2 + 1..], middle + 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile::quantile;
    use proptest::prelude::*;

    #[test]
    fn no_values_and_equal_values() {
        assert_eq!(Ordered::new(Vec::new(), &[0.5]).quantile(0.5), None);
        let same = Ordered::new(vec![3.0; 2 * FEW], &[0.0, 0.5, 1.0]);
        assert_eq!(same.quantile(0.5), Some(3.0));
        assert_eq!(same.ascending().len(), 2 * FEW);
    }

    proptest! {
        #[test]
        fn announced_or_not_a_quantile_is_that_of_the_sorted_values(
            values in prop::collection::vec(prop_oneof![-1e3..1e3f64, Just(0.0), Just(-0.0), Just(f64::INFINITY)], 1..1500),
            announced in prop::collection::vec(0.0..=1.0f64, 0..5),
            other in 0.0..=1.0f64,
        ) {
            let ordered = Ordered::new(values.clone(), &announced);
            let mut sorted = values;
            sorted.sort_unstable_by(f64::total_cmp);
            for share in announced.into_iter().chain([other, 0.0, 1.0]) {
                let bits = |value: Option<f64>| value.map(f64::to_bits);
                prop_assert_eq!(bits(ordered.quantile(share)), bits(quantile(&sorted, share)));
            }
            prop_assert_eq!(ordered.ascending(), &sorted);
        }
    }
}
