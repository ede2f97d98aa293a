//! The noise of the rates of a pair: failed requests, checks, and a script's own.

use std::collections::{BTreeMap, HashMap};

use super::checks::PairedCheck;
use super::context::Context;
use super::floors::Floors;
use super::options::Gate;
use super::side::{Key, Side};
use super::subject::Subject;
use super::verdict::ShareNoise;
use crate::run::{ENDPOINT_TAG, MetricName, MetricType};
use crate::stats::{normal, proportion};

/// Failures come together, and an outage is still an outage: no more than so many of them count as
/// one.
const MOST_TOGETHER: f64 = 10.0;

/// The noise of the rates of a pair.
pub(super) struct ShareNoises {
    /// How many standard errors a share has to move by, so that all those that gate together alarm
    /// no more often than they may (Bonferroni).
    z: f64,
    dispersions: HashMap<String, f64>,
    floors: Floors,
    /// The tag that tells endpoints.
    tag: String,
}

impl ShareNoises {
    pub(super) fn of(
        subjects: &BTreeMap<Key, Subject<'_>>,
        checks: &[PairedCheck],
        sides: [&Side<'_>; 2],
        context: &Context<'_>,
    ) -> Self {
        let gates = &context.options.gates;
        let failed = subjects
            .values()
            .filter(|s| gates.has(Gate::Failed) && s.is_failures() && !s.repeats);
        let all_checks = checks.iter().map(PairedCheck::metric);
        let checks = if gates.has(Gate::Checks) {
            checks.len() + 1
        } else {
            0
        };
        let rows = (failed.count() + checks).max(1);
        let level = if context.levels.shares > 0.0 {
            context.levels.shares
        } else {
            context.options.alpha
        };
        let rates = subjects
            .values()
            .filter(|s| s.kind() == Some(MetricType::Rate));
        let names = rates.map(|subject| subject.name.clone());
        let names: Vec<MetricName> = names.chain(all_checks).collect();
        // Within runs, and between the runs of a side.
        let mut within = vec![Vec::new(); names.len()];
        let mut between = vec![[Vec::new(), Vec::new()]; names.len()];
        for (side, runs) in sides.into_iter().map(Side::runs).enumerate() {
            for run in runs {
                let shares = run.binned_shares(&names);
                for (at, parts) in shares.into_iter().enumerate() {
                    between[at][side].push(proportion::sum(&parts));
                    within[at].push(parts);
                }
            }
        }
        let dispersions = within.iter().zip(&between).map(|(within, between)| {
            let within = proportion::dispersion(within).min(MOST_TOGETHER);
            within.max(proportion::dispersion(between))
        });
        let keys = names.iter().map(MetricName::selection);
        Self {
            z: normal::upper_quantile(level / rows as f64),
            dispersions: keys.zip(dispersions).collect(),
            floors: context.options.floors.clone(),
            tag: context.tag.to_owned(),
        }
    }

    /// Of what comes together by its nature, and is in no sample: iterations that are not started for want of a
    /// VU.
    pub(super) fn of_bursts(&self, name: &MetricName) -> ShareNoise {
        ShareNoise {
            dispersion: MOST_TOGETHER,
            ..self.get(name)
        }
    }

    /// Of a metric's part. An endpoint's URL is none of its tags, and it takes the whole metric's;
    /// where only summaries are at hand, samples are taken as independent.
    pub(super) fn get(&self, name: &MetricName) -> ShareNoise {
        let whole = MetricName::plain(name.metric()).selection();
        let is_endpoint = name
            .tags()
            .iter()
            .any(|(key, _)| key == ENDPOINT_TAG || *key == self.tag);
        let key = if is_endpoint { whole } else { name.selection() };
        ShareNoise {
            z: self.z,
            dispersion: self.dispersions.get(&key).copied().unwrap_or(1.0),
            floor: self.floors.of_share(name),
        }
    }
}
