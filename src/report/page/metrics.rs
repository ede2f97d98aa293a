//! All metrics, a table a type, submetrics under their parents.

use serde::Serialize;

use super::{MOST_ROWS, dash, left_out, shown};
use crate::report::{MetricReport, RunReport};
use crate::run::{MetricType, Stat};

/// The metrics of one type.
#[derive(Debug, Serialize)]
pub struct MetricTable {
    /// What they are called together.
    pub title: &'static str,
    /// What their values are.
    pub about: &'static str,
    /// The heads of the columns after the name.
    pub columns: Vec<String>,
    /// One row a metric or submetric.
    pub rows: Vec<MetricRow>,
    /// What was left out.
    pub more: Option<String>,
}

/// A metric or submetric.
#[derive(Debug, Serialize)]
pub struct MetricRow {
    /// The name; of a submetric under its parent, the part in braces.
    pub name: String,
    /// Whether it stands under its parent.
    pub is_part: bool,
    /// Its statistics.
    pub values: Vec<String>,
}

/// The tables of these metrics of a report.
pub(super) fn tables(report: &RunReport, metrics: &[&MetricReport]) -> Vec<MetricTable> {
    let trend: Vec<Stat> = [Stat::Count]
        .into_iter()
        .chain(
            report
                .trend_stats
                .iter()
                .copied()
                .filter(|s| *s != Stat::Count),
        )
        .collect();
    let tables = [
        (
            MetricType::Trend,
            "Trends",
            "Distributions, such as durations",
            trend,
        ),
        (
            MetricType::Counter,
            "Counters",
            "Sums, and how much of them a second",
            vec![Stat::Count, Stat::Rate],
        ),
        (
            MetricType::Rate,
            "Rates",
            "Shares of samples that are not zero",
            vec![Stat::Rate, Stat::Passes, Stat::Fails],
        ),
        (
            MetricType::Gauge,
            "Gauges",
            "Last values, with their range",
            vec![Stat::Value, Stat::Min, Stat::Max],
        ),
    ];
    let table = |(kind, title, about, stats): (MetricType, _, _, Vec<Stat>)| {
        let of_kind = metrics.iter().copied().filter(|m| m.kind == kind);
        let metrics: Vec<&MetricReport> = of_kind.collect();
        // A statistic that no metric of the run has is no column.
        let stats: Vec<Stat> = stats
            .into_iter()
            .filter(|stat| metrics.iter().any(|m| m.measure.get(*stat).is_some()))
            .collect();
        let rows = metrics
            .iter()
            .take(MOST_ROWS)
            .map(|m| row(report, m, &stats));
        MetricTable {
            title,
            about,
            columns: stats.iter().map(|stat| column(kind, *stat)).collect(),
            rows: rows.collect(),
            more: left_out(metrics.len(), "metric"),
        }
    };
    tables
        .into_iter()
        .map(table)
        .filter(|table| !table.rows.is_empty())
        .collect()
}

fn column(kind: MetricType, stat: Stat) -> String {
    match (kind, stat) {
        (MetricType::Rate, Stat::Passes) => "not zero".to_owned(),
        (MetricType::Rate, Stat::Fails) => "zero".to_owned(),
        (MetricType::Counter, Stat::Rate) => "per second".to_owned(),
        (MetricType::Gauge, Stat::Value) => "last".to_owned(),
        _ => stat.to_string(),
    }
}

fn row(report: &RunReport, metric: &MetricReport, stats: &[Stat]) -> MetricRow {
    let is_part =
        metric.id.is_submetric() && report.metrics.iter().any(|m| m.name == metric.metric);
    let value = |stat: &Stat| {
        if metric.measure.is_empty() && *stat != Stat::Count {
            return dash();
        }
        let value = metric.measure.get(*stat);
        value.map_or_else(dash, |value| metric.unit(*stat).say(value))
    };
    MetricRow {
        name: if is_part {
            shown(&format!("{{{}}}", metric.id.suffix()))
        } else {
            shown(&metric.name)
        },
        is_part,
        values: stats.iter().map(value).collect(),
    }
}
