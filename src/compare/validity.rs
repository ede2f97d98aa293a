//! Whether a run is fit to be judged.

use serde::Serialize;

use crate::run::{Achieved, MetricName, Run, Stat};
use crate::thresholds::{Evaluated, Verdict};
use crate::units;

/// Runs shorter than this are suspect.
const SHORT_SECONDS: f64 = 10.0;
/// A run of an open model that completed less than this share of what it scheduled is suspect.
const ACHIEVED: f64 = 0.99;
/// A share of failed requests from which a run says nothing of a working system.
const MOST: f64 = 0.5;
/// A stream that lacks or adds less than this share of the summary's samples is only suspect.
const SLIGHT: f64 = 0.01;

/// How fit a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ValidityVerdict {
    /// Nothing speaks against it.
    Valid,
    /// Its numbers may mislead.
    Suspect,
    /// Its numbers say nothing of the system.
    Invalid,
}

/// A run's fitness, with the reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Validity {
    /// How fit it is.
    pub verdict: ValidityVerdict,
    /// Why it is not valid; empty when it is.
    pub reasons: Vec<String>,
}

impl Validity {
    fn find(&mut self, verdict: ValidityVerdict, reason: impl Into<String>) {
        self.verdict = self.verdict.max(verdict);
        self.reasons.push(reason.into());
    }
}

/// Judges a run: aborted or cut, too short, dropped iterations, VUs at their ceiling, most requests
/// failing, a stream that contradicts its summary.
#[must_use]
pub fn judge_validity(run: &Run, thresholds: &[Evaluated]) -> Validity {
    use ValidityVerdict::{Invalid, Suspect};
    let mut validity = Validity {
        verdict: ValidityVerdict::Valid,
        reasons: Vec::new(),
    };
    let stat = |name: &str, stat: Stat| run.measure(&MetricName::plain(name))?.get(stat);

    if run.points() == Some(0) {
        validity.find(Invalid, "the stream holds no sample");
    }
    if run.metrics().is_empty() && run.points().is_none() {
        validity.find(Invalid, "the summary holds no metric");
    }
    if let Some(exit) = run.recorded().k6_exit.filter(|exit| !exit.is_finished())
        && let Some(problem) = exit.problem()
    {
        // What k6 measured until it was told to end is sound.
        let verdict = if exit.is_orderly() { Suspect } else { Invalid };
        validity.find(verdict, problem);
    }
    if let Some(cut) = &run.skipped().cut {
        validity.find(Suspect, format!("the stream is cut: {cut}"));
    }
    for threshold in thresholds
        .iter()
        .filter(|t| t.abort_on_fail && t.verdict == Verdict::Failed)
    {
        validity.find(
            Suspect,
            format!(
                "{} {} was crossed, which ends the run early",
                threshold.name, threshold.expression
            ),
        );
    }
    if let Some(seconds) = run
        .duration_ms()
        .map(|ms| ms / 1e3)
        .filter(|s| *s < SHORT_SECONDS)
    {
        validity.find(
            Suspect,
            format!("it lasted only {}", units::millis(seconds * 1e3)),
        );
    }
    if let Some(dropped) = stat("dropped_iterations", Stat::Count).filter(|dropped| *dropped > 0.0)
    {
        let users = stat("vus", Stat::Max).zip(stat("vus_max", Stat::Max));
        let ceiling =
            users.filter(|(used, most)| used >= most).map(|(_, most)| {
                match units::number(most, 0).as_str() {
                    "1" => ", with the only VU busy".to_owned(),
                    most => format!(", with all {most} VUs busy"),
                }
            });
        validity.find(
            Suspect,
            format!(
                "{} dropped{}: the load was not what was asked for",
                units::were(dropped, "iteration"),
                ceiling.unwrap_or_default()
            ),
        );
    }
    // k6 may start one more or fewer at the end of each scenario.
    let is_short = |done: &Achieved| {
        done.share() < ACHIEVED && done.scheduled - done.completed > done.scenarios as f64
    };
    if let Some(done) = run.achieved().filter(is_short) {
        validity.find(Suspect, done.text());
    }
    if let Some(failed) = stat("http_req_failed", Stat::Rate).filter(|failed| *failed > MOST) {
        validity.find(
            Invalid,
            format!("{} of the requests failed", units::percent(failed)),
        );
    }
    contradictions(run, &mut validity);
    validity
}

fn contradictions(run: &Run, validity: &mut Validity) {
    let found = run.contradictions();
    let Some(first) = found.first() else { return };
    let is_count = |stat: Stat| matches!(stat, Stat::Count | Stat::Passes | Stat::Fails);
    let share = |c: &crate::run::Contradiction| {
        (c.samples - c.summary).abs() / c.summary.abs().max(c.samples.abs()).max(1.0)
    };
    // The worst difference in a number of samples says how far the two are apart.
    let counts = found.iter().filter(|c| is_count(c.stat));
    let worst = counts.max_by(|a, b| share(a).total_cmp(&share(b)));
    let shown = worst.unwrap_or(first);
    let slight = worst.is_some_and(|worst| share(worst) < SLIGHT);
    validity.find(
        if slight { ValidityVerdict::Suspect } else { ValidityVerdict::Invalid },
        format!(
            "the stream contradicts its summary in {} {}: {} {} is {} in the stream, {} in the summary",
            found.len(),
            if found.len() == 1 { "number" } else { "numbers" },
            shown.name,
            shown.stat,
            units::number(shown.samples, 3),
            units::number(shown.summary, 3),
        ),
    );
}
