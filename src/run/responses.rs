//! What came back: statuses and errors of requests, with their numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::Run;
use super::endpoint::{ENDPOINT_TAG, endpoint_name};

/// One kind of response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status: `200`; `0` when there was no response. Empty where k6 did not say.
    pub status: String,
    /// k6's error code, such as `1212`.
    pub error_code: Option<String>,
    /// k6's error text.
    pub error: Option<String>,
    /// Whether k6 counted it as failed.
    pub failed: bool,
    /// How often it came.
    pub count: u64,
    /// The endpoints that gave it.
    pub endpoints: BTreeSet<String>,
}

impl Run {
    /// The kinds of HTTP responses, failed ones first, then the most frequent; empty without
    /// samples.
    #[must_use]
    pub fn responses(&self) -> Vec<Response> {
        let Some(samples) = self.samples() else {
            return Vec::new();
        };
        let mut kinds: Vec<Response> = Vec::new();
        let mut known: BTreeMap<_, usize> = BTreeMap::new();
        let kind_of: Vec<Option<usize>> = samples
            .series()
            .iter()
            .map(|series| {
                if series.metric != "http_reqs" {
                    return None;
                }
                let owned =
                    |key: &str| series.tag(key).filter(|v| !v.is_empty()).map(str::to_owned);
                let status = series.tag("status").unwrap_or("").to_owned();
                let failed = series.tag("expected_response") == Some("false");
                let key = (status.clone(), owned("error_code"), owned("error"), failed);
                let kind = *known.entry(key).or_insert_with(|| {
                    kinds.push(Response {
                        status,
                        error_code: owned("error_code"),
                        error: owned("error"),
                        failed,
                        count: 0,
                        endpoints: BTreeSet::new(),
                    });
                    kinds.len() - 1
                });
                kinds[kind]
                    .endpoints
                    .extend(series.tag(ENDPOINT_TAG).map(endpoint_name));
                Some(kind)
            })
            .collect();
        for point in samples.iter() {
            if let Some(kind) = kind_of[point.series as usize] {
                kinds[kind].count += 1;
            }
        }
        kinds.sort_by(|a, b| {
            (b.failed, b.count, &a.status, &a.error).cmp(&(a.failed, a.count, &b.status, &b.error))
        });
        kinds
    }
}
