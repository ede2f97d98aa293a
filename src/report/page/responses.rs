//! Statuses and errors.

use serde::Serialize;

use super::over_time::status_name;
use super::{MOST_ROWS, Mark, Part, dash, left_out, shown};
use crate::run::{Response, Run};
use crate::units;

/// An endpoint list longer than this is cut.
const MOST_ENDPOINTS: usize = 4;

/// The kinds of responses, failed ones first.
#[derive(Debug, Serialize)]
pub struct Responses {
    /// How many failed, in a sentence.
    pub sentence: String,
    /// One row each.
    pub rows: Vec<ResponseRow>,
    /// What was left out.
    pub more: Option<String>,
}

/// One kind of response.
#[derive(Debug, Serialize)]
pub struct ResponseRow {
    /// The status, or that there was no response.
    pub status: String,
    /// k6's code and text of the error.
    pub error: String,
    /// Whether k6 counted it as failed.
    pub mark: Mark,
    /// How often it came.
    pub count: String,
    /// Its share of all responses.
    pub share: String,
    /// When it came first, since the run's start.
    pub first: String,
    /// When it came last.
    pub last: String,
    /// The endpoints that gave it.
    pub endpoints: String,
}

impl Responses {
    pub(super) fn of(run: &Run) -> Part<Self> {
        if run.samples().is_none() {
            return Part::missing(super::NO_SAMPLES);
        }
        let responses = run.responses();
        let count = |failed: bool| -> u64 {
            let of_kind = responses.iter().filter(|r| !failed || r.failed);
            of_kind.map(|r| r.count).sum()
        };
        let (all, failed) = (count(false), count(true));
        if all == 0 {
            return Part::missing("k6 recorded no HTTP response with a status here.");
        }
        let sentence = if failed == 0 {
            format!("None of {} failed.", units::counted(all, "request"))
        } else {
            format!("{failed} of {} failed.", units::counted(all, "request"))
        };
        let start = run.span().map_or(0, |(start, _)| start);
        let since = |time: i64| units::duration(time.saturating_sub(start) as f64 / 1e6);
        let row = |response: &Response| ResponseRow {
            status: status_name(&response.status),
            first: since(response.first),
            last: since(response.last),
            error: error(response),
            mark: if response.failed {
                Mark::FAILED
            } else {
                Mark {
                    word: "as expected",
                    ..Mark::PASSED
                }
            },
            count: units::number(response.count as f64, 0),
            share: units::percent(response.count as f64 / all as f64),
            endpoints: endpoints(response),
        };
        Part::shown(Self {
            sentence,
            rows: responses.iter().take(MOST_ROWS).map(row).collect(),
            more: left_out(responses.len(), "kind"),
        })
    }
}

fn error(response: &Response) -> String {
    match (&response.error, &response.error_code) {
        (Some(text), Some(code)) => shown(&format!("{text} ({code})")),
        (Some(text), None) => shown(text),
        (None, Some(code)) => shown(&format!("k6 error code {code}")),
        (None, None) => dash(),
    }
}

fn endpoints(response: &Response) -> String {
    let few: Vec<String> = response
        .endpoints
        .iter()
        .take(MOST_ENDPOINTS)
        .map(|name| shown(name))
        .collect();
    let more = response.endpoints.len().saturating_sub(MOST_ENDPOINTS);
    let few = few.join(", ");
    if more > 0 {
        format!("{few} and {more} more")
    } else {
        few
    }
}
