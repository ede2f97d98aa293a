//! The runs that pages are compared with.

use crate::cli::remark;
use crate::compare::{CompareOptions, compare};
use crate::error::Result;
use crate::report::page::{Baseline, Page};
use crate::report::{DiffReport, ReportOptions, RunReport};
use crate::run::Run;

/// The runs that pages are compared with, by name.
#[derive(Debug, Default)]
pub(in crate::cli) struct Baselines {
    runs: Vec<Run>,
}

impl Baselines {
    pub(in crate::cli) fn new(mut runs: Vec<Run>) -> Self {
        runs.sort_by(|a, b| a.name().cmp(b.name()));
        Self { runs }
    }

    pub(in crate::cli) fn retain(&mut self, is_wanted: impl Fn(&Run) -> bool) {
        self.runs.retain(is_wanted);
    }

    pub(in crate::cli) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// A run's page, with what changed since the baseline of its name, if there is one. `alone` says
    /// that it is the only run: then one of another name is its baseline, too, as in diff.
    pub(in crate::cli) fn page(
        &self,
        run: &Run,
        alone: bool,
        report: &ReportOptions,
        options: &CompareOptions,
    ) -> Result<Page> {
        let report = RunReport::new(run, report)?;
        let before = self.of(run, alone);
        if before.is_empty() {
            if !self.runs.is_empty() {
                remark(&format!("{} has no baseline of its name", run.name()));
            }
            return Ok(Page::new(run, &report, None));
        }
        let comparison = compare(before, std::slice::from_ref(run), options)?;
        let diff = DiffReport::from(&comparison);
        let runs: Vec<&Run> = before.iter().collect();
        let baseline = diff
            .pairs
            .first()
            .map(|pair| Baseline { pair, runs: &runs });
        Ok(Page::new(run, &report, baseline))
    }

    fn of(&self, run: &Run, alone: bool) -> &[Run] {
        let start = self
            .runs
            .partition_point(|before| before.name() < run.name());
        let end = self
            .runs
            .partition_point(|before| before.name() <= run.name());
        match self.runs.as_slice() {
            only @ [_] if alone => only,
            runs => &runs[start..end],
        }
    }
}
