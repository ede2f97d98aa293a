//! What moved: each endpoint against the others, and all of them together.
//!
//! What all endpoints share is the machine, or a change to everything. On a busy machine it differs
//! from run to run by much more than one endpoint differs from the others, so that an endpoint is
//! judged by its own move, ln(candidate / baseline) less the mean of the others, and what they share
//! is judged by itself, with more noise assumed.

use super::difference::Difference;
use super::resample::{FIGURES, SHORTEST_MS, TAIL, TYPICAL};
use crate::run::EndpointId;

/// Which way an endpoint moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Slower,
    Faster,
}

/// The duration of a logarithm, in milliseconds. The shortest that is told apart stands for none at all.
pub(super) fn duration_of(log: f64) -> f64 {
    const ROUNDING: f64 = 1.0 + 1e-9;
    let duration = log.exp();
    if duration <= SHORTEST_MS * ROUNDING {
        0.0
    } else {
        duration
    }
}

/// What is known of a pair's endpoints.
#[derive(Debug)]
pub(super) struct Shifts {
    pub(super) endpoints: Vec<EndpointShift>,
    /// What the typical durations of all endpoints that did not move by themselves have in common;
    /// `None` of a single one, whose move is the common one.
    pub(super) common: Option<CommonShift>,
    /// The same of their p(95).
    pub(super) common_tail: Option<CommonShift>,
}

impl Shifts {
    /// The standard error of a run as a whole: of what endpoints share, or of the only one.
    pub(super) fn error(&self) -> Option<f64> {
        let common = self.common.as_ref().map(|common| common.whole);
        let single = || Some(self.endpoints.first()?.figures[TYPICAL].whole);
        Some(common.or_else(single)?.error / std::f64::consts::SQRT_2)
    }

    /// What endpoints share of a figure.
    pub(super) fn common_of(&self, figure: usize) -> Option<&CommonShift> {
        if figure >= TAIL {
            self.common_tail.as_ref()
        } else {
            self.common.as_ref()
        }
    }
}

/// One endpoint on both sides.
#[derive(Debug)]
pub(super) struct EndpointShift {
    pub(super) id: EndpointId,
    /// How the surest of its figures moved against the others, as far as the whole family of endpoints
    /// allows to say.
    pub(super) moved: Option<Move>,
    /// Whether there are no others with enough samples.
    pub(super) is_single: bool,
    pub(super) figures: [FigureShift; FIGURES.len()],
}

/// One figure of an endpoint, as logarithms.
#[derive(Debug, Clone)]
pub(super) struct FigureShift {
    /// The means over the runs of each side.
    pub(super) sides: [f64; 2],
    /// The change as it is.
    pub(super) whole: Difference,
    /// The change against the other endpoints; `None` where there is no other.
    pub(super) own: Option<Difference>,
    /// The level at which it would have been called first.
    pub(super) level: f64,
    /// How many independent samples there are, where they are too few to judge it.
    pub(super) too_few: Option<Few>,
}

/// Too little to judge a figure.
#[derive(Debug, Clone, Copy)]
pub(super) enum Few {
    /// So many independent samples.
    Samples { found: f64, needed: f64 },
    /// Requests in too few seconds of the run.
    Time,
}

/// What all endpoints share.
#[derive(Debug)]
pub(super) struct CommonShift {
    /// The means over the runs of each side, as logarithms.
    pub(super) sides: [f64; 2],
    pub(super) whole: Difference,
    /// The same, if runs as a whole did not differ.
    pub(super) within: Difference,
    pub(super) moved: Option<Move>,
    pub(super) level: f64,
    /// How many endpoints share it, of how many.
    pub(super) endpoints: [usize; 2],
}
