//! The endpoints, slowest first, with their failed responses apart.

use serde::Serialize;

use super::{MOST_ROWS, Part, dash, left_out, millis, per_second, shown};
use crate::run::{EndpointOutcomes, Measure, Run, Stat};
use crate::units;

/// The bins of the small distributions.
const SPREAD_BINS: usize = 30;

/// The endpoints, slowest first.
#[derive(Debug, Serialize)]
pub struct Endpoints {
    /// One row each.
    pub rows: Vec<EndpointRow>,
    /// What was left out.
    pub more: Option<String>,
    /// From where to where the small distributions reach, in words.
    pub scale: Option<String>,
    /// Whether any has failed responses.
    pub any_failed: bool,
}

/// One endpoint; every value is a text.
#[derive(Debug, Serialize)]
pub struct EndpointRow {
    /// Method and name.
    pub title: String,
    /// How many requests there were.
    pub requests: String,
    /// How many a second.
    pub rate: String,
    /// The share that failed.
    pub failed: String,
    /// Whether any failed.
    pub any_failed: bool,
    /// The durations of the responses that were expected.
    pub expected: Durations,
    /// Those of the responses that failed.
    pub failures: Option<FailedRow>,
    /// Its share of the time that all requests took together.
    pub share: String,
    /// The same as the length of a bar, of 100.
    pub share_bar: String,
    /// How many expected responses lie in each bin of the common scale.
    #[serde(skip)]
    pub spread: Vec<u64>,
}

/// The failed responses of an endpoint.
#[derive(Debug, Serialize)]
pub struct FailedRow {
    /// How many there were.
    pub count: String,
    /// How long they took.
    pub durations: Durations,
}

/// How long responses took.
#[derive(Debug, Serialize)]
pub struct Durations {
    /// The median.
    pub p50: String,
    /// The 90th percentile.
    pub p90: String,
    /// The 95th percentile, by which the rows are sorted.
    pub p95: String,
    /// The 99th percentile.
    pub p99: String,
    /// The longest.
    pub max: String,
}

impl Durations {
    fn of(measure: &Measure) -> Self {
        if measure.is_empty() {
            return Self {
                p50: dash(),
                p90: dash(),
                p95: dash(),
                p99: dash(),
                max: dash(),
            };
        }
        Self {
            p50: millis(measure, Stat::Med),
            p90: millis(measure, Stat::p(90)),
            p95: millis(measure, Stat::p(95)),
            p99: millis(measure, Stat::p(99)),
            max: millis(measure, Stat::Max),
        }
    }
}

fn count(measure: &Measure) -> f64 {
    measure.samples().unwrap_or(0) as f64
}

fn time(measure: &Measure) -> f64 {
    measure.get(Stat::Avg).unwrap_or(0.0) * count(measure)
}

impl Endpoints {
    pub(super) fn of(run: &Run) -> Part<Self> {
        if run.samples().is_none() {
            return Part::missing(super::NO_SAMPLES);
        }
        let scale = run.duration_scale(SPREAD_BINS);
        let mut endpoints = run.outcomes(scale);
        if endpoints.is_empty() {
            return Part::missing("No request was recorded under a name.");
        }
        // One without any expected response has but its failures to be sorted by.
        let p95 = |endpoint: &EndpointOutcomes| {
            let of = |measure: &Measure| measure.get(Stat::p(95)).unwrap_or(0.0);
            if endpoint.expected.is_empty() {
                of(&endpoint.failed)
            } else {
                of(&endpoint.expected)
            }
        };
        endpoints.sort_by(|a, b| p95(b).total_cmp(&p95(a)).then_with(|| a.id.cmp(&b.id)));
        let both = |endpoint: &EndpointOutcomes| time(&endpoint.expected) + time(&endpoint.failed);
        let total: f64 = endpoints.iter().map(both).sum();
        let seconds = run.duration_ms().map(|ms| ms / 1e3).filter(|s| *s > 0.0);
        let row = |endpoint: &EndpointOutcomes| {
            let (expected, failed) = (count(&endpoint.expected), count(&endpoint.failed));
            let requests = expected + failed;
            let share = if total > 0.0 {
                both(endpoint) / total
            } else {
                0.0
            };
            EndpointRow {
                title: shown(&endpoint.id.title()),
                requests: units::number(requests, 0),
                rate: seconds.map_or_else(dash, |s| per_second(requests / s)),
                failed: if endpoint.tells {
                    units::percent(failed / requests)
                } else {
                    dash()
                },
                any_failed: failed > 0.0,
                expected: Durations::of(&endpoint.expected),
                failures: (failed > 0.0).then(|| FailedRow {
                    count: units::number(failed, 0),
                    durations: Durations::of(&endpoint.failed),
                }),
                share: units::percent((share * 1000.0).round() / 1000.0),
                share_bar: format!("{:.1}", share * 100.0),
                spread: endpoint.spread.clone(),
            }
        };
        let ends = |scale: crate::stats::histogram::LogScale| {
            let (low, high) = (scale.edge(0), scale.edge(scale.bins()));
            format!("{} to {}", units::duration(low), units::duration(high))
        };
        Part::shown(Self {
            any_failed: endpoints.iter().any(|e| !e.failed.is_empty()),
            rows: endpoints.iter().take(MOST_ROWS).map(row).collect(),
            more: left_out(endpoints.len(), "faster endpoint"),
            scale: scale.map(ends),
        })
    }
}
