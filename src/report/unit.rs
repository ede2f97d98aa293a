//! How values read.

use crate::run::{Contains, MetricType, Stat};
use crate::units;

/// How a value reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number.
    Number,
    /// Milliseconds.
    Millis,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Something a second.
    PerSecond,
    /// A share.
    Share,
}

impl Unit {
    /// How the value of a metric's statistic reads.
    #[must_use]
    pub fn of(kind: MetricType, contains: Option<Contains>, stat: Stat) -> Self {
        let contains = contains.unwrap_or(Contains::Default);
        match (kind, stat, contains) {
            (MetricType::Counter, Stat::Rate, Contains::Data) => Self::BytesPerSecond,
            (MetricType::Counter, Stat::Rate, _) => Self::PerSecond,
            (MetricType::Rate, Stat::Rate, _) => Self::Share,
            (MetricType::Rate, _, _)
            | (MetricType::Trend, Stat::Count, _)
            | (_, _, Contains::Default) => Self::Number,
            (_, _, Contains::Time) => Self::Millis,
            (_, _, Contains::Data) => Self::Bytes,
        }
    }

    /// The value as it reads, unit included.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Number => units::number(value, 2),
            Self::Millis => units::millis(value),
            Self::Bytes => units::bytes(value),
            Self::BytesPerSecond => format!("{}/s", units::bytes(value)),
            Self::PerSecond => format!("{}/s", units::number(value, 2)),
            Self::Share => units::percent(value),
        }
    }

    /// The value as a sentence or a page has it.
    #[must_use]
    pub fn say(self, value: f64) -> String {
        match self {
            Self::Millis => units::duration(value),
            _ => self.show(value),
        }
    }

    /// Two values as a sentence or a page has them, with as many digits as it takes to tell them
    /// apart, and the second, a limit that somebody wrote, with all of its own.
    #[must_use]
    pub fn say_apart(self, value: f64, limit: f64) -> (String, String) {
        const MOST: usize = 12;
        let say = |value: f64, digits: usize| match self {
            Self::Millis => units::duration_to(value, digits),
            _ if digits > 3 => self.show_exactly(value),
            _ => self.show(value),
        };
        let limit_digits = (3..MOST).find(|digits| say(limit, *digits) == say(limit, MOST));
        let limit_text = say(limit, limit_digits.unwrap_or(MOST));
        if value == limit {
            return (limit_text.clone(), limit_text);
        }
        let is_apart = |digits: &usize| say(value, *digits) != say(limit, *digits);
        let digits = (3..MOST).find(is_apart).unwrap_or(MOST);
        (say(value, digits), limit_text)
    }

    /// The value with every digit that it has.
    #[must_use]
    pub fn show_exactly(self, value: f64) -> String {
        match self {
            Self::Number => format!("{value}"),
            Self::Share => format!("{}%", value * 100.0),
            _ => format!("{value}{}", self.name()),
        }
    }

    /// The unit's name in documents for machines; empty for a plain number.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "",
            Self::Millis => "ms",
            Self::Bytes => "B",
            Self::BytesPerSecond => "B/s",
            Self::PerSecond => "1/s",
            Self::Share => "share",
        }
    }
}
