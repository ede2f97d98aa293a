//! A comparison as one self-contained page, for evidence that is read years later.

use std::io::Write;

use serde::Serialize;

use super::html::{self, Assets};
use crate::compare::{Change, Comparable, ValidityVerdict};
use crate::error::Result;
use crate::report::{DiffReport, LimitReport, PairReport, ReleaseReport, RowReport, WaiverReport};

const TEMPLATE: &str = include_str!("../../templates/diff.hbs");

#[derive(Serialize)]
struct Context<'a> {
    #[serde(flatten)]
    assets: Assets<'a>,
    baseline: &'a str,
    candidate: &'a str,
    verdict: &'static str,
    tone: &'static str,
    sentence: &'a str,
    pairs: Vec<PairContext<'a>>,
    /// Whether each pair needs a sentence of its own.
    many: bool,
    unpaired: Vec<String>,
    attempts: usize,
    discards: Vec<String>,
}

#[derive(Serialize)]
struct PairContext<'a> {
    name: &'a str,
    verdict: &'static str,
    tone: &'static str,
    sentence: &'a str,
    comparable: &'static str,
    remarks: Vec<String>,
    limits: Vec<String>,
    waivers: Vec<String>,
    rows: Vec<RowContext<'a>>,
    files: Vec<String>,
}

#[derive(Serialize)]
struct RowContext<'a> {
    name: &'a str,
    stat: &'a str,
    baseline: String,
    candidate: String,
    change: String,
    interval: String,
    own: String,
    verdict: String,
    tone: &'static str,
}

/// Writes a comparison of a release with its baseline, with every row and every attempt.
///
/// # Errors
/// When the template fails, which is a defect, or when it cannot be written.
pub fn page(
    report: &DiffReport,
    baseline: &str,
    release: &ReleaseReport,
    out: &mut dyn Write,
) -> Result<()> {
    let discards = release.discards.iter().map(|discard| {
        let started = discard
            .facts
            .started_at
            .as_deref()
            .unwrap_or("unknown time");
        let reason = discard.reason.as_deref().unwrap_or("no reason given");
        format!(
            "{} of {started}: {reason} ({})",
            discard.scenario, discard.by
        )
    });
    let unpaired = report.unpaired.iter().map(|run| match run.verdict {
        Change::Added => format!("{} is new: the baseline has no such run", run.name),
        _ => format!("{} is missing: the candidate has no such run", run.name),
    });
    let context = Context {
        assets: Assets::new(None),
        baseline,
        candidate: &release.release,
        verdict: report.verdict.word(),
        tone: tone(report.verdict),
        sentence: &report.sentence,
        pairs: report.pairs.iter().map(pair).collect(),
        many: report.pairs.len() > 1,
        unpaired: unpaired.collect(),
        attempts: release.attempts,
        discards: discards.collect(),
    };
    html::write(TEMPLATE, &context, out)
}

fn pair(pair: &PairReport) -> PairContext<'_> {
    let mut remarks = pair.warnings.clone();
    remarks.extend(pair.findings.iter().map(|finding| finding.text.clone()));
    let sides = [("baseline", &pair.baseline), ("candidate", &pair.candidate)];
    for (which, side) in sides {
        if side.validity.verdict != ValidityVerdict::Valid {
            remarks.push(format!("the {which}: {}", side.validity.reasons.join("; ")));
        }
    }
    let files = sides.iter().flat_map(|(which, side)| {
        side.sources.iter().map(move |source| {
            let hash = source.sha256.as_deref().unwrap_or("");
            format!("{which}: {} {hash}", source.path)
        })
    });
    PairContext {
        name: &pair.name,
        verdict: pair.verdict.word(),
        tone: tone(pair.verdict),
        sentence: &pair.sentence,
        comparable: match pair.comparable {
            Comparable::Yes => "yes",
            Comparable::No => "no",
            Comparable::Unknown => "unknown",
        },
        remarks,
        limits: pair.limits.iter().map(LimitReport::text).collect(),
        waivers: pair.waivers.iter().map(WaiverReport::text).collect(),
        rows: pair
            .rows
            .iter()
            .filter(|row| !row.repeats)
            .map(row)
            .collect(),
        files: files.collect(),
    }
}

fn row(row: &RowReport) -> RowContext<'_> {
    let word = row.verdict.word();
    RowContext {
        name: &row.name,
        stat: &row.stat,
        baseline: row.value_text(row.baseline),
        candidate: row.value_text(row.candidate),
        change: row.change_text().unwrap_or_default(),
        interval: row.interval_text().unwrap_or_default(),
        own: row.own_text().unwrap_or_default(),
        verdict: match (&row.waived_until, row.verdict, row.gate) {
            (Some(until), _, _) => format!("{word}, accepted until {until}"),
            (None, Change::Regressed | Change::Improved, false) => format!("{word} (shown only)"),
            _ => word.to_owned(),
        },
        tone: if row.gate || row.waived_until.is_some() {
            tone(row.verdict)
        } else {
            "plain"
        },
    }
}

fn tone(verdict: Change) -> &'static str {
    match verdict {
        Change::Regressed => "bad",
        Change::Improved => "good",
        Change::Inconclusive | Change::Added | Change::Removed => "unsure",
        Change::Unchanged => "plain",
    }
}
