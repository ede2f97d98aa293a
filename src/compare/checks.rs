//! Checks of both sides, paired.

use super::row::{Row, alone};
use super::side::CheckShares;
use super::verdict::{Direction, ShareNoise, judge_shares};
use crate::run::{MetricName, MetricType, Stat};
use crate::stats::proportion::Share;

/// A check on both sides, where it ran.
pub(super) struct PairedCheck {
    name: String,
    group: Option<String>,
    sides: [Option<Share>; 2],
}

/// Pairs checks. A file that does not tell a check's group is matched by the check's name.
pub(super) fn pair_checks(baseline: &CheckShares, candidate: &CheckShares) -> Vec<PairedCheck> {
    let mut checks = Vec::new();
    let mut names: Vec<&String> = baseline.keys().chain(candidate.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let mut add = |group: Option<String>, before, after| {
            checks.push(PairedCheck {
                name: name.clone(),
                group,
                sides: [before, after],
            });
        };
        let mut before = baseline.get(name).cloned().unwrap_or_default();
        for (group, after) in candidate.get(name).into_iter().flatten() {
            let unknown = |other: &Option<String>| other.is_none() || group.is_none();
            let found = before.iter().position(|(other, _)| other == group);
            let found = found.or_else(|| before.iter().position(|(other, _)| unknown(other)));
            let found = found.map(|at| before.remove(at));
            let group = group.clone().or_else(|| found.as_ref()?.0.clone());
            add(group, found.map(|(_, share)| share), Some(*after));
        }
        for (group, share) in before {
            add(group, Some(share), None);
        }
    }
    checks
}

impl PairedCheck {
    /// The check as a submetric of `checks`.
    pub(super) fn metric(&self) -> MetricName {
        let group = self.group.clone();
        let mut tags = vec![("check".to_owned(), self.name.clone())];
        tags.extend(group.map(|group| ("group".to_owned(), group)));
        MetricName::with_tags("checks", tags)
    }

    pub(super) fn row(&self, gate: bool, noise: ShareNoise) -> Row {
        let [before, after] = self.sides;
        let judged = match before.zip(after) {
            Some((before, after)) => judge_shares(before, after, Direction::Higher, noise),
            None => alone(MetricType::Rate, before.is_none()),
        };
        Row {
            name: self.metric(),
            figure: Stat::Rate.into(),
            kind: MetricType::Rate,
            contains: None,
            baseline: before.map(Share::rate),
            candidate: after.map(Share::rate),
            gate,
            judged,
            repeats: false,
            is_asked_for: false,
            error: None,
            shared_by: None,
            waived_until: None,
        }
    }
}
