//! One run as a page for people: every value already a text, every sentence already written.
//!
//! Names come from the script and are text, never markup; control and direction characters in
//! them are made visible.

mod against_baseline;
mod baseline;
mod checks;
mod distribution;
mod endpoints;
mod extras;
mod groups;
mod headline;
mod index;
mod metrics;
mod moments;
mod origin;
mod over_time;
mod phases;
mod responses;
mod story;
mod thresholds;
mod vitals;

use serde::Serialize;

use super::{MetricReport, RunReport};
use crate::run::{Measure, Run, Stat};
use crate::threads;
use crate::thresholds::Verdict;
use crate::units::{self, counted};

pub use against_baseline::{AgainstBaseline, ChangeRow, LimitRow, Plot, Whisker};
pub use baseline::Baseline;
pub use checks::{CheckRow, Checks};
pub use distribution::{AgainstLoad, BinRow, Distribution, TailRow};
pub use endpoints::{Durations, EndpointRow, Endpoints, FailedRow};
pub use extras::{Course, Extra};
pub use groups::{GroupRow, Groups};
pub use headline::Headline;
pub use index::{Index, IndexRow};
pub use metrics::{MetricRow, MetricTable};
pub use moments::Moment;
pub use origin::{Origin, SourceRow};
pub use over_time::{HeatTable, LimitLine, MomentRow, OverTime};
pub use phases::{PhaseRow, Phases, Piece};
pub use responses::{ResponseRow, Responses};
pub use story::{Fact, KeyNumber, Remark, Story};
pub use thresholds::{Bar, ThresholdRow, Thresholds};
pub use vitals::VitalRow;

/// Tables longer than this are cut, and say by how much.
const MOST_ROWS: usize = 150;

/// Names that take more bytes in a page than this are cut, so that tables of them stay small.
const HEAVIEST_NAME: usize = 300;
/// The same of whole sentences.
const HEAVIEST_SENTENCE: usize = 2000;

/// What a page says of one run, from top to bottom.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The whole story in short.
    pub story: Story,
    /// Whether samples are at hand; a summary alone has no endpoints and no course.
    pub has_samples: bool,
    /// Every threshold.
    pub thresholds: Thresholds,
    /// What changed since the baseline, if there is one.
    pub against_baseline: Option<AgainstBaseline>,
    /// The endpoints, slowest first.
    pub endpoints: Part<Endpoints>,
    /// The run over time.
    pub over_time: Part<OverTime>,
    /// How the durations of requests are distributed.
    pub distribution: Part<Distribution>,
    /// Durations against the load.
    pub against_load: Part<AgainstLoad>,
    /// Where the time of requests goes.
    pub phases: Part<Phases>,
    /// Statuses and errors.
    pub responses: Part<Responses>,
    /// The checks by group.
    pub checks: Part<Checks>,
    /// What there is beyond HTTP.
    pub extras: Vec<Extra>,
    /// The groups, if the script has any.
    pub groups: Option<Groups>,
    /// All metrics, a table a type.
    pub metrics: Vec<MetricTable>,
    /// What it was read from.
    pub origin: Origin,
}

impl Page {
    /// Writes a run's page, and what changed since its baseline if it has one.
    #[must_use]
    pub fn new(run: &Run, report: &RunReport, baseline: Option<Baseline<'_>>) -> Self {
        let unit = if run.request_metric().is_some() {
            "requests"
        } else {
            "iterations"
        };
        // What is done at the same time takes about as long.
        let ((over_time, responses), (endpoints, distribution, phases)) = threads::both(
            || {
                (
                    OverTime::of(run, report, baseline, unit),
                    Responses::of(run),
                )
            },
            || {
                (
                    Endpoints::of(run),
                    Distribution::of(run, baseline, unit),
                    Phases::of(run, baseline),
                )
            },
        );
        let (extras, groups) = threads::both(
            || extras::extras(run, report, &over_time),
            || Groups::of(run),
        );
        let against_load = match &over_time.shown {
            Some(shown) => AgainstLoad::of(&shown.moments, &shown.baseline, unit),
            None => Part {
                shown: None,
                missing: over_time.missing.clone(),
            },
        };
        let all: Vec<&MetricReport> = report.metrics.iter().collect();
        Self {
            story: Story::new(run, report, baseline),
            has_samples: run.samples().is_some(),
            thresholds: Thresholds::new(report, baseline),
            against_baseline: baseline
                .map(|baseline| AgainstBaseline::new(baseline.pair, &baseline.name())),
            endpoints,
            distribution,
            phases,
            responses,
            checks: Checks::of(&report.checks),
            extras,
            groups,
            metrics: metrics::tables(report, &all),
            origin: Origin::new(report),
            over_time,
            against_load,
        }
    }
}

/// What stands in the place of what only a stream tells. The page says it once for all such parts.
const NO_SAMPLES: &str = "A summary holds no single requests.";

/// A part of the page, or the sentence that stands in its place.
#[derive(Debug, Serialize)]
pub struct Part<T> {
    /// What there is to show.
    pub shown: Option<T>,
    /// Why there is nothing, and what to do about it.
    pub missing: Option<String>,
}

impl<T> Part<T> {
    fn shown(part: T) -> Self {
        Self {
            shown: Some(part),
            missing: None,
        }
    }

    fn missing(why: impl Into<String>) -> Self {
        Self {
            shown: None,
            missing: Some(why.into()),
        }
    }
}

/// The colour of a verdict. It never stands alone: a symbol and a word go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// It holds.
    Good,
    /// It is crossed, or it failed.
    Bad,
    /// It could not be told.
    Unsure,
    /// Nothing was asked of it.
    Plain,
}

/// A verdict as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Its colour.
    pub tone: Tone,
    /// Its symbol.
    pub symbol: &'static str,
    /// Its word.
    pub word: &'static str,
}

impl Mark {
    const PASSED: Self = Self::new(Tone::Good, "✓", "passed");
    const FAILED: Self = Self::new(Tone::Bad, "✕", "failed");
    const NO_DATA: Self = Self::new(Tone::Unsure, "?", "no data");

    const fn new(tone: Tone, symbol: &'static str, word: &'static str) -> Self {
        Self { tone, symbol, word }
    }

    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::PASSED,
            Verdict::Failed => Self::FAILED,
            Verdict::NoData => Self::NO_DATA,
        }
    }
}

/// A name from a file, or a sentence with one, as the page shows it: printable, and cut where it is
/// so long that a table of such would make the page heavy.
fn shown(name: &str) -> String {
    shown_to(name, HEAVIEST_NAME)
}

fn shown_to(name: &str, heaviest: usize) -> String {
    let mut text = units::printable(name).into_owned();
    let mut weight = 0;
    let cut = text.char_indices().find(|(_, letter)| {
        // As an entity such as `&quot;`, or as itself.
        weight += match letter {
            '&' | '<' | '>' | '"' | '\'' | '=' | '`' => "&quot;".len(),
            letter => letter.len_utf8(),
        };
        weight > heaviest
    });
    if let Some((cut, _)) = cut {
        text.truncate(cut);
        text.push('…');
    }
    text
}

/// A sentence as the page shows it: no line ends between a number and its unit.
fn prose(sentence: &str) -> String {
    const UNITS: [&str; 10] = ["ms", "s", "µs", "ns", "min", "h", "B", "kB", "MB", "GB"];
    let mut text = String::new();
    let mut after_digit = false;
    for word in shown_to(sentence, HEAVIEST_SENTENCE).split(' ') {
        let unit = word.trim_end_matches(|c: char| c.is_ascii_punctuation());
        let unit = unit.split('/').next().unwrap_or_default();
        if !text.is_empty() {
            let is_bound = after_digit && UNITS.contains(&unit);
            text.push(if is_bound { '\u{a0}' } else { ' ' });
        }
        text.push_str(word);
        after_digit = word.ends_with(|c: char| c.is_ascii_digit());
    }
    text
}

/// So many a second; few of them with more digits.
fn per_second(rate: f64) -> String {
    units::number(rate, if rate < 10.0 { 2 } else { 1 })
}

/// A statistic in milliseconds, or a dash.
fn millis(measure: &Measure, stat: Stat) -> String {
    measure.get(stat).map_or_else(dash, units::duration)
}

fn dash() -> String {
    "–".to_owned()
}

/// How much of a table's rows is left out beyond [`MOST_ROWS`], as a sentence.
fn left_out(rows: usize, noun: &str) -> Option<String> {
    let more = u64::try_from(rows.checked_sub(MOST_ROWS)?).ok()?;
    (more > 0).then(|| format!("{} are not shown.", counted(more, noun)))
}

#[cfg(test)]
mod tests;
