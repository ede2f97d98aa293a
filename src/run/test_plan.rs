//! What a test was to do: its load model, as `perf-report run` asked k6 for it before it ran.

use std::collections::BTreeMap;

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
}
