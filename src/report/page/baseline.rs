//! What a page is compared with.

use crate::report::PairReport;
use crate::run::Run;
use crate::units::counted;

/// A run's baseline: what changed since, and the runs themselves, to be drawn behind it.
#[derive(Debug, Clone, Copy)]
pub struct Baseline<'a> {
    /// What changed.
    pub pair: &'a PairReport,
    /// The runs; several are repetitions.
    pub runs: &'a [&'a Run],
}

impl<'a> Baseline<'a> {
    /// How many runs there are, for the legend of a chart.
    pub(super) fn name(&self) -> String {
        match self.runs.len() {
            1 => "baseline".to_owned(),
            several => format!("baseline ({})", counted(several as u64, "run")),
        }
    }

    /// The runs, if all of their samples are at hand.
    pub(super) fn with_samples(&self) -> Option<&'a [&'a Run]> {
        let all = self.runs.iter().all(|run| run.samples().is_some());
        (all && !self.runs.is_empty()).then_some(self.runs)
    }
}
