//! Two sides of one name, and what changed between them.

use super::comparability::{self, Comparability};
use super::context::Context;
use super::endpoints::{self, Cut, judge_endpoints, request_metric};
use super::findings::{self, Finding};
use super::limit_check::{self, LimitCheck};
use super::options::CompareOptions;
use super::pairing;
use super::row::Row;
use super::rows;
use super::side::Side;
use super::validity::{Validity, ValidityVerdict};
use super::verdict::Change;
use super::waiver::{self, Waived};
use crate::error::Result;
use crate::run::Run;
use crate::thresholds::Verdict;

/// Everything that was compared.
#[derive(Debug)]
pub struct Comparison<'a> {
    /// The pairs by name.
    pub pairs: Vec<Pair<'a>>,
    /// Runs of the baseline that found no partner, by name.
    pub removed: Vec<Vec<&'a Run>>,
    /// Runs of the candidate that found no partner, by name.
    pub added: Vec<Vec<&'a Run>>,
}

/// Two sides of one name, and what changed between them.
#[derive(Debug)]
pub struct Pair<'a> {
    /// The baseline.
    pub baseline: Side<'a>,
    /// The candidate.
    pub candidate: Side<'a>,
    /// Whether both ran the same test.
    pub comparability: Comparability,
    /// What speaks against trusting the rows.
    pub warnings: Vec<String>,
    /// Every row: gating regressions first, then the largest change first.
    pub rows: Vec<Row>,
    /// Thresholds that say less than they did.
    pub findings: Vec<Finding>,
    /// The stated limits.
    pub limits: Vec<LimitCheck>,
    /// The regressions that are accepted, and those that no longer are.
    pub waivers: Vec<Waived>,
    /// What the gating rows and the limits come to.
    pub verdict: Change,
}

/// Compares runs with their baseline, pair by pair.
///
/// # Errors
/// When nothing pairs, or a limit does not fit its metric.
pub fn compare<'a>(
    baseline: &'a [Run],
    candidate: &'a [Run],
    options: &CompareOptions,
) -> Result<Comparison<'a>> {
    let pairing = pairing::pair(baseline, candidate)?;
    let pairs = pairing.pairs.into_iter();
    Ok(Comparison {
        pairs: pairs
            .map(|(before, after)| Pair::new(Side::new(before)?, Side::new(after)?, options))
            .collect::<Result<_>>()?,
        removed: pairing.removed,
        added: pairing.added,
    })
}

impl<'a> Pair<'a> {
    pub(super) fn new(
        baseline: Side<'a>,
        candidate: Side<'a>,
        options: &CompareOptions,
    ) -> Result<Self> {
        let comparability = comparability::comparability(&baseline, &candidate, &options.allowed);
        let sides = [baseline.runs(), candidate.runs()];
        let vocabulary = candidate.vocabulary();
        let (cut, levels) = (Cut::of(sides), options.levels());
        let endpoints = judge_endpoints(sides, cut, options, levels);
        let context = Context {
            options,
            levels,
            cut,
            endpoints: &endpoints,
            metric: request_metric(sides),
            tag: &vocabulary.endpoint_tag,
        };
        let (mut rows, incomparable) = rows::rows(&baseline, &candidate, &context);
        let mut warnings = Vec::new();
        for (which, side) in [("baseline", &baseline), ("candidate", &candidate)] {
            doubt_unfit(which, &side.validity(), &mut rows, &mut warnings);
            warnings.extend(
                side.remarks()
                    .map(|remark| format!("the {which}: {remark}")),
            );
        }
        if let Some(obstacle) = comparability.obstacle() {
            leave_open(&mut rows, &obstacle);
        }
        let differences = comparability.differences.iter();
        warnings.extend(differences.map(|difference| difference.text.clone()));
        warnings.extend(comparability.mentions.iter().cloned());
        warnings.extend(cut.remark());
        warnings.extend(endpoints::remark(sides, cut, &endpoints));
        warnings.extend(incomparable);
        let waivers = waiver::apply(&options.waivers, candidate.name(), &mut rows);
        rows.sort_by(|a, b| {
            let gates = |row: &Row| row.gate && row.judged.verdict == Change::Regressed;
            let by_gate = gates(b).cmp(&gates(a));
            by_gate.then_with(|| b.size().total_cmp(&a.size()))
        });
        let limits: Vec<LimitCheck> = options
            .limits
            .iter()
            .map(|limit| limit_check::check_limit(limit, &baseline, &candidate))
            .collect::<Result<_>>()?;
        let gating = rows.iter().filter(|row| row.gate).map(|r| r.judged.verdict);
        let crossed = limits
            .iter()
            .filter(|limit| limit.verdict != Verdict::Passed);
        let verdict = Change::worst(gating.chain(crossed.map(|_| Change::Regressed)));
        let is_invalid = |side: &Side<'_>| side.validity().verdict == ValidityVerdict::Invalid;
        let verdict = match verdict {
            // Nothing that gates may be left to say so.
            Change::Unchanged if is_invalid(&baseline) || is_invalid(&candidate) => {
                Change::Inconclusive
            }
            verdict => verdict,
        };
        Ok(Self {
            findings: findings::findings(&baseline, &candidate),
            baseline,
            candidate,
            comparability,
            warnings,
            rows,
            limits,
            waivers,
            verdict,
        })
    }
}

/// Says what speaks against a side. An invalid run is compared only to say so.
fn doubt_unfit(which: &str, validity: &Validity, rows: &mut [Row], warnings: &mut Vec<String>) {
    let word = match validity.verdict {
        ValidityVerdict::Valid => return,
        ValidityVerdict::Suspect => "suspect",
        ValidityVerdict::Invalid => "invalid",
    };
    let text = format!("the {which} is {word}: {}", validity.reasons.join("; "));
    if validity.verdict == ValidityVerdict::Invalid {
        leave_open(rows, &text);
    }
    warnings.push(text);
}

/// Says of no row what changed, and why.
fn leave_open(rows: &mut [Row], reason: &str) {
    for row in rows {
        if !matches!(row.judged.verdict, Change::Added | Change::Removed) {
            row.judged.verdict = Change::Inconclusive;
            row.judged.reason = Some(reason.to_owned());
        }
    }
}
