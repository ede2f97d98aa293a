//! Checks: how often each passed and failed, by group.

use std::collections::{HashMap, HashSet};

use super::Run;
use super::groups::Groups;
use super::metric::MetricType;
use super::samples::Samples;
use super::summary::Check;

impl Run {
    /// The checks, counted from the samples where there are any, in the order of k6's summary
    /// where there is one, and else in that of their first run.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    pub(super) fn count_checks(&self) -> Vec<Check> {
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

pub(super) fn count(samples: &Samples) -> Vec<Check> {
    let table = samples.series();
    let key = |name: &str| table.string(name);
    let (metric, check, group, root) = (key("checks"), key("check"), key("group"), key(""));
    let mut named: Vec<(&str, &str)> = Vec::new();
    let mut known: HashMap<(u32, Option<u32>), u32> = HashMap::new();
    let groups = Groups::new(table, |series, groups| {
        if Some(series.metric_number()) != metric {
            return;
        }
        let value = |key: Option<u32>| series.value(key?);
        let Some(name) = value(check) else { return };
        let group = value(group).filter(|group| Some(*group) != root);
        groups.push(*known.entry((name, group)).or_insert_with(|| {
            let group = group.map_or("", |group| table.text(group));
            named.push((group, table.text(name)));
            u32::try_from(named.len() - 1).unwrap_or(u32::MAX)
        }));
    });
    let kinds = vec![MetricType::Rate; named.len()];
    let measured = samples.measure_groups(&groups, &kinds, None);
    named
        .into_iter()
        .zip(measured)
        .map(|((group, name), measure)| Check {
            group: Some(group.to_owned()),
            name: name.to_owned(),
            passes: measure.passes().unwrap_or(0),
            fails: measure.fails().unwrap_or(0),
        })
        .collect()
}
