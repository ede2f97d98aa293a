//! What `k6 inspect` tells of a script before it runs, its load model and thresholds, and how k6 ended.

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde::Serialize;
use serde_json::{Map, Value};

use super::k6::K6;
use crate::archive::{self, Environment};
use crate::cli::detail;
use crate::config::Scenario;
use crate::error::Result;
use crate::formats::{PLAN_SCHEMA, sha256};
use crate::render;
use crate::run::K6Exit;

/// What is kept of k6's options. The rest may hold secrets: certificates, variables, headers.
const OPTIONS: [&str; 8] = [
    "scenarios",
    "thresholds",
    "vus",
    "duration",
    "iterations",
    "stages",
    "rps",
    "summaryTrendStats",
];

/// Those that make the load.
const LOAD: [&str; 5] = ["scenarios", "vus", "duration", "iterations", "stages"];

/// k6's flags that make another load of it, or a part, and the variables that do.
const OTHER_LOAD: [(&str, &str, &str); 7] = [
    ("--vus", "-u", "K6_VUS"),
    ("--duration", "-d", "K6_DURATION"),
    ("--iterations", "-i", "K6_ITERATIONS"),
    ("--stage", "-s", "K6_STAGES"),
    ("--execution-segment", "", "K6_EXECUTION_SEGMENT"),
    (
        "--execution-segment-sequence",
        "",
        "K6_EXECUTION_SEGMENT_SEQUENCE",
    ),
    ("--config", "-c", "K6_CONFIG"),
];

/// What is kept of a scenario of k6's, which can have variables of its own.
const OF_SCENARIO: [&str; 17] = [
    "executor",
    "exec",
    "startTime",
    "gracefulStop",
    "gracefulRampDown",
    "vus",
    "iterations",
    "duration",
    "maxDuration",
    "stages",
    "startVUs",
    "rate",
    "startRate",
    "timeUnit",
    "preAllocatedVUs",
    "maxVUs",
    "tags",
];

/// What is known of a script.
#[derive(Debug, Serialize)]
pub(super) struct Plan {
    schema: &'static str,
    scenario: String,
    script: String,
    /// Neither a code nor a signal until k6 has ended.
    k6_exit: K6Exit,
    /// SHA-256 of the script, in hexadecimal; its imports are not in it.
    script_sha256: Option<String>,
    /// The machine that runs k6, and the CI system.
    environment: BTreeMap<String, String>,
    options: Map<String, Value>,
}

impl Plan {
    /// Asks k6. That it cannot tell is no reason not to run, as it will say so itself.
    pub(super) fn inspect(scenario: &Scenario, k6: &K6, flags: &[OsString]) -> Self {
        let script_sha256 = sha256(&k6.path(&scenario.script)).ok();
        Self {
            schema: PLAN_SCHEMA,
            scenario: scenario.name.clone(),
            script: scenario.script.display().to_string(),
            k6_exit: K6Exit::default(),
            script_sha256,
            environment: Environment::this().by_key(archive::ci().0.as_ref()),
            options: options(scenario, k6, flags)
                .map(|said| kept(said, makes_other_load(flags, |name| k6.is_set(name))))
                .unwrap_or_default(),
        }
    }

    /// From now on it is known how k6 ended.
    pub(super) fn has_ended(&mut self, exit: K6Exit) {
        self.k6_exit = exit;
    }

    pub(super) fn document(&self) -> Result<Vec<u8>> {
        let mut document = Vec::new();
        render::json::document(self, &mut document)?;
        Ok(document)
    }
}

/// The script's options, as k6 tells them.
fn options(scenario: &Scenario, k6: &K6, flags: &[OsString]) -> Option<Map<String, Value>> {
    let said = match k6.inspect(scenario, flags) {
        Ok(said) => said,
        Err(error) => {
            let (name, error) = (&scenario.name, error.with_causes());
            detail(&format!("{name}: k6 inspect: {error}"));
            return None;
        }
    };
    let said = serde_json::from_slice(&said).ok();
    if said.is_none() {
        detail(&format!("{}: k6 inspect did not write JSON", scenario.name));
    }
    said
}

/// Whether k6 is called with another load than its script has, which `k6 inspect` does not tell.
fn makes_other_load(flags: &[OsString], is_set: impl Fn(&str) -> bool) -> bool {
    let is_flag = |flag: &OsString| {
        let text = flag.to_string_lossy();
        let name = text.split('=').next().unwrap_or_default();
        OTHER_LOAD.iter().any(|(long, short, _)| {
            let is_short = !short.is_empty() && !text.starts_with("--") && text.starts_with(short);
            name == *long || is_short
        })
    };
    flags.iter().any(is_flag) || OTHER_LOAD.iter().any(|(_, _, variable)| is_set(variable))
}

fn kept(options: Map<String, Value>, is_other_load: bool) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, mut value) in options {
        let is_untrue = is_other_load && LOAD.contains(&name.as_str());
        if !OPTIONS.contains(&name.as_str()) || value.is_null() || is_untrue {
            continue;
        }
        if let (true, Value::Object(scenarios)) = (name == "scenarios", &mut value) {
            for scenario in scenarios.values_mut().filter_map(Value::as_object_mut) {
                scenario
                    .retain(|key, value| OF_SCENARIO.contains(&key.as_str()) && !value.is_null());
            }
        }
        kept.insert(name, value);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_is_not_kept() {
        let options: Value = serde_json::from_str(
            r#"{"vus": null, "duration": "5s", "tlsAuth": [{"key": "hunter2"}], "userAgent": "hunter2",
                "tags": {"a": "hunter2"}, "thresholds": {"http_reqs": ["count>1", {"threshold": "rate>2", "abortOnFail": true}, "no"]},
                "scenarios": {"a": {"executor": "shared-iterations", "vus": 2, "env": {"T": "hunter2"}}}}"#,
        )
        .unwrap();
        let Value::Object(options) = options else {
            panic!()
        };
        let plan = Plan {
            schema: PLAN_SCHEMA,
            scenario: "a".to_owned(),
            script: "a.js".to_owned(),
            k6_exit: K6Exit::default(),
            script_sha256: None,
            environment: BTreeMap::new(),
            options: kept(options, false),
        };
        let document = String::from_utf8(plan.document().unwrap()).unwrap();
        assert!(!document.contains("hunter2"), "{document}");
        assert!(
            document.contains("shared-iterations") && document.contains("\"5s\""),
            "{document}"
        );
    }

    #[test]
    fn a_load_that_k6_is_called_with_is_not_the_script_s() {
        let none = |_: &str| false;
        for (flags, wanted) in [
            (&["--vus", "3"][..], true),
            (&["-d10s"], true),
            (&["--duration=10s"], true),
            (&["--execution-segment", "0:1/2"], true),
            (
                &["-e", "DURATION=10s", "--tag", "a=b", "--summary-mode=full"],
                false,
            ),
            (&[], false),
        ] {
            let flags: Vec<OsString> = flags.iter().map(OsString::from).collect();
            assert_eq!(makes_other_load(&flags, none), wanted, "{flags:?}");
        }
        assert!(makes_other_load(&[], |name| name == "K6_DURATION"));
        let options = r#"{"scenarios": {}, "vus": 1, "thresholds": {"checks": ["rate>0"]}}"#;
        let Ok(Value::Object(options)) = serde_json::from_str(options) else {
            panic!()
        };
        let kept: Vec<String> = kept(options, true)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(kept, ["thresholds"]);
    }
}
