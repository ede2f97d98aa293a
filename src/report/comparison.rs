//! From what was compared to how it is shown.

use super::diff::{
    DIFF_SCHEMA, DiffReport, LimitReport, PairReport, RowReport, SideReport, UnpairedReport,
    WaiverReport,
};
use super::diff_sentence;
use super::unit::Unit;
use crate::compare::{Change, Comparison, Figure, LimitCheck, Pair, Row, Side, Waived};
use crate::run::{Run, Source, Stat};

impl From<&Comparison<'_>> for DiffReport {
    fn from(comparison: &Comparison<'_>) -> Self {
        let pairs: Vec<PairReport> = comparison.pairs.iter().map(PairReport::from).collect();
        let unpaired = |runs: &Vec<&Run>, verdict| UnpairedReport {
            name: runs.first().map_or("", |run| run.name()).to_owned(),
            verdict,
            sources: sources(runs),
        };
        let removed = comparison
            .removed
            .iter()
            .map(|r| unpaired(r, Change::Removed));
        let missing: Vec<&str> = comparison
            .removed
            .iter()
            .filter_map(|runs| Some(runs.first()?.name()))
            .collect();
        let added = comparison.added.iter().map(|r| unpaired(r, Change::Added));
        Self {
            schema: DIFF_SCHEMA,
            verdict: Change::worst(pairs.iter().map(|pair| pair.verdict)),
            sentence: diff_sentence::of_all(&pairs, &missing),
            unpaired: removed.chain(added).collect(),
            pairs,
        }
    }
}

impl From<&Pair<'_>> for PairReport {
    fn from(pair: &Pair<'_>) -> Self {
        let mut warnings = pair.warnings.clone();
        if !pair.comparability.unknown.is_empty() {
            warnings.push(format!(
                "not known on both sides: {}",
                pair.comparability.unknown.join(", ")
            ));
        }
        let mut report = Self {
            name: pair.candidate.name().to_owned(),
            comparable: pair.comparability.verdict,
            warnings,
            verdict: pair.verdict,
            sentence: String::new(),
            rows: pair.rows.iter().map(RowReport::from).collect(),
            findings: pair.findings.clone(),
            limits: pair.limits.iter().map(LimitReport::from).collect(),
            waivers: pair.waivers.iter().map(WaiverReport::from).collect(),
            baseline: SideReport::from(&pair.baseline),
            candidate: SideReport::from(&pair.candidate),
        };
        report.sentence = diff_sentence::of_pair(&report);
        report
    }
}

impl From<&Side<'_>> for SideReport {
    fn from(side: &Side<'_>) -> Self {
        Self {
            name: side.name().to_owned(),
            runs: side.runs().len(),
            sources: sources(side.runs()),
            validity: side.validity(),
            span: side.span(),
        }
    }
}

fn sources(runs: &[&Run]) -> Vec<Source> {
    let sources = runs.iter().flat_map(|run| run.sources());
    sources.cloned().collect()
}

impl From<&Row> for RowReport {
    fn from(row: &Row) -> Self {
        let stat = row.figure.stat().unwrap_or(match row.figure {
            Figure::Achieved => Stat::Rate,
            _ => Stat::Avg,
        });
        let shown = Unit::of(row.kind, row.contains, stat);
        Self {
            name: row.name.text().to_owned(),
            stat: row.figure.to_string(),
            unit: shown.name(),
            baseline: row.baseline,
            candidate: row.candidate,
            scale: row.judged.scale,
            change: row.judged.change,
            interval: row.judged.interval,
            own: row.judged.own,
            noise: row.judged.noise,
            smallest_detectable: row.judged.smallest_detectable,
            floor: row.judged.floor,
            gate: row.gate,
            verdict: row.judged.verdict,
            reason: row.judged.reason.clone(),
            waived_until: row.waived_until.clone(),
            id: row.name.clone(),
            figure: row.figure,
            shown,
            repeats: row.repeats,
            is_asked_for: row.is_asked_for,
            error: row.error,
            shared_by: row.shared_by,
        }
    }
}

impl From<&Waived> for WaiverReport {
    fn from(waived: &Waived) -> Self {
        let waiver = &waived.waiver;
        Self {
            row: waiver.row.clone(),
            reason: waiver.reason.clone(),
            by: waiver.by.clone(),
            until: waiver.until.clone(),
            expired: waiver.expired,
            rows: waived.rows,
        }
    }
}

impl From<&LimitCheck> for LimitReport {
    fn from(check: &LimitCheck) -> Self {
        let stat: Stat = check.limit.stat;
        Self {
            name: check.limit.name.text().to_owned(),
            expression: check.limit.expression.clone(),
            observed: check.observed,
            baseline: check.baseline,
            limit: check.allowed,
            verdict: check.verdict,
            note: check.note.clone(),
            shown: check
                .kind
                .map_or(Unit::Number, |kind| Unit::of(kind, check.contains, stat)),
        }
    }
}
