//! A part of a run: a window of time, scenarios, tags.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use chrono::DateTime;

use super::checks;
use super::declaration::MetricDeclaration;
use super::duration::parse_duration;
use super::endpoint::EndpointId;
use super::histograms::{Cell, Histograms};
use super::merge::forget_verdicts;
use super::samples::{Samples, SamplesBuilder};
use super::series::{Point, Series};
use super::summary::Summary;
use super::{Run, RunParts};
use crate::error::{Error, Result};
use crate::nearest::nearest;
use crate::units;

/// The groups in which k6 runs `setup()` and `teardown()`.
const SETUP: [&str; 2] = ["::setup", "::teardown"];

/// The VUs belong to the whole test, and carry no tags: they stay whatever is selected by tags.
const WHOLE_TEST: [&str; 2] = ["vus", "vus_max"];

/// What is taken of a run; by default all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// From this moment on.
    pub from: Option<Moment>,
    /// Until before this moment.
    pub until: Option<Moment>,
    /// Without what `setup()` and `teardown()` did.
    pub exclude_setup: bool,
    /// Only what these scenarios did; empty for all.
    pub scenarios: Vec<String>,
    /// Only samples with all of these tags.
    pub tags: Vec<(String, String)>,
}

/// A moment in a run.
///
/// ```
/// use perf_report::run::Moment;
/// assert_eq!("1m30s".parse(), Ok(Moment::After(90_000_000_000)));
/// assert_eq!("500ms".parse(), Ok(Moment::After(500_000_000)));
/// assert_eq!("1970-01-01T00:00:01Z".parse(), Ok(Moment::At(1_000_000_000)));
/// assert!("30".parse::<Moment>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// In nanoseconds since 1970.
    At(i64),
    /// In nanoseconds after the run's first sample.
    After(i64),
}

impl Moment {
    fn resolve(self, start: i64) -> i64 {
        match self {
            Self::At(time) => time,
            Self::After(offset) => start.saturating_add(offset),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(time) => f.write_str(&units::moment(*time)),
            Self::After(offset) => f.write_str(&units::millis(*offset as f64 / 1e6)),
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(offset) = parse_duration(text) {
            return Ok(Self::After(offset));
        }
        let time = DateTime::parse_from_rfc3339(text).ok();
        let time = time.and_then(|time| time.timestamp_nanos_opt());
        time.map(Self::At).ok_or_else(|| {
            "it is a duration after the run's beginning, such as 30s or 1m30s, or a time such as \
             2026-11-23T08:50:18Z"
                .to_owned()
        })
    }
}

impl Selection {
    /// Whether it takes everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// The tags of an argument, `status=200,name=GET /items/:id`. A comma without a tag behind it
    /// belongs to the value.
    ///
    /// # Errors
    /// When there is no `=`.
    pub fn parse_tags(text: &str) -> Result<Vec<(String, String)>, String> {
        let mut tags: Vec<(String, String)> = Vec::new();
        for part in text.split(',') {
            match (part.split_once('='), tags.last_mut()) {
                (Some((key, value)), _) if !key.trim().is_empty() => {
                    tags.push((key.trim().to_owned(), value.trim().to_owned()));
                }
                (_, Some((_, value))) => {
                    value.push(',');
                    value.push_str(part);
                }
                (_, None) => return Err("write it like status=200,name=GET /items/:id".to_owned()),
            }
        }
        Ok(tags)
    }

    /// What was asked for, in words.
    #[must_use]
    pub fn text(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.from.map(|from| format!("from {from}")));
        parts.extend(self.until.map(|until| format!("until {until}")));
        parts.extend(
            self.exclude_setup
                .then(|| "without setup and teardown".to_owned()),
        );
        if !self.scenarios.is_empty() {
            parts.push(format!("scenario {}", self.scenarios.join(" or ")));
        }
        parts.extend(
            self.tags
                .iter()
                .map(|(key, value)| format!("{key}={value}")),
        );
        parts.join(", ")
    }

    /// Whether samples belong to it, by their tags.
    fn has(&self, series: Series<'_>, run: &Run) -> bool {
        if WHOLE_TEST.contains(&series.metric()) {
            return true;
        }
        let is_setup = || {
            let group = series.tag("group").unwrap_or_default();
            let path = |setup: &str| {
                let below = group.strip_prefix(setup);
                below.is_some_and(|below| below.is_empty() || below.starts_with("::"))
            };
            SETUP.into_iter().any(path)
        };
        if self.exclude_setup && is_setup() {
            return false;
        }
        let of_scenario = |name: &String| series.tag("scenario") == Some(name);
        if !self.scenarios.is_empty() && !self.scenarios.iter().any(of_scenario) {
            return false;
        }
        self.tags.iter().all(|(key, wanted)| {
            let is_endpoint = *key == run.vocabulary.endpoint_tag;
            series.tag(key).is_some_and(|value| {
                value == wanted
                    || (is_endpoint
                        && is_called(series, &run.vocabulary.endpoint_name(value), wanted))
            })
        })
    }
}

impl Run {
    /// The part of a run that is selected, with numbers of its own: k6's summary is about all of it,
    /// and lends only its thresholds and the order of checks.
    ///
    /// # Errors
    /// When there are no samples to select from, or none is selected.
    pub fn select(&self, selection: &Selection) -> Result<Self> {
        let path = self.sources.first();
        let path = path.map_or("a run", |source| source.path.as_str());
        let whole = self.samples.as_ref().zip(self.span());
        let Some((samples, (start, last))) = whole else {
            return Err(Error::usage(
                format!(
                    "{path}: cannot select ({}) from a summary, which holds the numbers of the whole run",
                    selection.text()
                ),
                "give the stream (--out json= or --out csv=), or leave the selection out",
            ));
        };
        let end = match self.duration_ms.filter(|_| self.duration_is_k6s()) {
            #[expect(clippy::cast_possible_truncation, reason = "saturates")]
            Some(ms) => start.saturating_add((ms * 1e6) as i64).max(last),
            None => last,
        };
        let from = selection.from.map_or(i64::MIN, |m| m.resolve(start));
        let until = selection.until.map_or(i64::MAX, |m| m.resolve(start));
        let is_selected: Vec<bool> = samples
            .series()
            .iter()
            .map(|series| selection.has(series, self))
            .collect();
        let selected = samples.select(&is_selected, from, until, self)?;
        let own = own_span(&selected);
        let Some(own) = own else {
            return Err(nothing_selected(path, selection, samples, [start, end]));
        };
        // What setup and other scenarios took is no time of what is left.
        let by_time = [from.max(start), until.min(end)];
        let narrowed = selection.exclude_setup || !selection.scenarios.is_empty();
        let [first, last] = if narrowed { own } else { by_time };
        let selected_ms = last.saturating_sub(first) as f64 / 1e6;
        let mut notes = self.notes.clone();
        notes.push(format!(
            "only a part of the run: {}; {} of {}, over {}",
            selection.text(),
            units::number(selected.points_read() as f64, 0),
            units::counted(samples.points_read(), "sample"),
            units::millis(selected_ms),
        ));
        Ok(Self::new(RunParts {
            name: self.name.clone(),
            label: self.label.clone(),
            filed: self.filed.clone(),
            plan: self.plan.clone(),
            recorded: self.recorded.clone(),
            sources: self.sources.clone(),
            skipped: self.skipped.clone(),
            summary: self.summary.as_ref().map(|s| without_numbers(s, &selected)),
            samples: Some(selected),
            notes,
            vocabulary: self.vocabulary.clone(),
            selected_ms: Some(selected_ms),
        }))
    }
}

/// Whether this is an endpoint's name, alone or with the method as reports have it.
fn is_called(series: Series<'_>, name: &str, wanted: &str) -> bool {
    let title = || EndpointId {
        name: name.to_owned(),
        method: series.tag("method").map(str::to_owned),
        scenario: None,
    };
    name == wanted || title().title() == wanted
}

/// The times of the first and the last sample that is not about the whole test.
fn own_span(samples: &Samples) -> Option<[i64; 2]> {
    let series = samples.series().iter();
    let is_own: Vec<bool> = series.map(|s| !WHOLE_TEST.contains(&s.metric())).collect();
    let mut span: Option<[i64; 2]> = None;
    samples.for_each(|cell| {
        if is_own[cell.series as usize] {
            let [first, last] = span.unwrap_or([cell.first, cell.last]);
            span = Some([first.min(cell.first), last.max(cell.last)]);
        }
    });
    span
}

/// What a summary says beside the numbers of the whole run.
fn without_numbers(summary: &Summary, selected: &Samples) -> Summary {
    let mut rest = Summary {
        k6_version: summary.k6_version.clone(),
        trend_stats: summary.trend_stats.clone(),
        ..Summary::default()
    };
    let with_thresholds = summary.metrics.iter().filter(|m| !m.thresholds.is_empty());
    rest.metrics = with_thresholds.cloned().collect();
    for metric in &mut rest.metrics {
        metric.values.clear();
        forget_verdicts(metric);
    }
    // Their order; what was counted of the whole run is not counted here.
    let ran: BTreeSet<String> = checks::count(selected)
        .into_iter()
        .map(|check| check.name)
        .collect();
    let checks = summary.checks.iter().filter(|c| ran.contains(&c.name));
    rest.checks = checks.cloned().collect();
    rest
}

fn nothing_selected(
    path: &str,
    selection: &Selection,
    samples: &Samples,
    [start, end]: [i64; 2],
) -> Error {
    let keys = samples.series().keys();
    let values = |key: &str| samples.series().values(key, &WHOLE_TEST);
    let asked = selection.tags.iter().cloned();
    let scenarios = selection.scenarios.iter();
    let asked = asked.chain(scenarios.map(|name| ("scenario".to_owned(), name.clone())));
    let unknown = asked
        .filter(|(key, value)| !values(key).contains(value.as_str()))
        .map(|(key, _)| key)
        .next();
    let hint = match &unknown {
        Some(key) if keys.contains(key.as_str()) => {
            const FEW: usize = 8;
            let all = values(key);
            let some: Vec<&str> = all.iter().copied().take(FEW).collect();
            let more = if all.len() > FEW { ", …" } else { "" };
            format!("{key} is {}{more}", some.join(", "))
        }
        Some(_) => {
            let asked = unknown.as_deref().unwrap_or_default();
            let meant = nearest(asked, keys.iter().copied());
            let meant = meant.map(|meant| format!("is it {meant}? "));
            let keys: Vec<&str> = keys.into_iter().collect();
            format!(
                "{}the samples have the tags {}",
                meant.unwrap_or_default(),
                keys.join(", ")
            )
        }
        None => format!(
            "the run goes from {} to {}, {}",
            units::moment(start),
            units::moment(end),
            units::millis(end.saturating_sub(start) as f64 / 1e6),
        ),
    };
    Error::usage(
        format!("{path}: no sample is selected ({})", selection.text()),
        hint,
    )
}

impl Samples {
    /// The samples of these series from a time until before another; those of a histogram are in it
    /// together, or not. Metrics that have none of them stay where thresholds stand on them.
    fn select(&self, is_selected: &[bool], from: i64, until: i64, run: &Run) -> Result<Self> {
        let mut builder = SamplesBuilder::default();
        let mut numbers: Vec<Option<u32>> = vec![None; is_selected.len()];
        let mut seen = BTreeSet::new();
        let mut histograms = self.error().map(Histograms::new);
        self.for_each(|cell| {
            let place = cell.series as usize;
            let is_within = from <= cell.first && cell.first < until;
            if !is_within || !is_selected[place] {
                return;
            }
            let series = numbers[place].unwrap_or_else(|| {
                let series = self.series().get(cell.series);
                seen.insert(series.metric());
                builder.series(series.metric(), series.tags())
            });
            numbers[place] = Some(series);
            match &mut histograms {
                Some(histograms) => histograms.push(&Cell { series, ..*cell }),
                None => builder.push(Point {
                    series,
                    time: cell.first,
                    value: cell.latest,
                }),
            }
        });
        for declaration in self.declarations() {
            let is_seen = seen.contains(declaration.name.as_str());
            if is_seen || !declaration.thresholds.is_empty() {
                builder.declare(typed(declaration, run));
            }
        }
        match histograms {
            Some(histograms) => Ok(builder.finish_with(histograms)),
            None => builder.finish(),
        }
    }
}

/// A declaration with the type that the whole run knows, which a summary may have told.
fn typed(declaration: &MetricDeclaration, run: &Run) -> MetricDeclaration {
    let (kind, contains) = run.kind_of(&declaration.name).unzip();
    MetricDeclaration {
        kind: declaration.kind.or(kind),
        contains: declaration.contains.or(contains.flatten()),
        ..declaration.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_without_a_tag_belongs_to_the_value() {
        let pairs = |text: &str| Selection::parse_tags(text);
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            pairs("status=200, name=GET /a,b=1,c"),
            Ok(vec![
                pair("status", "200"),
                pair("name", "GET /a"),
                pair("b", "1,c")
            ])
        );
        assert_eq!(pairs("a=b=c"), Ok(vec![pair("a", "b=c")]));
        assert!(pairs("status").is_err() && pairs("").is_err() && pairs("=1").is_err());
    }

    #[test]
    fn moments_are_offsets_or_times() {
        for (text, expected) in [
            ("0s", Some(Moment::After(0))),
            ("1h0.5s", Some(Moment::After(3_600_500_000_000))),
            (
                "2026-11-23T08:50:18+13:00",
                Some(Moment::At(1_795_377_018_000_000_000)),
            ),
            ("", None),
            ("s", None),
            ("30", None),
            ("1d", None),
            ("-3s", None),
            ("1.2.3s", None),
            ("99999999999h", None),
            ("2026-11-23", None),
        ] {
            assert_eq!(text.parse::<Moment>().ok(), expected, "{text}");
        }
    }
}
