//! Runs cut into equal pieces of time, for charts.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Run;
use super::endpoint::{is_unexpected, place_of};
use super::measure::{Measure, Tally};
use super::metric::{MetricType, Stat};
use super::series::{Series, SeriesTable};

/// A run over time, or repetitions of one laid over each other by their beginnings.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// When the first piece of the first run begins, in nanoseconds since 1970.
    pub start: i64,
    /// The length of a piece in seconds.
    pub width: f64,
    /// The statuses of failed responses, the most frequent first; what is rare comes together as
    /// [`OTHER_STATUS`].
    pub statuses: Vec<String>,
    /// The pieces; the last can be up to half a piece longer or shorter.
    pub buckets: Vec<TimelineBucket>,
}

/// One piece of time. Sums are over all runs.
#[derive(Debug, Clone)]
pub struct TimelineBucket {
    /// Its beginning, in seconds since the run's first sample.
    pub offset: f64,
    /// Its length in seconds.
    pub seconds: f64,
    /// The seconds of it that runs cover, all of them together.
    pub covered: f64,
    /// The number of requests that ended in it.
    pub requests: f64,
    /// Their durations, in milliseconds.
    pub duration: Measure,
    /// Those of them that failed: a rate.
    pub failed: Measure,
    /// The virtual users: a gauge, without samples where k6 said nothing.
    pub vus: Measure,
    /// Iterations that k6 could not start in time.
    pub dropped: f64,
    /// Bytes sent.
    pub sent: f64,
    /// Bytes received.
    pub received: f64,
    /// Failed responses by status, in the order of [`Timeline::statuses`].
    pub failures: Vec<f64>,
}

/// What stands for all statuses that are too rare for a place of their own.
pub const OTHER_STATUS: &str = "other";

/// Statuses of failed responses that have a place of their own.
const MOST_STATUSES: usize = 4;

/// Lengths of a piece in seconds that read well on an axis.
const WIDTHS: [f64; 14] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
];

/// What is added up in each piece, failed responses by status after it.
const ROWS: [MetricType; 6] = [
    MetricType::Trend,
    MetricType::Rate,
    MetricType::Gauge,
    MetricType::Counter,
    MetricType::Counter,
    MetricType::Counter,
];

/// The metrics of [`ROWS`] after the duration.
const METRICS: [&str; 5] = [
    "http_req_failed",
    "vus",
    "dropped_iterations",
    "data_sent",
    "data_received",
];

impl Timeline {
    /// A length of pieces of which at most `most` make up so many seconds; a second at least.
    #[must_use]
    pub fn width(seconds: f64, most: usize) -> f64 {
        let fits = |width: &f64| seconds / width <= most as f64;
        // Beyond the list, whole hours.
        WIDTHS
            .into_iter()
            .find(fits)
            .unwrap_or_else(|| (seconds / most.max(1) as f64 / 3600.0).ceil() * 3600.0)
    }

    /// The runs in pieces of `width` seconds; `None` where one has no samples.
    #[must_use]
    pub fn of(runs: &[&Run], width: f64) -> Option<Self> {
        let spans = runs.iter().map(|run| run.samples()?.pieces());
        let spans: Vec<(i64, i64)> = spans.collect::<Option<_>>()?;
        let start = spans.first()?.0;
        let lengths: Vec<f64> = runs.iter().filter_map(|r| r.seconds_of_samples()).collect();
        let seconds = lengths.iter().copied().fold(0.0, f64::max);
        let count = whole((seconds / width).round()).max(1);
        let statuses = failed_statuses(runs);
        let mut rows = ROWS.to_vec();
        rows.resize(ROWS.len() + statuses.len(), MetricType::Counter);
        // Of histograms with others, the errors of all are that of the coarsest.
        let error = runs.iter().filter_map(|run| run.samples()?.error());
        let error = error.reduce(f64::max);
        let tally = |_| Tally::of_error(error);
        let mut tallies: Vec<Tally> = (0..count * rows.len()).map(tally).collect();
        for (run, (start, _)) in runs.iter().zip(&spans) {
            run.tally_over_time(*start, width, &rows, &statuses, &mut tallies);
        }
        let mut tallies = tallies.into_iter();
        let mut next = |kind| Measure::of_samples(kind, tallies.next().unwrap_or_default(), None);
        let buckets = (0..count).map(|i| {
            let offset = i as f64 * width;
            let duration = next(MetricType::Trend);
            let (failed, vus) = (next(MetricType::Rate), next(MetricType::Gauge));
            let mut sum = || next(MetricType::Counter).get(Stat::Count).unwrap_or(0.0);
            let end = if i + 1 == count {
                seconds
            } else {
                offset + width
            };
            let covered = lengths.iter().map(|run| (run.min(end) - offset).max(0.0));
            TimelineBucket {
                offset,
                seconds: end - offset,
                covered: covered.sum(),
                requests: duration.samples().unwrap_or(0) as f64,
                duration,
                failed,
                vus,
                dropped: sum(),
                sent: sum(),
                received: sum(),
                failures: statuses.iter().map(|_| sum()).collect(),
            }
        });
        Some(Self {
            start,
            width,
            buckets: buckets.collect(),
            statuses,
        })
    }

    /// The number of the piece of a moment of a run that began at `start`.
    pub(super) fn piece(start: i64, width: f64, time: i64) -> usize {
        whole((length(start, time) / width).floor())
    }
}

impl Run {
    /// How long the run's samples span, in seconds; `None` without samples.
    #[must_use]
    pub fn seconds_of_samples(&self) -> Option<f64> {
        let (from, until) = self.samples()?.pieces()?;
        Some(length(from, until) + self.resolution())
    }

    /// The metric whose samples stand for what the run did: requests, or iterations where there are
    /// none.
    #[must_use]
    pub fn duration_metric(&self) -> &'static str {
        self.request_metric().unwrap_or("iteration_duration")
    }

    /// What a time stands for, in seconds: streams with times in whole seconds, as CSV has them, say
    /// in which second something was.
    fn resolution(&self) -> f64 {
        const LOOKED_AT: usize = 1000;
        let Some(points) = self.samples().filter(|samples| samples.error().is_none()) else {
            // Histograms hold the very times of their first and last samples.
            return 0.0;
        };
        let mut times = points.iter().take(LOOKED_AT);
        let is_whole = times.all(|point| point.time % 1_000_000_000 == 0);
        f64::from(u8::from(is_whole))
    }

    fn tally_over_time(
        &self,
        start: i64,
        width: f64,
        kinds: &[MetricType],
        statuses: &[String],
        tallies: &mut [Tally],
    ) {
        let Some(samples) = self.samples() else {
            return;
        };
        let table = samples.series();
        let duration = [Some(self.duration_metric())].into_iter();
        let metrics: Vec<_> = duration.chain(METRICS.map(Some)).collect();
        let (place, failed) = (place_of(table, &metrics), failed_status(table));
        let row = |series| {
            place(series).or_else(|| {
                let status = failed(series)?;
                let known = statuses.iter().position(|known| known == status);
                let other = statuses.len().checked_sub(1);
                Some(ROWS.len() + known.or(other)?)
            })
        };
        let rows: Vec<Option<usize>> = table.iter().map(row).collect();
        let last = (tallies.len() / kinds.len()).saturating_sub(1);
        samples.for_each(|cell| {
            if let Some(row) = rows[cell.series as usize] {
                let piece = Timeline::piece(start, width, cell.first).min(last);
                tallies[piece * kinds.len() + row].add_cell(kinds[row], cell);
            }
        });
    }
}

/// The status of the failed responses that a series counts.
fn failed_status<'a>(table: &'a SeriesTable) -> impl Fn(Series<'a>) -> Option<&'a str> {
    let (place, unexpected) = (place_of(table, &[Some("http_reqs")]), is_unexpected(table));
    let status = table.string("status");
    move |series| {
        place(series).filter(|_| unexpected(series))?;
        let status = status.and_then(|key| series.value(key));
        Some(status.map_or(OTHER_STATUS, |status| table.text(status)))
    }
}

/// The statuses of failed responses, the most frequent first.
fn failed_statuses(runs: &[&Run]) -> Vec<String> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for samples in runs.iter().filter_map(|run| run.samples()) {
        let failed = failed_status(samples.series());
        for (place, series) in samples.series().iter().enumerate() {
            if let Some(status) = failed(series) {
                *counts.entry(status).or_default() += samples.count(place);
            }
        }
    }
    let mut statuses: Vec<(&str, u64)> = counts.into_iter().collect();
    statuses.sort_by_key(|(status, count)| (Reverse(*count), *status));
    let mut statuses: Vec<String> = statuses.into_iter().map(|(s, _)| s.to_owned()).collect();
    if statuses.len() > MOST_STATUSES + 1 {
        statuses.truncate(MOST_STATUSES);
        statuses.push(OTHER_STATUS.to_owned());
    }
    statuses
}

fn length(from: i64, until: i64) -> f64 {
    until.saturating_sub(from) as f64 / 1e9
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and is not negative"
)]
fn whole(value: f64) -> usize {
    value as usize
}
