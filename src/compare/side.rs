//! One side of a pair: a run, or several repetitions of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::validity::{Validity, ValidityVerdict, judge_validity};
use crate::error::Result;
use crate::run::{
    ENDPOINT_TAG, Measure, Metric, MetricName, MetricType, Run, Stat, Vocabulary, endpoint_name,
};
use crate::stats::proportion::Share;
use crate::thresholds::{Evaluated, evaluate};

/// A metric's name apart from how it is spelled; see [`MetricName::selection`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key(String);

impl Key {
    pub(super) fn of(name: &MetricName) -> Self {
        Self(name.selection())
    }

    /// The key by which the sides are paired: URLs in the tag `name` are told by their path, as
    /// endpoints are, so that one host pairs with another.
    pub(super) fn paired(name: &MetricName, vocabulary: &Vocabulary) -> Self {
        let told = |(tag, value): &(String, String)| {
            let value = match tag.as_str() {
                tag if tag == vocabulary.endpoint_tag => vocabulary.endpoint_name(value),
                ENDPOINT_TAG => endpoint_name(value),
                _ => value.clone(),
            };
            (tag.clone(), value)
        };
        let tags = name.tags().iter().map(told).collect();
        Self::of(&MetricName::with_tags(name.metric(), tags))
    }
}

/// How often a check passed, by the path of its group.
pub(super) type CheckShares = BTreeMap<String, Vec<(Option<String>, Share)>>;

/// The runs of one name on one side; several are repetitions of one another.
#[derive(Debug)]
pub struct Side<'a> {
    runs: Vec<&'a Run>,
    metrics: Vec<HashMap<Key, &'a Metric>>,
    thresholds: Vec<Vec<Evaluated>>,
    /// Whether the thresholds on a metric or its parts want small values; both, where they differ.
    wants: HashMap<String, BTreeSet<bool>>,
}

impl<'a> Side<'a> {
    /// Evaluates the thresholds of these runs, too.
    pub(super) fn new(runs: Vec<&'a Run>) -> Result<Self> {
        let thresholds: Vec<Vec<Evaluated>> = runs
            .iter()
            .map(|run| evaluate(run, &[]))
            .collect::<Result<_>>()?;
        let mut wants: HashMap<String, BTreeSet<bool>> = HashMap::new();
        for evaluated in thresholds.iter().flatten() {
            let smaller = evaluated
                .threshold
                .and_then(|t| t.operator.smaller_is_better());
            wants
                .entry(evaluated.name.metric().to_owned())
                .or_default()
                .extend(smaller);
        }
        Ok(Self {
            metrics: runs.iter().map(|run| by_key(run)).collect(),
            thresholds,
            wants,
            runs,
        })
    }

    /// The runs.
    #[must_use]
    pub fn runs(&self) -> &[&'a Run] {
        &self.runs
    }

    /// What the project says beyond k6's files.
    pub(super) fn vocabulary(&self) -> Arc<Vocabulary> {
        let first = self.runs.first();
        first
            .map(|run| Arc::clone(run.vocabulary()))
            .unwrap_or_default()
    }

    /// The name that the runs share.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.runs.first().map_or("", |run| run.name())
    }

    /// What was not used of the runs' files, and what to know of their numbers.
    pub fn remarks(&self) -> impl Iterator<Item = String> {
        let remarks = |run: &&Run| {
            let skipped = run.skipped().sentence();
            skipped
                .into_iter()
                .chain(run.notes().iter().cloned())
                .collect::<Vec<_>>()
        };
        self.runs.iter().flat_map(remarks)
    }

    /// The times of the first and the last sample of all runs, in nanoseconds since 1970.
    #[must_use]
    pub fn span(&self) -> Option<(i64, i64)> {
        let spans = self.runs.iter().filter_map(|run| run.span());
        spans.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
    }

    /// The least fit of the runs, with every reason.
    #[must_use]
    pub fn validity(&self) -> Validity {
        let mut whole = Validity {
            verdict: ValidityVerdict::Valid,
            reasons: Vec::new(),
        };
        for (run, thresholds) in self.runs.iter().zip(&self.thresholds) {
            let validity = judge_validity(run, thresholds);
            whole.verdict = whole.verdict.max(validity.verdict);
            for reason in validity.reasons {
                if !whole.reasons.contains(&reason) {
                    whole.reasons.push(reason);
                }
            }
        }
        whole
    }

    /// Whether the thresholds on a metric or its parts want small values.
    pub(super) fn wants(&self, metric: &str) -> impl Iterator<Item = bool> {
        self.wants.get(metric).into_iter().flatten().copied()
    }

    /// Each run with its thresholds.
    pub(super) fn thresholds(&self) -> impl Iterator<Item = (&'a Run, &[Evaluated])> {
        let runs = self.runs.iter().copied();
        runs.zip(self.thresholds.iter().map(Vec::as_slice))
    }

    /// Whether every run's samples are at hand.
    pub(super) fn has_samples(&self) -> bool {
        self.runs.iter().all(|run| run.samples().is_some())
    }

    /// The metrics and submetrics that the runs list.
    pub(super) fn names(&self) -> impl Iterator<Item = (&Key, &'a Metric)> {
        self.metrics.iter().flatten().map(|(key, m)| (key, *m))
    }

    /// The numbers of a metric or submetric from every run in which it has samples.
    pub(super) fn measures(&self, key: &Key, name: &MetricName) -> Vec<Cow<'a, Measure>> {
        let measures = self.runs.iter().zip(&self.metrics);
        measures
            .filter_map(|(run, metrics)| match metrics.get(key) {
                Some(metric) => Some(Cow::Borrowed(&metric.measure)),
                None => run.measure(name),
            })
            .filter(|measure| was_measured(measure))
            .collect()
    }

    /// The numbers of what somebody names: a metric, a submetric, or an endpoint as rows name it.
    pub(super) fn named(&self, name: &MetricName) -> Vec<Cow<'a, Measure>> {
        let mut found = self.measures(&Key::of(name), name);
        if found.is_empty() {
            found = self.measures(&Key::paired(name, &self.vocabulary()), name);
        }
        if found.is_empty() {
            let wanted = name.selection();
            let tag = &self.vocabulary().endpoint_tag;
            let endpoints = self.runs.iter().flat_map(|run| run.endpoints());
            let parts = endpoints.flat_map(|endpoint| {
                let id = endpoint.id;
                let failed = endpoint
                    .failed
                    .map(|(metric, failed)| (id.submetric(metric, tag), failed));
                [
                    Some((id.submetric(endpoint.metric, tag), endpoint.duration)),
                    failed,
                ]
            });
            let same = parts
                .flatten()
                .filter(|(part, _)| part.selection() == wanted);
            found = same.map(|(_, measure)| Cow::Owned(measure)).collect();
        }
        found
    }

    /// The checks that ran, added up over the runs.
    pub(super) fn checks(&self) -> CheckShares {
        let mut shares = CheckShares::new();
        for check in self.runs.iter().flat_map(|run| run.checks()) {
            let (hits, total) = (check.passes as f64, (check.passes + check.fails) as f64);
            if total == 0.0 {
                continue;
            }
            let groups = shares.entry(check.name.clone()).or_default();
            match groups.iter_mut().find(|(group, _)| *group == check.group) {
                Some((_, share)) => {
                    share.hits += hits;
                    share.total += total;
                }
                None => groups.push((check.group.clone(), Share { hits, total })),
            }
        }
        shares
    }
}

/// A run's metrics by the key that pairs them; by their exact tags, where a run has several that
/// would pair alike.
fn by_key(run: &Run) -> HashMap<Key, &Metric> {
    let mut paired: HashMap<Key, Vec<&Metric>> = HashMap::new();
    for metric in run.metrics() {
        paired
            .entry(Key::paired(&metric.name, run.vocabulary()))
            .or_default()
            .push(metric);
    }
    let mut by_key = HashMap::new();
    for (key, metrics) in paired {
        match metrics.as_slice() {
            [metric] => {
                by_key.insert(key, *metric);
            }
            several => by_key.extend(
                several
                    .iter()
                    .map(|metric| (Key::of(&metric.name), *metric)),
            ),
        }
    }
    by_key
}

/// Whether there was a sample. A summary shows a trend without samples as zeros.
pub(super) fn was_measured(measure: &Measure) -> bool {
    let all_zero = measure.kind() == MetricType::Trend && measure.is_all_zero();
    !measure.is_empty() && !all_zero
}

/// A statistic over repetitions, with the number of runs that have it: of a rate the share of all
/// samples together, and else the geometric mean, as run times differ by factors. One run's value
/// stays as it is, to the last bit.
pub(super) fn over_repetitions(measures: &[Cow<'_, Measure>], stat: Stat) -> Option<(f64, usize)> {
    let values: Vec<f64> = measures.iter().filter_map(|m| m.get(stat)).collect();
    let n = values.len();
    if let [value] = values.as_slice() {
        return Some((*value, 1));
    }
    if n == 0 {
        return None;
    }
    if stat == Stat::Rate
        && let Some(share) = pooled(measures)
    {
        return Some((share.rate(), n));
    }
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / n as f64;
    let centre = if values.iter().all(|value| *value > 0.0) {
        mean(&mut values.iter().map(|value| value.ln())).exp()
    } else {
        mean(&mut values.iter().copied())
    };
    centre.is_finite().then_some((centre, n))
}

/// The samples of a rate, all repetitions together; `None` where a number is not known.
pub(super) fn pooled(measures: &[Cow<'_, Measure>]) -> Option<Share> {
    let mut whole = Share {
        hits: 0.0,
        total: 0.0,
    };
    for measure in measures {
        let hits = measure.get(Stat::Passes)?;
        whole.hits += hits;
        whole.total += hits + measure.get(Stat::Fails)?;
    }
    (whole.total > 0.0).then_some(whole)
}
