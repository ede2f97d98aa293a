//! Checks: how often each passed and failed, by group.

use std::collections::{HashMap, HashSet};

use super::Run;
use super::samples::Samples;
use super::summary::Check;

impl Run {
    /// The checks, counted from the samples where there are any, in the order of k6's summary
    /// where there is one, and else in that of their first run.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        let reported = self
            .summary()
            .map(|summary| summary.checks.as_slice())
            .unwrap_or_default();
        let Some(samples) = self.samples() else {
            return reported.to_vec();
        };
        let mut counted = count(samples);
        // A summary may not know groups; then the name alone has to do.
        let key = |check: &Check, with_group: bool| {
            (
                check.group.clone().filter(|_| with_group),
                check.name.clone(),
            )
        };
        let grouped = reported.iter().all(|check| check.group.is_some());
        let places: HashMap<_, usize> = reported
            .iter()
            .enumerate()
            .map(|(i, check)| (key(check, grouped), i))
            .collect();
        counted.sort_by_cached_key(|check| {
            places
                .get(&key(check, grouped))
                .copied()
                .unwrap_or(usize::MAX)
        });
        // A check that the summary lists and no sample shows never ran.
        let known: HashSet<_> = counted.iter().map(|check| key(check, grouped)).collect();
        counted.extend(
            reported
                .iter()
                .filter(|c| !known.contains(&key(c, grouped)))
                .cloned(),
        );
        counted
    }
}

fn count(samples: &Samples) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    let mut known: HashMap<(&str, &str), usize> = HashMap::new();
    let place: Vec<Option<usize>> = samples
        .series()
        .iter()
        .map(|series| {
            let name = series.tag("check").filter(|_| series.metric == "checks")?;
            let group = series.tag("group").unwrap_or("");
            Some(*known.entry((group, name)).or_insert_with(|| {
                checks.push(Check {
                    group: Some(group.to_owned()),
                    name: name.to_owned(),
                    passes: 0,
                    fails: 0,
                });
                checks.len() - 1
            }))
        })
        .collect();
    for point in samples.iter() {
        if let Some(check) = place[point.series as usize].and_then(|i| checks.get_mut(i)) {
            if point.value == 0.0 {
                check.fails += 1;
            } else {
                check.passes += 1;
            }
        }
    }
    checks
}
