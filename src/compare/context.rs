//! What the rows of a pair are judged with.

use super::endpoints::{Cut, Endpoints};
use super::options::{CompareOptions, Levels};
use super::shift::Shifts;

/// What rows are judged with.
pub(super) struct Context<'a> {
    pub(super) options: &'a CompareOptions,
    pub(super) levels: Levels,
    pub(super) cut: Cut,
    pub(super) endpoints: &'a Endpoints,
    /// The metric that times requests, where both sides have the same.
    pub(super) metric: Option<&'static str>,
    /// The tag that tells endpoints.
    pub(super) tag: &'a str,
}

impl Context<'_> {
    pub(super) fn shifts(&self) -> Option<&Shifts> {
        match self.endpoints {
            Endpoints::Judged(shifts) => Some(shifts),
            Endpoints::Unfit(_) | Endpoints::Unknown => None,
        }
    }
}
