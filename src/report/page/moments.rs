//! Pieces of time, as the charts take them.

use crate::run::{Measure, Stat, Timeline, TimelineBucket};

/// One piece of time.
#[derive(Debug, Clone, Default)]
pub struct Moment {
    /// Its beginning, in seconds since the run's.
    pub from: f64,
    /// Its length in seconds.
    pub seconds: f64,
    /// Requests a second.
    pub rate: f64,
    /// The share of requests that failed.
    pub failed: Option<f64>,
    /// Failed responses a second, by status.
    pub failures: Vec<f64>,
    /// The most virtual users.
    pub users: Option<f64>,
    /// Iterations that k6 dropped.
    pub dropped: f64,
    /// The 50th, 90th, 95th and 99th percentile of the duration, in milliseconds.
    pub percentiles: Option<[f64; 4]>,
    /// The longest duration.
    pub longest: Option<f64>,
    /// Bytes sent a second.
    pub sent: f64,
    /// Bytes received a second.
    pub received: f64,
}

impl Moment {
    /// The middle of the piece.
    #[must_use]
    pub fn middle(&self) -> f64 {
        self.from + self.seconds / 2.0
    }

    fn of(bucket: &TimelineBucket) -> Self {
        let known = |measure: &Measure, stat: Stat| {
            (!measure.is_empty()).then(|| measure.get(stat)).flatten()
        };
        let duration = |stat| known(&bucket.duration, stat);
        let percentiles = || {
            Some([
                duration(Stat::Med)?,
                duration(Stat::p(90))?,
                duration(Stat::p(95))?,
                duration(Stat::p(99))?,
            ])
        };
        let per_second = |sum: f64| {
            if bucket.covered > 0.0 {
                sum / bucket.covered
            } else {
                0.0
            }
        };
        Self {
            from: bucket.offset,
            seconds: bucket.seconds,
            rate: per_second(bucket.requests),
            failed: known(&bucket.failed, Stat::Rate),
            failures: bucket.failures.iter().map(|n| per_second(*n)).collect(),
            users: known(&bucket.vus, Stat::Max),
            dropped: per_second(bucket.dropped) * bucket.seconds,
            percentiles: percentiles(),
            longest: duration(Stat::Max),
            sent: per_second(bucket.sent),
            received: per_second(bucket.received),
        }
    }
}

/// The pieces of a timeline.
pub(super) fn moments(timeline: &Timeline) -> Vec<Moment> {
    timeline.buckets.iter().map(Moment::of).collect()
}
