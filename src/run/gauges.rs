//! The gauges of the parts of a test: their users add up, and of the others the latest value stands.

use std::collections::BTreeMap;

use super::histograms::{Cell, Histograms};
use super::samples::SamplesBuilder;
use super::series::Point;

/// Gauges of several parts, until all of them are known.
#[derive(Debug)]
pub struct Gauges {
    /// By metric and part.
    users: BTreeMap<String, BTreeMap<usize, Histograms>>,
    others: Histograms,
}

impl Default for Gauges {
    fn default() -> Self {
        Self {
            users: BTreeMap::new(),
            others: Histograms::new(0.0),
        }
    }
}

impl Gauges {
    /// Whether a metric counts the users of a part.
    #[must_use]
    pub fn counts_users(metric: &str) -> bool {
        matches!(metric, "vus" | "vus_max")
    }

    /// Adds samples of a gauge in one of the parts.
    pub fn add(&mut self, metric: &str, part: usize, cell: &Cell<'_>) {
        if !Self::counts_users(metric) {
            self.others.push(cell);
            return;
        }
        if !self.users.contains_key(metric) {
            self.users.insert(metric.to_owned(), BTreeMap::new());
        }
        if let Some(parts) = self.users.get_mut(metric) {
            let own = parts.entry(part);
            own.or_insert_with(|| Histograms::new(0.0)).push(cell);
        }
    }

    /// Hands over the gauges of the whole.
    pub fn finish(
        self,
        samples: &mut SamplesBuilder,
        mut take: impl FnMut(&mut SamplesBuilder, &Cell<'_>),
    ) {
        // The last sample in the file is a gauge's value, so that the latest has to come last.
        let mut others: Vec<Cell<'_>> = self.others.iter().collect();
        others.sort_by_key(|cell| cell.last);
        for cell in &others {
            take(samples, cell);
        }
        for (metric, parts) in self.users {
            let parts: Vec<Histograms> = parts.into_values().collect();
            if let [only] = &parts[..] {
                only.iter().for_each(|cell| take(samples, &cell));
                continue;
            }
            let series = samples.series(&metric, []);
            let parts = parts.iter().map(points).collect();
            for (time, value) in sum_by_second(parts) {
                take(samples, &Cell::single(series, time, &value));
            }
        }
    }
}

/// What a part said last in each of its cells.
fn points(part: &Histograms) -> Vec<Point> {
    let point = |cell: Cell<'_>| Point {
        series: cell.series,
        time: cell.last,
        value: cell.latest,
    };
    part.iter().map(point).collect()
}

/// Adds up what each part said last, second by second from the first sample; k6 samples its users
/// once a second, each process at its own moment.
fn sum_by_second(mut parts: Vec<Vec<Point>>) -> Vec<(i64, f64)> {
    const SECOND: i64 = 1_000_000_000;
    for part in &mut parts {
        part.sort_by_key(|point| point.time);
    }
    let Some(start) = parts.iter().flatten().map(|point| point.time).min() else {
        return Vec::new();
    };
    let mut by_second: BTreeMap<i64, Vec<(usize, f64)>> = BTreeMap::new();
    for (i, part) in parts.iter().enumerate() {
        for point in part {
            by_second
                .entry(point.time.saturating_sub(start) / SECOND)
                .or_default()
                .push((i, point.value));
        }
    }
    let mut latest = vec![0.0; parts.len()];
    by_second
        .into_iter()
        .map(|(second, said)| {
            for (part, value) in said {
                latest[part] = value;
            }
            (start.saturating_add(second * SECOND), latest.iter().sum())
        })
        .collect()
}
