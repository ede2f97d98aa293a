//! Thresholds with what was observed, the limit, and how far they are apart.

use serde::Serialize;

use super::{Baseline, MOST_ROWS, Mark, left_out, shown};
use crate::compare::FindingKind;
use crate::report::{RunReport, ThresholdReport};
use crate::thresholds::{ThresholdSource, Verdict};
use crate::units;

/// Every threshold.
#[derive(Debug, Serialize)]
pub struct Thresholds {
    /// The crossed ones first, then those without data.
    pub rows: Vec<ThresholdRow>,
    /// Whether any of them has a remark.
    pub any_note: bool,
    /// What was left out.
    pub more: Option<String>,
    /// Thresholds of the baseline that are gone.
    pub gone: Vec<String>,
}

/// One threshold.
#[derive(Debug, Serialize)]
pub struct ThresholdRow {
    /// The metric or submetric.
    pub name: String,
    /// The expression as written.
    pub expression: String,
    /// What was measured.
    pub observed: String,
    /// The limit.
    pub limit: String,
    /// What follows.
    pub mark: Mark,
    /// How far the two are apart: `40.2% over`.
    pub headroom: String,
    /// The same as a picture.
    pub bar: Option<Bar>,
    /// Where it comes from, k6's verdict where it differs, and why there is no value.
    pub note: String,
}

/// A bar of what was observed with a tick at the limit.
#[derive(Debug, Serialize)]
pub struct Bar {
    /// The length of the bar, of 120.
    pub length: String,
    /// The place of the tick, of 120.
    pub tick: String,
}

/// The limit's place in a bar that is 120 long: a value half as much again reaches the end.
const TICK: f64 = 80.0;
const LENGTH: f64 = 120.0;

impl Thresholds {
    pub(super) fn new(report: &RunReport, baseline: Option<Baseline<'_>>) -> Self {
        let mut thresholds: Vec<&ThresholdReport> = report.thresholds.iter().collect();
        thresholds.sort_by_key(|threshold| match threshold.verdict {
            Verdict::Failed => 0,
            Verdict::NoData => 1,
            Verdict::Passed => 2,
        });
        let findings = || baseline.iter().flat_map(|baseline| &baseline.pair.findings);
        let row = |threshold: &ThresholdReport| {
            // What says less than before is said beside it.
            let since = findings().find(|finding| {
                finding.name == threshold.name
                    && finding.after.as_deref() == Some(threshold.expression.as_str())
            });
            let since = since.map(|finding| match finding.kind {
                FindingKind::Loosened => format!("loosened since the baseline: {}", finding.before),
                FindingKind::LostData => "had data in the baseline".to_owned(),
                FindingKind::Removed => finding.text.clone(),
            });
            ThresholdRow::new(threshold, since)
        };
        let more = left_out(thresholds.len(), "threshold");
        let rows: Vec<ThresholdRow> = thresholds.into_iter().take(MOST_ROWS).map(row).collect();
        let gone = findings().filter(|finding| finding.kind == FindingKind::Removed);
        let gone = gone.map(|f| shown(&format!("{}: {}", f.name, f.before)));
        Self {
            gone: gone.collect(),
            more,
            any_note: rows.iter().any(|row| !row.note.is_empty()),
            rows,
        }
    }
}

impl ThresholdRow {
    fn new(threshold: &ThresholdReport, since: Option<String>) -> Self {
        let ratio = threshold.ratio();
        let bar = ratio.map(|ratio| Bar {
            length: format!("{:.1}", (ratio * TICK).clamp(0.0, LENGTH)),
            tick: format!("{TICK}"),
        });
        let (observed, limit) = threshold.prose();
        Self {
            name: shown(&threshold.name),
            expression: shown(&threshold.expression),
            observed,
            limit,
            mark: Mark::of(threshold.verdict),
            headroom: headroom(threshold),
            bar,
            note: note(threshold, since),
        }
    }
}

fn headroom(threshold: &ThresholdReport) -> String {
    let Some((overshoot, operator)) = threshold.overshoot().zip(threshold.evaluated.threshold)
    else {
        return String::new();
    };
    if let Some(ratio) = threshold.ratio().filter(|ratio| *ratio >= 2.0) {
        let ratio = units::number(ratio, 1);
        return match operator.operator.smaller_is_better() {
            Some(false) => format!("{ratio}× what is needed"),
            _ => format!("{ratio}× the limit"),
        };
    }
    let share = units::percent((overshoot.abs() * 1000.0).round() / 1000.0);
    let word = match operator.operator.smaller_is_better() {
        _ if overshoot <= 0.0 => "to spare",
        Some(false) => "short",
        _ => "over",
    };
    format!("{share} {word}")
}

fn note(threshold: &ThresholdReport, since: Option<String>) -> String {
    let mut parts: Vec<String> = since.into_iter().collect();
    let differs = threshold.k6_verdict.filter(|k6s| *k6s != threshold.verdict);
    match differs.map(|k6s| Mark::of(k6s).word) {
        Some(k6s) if threshold.observed.is_some() => {
            parts.push(format!("k6 said {k6s}, from the same numbers"));
        }
        Some(k6s) => {
            parts.push(format!("k6 said {k6s}"));
            parts.extend(threshold.note.clone());
        }
        None => parts.extend(threshold.note.clone()),
    }
    match threshold.source {
        ThresholdSource::K6 => {}
        ThresholdSource::Config => parts.push("from a file of thresholds".to_owned()),
        ThresholdSource::Cli => parts.push("from the command line".to_owned()),
    }
    shown(&parts.join("; "))
}

impl ThresholdReport {
    /// What was observed as a share of the limit, where both are at least zero.
    fn ratio(&self) -> Option<f64> {
        let (observed, limit) = (self.observed?, self.limit?);
        let ordered = self.evaluated.threshold?.operator.smaller_is_better();
        ordered?;
        (limit > 0.0 && observed >= 0.0).then(|| observed / limit)
    }

    /// How far the observed value is beyond the limit, as a share of it; negative where it keeps
    /// away from it.
    pub(crate) fn overshoot(&self) -> Option<f64> {
        let beyond = self.ratio()? - 1.0;
        let smaller = self.evaluated.threshold?.operator.smaller_is_better()?;
        Some(if smaller { beyond } else { -beyond })
    }
}
