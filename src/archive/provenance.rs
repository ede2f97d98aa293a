//! Where, when and by whom: what the environment tells.

use std::collections::BTreeMap;
use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDate, SecondsFormat};
use serde::{Deserialize, Serialize};

/// A job of a CI system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ci {
    /// `github`, `gitlab` or `jenkins`.
    pub system: String,
    /// The number or id of the run.
    pub run: Option<String>,
    /// Which attempt at it.
    pub attempt: Option<String>,
    /// The job's name or id.
    pub job: Option<String>,
    /// Where it can be looked at.
    pub url: Option<String>,
}

/// The machine on which a run was filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// The operating system.
    pub os: String,
    /// The processor.
    pub arch: String,
}

impl Environment {
    /// This machine.
    #[must_use]
    pub fn this() -> Self {
        Self {
            os: env::consts::OS.to_owned(),
            arch: env::consts::ARCH.to_owned(),
        }
    }

    /// By key: `os`, `arch`, and the CI system as `ci`.
    #[must_use]
    pub fn by_key(&self, ci: Option<&Ci>) -> BTreeMap<String, String> {
        let known = [("os", &self.os), ("arch", &self.arch)];
        let known = known.into_iter().chain(ci.map(|ci| ("ci", &ci.system)));
        known
            .map(|(key, value)| (key.to_owned(), value.clone()))
            .collect()
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The CI job in which this runs, and the commit that it tests, where its variables tell.
#[must_use]
pub fn ci() -> (Option<Ci>, Option<String>) {
    ci_of(variable)
}

fn ci_of(variable: impl Fn(&str) -> Option<String>) -> (Option<Ci>, Option<String>) {
    let ci = |system: &str, run, attempt, job, url| {
        Some(Ci {
            system: system.to_owned(),
            run: variable(run),
            attempt: variable(attempt),
            job: variable(job),
            url,
        })
    };
    if variable("GITHUB_ACTIONS").is_some() {
        let parts = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"].map(&variable);
        let url = match parts {
            [Some(server), Some(repository), Some(run)] => {
                Some(format!("{server}/{repository}/actions/runs/{run}"))
            }
            _ => None,
        };
        let job = ci(
            "github",
            "GITHUB_RUN_ID",
            "GITHUB_RUN_ATTEMPT",
            "GITHUB_JOB",
            url,
        );
        (job, variable("GITHUB_SHA"))
    } else if variable("GITLAB_CI").is_some() {
        // GitLab gives a job that is tried again another id, and no number.
        let url = variable("CI_JOB_URL");
        let job = ci("gitlab", "CI_PIPELINE_ID", "CI_JOB_ID", "CI_JOB_NAME", url);
        (job, variable("CI_COMMIT_SHA"))
    } else if variable("JENKINS_URL").is_some() {
        let url = variable("BUILD_URL");
        let job = ci("jenkins", "BUILD_NUMBER", "BUILD_ID", "JOB_NAME", url);
        (job, variable("GIT_COMMIT"))
    } else {
        (None, None)
    }
}

/// Who does this, as the environment tells.
pub(super) fn who() -> String {
    const NAMES: [&str; 6] = [
        "GITHUB_ACTOR",
        "GITLAB_USER_LOGIN",
        "BUILD_USER_ID",
        "USER",
        "LOGNAME",
        "USERNAME",
    ];
    let name = NAMES.iter().find_map(|name| variable(name));
    name.unwrap_or_else(|| "unknown".to_owned())
}

/// Now, or just after a moment that is later.
pub(super) fn now_after(last: Option<&str>) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |since| {
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    });
    let last = last.and_then(|last| DateTime::parse_from_rfc3339(last).ok());
    let last = last.and_then(|last| last.timestamp_nanos_opt());
    moment(last.map_or(now, |last| now.max(last.saturating_add(1))))
}

/// Nanoseconds since 1970 as RFC 3339 with all of their digits, so that texts are in the order of
/// time.
#[must_use]
pub fn moment(ns: i64) -> String {
    DateTime::from_timestamp_nanos(ns).to_rfc3339_opts(SecondsFormat::Nanos, true)
}

/// Today, in UTC.
#[must_use]
pub fn today() -> NaiveDate {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0));
    DateTime::from_timestamp(seconds, 0)
        .unwrap_or_default()
        .date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_of_three_systems() {
        let of = |set: &'static [(&'static str, &'static str)]| {
            ci_of(move |name| {
                let found = set.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let (job, commit) = of(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_RUN_ATTEMPT", "2"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_SHA", "abc"),
        ]);
        let job = job.expect("a job");
        assert_eq!(job.attempt.as_deref(), Some("2"));
        assert_eq!(
            job.url.as_deref(),
            Some("https://github.com/o/r/actions/runs/7")
        );
        assert_eq!(commit.as_deref(), Some("abc"));
        let (job, _) = of(&[("GITLAB_CI", "true"), ("CI_PIPELINE_ID", "9")]);
        assert_eq!(job.expect("a job").run.as_deref(), Some("9"));
        let (job, commit) = of(&[("JENKINS_URL", "http://j/"), ("GIT_COMMIT", "d")]);
        assert_eq!(job.expect("a job").system, "jenkins");
        assert_eq!(commit.as_deref(), Some("d"));
        assert_eq!(of(&[("GITHUB_SHA", "abc")]), (None, None));
    }

    #[test]
    fn a_later_record_has_a_later_time() {
        let future = "2200-01-01T00:00:00.000000000Z";
        assert_eq!(now_after(Some(future)), "2200-01-01T00:00:00.000000001Z");
        assert!(now_after(None).as_str() < future);
    }
}
