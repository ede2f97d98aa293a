//! A load model as it reads.

use std::fmt;

use super::duration::show_duration;
use super::test_plan::{Executor, PlannedScenario, Stage, TestPlan};
use crate::units;

/// Of so many stages every one is named.
const FEW_STAGES: usize = 4;

/// So many scenarios are named.
const FEW_SCENARIOS: usize = 3;

impl TestPlan {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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
