//! Which way a metric is better, and which rows gate.

use std::collections::BTreeSet;

use super::side::Side;
use super::verdict::Direction;
use crate::run::{Contains, MetricName, MetricType, Stat};

/// The metrics that time a request; their medians and 95th percentiles gate.
const REQUEST_DURATIONS: [&str; 2] = ["http_req_duration", "grpc_req_duration"];

/// Whether a row decides over the verdict of its pair: median and p(95) of request durations, the
/// share of failed requests, and checks, as a whole and in parts. Everything else is shown.
pub(super) fn gates(name: &MetricName, stat: Stat) -> bool {
    match name.metric() {
        metric if REQUEST_DURATIONS.contains(&metric) => stat == Stat::Med || stat == Stat::p(95),
        "http_req_failed" | "checks" => stat == Stat::Rate,
        _ => false,
    }
}

/// Which way is better: as k6's own metrics mean it; for others what their thresholds ask for; else
/// a lower time, and of the rest nothing is known.
pub(super) fn direction(
    name: &MetricName,
    kind: MetricType,
    contains: Option<Contains>,
    sides: [&Side<'_>; 2],
) -> Direction {
    match name.metric() {
        "http_req_failed"
        | "browser_http_req_failed"
        | "dropped_iterations"
        | "browser_web_vital_cls" => return Direction::Lower,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gates() {
        let gates = |name: &str, stat| gates(&MetricName::parse(name).expect(name), stat);
        assert!(gates("http_req_duration", Stat::Med));
        assert!(gates("http_req_duration{label:x}", Stat::p(95)));
        assert!(gates("grpc_req_duration", Stat::p(95)));
        assert!(gates(
            "http_req_failed{name:/v1/tasks,method:GET}",
            Stat::Rate
        ));
        assert!(gates("checks{check:ok,group:::a}", Stat::Rate));
        assert!(!gates("http_req_duration", Stat::p(99)));
        assert!(!gates("http_req_duration", Stat::Avg));
        assert!(!gates("http_req_waiting", Stat::Med));
        assert!(!gates("http_reqs", Stat::Rate));
    }
}
