//! What `perf-report run` wrote down beside k6's files: how k6 ended, and the script's thresholds.

use serde::{Deserialize, Serialize};

use super::declaration::RecordedThreshold;
use super::name::MetricName;

/// What was written down of a run beside k6's own files, which tell neither.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// How k6 ended.
    pub k6_exit: Option<K6Exit>,
    /// The script's thresholds, as `k6 inspect` told them; empty where k6's summary tells them.
    pub thresholds: Vec<(MetricName, RecordedThreshold)>,
}

/// How k6 ended. Neither a code nor a signal: nobody saw it end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct K6Exit {
    /// Its exit code.
    pub code: Option<i32>,
    /// The signal that killed it.
    pub signal: Option<i32>,
}

/// A test of which the script says itself that it failed, at its end.
const MARKED_AS_FAILED: i32 = 110;

impl K6Exit {
    /// Whether the test came to its end, whatever its verdict.
    #[must_use]
    pub fn is_finished(self) -> bool {
        matches!(self.code, Some(0 | 99 | MARKED_AS_FAILED))
    }

    /// Whether k6 was told to end early, and did so in good order: what it measured is sound as far as
    /// it goes.
    #[must_use]
    pub fn is_orderly(self) -> bool {
        matches!(self.code, Some(0 | 99 | 105 | 108 | MARKED_AS_FAILED))
    }

    /// Why the run is no success whatever its numbers say; `None` where k6 came to its end.
    ///
    /// ```
    /// use perf_report::run::K6Exit;
    /// let exit = |code, signal| K6Exit { code, signal };
    /// assert_eq!(exit(Some(99), None).problem(), None);
    /// let killed = exit(None, Some(9)).problem();
    /// assert_eq!(killed.as_deref(), Some("k6 was killed (signal 9) before the test's end"));
    /// ```
    #[must_use]
    pub fn problem(self) -> Option<String> {
        let what = match (self.code, self.signal) {
            (Some(0 | 99), _) => return None,
            (Some(MARKED_AS_FAILED), _) => {
                return Some(
                    "the script marked the test as failed (k6's exit code 110)".to_owned(),
                );
            }
            (Some(105), _) => "k6 was interrupted".to_owned(),
            (Some(code), _) => match meaning(code) {
                Some(meaning) => format!("k6 ended with exit code {code} ({meaning})"),
                None => format!("k6 ended with exit code {code}"),
            },
            (None, Some(signal)) => format!("k6 was killed (signal {signal})"),
            (None, None) => {
                return Some(
                    "k6 was not seen to end: it still runs, or perf-report run was stopped"
                        .to_owned(),
                );
            }
        };
        Some(format!("{what} before the test's end"))
    }

    /// Of several parts of a test the one that ended worst.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let rank = |exit: Self| (exit.is_finished(), exit.is_orderly(), exit.code == Some(0));
        if rank(other) < rank(self) {
            other
        } else {
            self
        }
    }
}

/// What k6's codes mean (`errext/exitcodes` of its source).
fn meaning(code: i32) -> Option<&'static str> {
    Some(match code {
        100 => "setup() took too long",
        101 => "teardown() took too long",
        104 => "its options are invalid",
        106 => "its REST API could not be started",
        107 => "the script threw an exception",
        108 => "the script aborted the test",
        109 => "k6 itself crashed",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn code(code: i32) -> K6Exit {
        K6Exit {
            code: Some(code),
            signal: None,
        }
    }

    #[test]
    fn only_a_test_that_came_to_its_end_is_finished() {
        for (exit, finished, problem) in [
            (code(0), true, ""),
            (code(99), true, ""),
            (code(110), true, "the script marked the test as failed"),
            (code(105), false, "k6 was interrupted before the test's end"),
            (
                code(107),
                false,
                "exit code 107 (the script threw an exception) before",
            ),
            (
                code(-1),
                false,
                "k6 ended with exit code -1 before the test's end",
            ),
            (K6Exit::default(), false, "k6 was not seen to end"),
        ] {
            assert_eq!(exit.is_finished(), finished, "{exit:?}");
            let told = exit.problem().unwrap_or_default();
            assert!(
                told.contains(problem) && told.is_empty() == problem.is_empty(),
                "{told}"
            );
        }
    }

    #[test]
    fn the_worst_of_several_stands() {
        let all = [code(0), code(99), code(110), code(105), code(107)];
        for (i, worse) in all.iter().enumerate() {
            for better in &all[..i] {
                let same_rank =
                    [99, 110].contains(&worse.code.unwrap_or(0)) && better.code == Some(99);
                let expected = if same_rank { better } else { worse };
                assert_eq!(better.worse(*worse), *expected);
            }
        }
    }
}
