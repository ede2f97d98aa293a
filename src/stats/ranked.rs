//! Values in ascending order, each of which stands for one sample or for many.

use super::quantile::quantile_between;

/// Values that stand for several samples each, as the buckets of a histogram do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Buckets {
    /// Ascending.
    values: Vec<f64>,
    /// How many samples have a bucket's value or less.
    ends: Vec<u64>,
}

impl Buckets {
    /// Buckets in any order; those of one value are one.
    #[must_use]
    pub fn new(counts: impl IntoIterator<Item = (f64, u64)>) -> Self {
        let mut sorted: Vec<(f64, u64)> = counts.into_iter().filter(|(_, n)| *n > 0).collect();
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut buckets = Self::default();
        let mut end = 0_u64;
        for (value, count) in sorted {
            end = end.saturating_add(count);
            // Zeros of both signs are one bucket.
            if buckets.values.last() == Some(&value) {
                buckets.ends.pop();
            } else {
                buckets.values.push(value);
            }
            buckets.ends.push(end);
        }
        buckets
    }

    /// The buckets in ascending order: value and number of samples.
    pub fn iter(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let starts = std::iter::once(&0).chain(&self.ends);
        let counts = self.ends.iter().zip(starts).map(|(end, start)| end - start);
        self.values.iter().copied().zip(counts)
    }

    /// The number of samples in the first so many buckets.
    fn end(&self, buckets: usize) -> u64 {
        buckets.checked_sub(1).map_or(0, |last| self.ends[last])
    }
}

/// Samples in ascending order: each by itself, or as buckets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ranked<'a> {
    /// Each by itself, ascending.
    Each(&'a [f64]),
    /// As buckets.
    Buckets(&'a Buckets),
}

impl Ranked<'_> {
    /// The number of samples.
    #[must_use]
    pub fn len(self) -> u64 {
        match self {
            Self::Each(values) => values.len() as u64,
            Self::Buckets(buckets) => buckets.end(buckets.ends.len()),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The sample of a rank, from 0.
    #[must_use]
    pub fn get(self, rank: u64) -> Option<f64> {
        match self {
            Self::Each(values) => values.get(usize::try_from(rank).ok()?).copied(),
            Self::Buckets(buckets) => {
                let at = buckets.ends.partition_point(|end| *end <= rank);
                buckets.values.get(at).copied()
            }
        }
    }

    /// The number of samples below a value.
    #[must_use]
    pub fn below(self, value: f64) -> u64 {
        self.until(|v| v < value)
    }

    /// The number of samples of at most a value.
    #[must_use]
    pub fn up_to(self, value: f64) -> u64 {
        self.until(|v| v <= value)
    }

    /// The number of samples before the first that `is_before` says no to.
    fn until(self, is_before: impl Fn(f64) -> bool) -> u64 {
        match self {
            Self::Each(values) => values.partition_point(|v| is_before(*v)) as u64,
            Self::Buckets(buckets) => {
                buckets.end(buckets.values.partition_point(|v| is_before(*v)))
            }
        }
    }

    /// The quantile at `share` (0 to 1), as [`super::quantile::quantile`] gives it of samples.
    #[must_use]
    pub fn quantile(self, share: f64) -> Option<f64> {
        let place = share.clamp(0.0, 1.0) * self.len().checked_sub(1)? as f64;
        let (below, above) = (
            self.get(rank(place.floor()))?,
            self.get(rank(place.ceil()))?,
        );
        Some(quantile_between(below, above, place - place.floor()))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and n − 1"
)]
fn rank(place: f64) -> u64 {
    place as u64
}

/// Samples of several runs in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub enum Pooled {
    /// Each by itself, ascending.
    Each(Vec<f64>),
    /// As buckets, as soon as some are.
    Buckets(Buckets),
}

impl Pooled {
    /// Puts samples together.
    #[must_use]
    pub fn of(parts: &[Ranked<'_>]) -> Self {
        let each: Option<Vec<&[f64]>> = parts
            .iter()
            .map(|part| match part {
                Ranked::Each(values) => Some(*values),
                Ranked::Buckets(_) => None,
            })
            .collect();
        if let Some(each) = each {
            let mut values = each.concat();
            // Each part's are sorted already, which this sort makes use of.
            values.sort_by(f64::total_cmp);
            return Self::Each(values);
        }
        let mut counts = Vec::new();
        for part in parts {
            match part {
                Ranked::Each(values) => counts.extend(values.iter().map(|value| (*value, 1))),
                Ranked::Buckets(buckets) => counts.extend(buckets.iter()),
            }
        }
        Self::Buckets(Buckets::new(counts))
    }

    /// The samples.
    #[must_use]
    pub fn ranked(&self) -> Ranked<'_> {
        match self {
            Self::Each(values) => Ranked::Each(values),
            Self::Buckets(buckets) => Ranked::Buckets(buckets),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::quantile::quantile;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn zeros_of_both_signs_are_one_bucket() {
        let buckets = Buckets::new([(0.0, 2), (-0.0, 1), (-3.0, 1), (5.0, 0)]);
        assert_eq!(buckets.iter().collect::<Vec<_>>(), [(-3.0, 1), (0.0, 3)]);
    }

    proptest! {
        /// Against the samples written out.
        #[test]
        fn buckets_are_samples_written_out(
            counts in prop::collection::vec((-50..50i32, 0..5u64), 0..40),
            share in 0.0..=1.0f64,
            value in -60..60i32,
        ) {
            let counts: Vec<(f64, u64)> = counts.into_iter().map(|(v, n)| (f64::from(v) / 4.0, n)).collect();
            let mut all: Vec<f64> = counts
                .iter()
                .flat_map(|(v, n)| std::iter::repeat_n(*v, usize::try_from(*n).unwrap()))
                .collect();
            all.sort_by(f64::total_cmp);
            let buckets = Buckets::new(counts);
            let (ranked, each) = (Ranked::Buckets(&buckets), Ranked::Each(&all));
            prop_assert_eq!(ranked.len(), each.len());
            prop_assert_eq!(ranked.quantile(share), quantile(&all, share));
            prop_assert_eq!(each.quantile(share), quantile(&all, share));
            let value = f64::from(value) / 4.0;
            prop_assert_eq!(ranked.below(value), each.below(value));
            prop_assert_eq!(ranked.up_to(value), each.up_to(value));
            let rank = (all.len() / 2) as u64;
            prop_assert_eq!(ranked.get(rank), each.get(rank));
            let pooled = Pooled::of(&[ranked, each]);
            prop_assert_eq!(pooled.ranked().len(), 2 * each.len());
        }
    }
}
