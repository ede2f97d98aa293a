//! What a row shows of its subject.

use std::fmt;
use std::str::FromStr;

use crate::run::{Stat, UnknownStat};

/// A statistic of k6's, or one that only a comparison has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// One of k6's.
    Stat(Stat),
    /// The geometric mean of durations: the typical duration. Of all figures its noise is least, as
    /// it takes every request and no single one weighs much.
    GeometricMean,
    /// The mean over the endpoints of ln(candidate / baseline) of the geometric mean: what everything
    /// has in common.
    Common,
    /// The same of p(95): what only the slowest requests of everything have in common.
    CommonTail,
    /// The share of the scheduled iterations of an open model that was completed.
    Achieved,
}

impl Figure {
    /// The statistic, if it is one of k6's.
    #[must_use]
    pub fn stat(self) -> Option<Stat> {
        match self {
            Self::Stat(stat) => Some(stat),
            Self::GeometricMean | Self::Common | Self::CommonTail | Self::Achieved => None,
        }
    }
}

impl From<Stat> for Figure {
    fn from(stat: Stat) -> Self {
        Self::Stat(stat)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stat(stat) => stat.fmt(f),
            Self::GeometricMean => f.write_str("gmean"),
            Self::Common => f.write_str("common"),
            Self::CommonTail => f.write_str("common p(95)"),
            Self::Achieved => f.write_str("achieved"),
        }
    }
}

impl FromStr for Figure {
    type Err = UnknownStat;

    fn from_str(text: &str) -> Result<Self, UnknownStat> {
        Ok(match text {
            "gmean" => Self::GeometricMean,
            "common" => Self::Common,
            "common p(95)" => Self::CommonTail,
            _ => Self::Stat(text.parse()?),
        })
    }
}
