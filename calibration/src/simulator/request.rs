//! One request of a run, as a load generator reports it.

/// One finished request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Request {
    /// Completion, in seconds since the start of the run. k6 stamps its
    /// `http_req_duration` samples at completion as well.
    pub time: f64,
    /// Index of the endpoint, from 0.
    pub endpoint: u32,
    /// Duration in milliseconds.
    pub duration_ms: f64,
    /// Whether the request failed. Failed requests keep their duration.
    pub failed: bool,
}
