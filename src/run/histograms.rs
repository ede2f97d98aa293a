//! Samples that are not kept one by one: histograms of series, second by second.

use std::collections::BTreeMap;

use crate::stats::buckets::LogBuckets;

const SECOND: i64 = 1_000_000_000;

/// The whole second since 1970 in which a moment lies.
pub(crate) fn second_of(time: i64) -> i64 {
    time.div_euclid(SECOND)
}

/// The beginning of that second, in nanoseconds since 1970.
pub(super) fn beginning_of_second(time: i64) -> i64 {
    second_of(time).saturating_mul(SECOND)
}

/// Samples of a series that are known together: those of a second, or a single one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell<'a> {
    /// The number of their series.
    pub series: u32,
    /// The earliest time, in nanoseconds since 1970.
    pub first: i64,
    /// The latest time.
    pub last: i64,
    /// The number of samples.
    pub count: u64,
    /// The sum of their values.
    pub sum: f64,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// The value at the latest time.
    pub latest: f64,
    /// The values of the buckets.
    pub values: &'a [f64],
    /// The number of samples in each bucket.
    pub counts: &'a [u32],
}

impl<'a> Cell<'a> {
    /// A single sample.
    pub(super) fn single(series: u32, time: i64, value: &'a f64) -> Self {
        Self {
            series,
            first: time,
            last: time,
            count: 1,
            sum: *value,
            min: *value,
            max: *value,
            latest: *value,
            values: std::slice::from_ref(value),
            counts: &[1],
        }
    }

    /// The buckets: a value, and how many samples it stands for.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u32)> + use<'a> {
        self.values.iter().copied().zip(self.counts.iter().copied())
    }

    /// The number of samples that are not zero, which is exact as zeros have a bucket of their own.
    #[must_use]
    pub fn nonzero(&self) -> u64 {
        let nonzero = self.buckets().filter(|(value, _)| *value != 0.0);
        nonzero.map(|(_, count)| u64::from(count)).sum()
    }
}

/// Histograms of series. Those of one series and second need not be one.
#[derive(Debug, Clone)]
pub struct Histograms {
    /// The relative error of the buckets.
    pub(super) error: f64,
    rows: Vec<Row>,
    values: Vec<f64>,
    counts: Vec<u32>,
}

/// A cell, with the end of its buckets among all of them.
#[derive(Debug, Clone)]
struct Row {
    series: u32,
    first: i64,
    last: i64,
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
    latest: f64,
    end: usize,
}

impl Histograms {
    /// None yet, of buckets of this relative error.
    #[must_use]
    pub fn new(error: f64) -> Self {
        Self {
            error,
            rows: Vec::new(),
            values: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// Adds a cell.
    pub fn push(&mut self, cell: &Cell<'_>) {
        self.values.extend_from_slice(cell.values);
        self.counts.extend_from_slice(cell.counts);
        self.rows.push(Row {
            series: cell.series,
            first: cell.first,
            last: cell.last,
            count: cell.count,
            sum: cell.sum,
            min: cell.min,
            max: cell.max,
            latest: cell.latest,
            end: self.values.len(),
        });
    }

    /// The number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The cells.
    pub fn iter(&self) -> impl Iterator<Item = Cell<'_>> {
        let starts = std::iter::once(0).chain(self.rows.iter().map(|row| row.end));
        self.rows.iter().zip(starts).map(|(row, start)| Cell {
            series: row.series,
            first: row.first,
            last: row.last,
            count: row.count,
            sum: row.sum,
            min: row.min,
            max: row.max,
            latest: row.latest,
            values: &self.values[start..row.end],
            counts: &self.counts[start..row.end],
        })
    }
}

/// Samples being put into histograms.
#[derive(Debug)]
pub struct Reduction {
    buckets: LogBuckets,
    open: BTreeMap<(i64, u32), Second>,
    /// Values and counts of the cell that is handed over.
    values: Vec<f64>,
    counts: Vec<u32>,
}

/// A series' samples of one second.
#[derive(Debug, Clone)]
struct Second {
    first: i64,
    last: i64,
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
    latest: f64,
    /// The values of the buckets of samples, until they are counted.
    shown: Vec<f64>,
    counted: Vec<(f64, u64)>,
}

/// So many values are put together before they are counted.
const FEW: usize = 1 << 7;

impl Reduction {
    /// None yet, to be put into these buckets.
    #[must_use]
    pub fn new(buckets: LogBuckets) -> Self {
        Self {
            buckets,
            open: BTreeMap::new(),
            values: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// Adds a sample.
    pub fn add(&mut self, series: u32, time: i64, value: f64) {
        let shown = self.buckets.shown(value);
        let second = self
            .open
            .entry((second_of(time), series))
            .or_insert_with(|| Second {
                first: time,
                last: time,
                count: 0,
                sum: 0.0,
                min: value,
                max: value,
                latest: value,
                shown: Vec::new(),
                counted: Vec::new(),
            });
        second.count += 1;
        second.sum += value;
        second.min = second.min.min(value);
        second.max = second.max.max(value);
        second.first = second.first.min(time);
        if time >= second.last {
            second.last = time;
            second.latest = value;
        }
        second.shown.push(shown);
        if second.shown.len() >= FEW {
            second.count_values();
        }
    }

    /// The number of seconds of series that are open.
    #[must_use]
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Hands over the cells of all but the latest so many seconds, in the order of time.
    ///
    /// # Errors
    /// Whatever `take` says.
    pub fn hand_over<E>(
        &mut self,
        but_latest: i64,
        mut take: impl FnMut(&Cell<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(((latest, _), _)) = self.open.last_key_value() else {
            return Ok(());
        };
        let kept = self
            .open
            .split_off(&(latest.saturating_sub(but_latest).saturating_add(1), 0));
        for ((_, series), mut second) in std::mem::replace(&mut self.open, kept) {
            second.count_values();
            self.values.clear();
            self.counts.clear();
            for (value, mut count) in second.counted {
                // A bucket of more than a number holds is several.
                while count > 0 {
                    let part = u32::try_from(count).unwrap_or(u32::MAX);
                    self.values.push(value);
                    self.counts.push(part);
                    count -= u64::from(part);
                }
            }
            take(&Cell {
                series,
                first: second.first,
                last: second.last,
                count: second.count,
                sum: second.sum,
                min: second.min,
                max: second.max,
                latest: second.latest,
                values: &self.values,
                counts: &self.counts,
            })?;
        }
        Ok(())
    }
}

impl Second {
    fn count_values(&mut self) {
        let new = self.shown.drain(..).map(|value| (value, 1));
        let mut all: Vec<(f64, u64)> = std::mem::take(&mut self.counted);
        all.extend(new);
        all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        all.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        self.counted = all;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::buckets::DEFAULT_ERROR;
    use proptest::prelude::*;

    proptest! {
        /// Against the samples themselves.
        #[test]
        fn nothing_is_lost(
            samples in prop::collection::vec((0..3u32, -3_000..3_000i64, -1..2000i32), 0..3000),
        ) {
            let mut reduction = Reduction::new(LogBuckets::new(DEFAULT_ERROR).unwrap());
            let samples: Vec<(u32, i64, f64)> = samples
                .into_iter()
                .map(|(series, ms, value)| (series, ms * 1_000_000, f64::from(value) / 8.0))
                .collect();
            for (series, time, value) in &samples {
                reduction.add(*series, *time, *value);
            }
            let mut histograms = Histograms::new(DEFAULT_ERROR);
            let _ = reduction.hand_over::<()>(2, |cell| { histograms.push(cell); Ok(()) });
            let _ = reduction.hand_over::<()>(0, |cell| { histograms.push(cell); Ok(()) });
            prop_assert!(reduction.is_empty());
            let mut count = 0;
            for cell in histograms.iter() {
                let second = second_of(cell.first);
                let own: Vec<&(u32, i64, f64)> = samples
                    .iter()
                    .filter(|(s, time, _)| *s == cell.series && second_of(*time) == second)
                    .collect();
                prop_assert_eq!(cell.count, own.len() as u64);
                prop_assert_eq!(cell.sum, own.iter().map(|s| s.2).sum::<f64>());
                prop_assert_eq!(cell.min, own.iter().map(|s| s.2).fold(f64::INFINITY, f64::min));
                prop_assert_eq!(cell.max, own.iter().map(|s| s.2).fold(f64::NEG_INFINITY, f64::max));
                prop_assert_eq!(cell.last, own.iter().map(|s| s.1).max().unwrap());
                prop_assert_eq!(cell.nonzero(), own.iter().filter(|s| s.2 != 0.0).count() as u64);
                prop_assert_eq!(cell.buckets().map(|(_, n)| u64::from(n)).sum::<u64>(), cell.count);
                prop_assert!(cell.values.is_sorted());
                count += cell.count;
            }
            prop_assert_eq!(count, samples.len() as u64);
        }
    }
}
