//! The verdict on a run, and why, in a sentence or two.

use serde::Serialize;

use super::against_baseline::{capital, without_verdict};
use super::{Baseline, Mark, Tone, prose};
use crate::compare::{Change, ValidityVerdict};
use crate::report::{RunReport, ThresholdReport};
use crate::run::K6Exit;
use crate::thresholds::Verdict;

/// The verdict and why.
#[derive(Debug, Serialize)]
pub struct Headline {
    /// The verdict.
    pub mark: Mark,
    /// Why, in one or two plain sentences.
    pub sentence: String,
    /// What to keep in mind.
    pub caution: &'static str,
}

impl Headline {
    pub(super) fn new(report: &RunReport, baseline: Option<Baseline<'_>>) -> Self {
        let on_thresholds = if report.thresholds.is_empty() && baseline.is_some() {
            "The files hold no threshold.".to_owned()
        } else {
            threshold_sentence(&report.thresholds)
        };
        if let Some(exit) = report.k6_exit.filter(|exit| !exit.is_finished()) {
            let crossed = report
                .thresholds
                .iter()
                .any(|t| t.verdict == Verdict::Failed);
            let then = if crossed {
                &on_thresholds
            } else {
                "What stands below is of the part that ran, and no verdict on the test."
            };
            return Self {
                mark: Mark::new(Tone::Bad, "✕", "Not finished"),
                sentence: prose(&format!("{}. {then}", exit.problem().unwrap_or_default())),
                caution: "",
            };
        }
        if report.validity.verdict == ValidityVerdict::Invalid {
            let reasons = report.validity.reasons.join("; ");
            return Self {
                mark: Mark::new(Tone::Unsure, "!", "Not fit to be judged"),
                sentence: prose(&format!("{}. {on_thresholds}", capital(&reasons))),
                caution: "",
            };
        }
        let change = baseline.map(|baseline| baseline.pair.verdict);
        let marked = report.k6_exit.and_then(K6Exit::problem);
        let has_failed = report.verdict == Verdict::Failed;
        let mark = match (report.thresholds.is_empty(), change) {
            _ if marked.is_some() => Mark::new(Tone::Bad, "✕", "Failed"),
            (false, _) if has_failed => Mark::new(Tone::Bad, "✕", "Failed"),
            (_, Some(Change::Regressed)) => Mark::new(Tone::Bad, "▲", "Regressed"),
            (false, _) => Mark::new(Tone::Good, "✓", "Passed"),
            (true, None) => Mark::new(Tone::Plain, "○", "Not judged"),
            (true, Some(Change::Improved)) => Mark::new(Tone::Good, "▼", "Improved"),
            (true, Some(Change::Inconclusive)) => Mark::new(Tone::Unsure, "?", "Inconclusive"),
            (true, Some(_)) => Mark::new(Tone::Good, "=", "Unchanged"),
        };
        let caution = if report.validity.verdict == ValidityVerdict::Suspect {
            "The run is suspect; the reasons stand below."
        } else {
            ""
        };
        // What made the verdict comes first, and does not say it again.
        let says_it = mark.word == "Regressed" || report.thresholds.is_empty();
        let on_change = baseline.map(|baseline| {
            if says_it {
                without_verdict(baseline.pair)
            } else {
                baseline.pair.sentence.clone()
            }
        });
        let on_change = on_change.as_deref();
        let sentences = if says_it {
            [on_change, Some(on_thresholds.as_str())]
        } else {
            [Some(on_thresholds.as_str()), on_change]
        };
        let marked = marked.map(|problem| format!("{}.", capital(&problem)));
        let sentences = marked
            .as_deref()
            .into_iter()
            .chain(sentences.into_iter().flatten());
        let sentence = sentences.collect::<Vec<_>>().join(" ");
        // A name keeps its letters.
        let sentence = match sentence.strip_prefix("the ") {
            Some(rest) => format!("The {rest}"),
            None => sentence,
        };
        Self {
            mark,
            sentence: prose(&sentence),
            caution,
        }
    }
}

/// What the thresholds say together, with the one to look at first.
fn threshold_sentence(thresholds: &[ThresholdReport]) -> String {
    let all = thresholds.len();
    let of = |verdict| thresholds.iter().filter(move |t| t.verdict == verdict);
    let (crossed, without) = (of(Verdict::Failed).count(), of(Verdict::NoData).count());
    let by_distance = |verdict| {
        let known = of(verdict).filter_map(|t| Some((t, t.overshoot()?)));
        let mut known: Vec<(&ThresholdReport, f64)> = known.collect();
        known.sort_by(|a, b| b.1.total_cmp(&a.1));
        known.into_iter().map(|(t, _)| t).collect::<Vec<_>>()
    };
    let says = |t: &ThresholdReport| {
        let stat = t.evaluated.threshold.map(|threshold| threshold.stat);
        let (observed, limit) = t.prose();
        let stat = stat.map_or_else(String::new, |stat| format!(" {stat}"));
        format!("{}{stat} is {observed}, limit {limit}", t.name)
    };
    let noun = if all == 1 { "threshold" } else { "thresholds" };
    match (all, crossed, without) {
        (0, _, _) => "The files hold no threshold, so that nothing was judged.".to_owned(),
        (_, 0, 0) => {
            let holds = match all {
                1 => "The only threshold holds.".to_owned(),
                2 => "Both thresholds hold.".to_owned(),
                _ => format!("All {all} thresholds hold."),
            };
            match by_distance(Verdict::Passed).first() {
                Some(only) if all == 1 => format!("{holds} {}.", says(only)),
                Some(closest) => format!("{holds} The closest: {}.", says(closest)),
                None => holds,
            }
        }
        (_, 0, _) => {
            let names: Vec<&str> = of(Verdict::NoData).map(|t| t.name.as_str()).collect();
            let verb = if without == 1 { "has" } else { "have" };
            let few = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
            format!("{without} of {all} {noun} {verb} no data, which is a failure: {few}.")
        }
        (_, _, _) => {
            let also = match without {
                0 => String::new(),
                1 => ", 1 has no data".to_owned(),
                _ => format!(", {without} have no data"),
            };
            let furthest = match by_distance(Verdict::Failed).as_slice() {
                [] => String::new(),
                [one] => format!(" {}.", says(one)),
                [one, other] => format!(" {}. {}.", says(one), says(other)),
                [first, ..] => format!(" The furthest: {}.", says(first)),
            };
            format!("{crossed} of {all} {noun} crossed{also}.{furthest}")
        }
    }
}
