//! What is compared: a metric, a submetric or an endpoint, with its numbers on both sides.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::endpoints::Cut;
use super::side::{Key, Side, was_measured};
use crate::run::{Contains, ENDPOINT_TAG, EndpointId, Measure, MetricName, MetricType, Stat};

/// A metric, submetric or endpoint with its numbers on both sides; no numbers where it had no
/// samples.
pub(super) struct Subject<'a> {
    pub(super) name: MetricName,
    pub(super) baseline: Vec<Cow<'a, Measure>>,
    pub(super) candidate: Vec<Cow<'a, Measure>>,
    pub(super) contains: Option<Contains>,
    /// Whether it is an endpoint that only the samples tell of.
    pub(super) is_from_samples: bool,
    pub(super) repeats: bool,
}

/// The subjects of a pair by the key that pairs them.
pub(super) fn subjects<'a>(
    baseline: &Side<'a>,
    candidate: &Side<'a>,
    cut: Cut,
) -> BTreeMap<Key, Subject<'a>> {
    let mut subjects = listed(baseline, candidate);
    for (key, endpoint) in endpoints(baseline, candidate, cut) {
        subjects.entry(key).or_insert(endpoint);
    }
    mark_repetitions(&mut subjects);
    subjects
}

/// The metrics and submetrics that either side lists. Where a stream is at hand, it tells of
/// submetrics, too, that only the other side lists.
fn listed<'a>(baseline: &Side<'a>, candidate: &Side<'a>) -> BTreeMap<Key, Subject<'a>> {
    let mut subjects: BTreeMap<Key, Subject<'a>> = BTreeMap::new();
    for (key, metric) in candidate.names().chain(baseline.names()) {
        if let Some(known) = subjects.get_mut(key) {
            known.contains = known.contains.or(metric.contains);
        } else {
            let subject = Subject {
                name: metric.name.clone(),
                baseline: baseline.measures(key, &metric.name),
                candidate: candidate.measures(key, &metric.name),
                contains: metric.contains,
                is_from_samples: false,
                repeats: false,
            };
            subjects.insert(key.clone(), subject);
        }
    }
    subjects
}

/// The endpoints' durations and failures, where both sides have samples.
fn endpoints<'a>(
    baseline: &Side<'_>,
    candidate: &Side<'_>,
    cut: Cut,
) -> BTreeMap<Key, Subject<'a>> {
    let mut subjects = BTreeMap::new();
    if !baseline.has_samples() || !candidate.has_samples() {
        return subjects;
    }
    let tag = &baseline.vocabulary().endpoint_tag;
    let mut add = |is_candidate: bool, id: &EndpointId, metric: &str, measure: Measure| {
        let name = id.submetric(metric, tag);
        let subject = subjects.entry(Key::of(&name)).or_insert_with(|| Subject {
            contains: crate::run::builtin(metric).map(|(_, contains)| contains),
            name,
            baseline: Vec::new(),
            candidate: Vec::new(),
            is_from_samples: true,
            repeats: false,
        });
        let side = if is_candidate {
            &mut subject.candidate
        } else {
            &mut subject.baseline
        };
        if was_measured(&measure) {
            side.push(Cow::Owned(measure));
        }
    };
    for (is_candidate, side) in [(false, baseline), (true, candidate)] {
        for run in side.runs() {
            for endpoint in run.endpoints_by(cut.by_scenario) {
                add(
                    is_candidate,
                    &endpoint.id,
                    endpoint.metric,
                    endpoint.duration,
                );
                if let Some((metric, failed)) = endpoint.failed {
                    add(is_candidate, &endpoint.id, metric, failed);
                }
            }
        }
    }
    subjects
}

/// Marks the endpoints, and the expected responses, whose requests are those of another subject:
/// where a label and a URL select the same, a reader wants to see it once. Requests are the same
/// when number, mean, median and maximum of their durations are, to the last bit; equal failures
/// alone do not tell, as they are mostly none.
fn mark_repetitions(subjects: &mut BTreeMap<Key, Subject<'_>>) {
    let shown: HashSet<_> = subjects
        .values()
        .filter(|s| !s.is_by_the_way())
        .map(Subject::fingerprint)
        .collect();
    let repeats = |s: &Subject<'_>| s.is_by_the_way() && shown.contains(&s.fingerprint());
    let same_requests: HashSet<Vec<(String, String)>> = subjects
        .values()
        .filter(|s| s.kind() == Some(MetricType::Trend) && repeats(s))
        .map(|s| s.name.tags().to_vec())
        .collect();
    for subject in subjects.values_mut() {
        let of_requests = matches!(subject.kind(), Some(MetricType::Trend | MetricType::Rate));
        subject.repeats =
            of_requests && same_requests.contains(subject.name.tags()) && repeats(subject);
    }
}

impl Subject<'_> {
    /// Whether it is told apart only by tags that every request has.
    fn is_by_the_way(&self) -> bool {
        let mut keys = self.name.tags().iter().map(|(key, _)| key.as_str());
        let is_every = |key| {
            matches!(
                key,
                ENDPOINT_TAG | "method" | "scenario" | "expected_response"
            )
        };
        self.is_from_samples || (self.name.is_submetric() && keys.all(is_every))
    }

    /// What tells its samples from others of the metric, as bits.
    pub(super) fn fingerprint(&self) -> (String, Vec<Option<u64>>) {
        const TELLING: [Stat; 6] = [
            Stat::Count,
            Stat::Avg,
            Stat::Med,
            Stat::Max,
            Stat::Passes,
            Stat::Fails,
        ];
        let both = self.baseline.iter().chain(&self.candidate);
        let bits = both.flat_map(|m| TELLING.map(|stat| m.get(stat).map(f64::to_bits)));
        (self.name.metric().to_owned(), bits.collect())
    }

    pub(super) fn kind(&self) -> Option<MetricType> {
        let first = self.candidate.first().or(self.baseline.first())?;
        Some(first.kind())
    }

    /// The types on both sides where they differ, as when a CSV stream does not tell them.
    pub(super) fn differing_kinds(&self) -> Option<(MetricType, MetricType)> {
        let (before, now) = (
            self.baseline.first()?.kind(),
            self.candidate.first()?.kind(),
        );
        (before != now).then_some((before, now))
    }

    /// Whether it is an endpoint, and no submetric that files list.
    pub(super) fn is_endpoint(&self) -> bool {
        let mut keys = self.name.tags().iter().map(|(key, _)| key.as_str());
        self.is_from_samples || (keys.any(|key| key == ENDPOINT_TAG) && self.is_by_the_way())
    }

    /// Whether it is a share of failed requests.
    pub(super) fn is_failures(&self) -> bool {
        self.name.metric() == "http_req_failed"
    }
}
