//! Where the time of requests goes: k6's phases of an HTTP request.

use super::Run;
use super::endpoint::{EndpointId, endpoints_of, place_of};

/// A phase of an HTTP request, in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Waiting for a free connection, without opening one.
    Blocked,
    /// Opening a connection.
    Connecting,
    /// Its TLS handshake.
    Tls,
    /// Sending the request.
    Sending,
    /// Waiting for the first byte of the response.
    Waiting,
    /// Receiving the response.
    Receiving,
}

impl Phase {
    /// All of them, in the order of time.
    pub const ALL: [Self; 6] = [
        Self::Blocked,
        Self::Connecting,
        Self::Tls,
        Self::Sending,
        Self::Waiting,
        Self::Receiving,
    ];

    /// k6's metric of it.
    #[must_use]
    pub fn metric(self) -> &'static str {
        match self {
            Self::Blocked => "http_req_blocked",
            Self::Connecting => "http_req_connecting",
            Self::Tls => "http_req_tls_handshaking",
            Self::Sending => "http_req_sending",
            Self::Waiting => "http_req_waiting",
            Self::Receiving => "http_req_receiving",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Connecting => "connecting",
            Self::Tls => "TLS",
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::Receiving => "receiving",
        }
    }
}

/// The phases of an endpoint's requests.
#[derive(Debug, Clone)]
pub struct EndpointPhases {
    /// What it is called.
    pub id: EndpointId,
    /// The mean of each of [`Phase::ALL`], in milliseconds. `blocked` is without the two phases after
    /// it, which k6's `http_req_blocked` holds.
    pub means: [f64; Phase::ALL.len()],
}

impl EndpointPhases {
    /// The mean of all phases together.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.means.iter().sum()
    }
}

impl Run {
    /// The phases by endpoint; empty without samples of them.
    #[must_use]
    pub fn phases(&self) -> Vec<EndpointPhases> {
        let Some(samples) = self.samples() else {
            return Vec::new();
        };
        let metrics = Phase::ALL.map(|phase| Some(phase.metric()));
        let (table, places) = (samples.series(), metrics.len());
        let (ids, groups) = endpoints_of(
            table,
            self.endpoint_names(),
            false,
            places,
            place_of(table, &metrics),
        );
        let sums = samples.sum_groups(&groups, ids.len() * places);
        let mut phases: Vec<EndpointPhases> = ids
            .into_iter()
            .zip(sums.chunks_exact(places))
            .map(|(id, sums)| {
                let mut means = [0.0; Phase::ALL.len()];
                for (mean, (sum, count)) in means.iter_mut().zip(sums) {
                    *mean = if *count > 0 { sum / *count as f64 } else { 0.0 };
                }
                means[0] = (means[0] - means[1] - means[2]).max(0.0);
                EndpointPhases { id, means }
            })
            .collect();
        phases.sort_by(|a, b| b.total().total_cmp(&a.total()).then(a.id.cmp(&b.id)));
        phases
    }
}
