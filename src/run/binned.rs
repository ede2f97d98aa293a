//! Request durations with the piece of time in which each was measured, for resampling.

use super::Run;
use super::endpoint::{EndpointId, endpoints_of, is_unexpected, place_of};
use super::groups::Groups;
use super::name::MetricName;
use super::ramps::Ramps;
use crate::stats::proportion::Share;

/// A run is cut into whole seconds, and a long one into this many equal pieces of whole seconds.
const MOST_BINS: i64 = 1200;

/// The least length of such a piece for rates, in seconds: failures are few.
const RATE_SECONDS: i64 = 2;

const SECOND: i64 = 1_000_000_000;

/// The request durations of a run by endpoint, in bins of time.
#[derive(Debug, Clone)]
pub struct BinnedDurations {
    /// The number of bins.
    pub bins: usize,
    /// The endpoints by name, each with its durations.
    pub endpoints: Vec<(EndpointId, BinnedValues)>,
}

/// Values with the bins in which they were measured.
#[derive(Debug, Clone, Default)]
pub struct BinnedValues {
    /// The values in ascending order, in milliseconds.
    pub values: Vec<f64>,
    /// The number of the bin of each value.
    pub bins: Vec<u32>,
    /// How many samples each value stands for.
    pub counts: Vec<u32>,
}

impl BinnedValues {
    /// The number of samples.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }
}

/// Equal pieces of a span of time.
#[derive(Debug, Clone, Copy)]
struct Bins {
    start: i64,
    width: i64,
    count: usize,
}

impl Bins {
    /// Whole seconds from `start`; what is left beyond the last whole one belongs to it.
    fn of(start: i64, end: i64, width: i64) -> Self {
        let count = usize::try_from(end.saturating_sub(start) / width).unwrap_or(0);
        Self {
            start,
            width,
            count: count.max(1),
        }
    }

    /// The bin of a moment; `None` before the first.
    fn at(self, time: i64) -> Option<usize> {
        let offset = time.checked_sub(self.start).filter(|offset| *offset >= 0)?;
        let bin = usize::try_from(offset / self.width).unwrap_or(usize::MAX);
        Some(bin.min(self.count - 1))
    }
}

impl Run {
    /// The durations of the requests that were answered as expected, by endpoint (and by scenario
    /// where asked for), without the ramps; `None` without samples.
    #[must_use]
    pub fn binned_durations(&self, by_scenario: bool, ramps: Ramps) -> Option<BinnedDurations> {
        let (samples, metric) = (self.samples()?, self.request_metric()?);
        let (start, end) = samples.pieces()?;
        #[expect(clippy::cast_possible_truncation, reason = "seconds of a run")]
        let nanoseconds = |seconds: f64| (seconds * SECOND as f64) as i64;
        let start = start.saturating_add(nanoseconds(ramps.up));
        let end = end.saturating_sub(nanoseconds(ramps.down)).max(start);
        let seconds = (end.saturating_sub(start) / SECOND / MOST_BINS + 1).max(1);
        let bins = Bins::of(start, end, seconds * SECOND);
        let table = samples.series();
        let (place, unexpected) = (place_of(table, &[Some(metric)]), is_unexpected(table));
        let (ids, groups) = endpoints_of(table, self.endpoint_names(), by_scenario, 1, |series| {
            place(series).filter(|_| !unexpected(series))
        });
        let mut found: Vec<Vec<(f64, u32, u32)>> = vec![Vec::new(); ids.len()];
        samples.for_each(|cell| {
            if cell.first > end {
                return;
            }
            let group = groups.of_series()[cell.series as usize];
            for endpoint in &groups.sets()[group as usize] {
                let bin = bins.at(cell.first).and_then(|bin| u32::try_from(bin).ok());
                if let Some(bin) = bin {
                    let buckets = cell.buckets().map(|(value, count)| (value, bin, count));
                    found[*endpoint as usize].extend(buckets);
                }
            }
        });
        let mut endpoints: Vec<(EndpointId, BinnedValues)> = ids
            .into_iter()
            .zip(crate::threads::each(found, ascending))
            .filter(|(_, values)| !values.values.is_empty())
            .collect();
        endpoints.sort_by(|a, b| a.0.cmp(&b.0));
        Some(BinnedDurations {
            bins: bins.count,
            endpoints,
        })
    }

    /// Rates over time: how often each of these metrics and submetrics was not zero in pieces of two
    /// seconds, and out of how many; empty without samples.
    #[must_use]
    pub fn binned_shares(&self, names: &[MetricName]) -> Vec<Vec<Share>> {
        let pieces = self
            .samples()
            .map(|samples| samples.pieces().map(|span| (samples, span)));
        let Some((samples, (start, end))) = pieces.flatten() else {
            return vec![Vec::new(); names.len()];
        };
        let seconds = RATE_SECONDS.max(end.saturating_sub(start) / SECOND / MOST_BINS);
        let bins = Bins::of(start, end, seconds * SECOND);
        let nothing = Share {
            hits: 0.0,
            total: 0.0,
        };
        let mut shares = vec![vec![nothing; bins.count]; names.len()];
        let groups = Groups::of_names(samples.series(), names);
        samples.for_each(|cell| {
            let set = groups.of_series()[cell.series as usize];
            for name in &groups.sets()[set as usize] {
                if let Some(bin) = bins.at(cell.first) {
                    let share = &mut shares[*name as usize][bin];
                    share.total += cell.count as f64;
                    share.hits += cell.nonzero() as f64;
                }
            }
        });
        shares
    }
}

fn ascending(mut found: Vec<(f64, u32, u32)>) -> BinnedValues {
    found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut sorted = BinnedValues::default();
    for (value, bin, count) in found {
        sorted.values.push(value);
        sorted.bins.push(bin);
        sorted.counts.push(count);
    }
    sorted
}
