//! Checks: how often each passed and failed, by group.

use std::collections::HashMap;

use serde::Serialize;

use super::Run;
use super::samples::Samples;

/// A check of the script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The path of its group, such as `::browse::item`; empty at the root, `None` where the file
    /// does not say.
    pub group: Option<String>,
    /// Its name.
    pub name: String,
    /// How often it held.
    pub passes: u64,
    /// How often it did not.
    pub fails: u64,
}

impl Check {
    /// The share that passed; `None` if it never ran.
    #[must_use]
    pub fn pass_rate(&self) -> Option<f64> {
        Self::rate_of(self.passes, self.fails)
    }

    /// The share of passes; `None` of nothing.
    #[must_use]
    pub fn rate_of(passes: u64, fails: u64) -> Option<f64> {
        let runs = passes + fails;
        (runs > 0).then(|| passes as f64 / runs as f64)
    }
}

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
        let place = |check: &Check| {
            reported
                .iter()
                .position(|r| r.name == check.name && (r.group.is_none() || r.group == check.group))
                .unwrap_or(usize::MAX)
        };
        counted.sort_by_key(place);
        // A check that the summary lists and no sample shows never ran.
        for check in reported {
            let known = counted
                .iter()
                .any(|c| c.name == check.name && (check.group.is_none() || c.group == check.group));
            if !known {
                counted.push(check.clone());
            }
        }
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
