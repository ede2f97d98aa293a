//! Many comparisons of simulated runs, and what came of them.

use std::thread;

use perf_report::compare::Figure;
use perf_report::run::Run;

use crate::intervals::{Rate, wilson};
use crate::measured::Outcome;
use crate::rivals::{Bootstrap, Flat, MannWhitney, Rule};
use crate::runs::run;
use crate::simulator::change::Change;
use crate::simulator::noise::Noise;
use crate::simulator::request::Request;
use crate::simulator::simulate::simulate;
use crate::simulator::workload::Workload;

/// Runs of two sides, simulated many times.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// The load.
    pub workload: Workload,
    /// How much runs vary.
    pub noise: Noise,
    /// What the candidate differs in.
    pub change: Change,
    /// How many runs the baseline has.
    pub baseline_runs: u64,
    /// How many comparisons are made.
    pub comparisons: u64,
}

/// The rates of alarms of a trial.
#[derive(Debug, Clone, Copy)]
pub struct Alarms {
    /// Of `diff`.
    pub diff: Rate,
    /// Of those the ones on what all endpoints share.
    pub common: Rate,
    /// How often the interval of a typical duration held the truth.
    pub coverage: Option<Rate>,
    /// How often that of an endpoint against the others did.
    pub own_coverage: Option<Rate>,
}

/// The rates of alarms of the rules in common use, which take one run a side.
#[derive(Debug, Clone, Copy)]
pub struct RivalAlarms {
    /// p(95) of any endpoint up by 10%.
    pub flat: Rate,
    /// Mann–Whitney on requests, with Holm over the endpoints.
    pub mann_whitney: Rate,
    /// The bootstrap of independent requests, with Holm over endpoints and figures.
    pub bootstrap: Rate,
}

impl Trial {
    /// One run a side.
    #[must_use]
    pub fn single(workload: Workload, noise: Noise, change: Change) -> Self {
        Self {
            workload,
            noise,
            change,
            baseline_runs: 1,
            comparisons: 400,
        }
    }

    /// What `diff` says.
    #[must_use]
    pub fn alarms(&self) -> Option<Alarms> {
        let outcomes = each(self.comparisons, |number| {
            let baseline: Vec<Run> = (0..self.baseline_runs)
                .map(|repetition| run(&self.baseline(number, repetition)))
                .collect();
            let outcome = Outcome::of(&baseline, &[run(&self.candidate(number))])?;
            Some(self.score(&outcome))
        });
        let outcomes: Vec<Score> = outcomes.into_iter().flatten().collect();
        let count = |of: fn(&Score) -> usize| outcomes.iter().map(of).sum::<usize>();
        Some(Alarms {
            diff: wilson(count(|s| usize::from(s.alarms)), outcomes.len())?,
            common: wilson(count(|s| usize::from(s.common)), outcomes.len())?,
            coverage: wilson(count(|s| s.held), count(|s| s.rows)),
            own_coverage: wilson(count(|s| s.own_held), count(|s| s.rows)),
        })
    }

    /// What the common rules say.
    #[must_use]
    pub fn rivals(&self) -> Option<RivalAlarms> {
        let outcomes = each(self.comparisons, |number| {
            let (baseline, candidate) = (self.baseline(number, 0), self.candidate(number));
            let rules: [&dyn Rule; 3] =
                [&Flat::p95(), &MannWhitney::default(), &Bootstrap::default()];
            rules.map(|rule| rule.alarms(&baseline, &candidate, self.workload.endpoints))
        });
        let rate = |rule: usize| {
            let alarms = outcomes.iter().filter(|outcome| outcome[rule]).count();
            wilson(alarms, outcomes.len())
        };
        Some(RivalAlarms {
            flat: rate(0)?,
            mann_whitney: rate(1)?,
            bootstrap: rate(2)?,
        })
    }

    fn baseline(&self, number: u64, repetition: u64) -> Vec<Request> {
        let seed = seed(number, repetition + 1);
        simulate(&self.workload, &self.noise, &Change::none(), seed)
    }

    fn candidate(&self, number: u64) -> Vec<Request> {
        simulate(&self.workload, &self.noise, &self.change, seed(number, 0))
    }

    /// Whether it alarmed, and whether its intervals hold the truth.
    fn score(&self, outcome: &Outcome) -> Score {
        let mut score = Score {
            alarms: outcome.alarms(),
            common: outcome.alarms_of_all(),
            ..Score::default()
        };
        let slowdown = self.change.slowdown.filter(|slow| slow.tail_only.is_none());
        let slow_endpoint = slowdown.and_then(|slow| slow.endpoint);
        let typical = outcome
            .rows
            .iter()
            .filter(|row| row.figure == Figure::GeometricMean);
        for row in typical {
            let is_slow = slow_endpoint.is_none_or(|slow| {
                let name = format!("/e{slow}");
                row.name.tags().iter().any(|(_, value)| *value == name)
            });
            let factor = slowdown
                .filter(|_| is_slow)
                .map_or(0.0, |slow| slow.factor - 1.0);
            let holds =
                |[low, high]: [f64; 2], truth: f64| usize::from(low <= truth && truth <= high);
            if let Some((interval, own)) = row.judged.interval.zip(row.judged.own) {
                score.rows += 1;
                score.held += holds(interval, factor);
                let own_truth = if slow_endpoint.is_some() { factor } else { 0.0 };
                score.own_held += holds(own.interval, own_truth);
            }
        }
        score
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Score {
    alarms: bool,
    common: bool,
    rows: usize,
    held: usize,
    own_held: usize,
}

/// No two runs of a trial share a seed.
fn seed(number: u64, run: u64) -> u64 {
    number * 64 + run
}

/// The results of one call for each number, in their order.
fn each<R: Send>(count: u64, work: impl Fn(u64) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let work = &work;
    let mut results: Vec<(u64, R)> = thread::scope(|scope| {
        let share = |first: u64| {
            scope.spawn(move || {
                let numbers = (first..count).step_by(usize::try_from(threads).unwrap_or(1));
                numbers
                    .map(|number| (number, work(number)))
                    .collect::<Vec<_>>()
            })
        };
        let running: Vec<_> = (0..threads).map(share).collect();
        running
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_default())
            .collect()
    });
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}
