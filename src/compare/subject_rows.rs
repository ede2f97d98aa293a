//! The rows of a subject: each of its statistics, judged by what is known of its noise.

use std::borrow::Cow;

use super::context::Context;
use super::direction::direction;
use super::endpoints::Endpoints;
use super::figure::Figure;
use super::load;
use super::moved::{FigureFloors, judge_figure};
use super::noise::AssumedNoise;
use super::options::Gate;
use super::resample::{FIGURES, TYPICAL};
use super::row::{Row, alone};
use super::share_noise::ShareNoises;
use super::shift::{EndpointShift, Shifts, duration_of};
use super::side::{Side, over_repetitions, pooled};
use super::subject::Subject;
use super::verdict::{
    Change, Direction, Judgement, ShareNoise, judge_bare_shares, judge_shares, judge_values,
};
use crate::run::{Contains, Measure, MetricType, Stat};

/// From so many events on, what chance does to their number is small beside the assumed noise.
const LEAST_EVENTS: u64 = 100;

/// The metrics that time a request.
const REQUEST_DURATIONS: [&str; 2] = ["http_req_duration", "grpc_req_duration"];

/// The statistics of trends that are compared.
const TREND_STATS: [Stat; 4] = [Stat::Med, Stat::Avg, Stat::p(95), Stat::p(99)];

impl Subject<'_> {
    pub(super) fn rows(
        &self,
        sides: [&Side<'_>; 2],
        context: &Context<'_>,
        shift: Option<&EndpointShift>,
        noises: &ShareNoises,
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
            let rows = self.moved_rows(shift, context).into_iter();
            return rows.map(|row| self.within_error(row)).collect();
        }
        let is_asked_for =
            load::counts_what_is_asked(&self.name) && sides.into_iter().any(load::is_open);
        let direction = direction(&self.name, kind, self.contains, sides, context.options);
        let noise = noises.get(&self.name);
        let rows = stats.iter().copied();
        let rows = rows.filter_map(|stat| self.row(kind, stat, direction, context, noise));
        let rows = rows.map(|row| if is_asked_for { row.asked_for() } else { row });
        rows.map(|row| self.within_error(row)).collect()
    }

    /// A row with what histograms leave open of it.
    fn within_error(&self, row: Row) -> Row {
        let kind = row.kind;
        // A geometric mean of buckets is off by no more than their medians.
        let stat = row.figure.stat().unwrap_or(Stat::Med);
        let error = |measures: &[Cow<'_, Measure>]| {
            let errors = measures.iter().filter_map(|measure| measure.error(stat));
            errors.reduce(f64::max)
        };
        match [error(&self.baseline), error(&self.candidate)] {
            _ if kind != MetricType::Trend => row,
            [None, None] => row,
            [before, after] => row.of_histograms(before.unwrap_or(0.0) + after.unwrap_or(0.0)),
        }
    }

    /// The rows of an endpoint whose samples are at hand on both sides.
    fn moved_rows(&self, shift: &EndpointShift, context: &Context<'_>) -> Vec<Row> {
        let Some(shifts) = context.shifts() else {
            return Vec::new();
        };
        let gates = |figure: usize| {
            let gates = &context.options.gates;
            let is_common =
                shift.is_single && figure == TYPICAL && gates.has_duration(Figure::Common);
            // A handful of requests must not hold up the whole.
            let is_known = shift.figures[figure].too_few.is_none();
            is_known && (gates.has_duration(FIGURES[figure]) || is_common)
        };
        let floors = |figure: Figure| FigureFloors {
            own: context.options.floors.of(&self.name, figure),
            common: context.options.floors.of(&self.name, Figure::Common),
        };
        let row = |(at, figure): (usize, &Figure)| {
            let value = |measures: &[Cow<'_, Measure>], side: usize| match figure.stat() {
                Some(stat) => over_repetitions(measures, stat).map(|(value, _)| value),
                None => Some(duration_of(shift.figures[at].sides[side])),
            };
            let mut values = [value(&self.baseline, 0)?, value(&self.candidate, 1)?];
            let judged_values = shift.figures[at].sides.map(duration_of);
            if tell_another_story(values, judged_values) {
                values = judged_values;
            }
            Some(Row {
                figure: *figure,
                baseline: Some(values[0]),
                candidate: Some(values[1]),
                gate: gates(at),
                judged: judge_figure(at, values, shift, shifts, floors(*figure)),
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
                None => judge_bare_shares(baseline, candidate, noise.floor),
            }
        } else {
            let is_time = self.contains == Some(Contains::Time);
            let mut assumed = AssumedNoise {
                floor: context.options.floors.of(&self.name, stat.into()),
                ..AssumedNoise::of(stat)
            };
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
                let by_samples = context.shifts().is_some() && context.metric == Some(metric);
                (!by_samples || self.is_endpoint()) && gates.has_duration(stat.into())
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
            is_asked_for: false,
            error: None,
            shared_by: None,
            waived_until: None,
        }
    }
}

/// Whether the values of expected responses on the plateau changed otherwise than those of all
/// requests: then they are shown, as they are what is judged.
fn tell_another_story(all: [f64; 2], judged: [f64; 2]) -> bool {
    const SAME: f64 = 0.03;
    let change = |[before, after]: [f64; 2]| (after / before).ln();
    let apart = (change(all) - change(judged)).abs();
    !apart.is_finite() || apart > SAME
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
