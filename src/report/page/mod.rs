//! One run as a page for people: every value already a text, every sentence already written.
//!
//! Names come from the script and are text, never markup; control and direction characters in
//! them are made visible.

mod checks;
mod endpoints;
mod figures;
mod metrics;
mod origin;
mod responses;
mod story;
mod thresholds;

use serde::Serialize;

use super::RunReport;
use crate::run::{Measure, Run, Stat};
use crate::thresholds::Verdict;
use crate::units::{self, counted};

pub use checks::{CheckRow, Checks};
pub use endpoints::{EndpointRow, Endpoints};
pub use figures::{BinRow, Distribution, Figures, LimitLine, Moment, MomentRow, OverTime};
pub use metrics::{MetricRow, MetricTable};
pub use origin::{Origin, SourceRow};
pub use responses::{ResponseRow, Responses};
pub use story::{Fact, Headline, KeyNumber, Remark, Story};
pub use thresholds::{Bar, ThresholdRow, Thresholds};

/// Tables longer than this are cut, and say by how much.
const MOST_ROWS: usize = 200;

/// Texts longer than this are cut.
const MOST_LETTERS: usize = 500;

/// What a page says of one run, from top to bottom.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The whole story in short.
    pub story: Story,
    /// Every threshold.
    pub thresholds: Thresholds,
    /// The endpoints, slowest first.
    pub endpoints: Part<Endpoints>,
    /// The run over time.
    pub over_time: Part<OverTime>,
    /// How the durations of requests are distributed.
    pub distribution: Part<Distribution>,
    /// Statuses and errors.
    pub responses: Part<Responses>,
    /// The checks by group.
    pub checks: Part<Checks>,
    /// All metrics, a table a type.
    pub metrics: Vec<MetricTable>,
    /// What it was read from.
    pub origin: Origin,
}

impl Page {
    /// Writes a run's page.
    #[must_use]
    pub fn new(run: &Run, report: &RunReport) -> Self {
        let Figures {
            over_time,
            distribution,
        } = Figures::new(run, report);
        Self {
            story: Story::new(run, report),
            thresholds: Thresholds::new(report),
            endpoints: Endpoints::of(run),
            over_time,
            distribution,
            responses: Responses::of(run),
            checks: Checks::of(&report.checks),
            metrics: metrics::tables(report),
            origin: Origin::new(report),
        }
    }
}

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
    let mut text = units::printable(name).into_owned();
    if let Some((cut, _)) = text.char_indices().nth(MOST_LETTERS) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

/// A statistic in milliseconds, or a dash.
fn millis(measure: &Measure, stat: Stat) -> String {
    measure.get(stat).map_or_else(dash, units::millis)
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
