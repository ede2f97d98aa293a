//! What is asked of a comparison.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::figure::Figure;
use super::floors::Floors;
use super::limit::Limit;
use super::resample::FIGURES;
use super::verdict::Direction;
use super::waiver::Waiver;
use crate::run::{MetricType, Stat};

/// The chance of calling a regression where there is none that is taken unless another is asked for.
pub const DEFAULT_ALPHA: f64 = 0.05;

/// What is asked of a comparison.
#[derive(Debug, Clone)]
pub struct CompareOptions {
    /// Limits that hold whatever the noise.
    pub limits: Vec<Limit>,
    /// The chance, for a whole pair, of calling a regression where there is none.
    pub alpha: f64,
    /// What decides over the verdict.
    pub gates: Gates,
    /// What may differ between the tests: keys of aspects, see [`Aspect`](super::Aspect), and of what
    /// the tests ran on.
    pub allowed: BTreeSet<String>,
    /// The changes below which a difference is of no interest.
    pub floors: Floors,
    /// Which way metrics are better, where that is stated.
    pub directions: BTreeMap<String, Direction>,
    /// The regressions that are accepted.
    pub waivers: Vec<Waiver>,
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self {
            limits: Vec::new(),
            alpha: DEFAULT_ALPHA,
            gates: Gates::default(),
            allowed: BTreeSet::new(),
            floors: Floors::default(),
            directions: BTreeMap::new(),
            waivers: Vec::new(),
        }
    }
}

/// What decides over a pair's verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gates(BTreeSet<Gate>);

/// One thing that decides over a pair's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// A figure of every endpoint's durations, or what they have in common.
    Duration(Figure),
    /// The share of failed requests.
    Failed,
    /// The share of checks that passed.
    Checks,
}

impl Default for Gates {
    fn default() -> Self {
        let figures = [
            Figure::GeometricMean,
            Figure::Stat(Stat::Med),
            Figure::Stat(Stat::p(95)),
            Figure::Common,
        ];
        let durations = figures.into_iter().map(Gate::Duration);
        Self(durations.chain([Gate::Failed, Gate::Checks]).collect())
    }
}

impl FromIterator<Gate> for Gates {
    fn from_iter<I: IntoIterator<Item = Gate>>(gates: I) -> Self {
        Self(gates.into_iter().collect())
    }
}

impl Gates {
    /// All that decides.
    pub fn iter(&self) -> impl Iterator<Item = Gate> {
        self.0.iter().copied()
    }

    /// Whether it decides.
    #[must_use]
    pub fn has(&self, gate: Gate) -> bool {
        self.0.contains(&gate)
    }

    /// The places among [`FIGURES`] of the figures of an endpoint that do.
    pub(super) fn figures(&self) -> Vec<usize> {
        let has = |at: &usize| self.has_duration(FIGURES[*at]);
        (0..FIGURES.len()).filter(has).collect()
    }

    /// Whether a figure of durations does.
    #[must_use]
    pub fn has_duration(&self, figure: Figure) -> bool {
        self.has(Gate::Duration(figure))
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duration(figure) => figure.fmt(f),
            Self::Failed => f.write_str("failed"),
            Self::Checks => f.write_str("checks"),
        }
    }
}

/// What can be a gate, in words.
pub const GATES: &str = "gmean, med, avg, p(95), p(99), common, failed or checks";

impl FromStr for Gate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "failed" => return Ok(Self::Failed),
            "checks" => return Ok(Self::Checks),
            _ => {}
        }
        let figure: Option<Figure> = text.parse().ok();
        let fits = |figure: &Figure| figure.stat().is_none_or(|s| s.fits(MetricType::Trend));
        figure
            .filter(fits)
            .filter(|figure| *figure == Figure::Common || FIGURES.contains(figure))
            .map(Self::Duration)
            .ok_or_else(|| format!("a gate is {GATES}"))
    }
}

/// The chances of a false alarm, dealt out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Levels {
    /// For the endpoints, each against the others.
    pub(super) own: f64,
    /// For what they share.
    pub(super) common: f64,
    /// For failed requests and checks.
    pub(super) shares: f64,
}

impl CompareOptions {
    /// Half for the endpoints, of which there are many, 40% for what they share, where one pair of
    /// runs says least, and the rest for failures and checks, of which few are needed. With nothing
    /// else that gates, all of it is left to what does.
    pub(super) fn levels(&self) -> Levels {
        let own = FIGURES
            .iter()
            .any(|figure| self.gates.has_duration(*figure));
        let common = self.gates.has_duration(Figure::Common);
        let shares = self.gates.has(Gate::Failed) || self.gates.has(Gate::Checks);
        let wanted = [(own, 0.5), (common, 0.4), (shares, 0.1)];
        let parts = wanted.map(|(is_wanted, part)| if is_wanted { part } else { 0.0 });
        let whole: f64 = parts.iter().sum();
        let [own, common, shares] = parts.map(|part| self.alpha * part / whole.max(0.1));
        Levels {
            own,
            common,
            shares,
        }
    }
}
