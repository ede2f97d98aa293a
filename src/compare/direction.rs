//! Which way a metric is better.

use std::collections::BTreeSet;

use super::load;
use super::options::CompareOptions;
use super::side::Side;
use super::verdict::Direction;
use crate::run::{Contains, MetricName, MetricType};

/// Which way is better: as is stated; else as k6's own metrics mean it; for others what their thresholds ask for; else
/// a lower time, and of the rest nothing is known.
pub(super) fn direction(
    name: &MetricName,
    kind: MetricType,
    contains: Option<Contains>,
    sides: [&Side<'_>; 2],
    options: &CompareOptions,
) -> Direction {
    if let Some(stated) = options.directions.get(name.metric()) {
        return *stated;
    }
    match name.metric() {
        "http_req_failed"
        | "browser_http_req_failed"
        | "dropped_iterations"
        | "browser_web_vital_cls" => return Direction::Lower,
        "http_reqs" | "iterations" if sides.into_iter().any(load::is_open) => {
            return Direction::Neutral;
        }
        "checks" | "http_reqs" | "iterations" => return Direction::Higher,
        _ => {}
    }
    let builtin = crate::run::builtin(name.metric()).is_some();
    if !builtin && let Some(smaller) = wanted(name.metric(), sides) {
        return if smaller {
            Direction::Lower
        } else {
            Direction::Higher
        };
    }
    if kind == MetricType::Trend && contains == Some(Contains::Time) {
        Direction::Lower
    } else {
        Direction::Neutral
    }
}

/// Whether the thresholds on a metric or its parts want small values; `None` where there are none
/// or they differ.
fn wanted(metric: &str, sides: [&Side<'_>; 2]) -> Option<bool> {
    let wants: BTreeSet<bool> = sides
        .into_iter()
        .flat_map(|side| side.wants(metric))
        .collect();
    match wants.len() {
        1 => wants.first().copied(),
        _ => None,
    }
}
