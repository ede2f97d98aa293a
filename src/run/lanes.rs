//! When each scenario ran.

use super::Run;

/// A scenario's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// The scenario.
    pub scenario: String,
    /// Its first sample, in nanoseconds since 1970.
    pub first: i64,
    /// Its last sample.
    pub last: i64,
}

impl Run {
    /// The scenarios in the order in which they began; empty without samples.
    #[must_use]
    pub fn lanes(&self) -> Vec<Lane> {
        let Some(samples) = self.samples() else {
            return Vec::new();
        };
        let scenarios: Vec<&str> = self.scenarios().into_iter().collect();
        let table = samples.series();
        let key = table.string("scenario");
        let numbers: Vec<Option<u32>> = scenarios.iter().map(|name| table.string(name)).collect();
        let lane_of: Vec<Option<usize>> = table
            .iter()
            .map(|series| {
                let scenario = series.value(key?);
                scenario?;
                numbers.iter().position(|number| *number == scenario)
            })
            .collect();
        let mut spans: Vec<Option<(i64, i64)>> = vec![None; scenarios.len()];
        samples.for_each(|cell| {
            if let Some(lane) = lane_of[cell.series as usize] {
                let span = spans[lane].get_or_insert((cell.first, cell.last));
                *span = (span.0.min(cell.first), span.1.max(cell.last));
            }
        });
        let mut lanes: Vec<Lane> = scenarios
            .into_iter()
            .zip(spans)
            .filter_map(|(scenario, span)| {
                let (first, last) = span?;
                Some(Lane {
                    scenario: scenario.to_owned(),
                    first,
                    last,
                })
            })
            .collect();
        lanes.sort_by(|a, b| (a.first, &a.scenario).cmp(&(b.first, &b.scenario)));
        lanes
    }
}
