//! What came back: statuses and errors of requests, with their numbers.

use std::collections::BTreeSet;

use super::Run;
use super::endpoint::is_unexpected;
use super::groups::{NumberMap, NumberSet};

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
    /// When it came first, in nanoseconds since 1970.
    pub first: i64,
    /// When it came last.
    pub last: i64,
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
        let table = samples.series();
        let key = |name: &str| table.string(name);
        let tags = ["status", "error_code", "error"].map(key);
        let requests = key("http_reqs");
        let (nothing, unexpected) = (key(""), is_unexpected(table));
        let names = self.endpoint_names();
        // For every kind the endpoints that gave it.
        let mut given: Vec<NumberSet<u32>> = Vec::new();
        let mut kinds: Vec<Response> = Vec::new();
        let mut known: NumberMap<_, usize> = NumberMap::default();
        let mut kind_of: Vec<Option<usize>> = vec![None; table.len()];
        for (place, (series, kind_of)) in table.iter().zip(&mut kind_of).enumerate() {
            if Some(series.metric_number()) != requests {
                continue;
            }
            let value = |key: Option<u32>| series.value(key?).filter(|v| Some(*v) != nothing);
            let values = tags.map(value);
            let failed = unexpected(series);
            let kind = *known.entry((values, failed)).or_insert_with(|| {
                let text = values.map(|value| value.map(|v| table.text(v).to_owned()));
                let [status, error_code, error] = text;
                kinds.push(Response {
                    status: status.unwrap_or_default(),
                    error_code,
                    error,
                    failed,
                    count: 0,
                    first: i64::MAX,
                    last: i64::MIN,
                    endpoints: BTreeSet::new(),
                });
                given.push(NumberSet::default());
                kinds.len() - 1
            });
            *kind_of = Some(kind);
            kinds[kind].count += samples.count(place);
            given[kind].extend(names.number(series));
        }
        for (kind, given) in kinds.iter_mut().zip(given) {
            let given = given.into_iter().map(|name| names.text(name));
            let named = given.filter(|name| !name.is_empty());
            kind.endpoints = named.map(str::to_owned).collect();
        }
        samples.for_each(|cell| {
            if let Some(kind) = kind_of[cell.series as usize] {
                let kind = &mut kinds[kind];
                kind.first = kind.first.min(cell.first);
                kind.last = kind.last.max(cell.last);
            }
        });
        kinds.sort_by(|a, b| {
            (b.failed, b.count, &a.status, &a.error).cmp(&(a.failed, a.count, &b.status, &b.error))
        });
        kinds
    }
}
