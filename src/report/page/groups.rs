//! The groups of the script, with how long they took.

use serde::Serialize;

use super::{MOST_ROWS, left_out, millis, shown};
use crate::run::{Measure, Run, Stat};
use crate::units;

/// The groups of the script.
#[derive(Debug, Serialize)]
pub struct Groups {
    /// One row each, in the order of their names, so that parts follow their wholes.
    pub rows: Vec<GroupRow>,
    /// What was left out.
    pub more: Option<String>,
}

/// A group.
#[derive(Debug, Serialize)]
pub struct GroupRow {
    /// Its path.
    pub name: String,
    /// How often it ran.
    pub count: String,
    /// The mean duration.
    pub avg: String,
    /// The median.
    pub p50: String,
    /// The 95th percentile.
    pub p95: String,
    /// The longest.
    pub max: String,
}

impl Groups {
    /// `None` where the script has none, or no sample tells.
    pub(super) fn of(run: &Run) -> Option<Self> {
        let groups = run.measure_by("group_duration", "group");
        let row = |(path, measure): &(String, Measure)| GroupRow {
            name: shown(&path.trim_start_matches("::").replace("::", " › ")),
            count: units::number(measure.samples().unwrap_or(0) as f64, 0),
            avg: millis(measure, Stat::Avg),
            p50: millis(measure, Stat::Med),
            p95: millis(measure, Stat::p(95)),
            max: millis(measure, Stat::Max),
        };
        (!groups.is_empty()).then(|| Self {
            rows: groups.iter().take(MOST_ROWS).map(row).collect(),
            more: left_out(groups.len(), "group"),
        })
    }
}
