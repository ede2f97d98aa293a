//! What is compared: metrics, submetrics, endpoints and checks, each by its statistics.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::direction::direction;
use super::endpoints::{Cut, Endpoints};
use super::figure::Figure;
use super::moved::{judge_common, judge_figure};
use super::noise::{AssumedNoise, Noise};
use super::options::{CompareOptions, Gate, Levels};
use super::resample::FIGURES;
use super::shift::{EndpointShift, Shifts};
use super::side::{CheckShares, Key, Side, over_repetitions, pooled, was_measured};
use super::verdict::{
    Change, Direction, Judgement, Scale, ShareNoise, judge_bare_shares, judge_shares, judge_values,
};
use crate::run::{Contains, ENDPOINT_TAG, EndpointId, Measure, MetricName, MetricType, Stat};
use crate::stats::normal;
use crate::stats::proportion::{self, Share};

/// From so many events on, what chance does to their number is small beside the assumed noise.
const LEAST_EVENTS: u64 = 100;

/// The metrics that time a request.
const REQUEST_DURATIONS: [&str; 2] = ["http_req_duration", "grpc_req_duration"];

/// The statistics of trends that are compared.
const TREND_STATS: [Stat; 4] = [Stat::Med, Stat::Avg, Stat::p(95), Stat::p(99)];

/// A statistic on both sides.
#[derive(Debug, Clone)]
pub struct Row {
    /// The metric, submetric, endpoint or check; endpoints and checks are named like submetrics.
    pub name: MetricName,
    /// What it shows.
    pub figure: Figure,
    /// The metric's type.
    pub kind: MetricType,
    /// What its values are.
    pub contains: Option<Contains>,
    /// The baseline's value.
    pub baseline: Option<f64>,
    /// The candidate's value.
    pub candidate: Option<f64>,
    /// Whether it decides over the pair's verdict.
    pub gate: bool,
    /// What follows.
    pub judged: Judgement,
    /// Whether another row shows the same requests: an endpoint that a submetric selects, too.
    pub repeats: bool,
}

impl Row {
    /// The size of the change, for the order in which rows are shown.
    pub(super) fn size(&self) -> f64 {
        let change = self.judged.change.map_or(0.0, f64::abs);
        let is_share = self.kind == MetricType::Rate;
        match (self.judged.scale, self.baseline, self.candidate) {
            (Scale::Absolute, Some(a), Some(b)) if !is_share && change > 0.0 => {
                change / a.abs().max(b.abs())
            }
            _ => change,
        }
    }
}

/// A metric, submetric or endpoint with its numbers on both sides; no numbers where it had no
/// samples.
struct Subject<'a> {
    name: MetricName,
    baseline: Vec<Cow<'a, Measure>>,
    candidate: Vec<Cow<'a, Measure>>,
    contains: Option<Contains>,
    repeats: bool,
}

/// What rows are judged with.
pub(super) struct Context<'a> {
    pub(super) options: &'a CompareOptions,
    pub(super) levels: Levels,
    pub(super) cut: Cut,
    pub(super) endpoints: &'a Endpoints,
}

impl Context<'_> {
    fn shifts(&self) -> Option<&Shifts> {
        match self.endpoints {
            Endpoints::Judged(shifts) => Some(shifts),
            Endpoints::Unfit(_) | Endpoints::Unknown => None,
        }
    }
}

/// Every row of a pair, and what could not be compared.
pub(super) fn rows(
    baseline: &Side<'_>,
    candidate: &Side<'_>,
    context: &Context<'_>,
) -> (Vec<Row>, Vec<String>) {
    let sides = [baseline, candidate];
    let mut subjects = listed(baseline, candidate);
    for (key, endpoint) in endpoints(baseline, candidate, context.cut) {
        subjects.entry(key).or_insert(endpoint);
    }
    mark_repetitions(&mut subjects);
    let shifts = shifts_of(&subjects, sides, context);
    let checks = pair_checks(&baseline.checks(), &candidate.checks());
    let noises = Noises::of(&subjects, &checks, sides, context);
    let (mut rows, mut warnings) = (Vec::new(), Vec::new());
    for (key, subject) in &subjects {
        match subject.differing_kinds() {
            Some((before, now)) => warnings.push(format!(
                "{} is a {before} in the baseline and a {now} in the candidate: not compared",
                subject.name
            )),
            None => rows.extend(subject.rows(sides, context, shifts.get(key).copied(), &noises)),
        }
    }
    rows.extend(common_row(sides, context));
    let gate = context.options.gates.has(Gate::Checks);
    rows.extend(checks.iter().map(|check| check.row(gate, &noises)));
    doubt_fast_failures(&mut rows);
    (rows, warnings)
}

/// How each metric's part of durations moved: an endpoint, and a submetric that selects the requests
/// of one.
fn shifts_of<'c>(
    subjects: &BTreeMap<Key, Subject<'_>>,
    sides: [&Side<'_>; 2],
    context: &'c Context<'_>,
) -> BTreeMap<Key, &'c EndpointShift> {
    let (Some(shifts), Some(metric)) = (context.shifts(), request_metric(sides)) else {
        return BTreeMap::new();
    };
    let mut found: BTreeMap<Key, &EndpointShift> = BTreeMap::new();
    let mut by_requests = HashMap::new();
    for endpoint in &shifts.endpoints {
        let key = Key::of(&endpoint.id.submetric(metric));
        if let Some(subject) = subjects.get(&key) {
            by_requests.insert(subject.fingerprint(), endpoint);
        }
        found.insert(key, endpoint);
    }
    for (key, subject) in subjects {
        let is_trend = subject.kind() == Some(MetricType::Trend);
        if is_trend && let Some(endpoint) = by_requests.get(&subject.fingerprint()) {
            found.entry(key.clone()).or_insert(endpoint);
        }
    }
    found
}

fn request_metric(sides: [&Side<'_>; 2]) -> Option<&'static str> {
    let mut runs = sides.into_iter().flat_map(Side::runs);
    runs.find_map(|run| run.request_metric())
}

/// The row of what all endpoints have in common.
fn common_row(sides: [&Side<'_>; 2], context: &Context<'_>) -> Option<Row> {
    let common = context.shifts()?.common.as_ref()?;
    let [baseline, candidate] = common.sides.map(f64::exp);
    Some(Row {
        name: MetricName::plain(request_metric(sides)?),
        figure: Figure::Common,
        kind: MetricType::Trend,
        contains: Some(Contains::Time),
        baseline: Some(baseline),
        candidate: Some(candidate),
        gate: context.options.gates.has_duration(Figure::Common),
        judged: judge_common(common),
        repeats: false,
    })
}

/// The noise of the rates of a pair.
struct Noises {
    /// How many standard errors a share has to move by, so that all those that gate together alarm
    /// no more often than they may (Bonferroni).
    z: f64,
    dispersions: HashMap<String, f64>,
}

impl Noises {
    fn of(
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
        let mut groups = vec![Vec::new(); names.len()];
        for run in sides.into_iter().flat_map(Side::runs) {
            for (parts, group) in run.binned_shares(&names).into_iter().zip(&mut groups) {
                group.push(parts);
            }
        }
        let dispersions = groups.iter().map(|group| proportion::dispersion(group));
        let keys = names.iter().map(MetricName::selection);
        Self {
            z: normal::upper_quantile(level / rows as f64),
            dispersions: keys.zip(dispersions).collect(),
        }
    }

    /// Of a metric's part. An endpoint's URL is none of its tags, and it takes the whole metric's;
    /// where only summaries are at hand, samples are taken as independent.
    fn get(&self, name: &MetricName) -> ShareNoise {
        let whole = MetricName::plain(name.metric()).selection();
        let is_endpoint = name.tags().iter().any(|(key, _)| key == ENDPOINT_TAG);
        let key = if is_endpoint { whole } else { name.selection() };
        ShareNoise {
            z: self.z,
            dispersion: self.dispersions.get(&key).copied().unwrap_or(1.0),
        }
    }
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
    let mut add = |is_candidate: bool, id: &EndpointId, metric: &str, measure: Measure| {
        let name = id.submetric(metric);
        let subject = subjects.entry(Key::of(&name)).or_insert_with(|| Subject {
            contains: crate::run::builtin(metric).map(|(_, contains)| contains),
            name,
            baseline: Vec::new(),
            candidate: Vec::new(),
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
        self.name.is_submetric()
            && keys.all(|key| matches!(key, "name" | "method" | "scenario" | "expected_response"))
    }

    /// What tells its samples from others of the metric, as bits.
    fn fingerprint(&self) -> (String, Vec<Option<u64>>) {
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

    fn kind(&self) -> Option<MetricType> {
        let first = self.candidate.first().or(self.baseline.first())?;
        Some(first.kind())
    }

    /// The types on both sides where they differ, as when a CSV stream does not tell them.
    fn differing_kinds(&self) -> Option<(MetricType, MetricType)> {
        let (before, now) = (
            self.baseline.first()?.kind(),
            self.candidate.first()?.kind(),
        );
        (before != now).then_some((before, now))
    }

    /// Whether it is a share of failed requests.
    fn is_failures(&self) -> bool {
        self.name.metric() == "http_req_failed"
    }

    fn rows(
        &self,
        sides: [&Side<'_>; 2],
        context: &Context<'_>,
        shift: Option<&EndpointShift>,
        noises: &Noises,
    ) -> Vec<Row> {
        let Some(kind) = self.kind() else {
            return Vec::new();
        };
        let stats: &[Stat] = match kind {
            MetricType::Trend => &TREND_STATS,
            MetricType::Rate | MetricType::Counter => &[Stat::Rate],
            // What a gauge last showed says nothing of the run; the VUs belong to comparability.
            MetricType::Gauge => &[],
        };
        if self.baseline.is_empty() || self.candidate.is_empty() {
            return self.one_sided(kind, stats, context).into_iter().collect();
        }
        if let Some(shift) = shift {
            return self.moved_rows(shift, context);
        }
        let direction = direction(&self.name, kind, self.contains, sides);
        let noise = noises.get(&self.name);
        let rows = stats.iter().copied();
        rows.filter_map(|stat| self.row(kind, stat, direction, context, noise))
            .collect()
    }

    /// The rows of an endpoint whose samples are at hand on both sides.
    fn moved_rows(&self, shift: &EndpointShift, context: &Context<'_>) -> Vec<Row> {
        let common = context.shifts().and_then(|shifts| shifts.common.as_ref());
        let row = |(at, figure): (usize, &Figure)| {
            let value = |measures: &[Cow<'_, Measure>], side: usize| match figure.stat() {
                Some(stat) => over_repetitions(measures, stat).map(|(value, _)| value),
                None => Some(shift.figures[at].sides[side].exp()),
            };
            let values = [value(&self.baseline, 0)?, value(&self.candidate, 1)?];
            Some(Row {
                figure: *figure,
                baseline: Some(values[0]),
                candidate: Some(values[1]),
                gate: context.options.gates.has_duration(*figure),
                judged: judge_figure(at, values, shift, common),
                ..self.bare_row(MetricType::Trend)
            })
        };
        FIGURES.iter().enumerate().filter_map(row).collect()
    }

    /// The row of a statistic that both sides have.
    fn row(
        &self,
        kind: MetricType,
        stat: Stat,
        direction: Direction,
        context: &Context<'_>,
        noise: ShareNoise,
    ) -> Option<Row> {
        let (baseline, n) = over_repetitions(&self.baseline, stat)?;
        let (candidate, m) = over_repetitions(&self.candidate, stat)?;
        let mut gate = self.gates(stat, context);
        let judged = if kind == MetricType::Rate {
            match pooled(&self.baseline).zip(pooled(&self.candidate)) {
                Some((before, after)) => judge_shares(before, after, direction, noise),
                None => judge_bare_shares(baseline, candidate),
            }
        } else {
            let is_time = self.contains == Some(Contains::Time);
            let mut assumed = AssumedNoise::of(stat);
            if is_time && let Some(common) = context.shifts().and_then(Shifts::error) {
                // Where runs as a whole vary more than is assumed, so does all that they time.
                assumed.standard_error = assumed.standard_error.max(common);
            }
            let mut judged = judge_values(baseline, candidate, assumed, (n, m), is_time, direction);
            let least = if kind == MetricType::Counter {
                LEAST_EVENTS
            } else {
                assumed.least_samples
            };
            if let Some(few) = self.samples(kind).filter(|n| *n < least) {
                doubt_few(&mut judged, few, least);
                // A request of setup() must not hold up the whole: only the metric itself decides.
                gate &= !self.name.is_submetric();
            }
            if let Endpoints::Unfit(reason) = context.endpoints
                && gate
                && judged.verdict != Change::Unchanged
            {
                judged.verdict = Change::Inconclusive;
                judged.reason = Some(reason.clone());
            }
            judged
        };
        Some(Row {
            figure: stat.into(),
            baseline: Some(baseline),
            candidate: Some(candidate),
            gate,
            judged,
            ..self.bare_row(kind)
        })
    }

    /// Whether a statistic decides over the verdict of its pair. Of durations those of endpoints
    /// do, and, where samples do not tell of endpoints, the metric and its parts as files list them.
    fn gates(&self, stat: Stat, context: &Context<'_>) -> bool {
        let gates = &context.options.gates;
        match self.name.metric() {
            metric if REQUEST_DURATIONS.contains(&metric) => {
                context.shifts().is_none() && gates.has_duration(stat.into())
            }
            "http_req_failed" => gates.has(Gate::Failed) && stat == Stat::Rate,
            "checks" => gates.has(Gate::Checks) && stat == Stat::Rate,
            _ => false,
        }
    }

    /// The least number of samples behind a value of a trend, or of events behind that of a counter,
    /// where it is known.
    fn samples(&self, kind: MetricType) -> Option<u64> {
        let measures = self.baseline.iter().chain(&self.candidate);
        if kind == MetricType::Counter {
            let events = measures
                .filter_map(|m| m.get(Stat::Count))
                .reduce(f64::min)?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturates"
            )]
            return Some(events as u64);
        }
        measures.filter_map(|m| m.samples()).min()
    }

    /// The row of what has samples on one side only: one, with its most telling statistic.
    fn one_sided(&self, kind: MetricType, stats: &[Stat], context: &Context<'_>) -> Option<Row> {
        let value = |measures, stat| over_repetitions(measures, stat).map(|(value, _)| value);
        let known = |stat: &Stat| {
            value(&self.baseline, *stat).is_some() || value(&self.candidate, *stat).is_some()
        };
        let stat = [Stat::p(95)].into_iter().chain(stats.iter().copied());
        let stat = stat.filter(|stat| stat.fits(kind)).find(known)?;
        Some(Row {
            figure: stat.into(),
            baseline: value(&self.baseline, stat),
            candidate: value(&self.candidate, stat),
            gate: self.gates(stat, context),
            judged: alone(kind, self.baseline.is_empty()),
            ..self.bare_row(kind)
        })
    }

    fn bare_row(&self, kind: MetricType) -> Row {
        Row {
            name: self.name.clone(),
            figure: Stat::Rate.into(),
            kind,
            contains: self.contains,
            baseline: None,
            candidate: None,
            gate: false,
            judged: alone(kind, false),
            repeats: self.repeats,
        }
    }
}

/// What there is to say of something that was measured on one side only.
fn alone(kind: MetricType, is_new: bool) -> Judgement {
    Judgement {
        scale: if kind == MetricType::Rate {
            Scale::Absolute
        } else {
            Scale::Relative
        },
        change: None,
        interval: None,
        own: None,
        noise: Noise::None,
        smallest_detectable: None,
        floor: None,
        verdict: if is_new {
            Change::Added
        } else {
            Change::Removed
        },
        reason: None,
    }
}

/// What is assumed of a run's noise does not hold for a handful of samples.
fn doubt_few(judged: &mut Judgement, samples: u64, least: u64) {
    judged.interval = None;
    judged.smallest_detectable = None;
    if judged.verdict != Change::Unchanged {
        judged.verdict = Change::Inconclusive;
        judged.reason = Some(format!(
            "one side has {samples} of the {least} samples that it takes to judge this statistic"
        ));
    }
}

/// A check on both sides, where it ran.
struct PairedCheck {
    name: String,
    group: Option<String>,
    sides: [Option<Share>; 2],
}

/// Pairs checks. A file that does not tell a check's group is matched by the check's name.
fn pair_checks(baseline: &CheckShares, candidate: &CheckShares) -> Vec<PairedCheck> {
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
    fn metric(&self) -> MetricName {
        let group = self.group.clone();
        let mut tags = vec![("check".to_owned(), self.name.clone())];
        tags.extend(group.map(|group| ("group".to_owned(), group)));
        MetricName::with_tags("checks", tags)
    }

    fn row(&self, gate: bool, noises: &Noises) -> Row {
        let name = self.metric();
        let noise = noises.get(&name);
        let [before, after] = self.sides;
        let judged = match before.zip(after) {
            Some((before, after)) => judge_shares(before, after, Direction::Higher, noise),
            None => alone(MetricType::Rate, before.is_none()),
        };
        Row {
            name,
            figure: Stat::Rate.into(),
            kind: MetricType::Rate,
            contains: None,
            baseline: before.map(Share::rate),
            candidate: after.map(Share::rate),
            gate,
            judged,
            repeats: false,
        }
    }
}

/// Errors are often faster than answers: where failures rose, shorter times are no improvement.
fn doubt_fast_failures(rows: &mut [Row]) {
    let risen: Vec<MetricName> = rows
        .iter()
        .filter(|row| {
            row.name.metric() == "http_req_failed" && row.judged.verdict == Change::Regressed
        })
        .map(|row| row.name.clone())
        .collect();
    for row in rows {
        let is_time = row.kind == MetricType::Trend && row.contains == Some(Contains::Time);
        if !is_time || row.judged.verdict != Change::Improved {
            continue;
        }
        let covers = |failed: &&MetricName| {
            let mut tags = failed.tags().iter();
            tags.all(|tag| row.name.tags().contains(tag))
        };
        if let Some(failed) = risen.iter().find(covers) {
            row.judged.verdict = Change::Inconclusive;
            row.judged.reason = Some(format!(
                "it got faster while {failed} rose; errors are often fast"
            ));
        }
    }
}
