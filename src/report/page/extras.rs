//! What a run has beyond HTTP: the browser, gRPC, WebSocket, and the script's own metrics.

use serde::Serialize;

use super::metrics::{self, MetricTable};
use super::over_time::OverTime;
use super::vitals::{self, VitalRow};
use super::{Part, shown};
use crate::report::{MetricReport, RunReport};
use crate::run::{Measure, MetricName, MetricType, Run, Stat, builtin};

/// Metrics beyond this many are not drawn.
const MOST_COURSES: usize = 24;

/// A section of metrics that belong together.
#[derive(Debug, Serialize)]
pub struct Extra {
    /// What it is called in links.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What the link to it says.
    pub short: &'static str,
    /// Web vitals.
    pub vitals: Vec<VitalRow>,
    /// The metrics, a table a type.
    pub tables: Vec<MetricTable>,
    /// Metrics over time.
    pub courses: Vec<Course>,
}

/// A metric over time.
#[derive(Debug, Serialize)]
pub struct Course {
    /// The metric.
    pub name: String,
    /// What is drawn of it.
    pub about: &'static str,
    /// The lowest and the highest value.
    pub range: String,
    /// A value for each piece of time.
    #[serde(skip)]
    pub values: Vec<Option<f64>>,
}

/// Whose metrics a section shows.
type IsOf = fn(&MetricReport) -> bool;

const SECTIONS: [(&str, &str, &str, IsOf); 4] = [
    ("browser", "Browser", "Browser", |m| {
        m.metric.starts_with("browser_")
    }),
    ("grpc", "gRPC", "gRPC", |m| m.metric.starts_with("grpc_")),
    ("websocket", "WebSocket", "WebSocket", |m| {
        m.metric.starts_with("ws_")
    }),
    ("custom", "The script’s own metrics", "Custom", |m| {
        builtin(&m.metric).is_none()
    }),
];

/// The sections for which a run has metrics.
pub(super) fn extras(run: &Run, report: &RunReport, over_time: &Part<OverTime>) -> Vec<Extra> {
    let section = |(id, title, short, is_of): (&'static str, &'static str, &'static str, IsOf)| {
        let was_measured = |m: &&MetricReport| is_of(m) && !m.measure.is_empty();
        let measured: Vec<&MetricReport> = report.metrics.iter().filter(was_measured).collect();
        let tables = metrics::tables(report, &measured);
        (!tables.is_empty()).then(|| Extra {
            id,
            title,
            short,
            vitals: if id == "browser" {
                vitals::vitals(run)
            } else {
                Vec::new()
            },
            courses: courses(run, &measured, over_time),
            tables,
        })
    };
    SECTIONS.into_iter().filter_map(section).collect()
}

fn courses(run: &Run, metrics: &[&MetricReport], over_time: &Part<OverTime>) -> Vec<Course> {
    let Some(over_time) = &over_time.shown else {
        return Vec::new();
    };
    let Some(width) = over_time.moments.first().map(|moment| moment.seconds) else {
        return Vec::new();
    };
    let drawn: Vec<&&MetricReport> = metrics
        .iter()
        .filter(|metric| !metric.id.is_submetric())
        .take(MOST_COURSES)
        .collect();
    let names: Vec<MetricName> = drawn.iter().map(|metric| metric.id.clone()).collect();
    let courses = run.courses(&names, width, over_time.moments.len());
    let course = |(metric, measures): (&&&MetricReport, Vec<Measure>)| {
        let (stat, about) = match metric.kind {
            MetricType::Trend => (Stat::Med, "median"),
            MetricType::Counter => (Stat::Rate, "per second"),
            MetricType::Rate => (Stat::Rate, "share that is not zero"),
            MetricType::Gauge => (Stat::Value, "last value"),
        };
        let is_sum = metric.kind == MetricType::Counter;
        let value = |measure: &Measure| {
            // Nothing counted is zero; nothing measured is unknown.
            (is_sum || !measure.is_empty())
                .then(|| measure.get(stat))
                .flatten()
        };
        let values: Vec<Option<f64>> = measures.iter().map(value).collect();
        let known = || values.iter().flatten().copied();
        let (low, high) = (known().reduce(f64::min)?, known().reduce(f64::max)?);
        let unit = metric.unit(stat);
        Some(Course {
            name: shown(&metric.name),
            about,
            range: if low == high {
                unit.say(low)
            } else {
                format!("{} to {}", unit.say(low), unit.say(high))
            },
            values,
        })
    };
    drawn.iter().zip(courses).filter_map(course).collect()
}
