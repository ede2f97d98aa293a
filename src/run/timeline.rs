//! A run cut into equal pieces of time, for charts.

use super::Run;
use super::measure::{Measure, Tally};
use super::metric::MetricType;

/// A run over time.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// When the first piece begins, in nanoseconds since 1970.
    pub start: i64,
    /// The length of a piece in seconds.
    pub width: f64,
    /// The pieces; the last can be up to half a piece longer or shorter.
    pub buckets: Vec<TimelineBucket>,
}

/// One piece of time.
#[derive(Debug, Clone)]
pub struct TimelineBucket {
    /// Its beginning, in seconds since the run's first sample.
    pub offset: f64,
    /// Its length in seconds.
    pub seconds: f64,
    /// The durations of the requests that ended in it, in milliseconds.
    pub duration: Measure,
    /// The requests of it that failed: a rate.
    pub failed: Measure,
    /// The virtual users: a gauge, without samples where k6 said nothing.
    pub vus: Measure,
}

/// Lengths of a piece in seconds that read well on an axis.
const WIDTHS: [f64; 14] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
];

impl Run {
    /// The run in at most `most` pieces of at least a second; `None` without samples.
    #[must_use]
    pub fn timeline(&self, most: usize) -> Option<Timeline> {
        let samples = self.samples()?;
        let duration_metric = self.request_metric().unwrap_or("iteration_duration");
        let (start, end) = samples.span()?;
        let seconds = end.saturating_sub(start) as f64 / 1e9;
        let fits = |width: &f64| seconds / width <= most as f64;
        // Beyond the list, whole hours.
        let width = WIDTHS
            .into_iter()
            .find(fits)
            .unwrap_or_else(|| (seconds / most.max(1) as f64 / 3600.0).ceil() * 3600.0);
        let count = whole((seconds / width).round()).max(1);

        let kinds = [MetricType::Trend, MetricType::Rate, MetricType::Gauge];
        let row = |metric: &str| match metric {
            "http_req_failed" => Some(1),
            "vus" => Some(2),
            _ => (metric == duration_metric).then_some(0),
        };
        let rows: Vec<Option<usize>> = samples
            .series()
            .iter()
            .map(|series| row(series.metric()))
            .collect();
        let all_kinds: Vec<MetricType> = (0..count).flat_map(|_| kinds).collect();
        let tallies = samples.tally_each(&all_kinds, |point| {
            let row = rows[point.series as usize]?;
            let bucket = point.time.saturating_sub(start) as f64 / 1e9 / width;
            Some(whole(bucket.floor()).min(count - 1) * kinds.len() + row)
        });

        let mut tallies = tallies.into_iter();
        let mut next =
            |kind| Measure::exact(kind, tallies.next().unwrap_or_else(Tally::default), None);
        let buckets = (0..count)
            .map(|i| {
                let offset = i as f64 * width;
                let seconds = if i + 1 == count {
                    seconds - offset
                } else {
                    width
                };
                TimelineBucket {
                    offset,
                    seconds,
                    duration: next(MetricType::Trend),
                    failed: next(MetricType::Rate),
                    vus: next(MetricType::Gauge),
                }
            })
            .collect();
        Some(Timeline {
            start,
            width,
            buckets,
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, small"
)]
fn whole(value: f64) -> usize {
    value as usize
}
