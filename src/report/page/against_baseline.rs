//! What changed since the baseline: the sentence, and a plot of intervals, a row each.

use serde::Serialize;

use super::{MOST_ROWS, Mark, Tone, dash, left_out, prose, shown};
use crate::compare::{Change, Figure, Own, Scale};
use crate::report::{PairReport, RowReport};
use crate::units;

/// The widest change that a plot shows; what lies beyond is cut at its edge.
const WIDEST: f64 = 0.6;
/// The narrowest, so that a quiet comparison does not look wild.
const NARROWEST: f64 = 0.1;
/// The same of changes of shares.
const SHARES: [f64; 2] = [0.005, 0.2];
/// The length of a plot, zero in its middle.
const LENGTH: f64 = 200.0;

/// What changed since the baseline.
#[derive(Debug, Serialize)]
pub struct AgainstBaseline {
    /// The verdict.
    pub mark: Mark,
    /// All of it in a sentence.
    pub sentence: String,
    /// What it was compared with.
    pub baseline: String,
    /// What speaks against trusting the rows.
    pub warnings: Vec<String>,
    /// The rows that matter.
    pub rows: Vec<ChangeRow>,
    /// All others.
    pub others: Vec<ChangeRow>,
    /// What was left out of those.
    pub more: Option<String>,
    /// How far the plots reach to either side, in words.
    pub reach: String,
    /// Whether any row is judged against the other endpoints.
    pub any_own: bool,
    /// The regressions that were accepted.
    pub waivers: Vec<String>,
    /// Thresholds that say less than they did.
    pub findings: Vec<String>,
    /// The stated limits.
    pub limits: Vec<LimitRow>,
}

/// A statistic on both sides.
#[derive(Debug, Serialize)]
pub struct ChangeRow {
    /// What is measured.
    pub name: String,
    /// The statistic.
    pub stat: String,
    /// The baseline's value.
    pub baseline: String,
    /// The candidate's value.
    pub candidate: String,
    /// The change.
    pub change: String,
    /// Where the change lies by which the row is judged.
    pub judged: String,
    /// Where the plain change lies, where it is judged against the other endpoints.
    pub plain: Option<String>,
    /// The same as a picture.
    pub plot: Option<Plot>,
    /// What follows.
    pub mark: Mark,
    /// Why it is left open.
    pub reason: String,
}

/// A dot and a whisker on a line of 200, in which 100 is no change.
#[derive(Debug, Serialize)]
pub struct Plot {
    /// Where the shade of what is too small to matter begins.
    pub floor: String,
    /// How wide it is.
    pub floor_width: String,
    /// The change by which the row is judged: from, to, its middle.
    pub judged: Whisker,
    /// The plain change where it is judged against the others.
    pub plain: Option<Whisker>,
}

/// An interval with the value in it.
#[derive(Debug, Serialize)]
pub struct Whisker {
    /// The lower end.
    pub from: String,
    /// The length.
    pub width: String,
    /// The value.
    pub at: String,
}

/// A stated limit.
#[derive(Debug, Serialize)]
pub struct LimitRow {
    /// What it says.
    pub text: String,
    /// What follows.
    pub mark: Mark,
}

impl AgainstBaseline {
    pub(super) fn new(pair: &PairReport, name: &str) -> Self {
        let matter = pair.rows_that_matter();
        let is_shown = |row: &&RowReport| !matter.iter().any(|m| std::ptr::eq(*m, *row));
        let others: Vec<&RowReport> = pair
            .rows
            .iter()
            .filter(is_shown)
            .filter(|row| !row.repeats)
            .collect();
        let reach = Reach::of(&matter);
        let row = |row: &&RowReport| ChangeRow::new(row, reach);
        let files: Vec<&str> = pair
            .baseline
            .sources
            .iter()
            .map(|source| source.path.as_str())
            .collect();
        let files = match files.as_slice() {
            [] => dash(),
            [one] => (*one).to_owned(),
            [first, rest @ ..] => format!("{first} and {}", more_files(rest.len())),
        };
        Self {
            mark: Mark::of_change(pair.verdict),
            sentence: prose(&without_verdict(pair)),
            baseline: shown(&format!("{name}: {files}")),
            warnings: pair.warnings.iter().map(|w| shown(&capital(w))).collect(),
            any_own: matter.iter().any(|row| row.own.is_some()),
            rows: matter.iter().map(row).collect(),
            more: left_out(others.len(), "row"),
            others: others.iter().take(MOST_ROWS).map(row).collect(),
            reach: reach.text(),
            waivers: pair.waivers.iter().map(|w| shown(&w.text())).collect(),
            findings: pair
                .findings
                .iter()
                .map(|finding| shown(&capital(&finding.text)))
                .collect(),
            limits: pair
                .limits
                .iter()
                .map(|limit| LimitRow {
                    text: shown(&limit.text()),
                    mark: Mark::of(limit.verdict),
                })
                .collect(),
        }
    }
}

/// A pair's sentence without the word of its verdict, which stands before it already.
pub(super) fn without_verdict(pair: &PairReport) -> String {
    let word = capital(Mark::of_change(pair.verdict).word);
    let rest = pair.sentence.strip_prefix(&word);
    let rest = rest.and_then(|rest| rest.strip_prefix(": "));
    // What follows may be a name, which keeps its letters.
    rest.unwrap_or(&pair.sentence).to_owned()
}

fn more_files(count: usize) -> String {
    match count {
        1 => "1 more file".to_owned(),
        many => format!("{many} more files"),
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

impl Mark {
    pub(super) fn of_change(change: Change) -> Self {
        match change {
            Change::Regressed => Self::new(Tone::Bad, "▲", "regressed"),
            Change::Improved => Self::new(Tone::Good, "▼", "improved"),
            Change::Unchanged => Self::new(Tone::Plain, "=", "unchanged"),
            Change::Inconclusive => Self::new(Tone::Unsure, "?", "inconclusive"),
            Change::Added => Self::new(Tone::Plain, "+", "added"),
            Change::Removed => Self::new(Tone::Unsure, "−", "removed"),
        }
    }
}

impl ChangeRow {
    fn new(row: &RowReport, reach: Reach) -> Self {
        Self {
            name: if row.is_common() {
                "all endpoints together".to_owned()
            } else {
                shown(&row.subject())
            },
            stat: match row.figure {
                Figure::GeometricMean | Figure::Common => "typical".to_owned(),
                Figure::CommonTail => "p(95)".to_owned(),
                Figure::Achieved => row.figure.to_string(),
                Figure::Stat(stat) => stat.to_string(),
            },
            baseline: row.value_prose(row.baseline),
            candidate: row.value_prose(row.candidate),
            change: row.change_text().unwrap_or_else(dash),
            judged: row
                .own_text()
                .or_else(|| row.interval_text())
                .unwrap_or_else(dash),
            plain: row.own.and(row.interval_text()),
            plot: Plot::of(row, reach),
            mark: Mark::of_change(row.verdict),
            reason: row.reason.as_deref().map(shown).unwrap_or_default(),
        }
    }
}

/// How far plots reach to either side.
#[derive(Debug, Clone, Copy)]
struct Reach {
    relative: f64,
    share: f64,
}

impl Reach {
    fn of(rows: &[&RowReport]) -> Self {
        let widest = |scale: Scale| {
            let rows = rows.iter().filter(|row| row.scale == scale);
            let ends = rows.flat_map(|row| {
                let own = row.own.map(|own| own.interval);
                let ends = [row.interval, own].into_iter().flatten().flatten();
                ends.map(f64::abs).collect::<Vec<f64>>()
            });
            ends.fold(0.0, f64::max)
        };
        let [least, most] = SHARES;
        Self {
            relative: round_up(widest(Scale::Relative)).clamp(NARROWEST, WIDEST),
            share: round_up(widest(Scale::Absolute)).clamp(least, most),
        }
    }

    fn of_row(self, row: &RowReport) -> Option<f64> {
        match row.scale {
            Scale::Relative => Some(self.relative),
            Scale::Absolute if row.unit == "share" => Some(self.share),
            Scale::Absolute => None,
        }
    }

    fn text(self) -> String {
        let points = units::number(self.share * 100.0, 1);
        let percent = units::percent(self.relative);
        format!("±{percent}, of shares ±{points} points")
    }
}

/// The next of 1, 2, 3, 4, 5, 6, 8 and 10 of a power of ten.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 0.0;
    }
    let power = 10f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let fits = |step: &f64| step * power >= value * 0.999_999;
    steps.into_iter().find(fits).unwrap_or(10.0) * power
}

impl Plot {
    fn of(row: &RowReport, reach: Reach) -> Option<Self> {
        let reach = reach.of_row(row)?;
        let (change, interval) = (row.change?, row.interval?);
        let place = |value: f64| {
            (value / reach)
                .clamp(-1.0, 1.0)
                .mul_add(LENGTH / 2.0, LENGTH / 2.0)
        };
        let whisker = |value: f64, [low, high]: [f64; 2]| Whisker {
            from: format!("{:.1}", place(low)),
            width: format!("{:.1}", place(high) - place(low)),
            at: format!("{:.1}", place(value)),
        };
        let floor = row.floor.unwrap_or(0.0);
        let own = |own: Own| whisker(own.change, own.interval);
        let plain = whisker(change, interval);
        let (judged, plain) = match row.own {
            Some(judged) => (own(judged), Some(plain)),
            None => (plain, None),
        };
        Some(Self {
            floor: format!("{:.1}", place(-floor)),
            floor_width: format!("{:.1}", place(floor) - place(-floor)),
            judged,
            plain,
        })
    }
}
