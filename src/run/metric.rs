//! What k6 calls a metric: its type, its unit, and the statistics that it can have.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The four types of k6's metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricType {
    /// A sum: requests, bytes, iterations.
    Counter,
    /// A last value with its range: VUs.
    Gauge,
    /// A share of non-zero samples: failed requests, checks.
    Rate,
    /// A distribution: durations.
    Trend,
}

impl fmt::Display for MetricType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Rate => "rate",
            Self::Trend => "trend",
        })
    }
}

impl FromStr for MetricType {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Self::Counter, Self::Gauge, Self::Rate, Self::Trend];
        all.into_iter()
            .find(|kind| kind.to_string() == text)
            .ok_or(())
    }
}

/// What the values of a metric are: plain numbers, milliseconds, or bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contains {
    /// Numbers without a unit.
    Default,
    /// Milliseconds.
    Time,
    /// Bytes.
    Data,
}

/// Type and unit of the metrics that k6 itself emits; they are known where a file does not say.
#[must_use]
pub fn builtin(name: &str) -> Option<(MetricType, Contains)> {
    use Contains::{Data, Default, Time};
    use MetricType::{Counter, Gauge, Rate, Trend};
    Some(match name {
        "vus" | "vus_max" => (Gauge, Default),
        "iterations"
        | "dropped_iterations"
        | "http_reqs"
        | "ws_sessions"
        | "ws_msgs_sent"
        | "ws_msgs_received"
        | "grpc_streams"
        | "grpc_streams_msgs_sent"
        | "grpc_streams_msgs_received" => (Counter, Default),
        "data_sent" | "data_received" | "browser_data_sent" | "browser_data_received" => {
            (Counter, Data)
        }
        "checks" | "http_req_failed" | "browser_http_req_failed" => (Rate, Default),
        "iteration_duration"
        | "group_duration"
        | "http_req_duration"
        | "http_req_blocked"
        | "http_req_connecting"
        | "http_req_tls_handshaking"
        | "http_req_sending"
        | "http_req_waiting"
        | "http_req_receiving"
        | "ws_ping"
        | "ws_session_duration"
        | "ws_connecting"
        | "grpc_req_duration"
        | "browser_http_req_duration"
        | "browser_web_vital_fcp"
        | "browser_web_vital_fid"
        | "browser_web_vital_inp"
        | "browser_web_vital_lcp"
        | "browser_web_vital_ttfb" => (Trend, Time),
        "browser_web_vital_cls" => (Trend, Default),
        _ => return None,
    })
}

/// A percentage N of `p(N)`, from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percent(f64);

impl Percent {
    /// The percentage, unless it lies outside 0 to 100.
    #[must_use]
    pub fn new(percent: f64) -> Option<Self> {
        // Adding zero turns a negative zero into zero, so that equal percentages are equal keys.
        (0.0..=100.0)
            .contains(&percent)
            .then_some(Self(percent + 0.0))
    }

    /// The share of samples below: N / 100.
    #[must_use]
    pub fn share(self) -> f64 {
        self.0 / 100.0
    }
}

impl Eq for Percent {}

impl Ord for Percent {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Percent {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A statistic by the name that k6 gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stat {
    /// Counter: the sum; trend: the number of samples.
    Count,
    /// Counter: per second; rate: the share of non-zero samples.
    Rate,
    /// Gauge: the last value.
    Value,
    /// Rate: the number of non-zero samples. For `http_req_failed` these are the failed requests.
    Passes,
    /// Rate: the number of zero samples.
    Fails,
    /// The mean.
    Avg,
    /// The smallest value.
    Min,
    /// The median.
    Med,
    /// The largest value.
    Max,
    /// A percentile, `p(95)`.
    P(Percent),
}

impl Stat {
    /// `p(N)` of a whole percentage; more than 100 is 100.
    #[must_use]
    pub const fn p(percent: u8) -> Self {
        Self::P(Percent(if percent > 100 { 100.0 } else { percent as f64 }))
    }

    /// Whether a metric of this type has this statistic.
    #[must_use]
    pub fn fits(self, kind: MetricType) -> bool {
        match kind {
            MetricType::Counter => matches!(self, Self::Count | Self::Rate),
            MetricType::Gauge => matches!(self, Self::Value | Self::Min | Self::Max),
            MetricType::Rate => matches!(self, Self::Rate | Self::Passes | Self::Fails),
            MetricType::Trend => matches!(
                self,
                Self::Count | Self::Avg | Self::Min | Self::Med | Self::Max | Self::P(_)
            ),
        }
    }
}

impl fmt::Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count => f.write_str("count"),
            Self::Rate => f.write_str("rate"),
            Self::Value => f.write_str("value"),
            Self::Passes => f.write_str("passes"),
            Self::Fails => f.write_str("fails"),
            Self::Avg => f.write_str("avg"),
            Self::Min => f.write_str("min"),
            Self::Med => f.write_str("med"),
            Self::Max => f.write_str("max"),
            Self::P(percent) => write!(f, "p({})", percent.0),
        }
    }
}

/// The name is not one of k6's statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownStat;

impl FromStr for Stat {
    type Err = UnknownStat;

    fn from_str(text: &str) -> Result<Self, UnknownStat> {
        Ok(match text {
            "count" => Self::Count,
            "rate" => Self::Rate,
            "value" => Self::Value,
            "passes" => Self::Passes,
            "fails" => Self::Fails,
            "avg" => Self::Avg,
            "min" => Self::Min,
            "med" => Self::Med,
            "max" => Self::Max,
            _ => {
                let digits = text
                    .strip_prefix("p(")
                    .and_then(|rest| rest.strip_suffix(')'))
                    .filter(|n| n.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
                    .ok_or(UnknownStat)?;
                let percent = digits.parse().ok().and_then(Percent::new);
                Self::P(percent.ok_or(UnknownStat)?)
            }
        })
    }
}
