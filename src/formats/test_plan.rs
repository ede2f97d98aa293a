//! `<scenario>.plan.json`: what `k6 inspect` told `perf-report run` of a script. k6 writes nothing of
//! its load model itself.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, Result};
use crate::run::{Executor, PlannedScenario, Stage, TestPlan, parse_duration, show_duration};

/// The version of the document.
pub const PLAN_SCHEMA: &str = "perf-report.plan/1";

/// k6's name for the scenario of a test that names none.
const DEFAULT: &str = "default";

/// k6's unit of a rate unless another is given.
const A_SECOND: i64 = 1_000_000_000;

#[derive(Serialize, Deserialize)]
struct Document {
    schema: String,
    scenario: String,
    script: String,
    script_sha256: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    environment: BTreeMap<String, String>,
    options: Options,
}

/// k6's options, as far as they make the load.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    scenarios: Option<BTreeMap<String, Scenario>>,
    #[serde(skip_serializing)]
    vus: Option<u64>,
    #[serde(skip_serializing)]
    duration: Option<Nanoseconds>,
    #[serde(skip_serializing)]
    iterations: Option<u64>,
    #[serde(skip_serializing)]
    stages: Option<Vec<StageOption>>,
}

/// A scenario as k6 has it.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Scenario {
    executor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<Nanoseconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vus: Option<u64>,
    #[serde(rename = "startVUs", skip_serializing_if = "Option::is_none")]
    start_vus: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iterations: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_rate: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_unit: Option<Nanoseconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<Nanoseconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stages: Option<Vec<StageOption>>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct StageOption {
    duration: Nanoseconds,
    target: u64,
}

/// A duration as k6 has it: `1m30s`, or a number of milliseconds.
#[derive(Clone, Copy)]
struct Nanoseconds(i64);

impl Serialize for Nanoseconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&show_duration(self.0))
    }
}

impl<'de> Deserialize<'de> for Nanoseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Milliseconds(f64),
        }
        let read = match Either::deserialize(deserializer)? {
            // k6 takes a number in quotes for milliseconds, too.
            Either::Text(text) => {
                parse_duration(&text).or_else(|| parse_duration(&format!("{text}ms")))
            }
            Either::Milliseconds(ms) => parse_duration(&format!("{ms}ms")),
        };
        read.map(Self)
            .ok_or_else(|| de::Error::custom("this is no duration, such as 1m30s"))
    }
}

/// Takes the plan from the text of that file.
///
/// # Errors
/// When it is no plan that this version knows.
pub(super) fn parse(path: &Path, text: &[u8]) -> Result<TestPlan> {
    #[derive(Deserialize)]
    struct Version {
        schema: String,
    }
    const HINT: &str = "perf-report run writes it anew; without it the load is not known";
    let refuse = |problem: String| Error::input(path, problem, HINT);
    let broken =
        |error: serde_json::Error| refuse(format!("this is no plan of perf-report run ({error})"));
    let version: Version = serde_json::from_slice(text).map_err(broken)?;
    if version.schema != PLAN_SCHEMA {
        return Err(refuse(format!(
            "a plan of version {:?}, where {PLAN_SCHEMA:?} is known",
            version.schema
        )));
    }
    let document: Document = serde_json::from_slice(text).map_err(broken)?;
    Ok(TestPlan {
        scenarios: document.options.scenarios(),
        script: document.script,
        script_sha256: document.script_sha256,
        environment: document.environment,
    })
}

impl Options {
    /// The scenarios; those of the options that are short for one, as k6 makes it of them
    /// (`lib/executor/execution_config_shortcuts.go`). None where the load is not told.
    fn scenarios(self) -> Vec<PlannedScenario> {
        if let Some(scenarios) = self.scenarios {
            // VUs beside scenarios count in some versions of k6 and not in others.
            if self.vus.is_some() {
                return Vec::new();
            }
            return scenarios
                .into_iter()
                .map(|(name, one)| one.planned(name))
                .collect();
        }
        let executor = if self.iterations.is_some() {
            "shared-iterations"
        } else if self.duration.is_some() {
            "constant-vus"
        } else if self.stages.is_some() {
            "ramping-vus"
        } else {
            return Vec::new();
        };
        let short = Scenario {
            executor: executor.to_owned(),
            vus: self.vus,
            start_vus: self.vus,
            iterations: self.iterations,
            duration: self.duration,
            stages: self.stages,
            ..Scenario::default()
        };
        vec![short.planned(DEFAULT.to_owned())]
    }
}

impl Scenario {
    fn planned(self, name: String) -> PlannedScenario {
        PlannedScenario {
            name,
            start: self.start_time.map_or(0, |start| start.0),
            executor: self.load().unwrap_or(Executor::Other(self.executor)),
        }
    }

    /// The load, if all of it is told. What k6 takes where nothing is said is one VU, one iteration, a
    /// second.
    fn load(&self) -> Option<Executor> {
        let duration = || self.duration.map(|duration| duration.0);
        let time_unit = self.time_unit.map_or(A_SECOND, |unit| unit.0);
        let vus = self.vus.unwrap_or(1);
        let iterations = self.iterations.unwrap_or(1);
        let stages = || {
            let stages = self.stages.as_ref()?.iter();
            let stage = |stage: &StageOption| Stage {
                duration: stage.duration.0,
                target: stage.target,
            };
            Some(stages.map(stage).collect())
        };
        Some(match self.executor.as_str() {
            "constant-arrival-rate" => Executor::ConstantArrivalRate {
                rate: self.rate?,
                time_unit,
                duration: duration()?,
            },
            "ramping-arrival-rate" => Executor::RampingArrivalRate {
                start_rate: self.start_rate.unwrap_or(0),
                time_unit,
                stages: stages()?,
            },
            "constant-vus" => Executor::ConstantVus {
                vus,
                duration: duration()?,
            },
            "ramping-vus" => Executor::RampingVus {
                start_vus: self.start_vus.unwrap_or(1),
                stages: stages()?,
            },
            "shared-iterations" => Executor::SharedIterations { vus, iterations },
            "per-vu-iterations" => Executor::PerVuIterations { vus, iterations },
            _ => return None,
        })
    }

    /// The scenario as k6 has it.
    fn of(planned: &PlannedScenario) -> Self {
        let start = planned.start;
        let mut scenario = Self {
            start_time: (start != 0).then_some(Nanoseconds(start)),
            ..Self::default()
        };
        let stages = |stages: &[Stage]| {
            let stage = |stage: &Stage| StageOption {
                duration: Nanoseconds(stage.duration),
                target: stage.target,
            };
            Some(stages.iter().map(stage).collect())
        };
        let executor = match &planned.executor {
            Executor::ConstantArrivalRate {
                rate,
                time_unit,
                duration,
            } => {
                scenario.rate = Some(*rate);
                scenario.time_unit = Some(Nanoseconds(*time_unit));
                scenario.duration = Some(Nanoseconds(*duration));
                "constant-arrival-rate"
            }
            Executor::RampingArrivalRate {
                start_rate,
                time_unit,
                stages: all,
            } => {
                scenario.start_rate = Some(*start_rate);
                scenario.time_unit = Some(Nanoseconds(*time_unit));
                scenario.stages = stages(all);
                "ramping-arrival-rate"
            }
            Executor::ConstantVus { vus, duration } => {
                scenario.vus = Some(*vus);
                scenario.duration = Some(Nanoseconds(*duration));
                "constant-vus"
            }
            Executor::RampingVus {
                start_vus,
                stages: all,
            } => {
                scenario.start_vus = Some(*start_vus);
                scenario.stages = stages(all);
                "ramping-vus"
            }
            Executor::SharedIterations { vus, iterations } => {
                scenario.vus = Some(*vus);
                scenario.iterations = Some(*iterations);
                "shared-iterations"
            }
            Executor::PerVuIterations { vus, iterations } => {
                scenario.vus = Some(*vus);
                scenario.iterations = Some(*iterations);
                "per-vu-iterations"
            }
            Executor::Other(name) => name,
        };
        executor.clone_into(&mut scenario.executor);
        scenario
    }
}

/// A plan as a document that reads as the same one: the load, what it ran on, and the script's
/// fingerprint; nothing else of k6's options. `scenario` is the name of its run.
#[must_use]
pub fn plan_document(plan: &TestPlan, scenario: &str) -> impl Serialize + use<> {
    let scenarios = plan.scenarios.iter();
    let scenarios = scenarios.map(|one| (one.name.clone(), Scenario::of(one)));
    Document {
        schema: PLAN_SCHEMA.to_owned(),
        scenario: scenario.to_owned(),
        script: plan.script.clone(),
        script_sha256: plan.script_sha256.clone(),
        environment: plan.environment.clone(),
        options: Options {
            scenarios: (!plan.scenarios.is_empty()).then(|| scenarios.collect()),
            ..Options::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn plan(options: &Value) -> Result<TestPlan> {
        let document = json!({
            "schema": PLAN_SCHEMA, "scenario": "a", "script": "a.js",
            "script_sha256": "0".repeat(64), "environment": { "os": "linux" }, "options": options,
        });
        parse(Path::new("a.plan.json"), document.to_string().as_bytes())
    }

    fn load(options: &Value) -> String {
        plan(options).unwrap().text()
    }

    #[test]
    fn options_that_are_short_for_a_scenario_become_one() {
        for (options, wanted) in [
            (json!({ "vus": 5, "duration": "1m0s" }), "5 VUs for 1m"),
            (json!({ "duration": 1500 }), "1 VU for 1s500ms"),
            (json!({ "duration": "2000" }), "1 VU for 2s"),
            (
                json!({ "iterations": 7, "duration": "1m" }),
                "7 iterations shared by 1 VU",
            ),
            (
                json!({ "stages": [{ "duration": "10s", "target": 3 }] }),
                "1 → 3 VUs over 10s",
            ),
            (
                json!({ "scenarios": { "x": { "executor": "constant-arrival-rate", "rate": 2, "duration": "3s" } } }),
                "2 iterations/s for 3s",
            ),
            (
                json!({ "vus": 3, "scenarios": { "x": { "executor": "constant-vus", "duration": "3s" } } }),
                "",
            ),
            // Nothing is told: what k6 was called with may have been another load.
            (json!({ "vus": 5 }), ""),
            (json!({}), ""),
            // Not all of it is told.
            (
                json!({ "scenarios": { "x": { "executor": "constant-arrival-rate", "rate": 2 } } }),
                "constant-arrival-rate",
            ),
            (
                json!({ "scenarios": { "x": { "executor": "externally-controlled", "vus": 2 } } }),
                "externally-controlled",
            ),
        ] {
            assert_eq!(load(&options), wanted, "{options}");
        }
    }

    #[test]
    fn what_is_kept_of_a_plan_reads_as_the_same_plan() {
        let stages =
            json!([{ "duration": "1m30s", "target": 9 }, { "duration": "500ms", "target": 0 }]);
        let options = json!({ "scenarios": {
            "a": { "executor": "constant-arrival-rate", "rate": 2, "timeUnit": "1m0s", "duration": "3s", "startTime": "5s" },
            "b": { "executor": "ramping-arrival-rate", "startRate": 2, "stages": stages },
            "c": { "executor": "constant-vus", "vus": 2, "duration": "3s" },
            "d": { "executor": "ramping-vus", "startVUs": 0, "stages": stages },
            "e": { "executor": "shared-iterations", "vus": 2, "iterations": 5 },
            "f": { "executor": "per-vu-iterations", "vus": 2, "iterations": 5 },
            "g": { "executor": "externally-controlled" },
        }});
        let plan = plan(&options).unwrap();
        let document = serde_json::to_vec(&plan_document(&plan, "a")).unwrap();
        let schema = serde_json::from_str(include_str!("../../schemas/plan-1.json")).unwrap();
        let value: Value = serde_json::from_slice(&document).unwrap();
        if let Err(error) = jsonschema::validate(&schema, &value) {
            panic!("{error}");
        }
        assert_eq!(parse(Path::new("b"), &document).unwrap(), plan);
    }

    #[test]
    fn what_is_no_plan_is_told() {
        let refused = |text: &str| {
            let error = parse(Path::new("a.plan.json"), text.as_bytes()).unwrap_err();
            error.to_string()
        };
        for (text, wanted) in [
            ("", "no plan of perf-report run (EOF"),
            ("[]", "no plan of perf-report run"),
            ("{\"schema\":\"perf-report.plan/1\"}", "missing field"),
            (
                "{\"schema\":\"perf-report.plan/2\",\"load\":5}",
                "a plan of version \"perf-report.plan/2\"",
            ),
        ] {
            let told = refused(text);
            assert!(
                told.contains(wanted) && told.contains("a.plan.json"),
                "{told}"
            );
        }
        for (options, wanted) in [
            (json!({ "duration": "soon" }), "this is no duration"),
            (json!({ "duration": -5 }), "this is no duration"),
            (
                json!({ "scenarios": { "x": { "executor": "constant-vus", "vus": "many" } } }),
                "invalid type",
            ),
            (
                json!({ "scenarios": { "x": { "executor": "constant-vus", "vus": -1 } } }),
                "invalid value",
            ),
        ] {
            let told = plan(&options).unwrap_err().to_string();
            assert!(told.contains(wanted), "{told}");
        }
    }
}
