//! What a test was to do: its load model, as `perf-report run` asked k6 for it before it ran.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Run;
use super::duration::show_duration;
use super::metric::Stat;
use super::name::MetricName;
use crate::units;

/// Of so many stages every one is named.
const FEW_STAGES: usize = 4;

/// So many scenarios are named.
const FEW_SCENARIOS: usize = 3;

/// What a test was to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPlan {
    /// Its scenarios, by name.
    pub scenarios: Vec<PlannedScenario>,
    /// The script's path, as it was configured.
    pub script: String,
    /// The SHA-256 of the script's text, in hexadecimal, where it could be read.
    pub script_sha256: Option<String>,
    /// What it ran on, by key.
    pub environment: BTreeMap<String, String>,
}

/// A scenario of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedScenario {
    /// Its name.
    pub name: String,
    /// When it begins, in nanoseconds after the test.
    pub start: i64,
    /// How its iterations start.
    pub executor: Executor,
}

/// How a scenario's iterations start. Durations are in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Executor {
    /// So many iterations in each unit of time.
    ConstantArrivalRate {
        /// Iterations in each unit.
        rate: u64,
        /// The unit.
        time_unit: i64,
        /// For how long.
        duration: i64,
    },
    /// A rate that rises and falls.
    RampingArrivalRate {
        /// Iterations in each unit at the beginning.
        start_rate: u64,
        /// The unit.
        time_unit: i64,
        /// The rates that are reached.
        stages: Vec<Stage>,
    },
    /// So many VUs, as fast as they can.
    ConstantVus {
        /// The VUs.
        vus: u64,
        /// For how long.
        duration: i64,
    },
    /// VUs that become more and fewer.
    RampingVus {
        /// The VUs at the beginning.
        start_vus: u64,
        /// The numbers of VUs that are reached.
        stages: Vec<Stage>,
    },
    /// So many iterations, shared by some VUs.
    SharedIterations {
        /// The VUs.
        vus: u64,
        /// The iterations of all together.
        iterations: u64,
    },
    /// So many iterations by each of some VUs.
    PerVuIterations {
        /// The VUs.
        vus: u64,
        /// The iterations of each.
        iterations: u64,
    },
    /// One of which no more is known than k6's name for it.
    Other(String),
}

/// A step of a load that rises or falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// How long it takes to get there.
    pub duration: i64,
    /// The rate, or the number of VUs, at its end.
    pub target: u64,
}

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

impl Executor {
    /// Whether iterations start at a given rate, however long they take.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::ConstantArrivalRate { .. } | Self::RampingArrivalRate { .. } => true,
            Self::Other(name) => name.ends_with("-arrival-rate"),
            _ => false,
        }
    }

    /// Whether all is known of it that makes its load.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// How many iterations an open model starts, as k6 reckons: at a constant rate one at the beginning
    /// and one after each period, which is whole nanoseconds, for as long as it lasts
    /// (`lib/executor/constant_arrival_rate.go`); at a changing one as many as the area below the rate
    /// holds (`lib/executor/ramping_arrival_rate.go`). k6 may start one more or fewer at the very
    /// end. `None` of a closed model, or where it is not known.
    #[must_use]
    pub fn scheduled(&self) -> Option<u64> {
        let count = match self {
            Self::ConstantArrivalRate {
                rate,
                time_unit,
                duration,
            } => {
                let period = i128::from(*time_unit)
                    .checked_div(i128::from(*rate))?
                    .max(1);
                (i128::from(*duration) + period - 1) / period
            }
            Self::RampingArrivalRate {
                start_rate,
                time_unit,
                stages,
            } => {
                let mut from = i128::from(*start_rate);
                let mut area: i128 = 0;
                for stage in stages {
                    let to = i128::from(stage.target);
                    area =
                        area.saturating_add(i128::from(stage.duration).saturating_mul(from + to));
                    from = to;
                }
                area.checked_div(2 * i128::from(*time_unit))?
            }
            _ => return None,
        };
        u64::try_from(count).ok()
    }
}

impl TestPlan {
    /// Whether all of its iterations start at a given rate, so that how many there are is no result.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.scenarios.is_empty() && self.scenarios.iter().all(|one| one.executor.is_open())
    }

    /// Whether the load of every scenario is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.scenarios.is_empty() && self.scenarios.iter().all(|one| one.executor.is_known())
    }

    /// The names of its scenarios.
    #[must_use]
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.scenarios.iter().map(|one| one.name.as_str()).collect();
        names.join(", ")
    }

    /// The load in a line: `browse: 50 iterations/s for 1m30s; checkout: 5 VUs for 2m`.
    #[must_use]
    pub fn text(&self) -> String {
        if let [one] = self.scenarios.as_slice() {
            return one.load();
        }
        let named = self.scenarios.iter().take(FEW_SCENARIOS);
        let named: Vec<String> = named.map(ToString::to_string).collect();
        let more = match self.scenarios.len().saturating_sub(FEW_SCENARIOS) {
            0 => String::new(),
            1 => "; and 1 more scenario".to_owned(),
            more => format!("; and {more} more scenarios"),
        };
        named.join("; ") + &more
    }
}

impl PlannedScenario {
    fn load(&self) -> String {
        let after = match self.start {
            0 => String::new(),
            start => format!(", after {}", show_duration(start)),
        };
        format!("{}{after}", self.executor)
    }
}

impl fmt::Display for PlannedScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.load())
    }
}

impl fmt::Display for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = units::counted;
        match self {
            Self::ConstantArrivalRate {
                rate,
                time_unit,
                duration,
            } => write!(
                f,
                "{}{} for {}",
                counted(*rate, "iteration"),
                per(*time_unit),
                show_duration(*duration)
            ),
            Self::RampingArrivalRate {
                start_rate,
                time_unit,
                stages,
            } => write!(
                f,
                "{} iterations{}{} over {}",
                steps(*start_rate, stages),
                per(*time_unit),
                most(stages),
                whole(stages)
            ),
            Self::ConstantVus { vus, duration } => {
                write!(
                    f,
                    "{} for {}",
                    counted(*vus, "VU"),
                    show_duration(*duration)
                )
            }
            Self::RampingVus { start_vus, stages } => {
                let (steps, most) = (steps(*start_vus, stages), most(stages));
                write!(f, "{steps} VUs{most} over {}", whole(stages))
            }
            Self::SharedIterations { vus, iterations } => write!(
                f,
                "{} shared by {}",
                counted(*iterations, "iteration"),
                counted(*vus, "VU")
            ),
            Self::PerVuIterations { vus, iterations } => write!(
                f,
                "{} by each of {}",
                counted(*iterations, "iteration"),
                counted(*vus, "VU")
            ),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// A unit of time behind a number: `/s`, `/min`, `/h`, or ` in 10s`.
fn per(time_unit: i64) -> String {
    match time_unit {
        1_000_000_000 => "/s".to_owned(),
        60_000_000_000 => "/min".to_owned(),
        3_600_000_000_000 => "/h".to_owned(),
        other => format!(" in {}", show_duration(other)),
    }
}

/// What is reached: `0 → 50 → 0`, or of many stages `0 → … → 0`.
fn steps(start: u64, stages: &[Stage]) -> String {
    let targets = || stages.iter().map(|stage| stage.target);
    if stages.len() <= FEW_STAGES {
        let all: Vec<String> = [start]
            .into_iter()
            .chain(targets())
            .map(|n| n.to_string())
            .collect();
        return all.join(" → ");
    }
    let last = targets().next_back().unwrap_or(start);
    format!("{start} → … → {last}")
}

/// The most that is reached, where [`steps`] do not tell.
fn most(stages: &[Stage]) -> String {
    let most = stages.iter().map(|stage| stage.target).max();
    let most = most.filter(|_| stages.len() > FEW_STAGES);
    most.map_or_else(String::new, |most| format!(", at most {most},"))
}

fn whole(stages: &[Stage]) -> String {
    show_duration(
        stages
            .iter()
            .fold(0, |sum: i64, stage| sum.saturating_add(stage.duration)),
    )
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
        let scheduled: Option<u64> = open().map(|one| one.executor.scheduled()).sum();
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

    /// The scenarios that the samples name and the plan does not.
    pub(crate) fn unplanned(&self) -> BTreeSet<&str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn constant(rate: u64, unit: i64, duration: i64) -> Executor {
        Executor::ConstantArrivalRate {
            rate,
            time_unit: unit * SECOND,
            duration: duration * SECOND,
        }
    }

    fn ramping(start_rate: u64, unit: i64, stages: &[(i64, u64)]) -> Executor {
        let stage = |(seconds, target): &(i64, u64)| Stage {
            duration: seconds * SECOND,
            target: *target,
        };
        Executor::RampingArrivalRate {
            start_rate,
            time_unit: unit * SECOND,
            stages: stages.iter().map(stage).collect(),
        }
    }

    #[test]
    fn as_many_iterations_as_k6_schedules() {
        assert_eq!(constant(25, 1, 45).scheduled(), Some(1125));
        // 241 in the recorded run: twelve periods of whole nanoseconds are a little less than a second.
        assert_eq!(constant(12, 1, 20).scheduled(), Some(241));
        assert_eq!(constant(90, 60, 60).scheduled(), Some(91));
        assert_eq!(constant(0, 1, 20).scheduled(), None);
        // The example in k6's source: 10 in the first stage, 12.5 in the second.
        assert_eq!(ramping(2, 1, &[(5, 2), (5, 3)]).scheduled(), Some(22));
        assert_eq!(
            ramping(0, 60, &[(60, 60), (60, 60), (30, 0)]).scheduled(),
            Some(105)
        );
        assert_eq!(
            ramping(u64::MAX, 1, &[(i64::MAX / SECOND, u64::MAX); 9]).scheduled(),
            None
        );
        let closed = Executor::ConstantVus {
            vus: 1,
            duration: SECOND,
        };
        assert_eq!(closed.scheduled(), None);
    }

    #[test]
    fn a_load_reads_as_a_line() {
        let texts = [
            constant(50, 1, 90),
            constant(1, 10, 60),
            ramping(0, 60, &[(30, 300), (60, 300), (30, 0)]),
            ramping(5, 1, &[(1, 1), (1, 9), (1, 3), (1, 4), (1, 2)]),
            Executor::ConstantVus {
                vus: 1,
                duration: SECOND / 2,
            },
            Executor::SharedIterations {
                vus: 10,
                iterations: 100,
            },
            Executor::PerVuIterations {
                vus: 1,
                iterations: 1,
            },
            Executor::Other("externally-controlled".to_owned()),
        ]
        .map(|executor| executor.to_string());
        assert_eq!(
            texts,
            [
                "50 iterations/s for 1m30s",
                "1 iteration in 10s for 1m",
                "0 → 300 → 300 → 0 iterations/min over 2m",
                "5 → … → 2 iterations/s, at most 9, over 5s",
                "1 VU for 500ms",
                "100 iterations shared by 10 VUs",
                "1 iteration by each of 1 VU",
                "externally-controlled",
            ]
        );
        let scenario = |name: &str, start: i64| PlannedScenario {
            name: name.to_owned(),
            start: start * SECOND,
            executor: constant(5, 1, 60),
        };
        let plan = |scenarios: Vec<PlannedScenario>| TestPlan {
            scenarios,
            script: String::new(),
            script_sha256: None,
            environment: BTreeMap::new(),
        };
        assert_eq!(plan(vec![scenario("a", 0)]).text(), "5 iterations/s for 1m");
        assert_eq!(
            plan(vec![scenario("a", 0), scenario("b", 30)]).text(),
            "a: 5 iterations/s for 1m; b: 5 iterations/s for 1m, after 30s"
        );
        let many = plan(
            ["a", "b", "c", "d", "e"]
                .map(|name| scenario(name, 0))
                .to_vec(),
        );
        assert!(
            many.text().ends_with("; and 2 more scenarios"),
            "{}",
            many.text()
        );
    }
}
