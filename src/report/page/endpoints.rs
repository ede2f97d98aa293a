//! The endpoints, slowest first.

use serde::Serialize;

use super::{MOST_ROWS, Part, dash, left_out, millis, shown};
use crate::run::{Endpoint, Run, Stat};
use crate::units;

/// The endpoints, slowest first.
#[derive(Debug, Serialize)]
pub struct Endpoints {
    /// One row each.
    pub rows: Vec<EndpointRow>,
    /// What was left out.
    pub more: Option<String>,
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
    /// The mean duration.
    pub avg: String,
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
    /// Its share of the time that all requests took together.
    pub share: String,
    /// The same as the length of a bar, of 100.
    pub share_bar: String,
}

impl Endpoints {
    pub(super) fn of(run: &Run) -> Part<Self> {
        if run.samples().is_none() {
            return Part::missing(
                "A summary does not tell requests apart. Run k6 with --out json=results.ndjson to \
                 see every endpoint here.",
            );
        }
        let mut endpoints = run.endpoints();
        if endpoints.is_empty() {
            return Part::missing("No request was recorded under a name.");
        }
        let p95 = |endpoint: &Endpoint| endpoint.duration.get(Stat::p(95)).unwrap_or(0.0);
        endpoints.sort_by(|a, b| p95(b).total_cmp(&p95(a)).then_with(|| a.id.cmp(&b.id)));
        let time = |endpoint: &Endpoint| {
            let mean = endpoint.duration.get(Stat::Avg).unwrap_or(0.0);
            mean * endpoint.duration.samples().unwrap_or(0) as f64
        };
        let total: f64 = endpoints.iter().map(time).sum();
        let seconds = run.duration_ms().map(|ms| ms / 1e3).filter(|s| *s > 0.0);
        let row = |endpoint: &Endpoint| {
            let duration = &endpoint.duration;
            let requests = duration.samples().unwrap_or(0) as f64;
            let share = if total > 0.0 {
                time(endpoint) / total
            } else {
                0.0
            };
            let failed = endpoint
                .failed
                .as_ref()
                .and_then(|(_, f)| f.get(Stat::Rate));
            EndpointRow {
                title: shown(&endpoint.id.title()),
                requests: units::number(requests, 0),
                rate: seconds
                    .map_or_else(dash, |s| format!("{}/s", units::number(requests / s, 1))),
                failed: failed.map_or_else(dash, units::percent),
                any_failed: failed.is_some_and(|share| share > 0.0),
                avg: millis(duration, Stat::Avg),
                p50: millis(duration, Stat::Med),
                p90: millis(duration, Stat::p(90)),
                p95: millis(duration, Stat::p(95)),
                p99: millis(duration, Stat::p(99)),
                max: millis(duration, Stat::Max),
                share: units::percent((share * 1000.0).round() / 1000.0),
                share_bar: format!("{:.1}", share * 100.0),
            }
        };
        Part::shown(Self {
            rows: endpoints.iter().take(MOST_ROWS).map(row).collect(),
            more: left_out(endpoints.len(), "faster endpoint"),
        })
    }
}
