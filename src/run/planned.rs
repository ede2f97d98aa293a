//! What a run has of its plan: the plan itself, what it ran on, and what was achieved of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Run;
use super::metric::Stat;
use super::name::MetricName;
use super::test_plan::{PlannedScenario, TestPlan};
use crate::units;

/// How much of what an open model schedules was done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Achieved {
    /// The iterations that were completed.
    pub completed: f64,
    /// Those that were scheduled.
    pub scheduled: f64,
    /// The number of scenarios that scheduled them.
    pub scenarios: usize,
}

impl Achieved {
    /// The share of the scheduled iterations that was completed; at most 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        (self.completed / self.scheduled).min(1.0)
    }

    /// Both numbers as a sentence without its stop.
    #[must_use]
    pub fn text(&self) -> String {
        let verb = if self.completed == 1.0 { "was" } else { "were" };
        format!(
            "{} of {} {verb} completed",
            units::number(self.completed, 0),
            units::amount(self.scheduled, "scheduled iteration")
        )
    }
}

impl Run {
    /// What the test was to do, where `perf-report run` left that beside k6's files.
    #[must_use]
    pub fn plan(&self) -> Option<&TestPlan> {
        self.plan.as_ref()
    }

    /// How much was done of what the scenarios with an open model schedule. `None` where there is none,
    /// where it is not known, and of a part of a run.
    #[must_use]
    pub fn achieved(&self) -> Option<Achieved> {
        let plan = self.plan.as_ref().filter(|_| !self.is_selection())?;
        let open = || plan.scenarios.iter().filter(|one| one.executor.is_open());
        let scheduled =
            open().try_fold(0u64, |sum, one| sum.checked_add(one.executor.scheduled()?));
        let scheduled = scheduled.filter(|scheduled| *scheduled > 0)?;
        let count = |name: MetricName| {
            self.measure(&name)
                .map(|m| m.get(Stat::Count).unwrap_or(0.0))
        };
        let iterations = MetricName::plain("iterations");
        let completed = if plan.is_open() {
            count(iterations)
        } else {
            // A summary does not tell whose iterations they were.
            self.samples.as_ref()?;
            let of = |one: &PlannedScenario| {
                let tags = vec![("scenario".to_owned(), one.name.clone())];
                count(MetricName::with_tags("iterations", tags))
            };
            open().map(of).sum()
        };
        // A stream that holds no iteration has completed none; a summary may be a part of k6's.
        let completed = completed.or_else(|| self.samples.as_ref().map(|_| 0.0))?;
        Some(Achieved {
            completed,
            scheduled: scheduled as f64,
            scenarios: open().count(),
        })
    }

    /// What it ran on, as far as that is known, by key.
    #[must_use]
    pub fn environment(&self) -> BTreeMap<&str, &str> {
        let planned = self.plan.as_ref().map(|plan| &plan.environment);
        let machine = planned
            .filter(|known| !known.is_empty())
            .or(self.filed.as_ref().map(|filed| &filed.machine));
        // What somebody said stands before what was found out.
        let said = self.filed.as_ref().map(|filed| &filed.meta);
        let known = machine.into_iter().chain(said).flatten();
        known
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect()
    }

    /// A plan that lies there from another test says nothing of this one.
    pub(super) fn forget_other_plan(&mut self) {
        let Some(scenario) = self.unplanned().into_iter().next().map(str::to_owned) else {
            return;
        };
        if let Some(plan) = self.plan.take_if(|plan| !plan.scenarios.is_empty()) {
            self.notes.push(format!(
                "the plan beside it is another test's ({}): the samples are of the scenario {scenario}",
                plan.names()
            ));
        }
    }

    /// The scenarios that the samples name and the plan does not.
    fn unplanned(&self) -> BTreeSet<&str> {
        let planned = |name: &&str| {
            let mut scenarios = self.plan.iter().flat_map(|plan| &plan.scenarios);
            scenarios.any(|one| one.name == **name)
        };
        self.scenarios()
            .into_iter()
            .filter(|name| !planned(name))
            .collect()
    }
}
