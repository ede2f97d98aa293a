//! How values read.

use crate::run::{Contains, MetricType, Stat};
use crate::units;

/// The digits that one reads.
const FEW: usize = 3;
/// More than anybody writes.
const MOST: usize = 12;
/// From here on durations are told in minutes, in milliseconds.
const MINUTE: f64 = 59_950.0;

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
        self.say_to(value, FEW)
    }

    /// Two values as a sentence or a page has them, with as many digits as it takes to tell them
    /// apart, and the second, a limit that somebody wrote, with all of its own.
    #[must_use]
    pub fn say_apart(self, value: f64, limit: f64) -> (String, String) {
        let say = |value: f64, digits: usize| self.say_to(value, digits);
        let limit_digits = (FEW..MOST).find(|digits| say(limit, *digits) == say(limit, MOST));
        let limit_text = say(limit, limit_digits.unwrap_or(MOST));
        if value == limit {
            return (limit_text.clone(), limit_text);
        }
        let is_apart = |digits: &usize| say(value, *digits) != say(limit, *digits);
        let digits = (FEW..MOST).find(is_apart).unwrap_or(MOST);
        (say(value, digits), limit_text)
    }

    /// The value as it reads, with as many digits as it takes to tell it from a limit.
    #[must_use]
    pub fn show_apart(self, value: f64, limit: f64) -> String {
        let show = |value: f64, digits: usize| match self {
            _ if digits == FEW => self.show(value),
            Self::Millis => format!("{}ms", units::number(value, digits - 1)),
            _ => self.say_to(value, digits),
        };
        let is_apart = |digits: &usize| show(value, *digits) != show(limit, *digits);
        let digits = (FEW..MOST).find(|digits| value == limit || is_apart(digits));
        show(value, digits.unwrap_or(MOST))
    }

    /// The value as a sentence has it, to so many digits: the few that one reads, or more.
    fn say_to(self, value: f64, digits: usize) -> String {
        match self {
            Self::Millis if digits == FEW => units::duration(value),
            // Of minutes only whole seconds are told.
            Self::Millis if value.abs() >= MINUTE && !is_in_whole_parts(value) => {
                format!("{} s", units::number(value / 1e3, digits - FEW))
            }
            Self::Millis => units::duration_to(value, digits),
            _ if digits == FEW => self.show(value),
            Self::Number => units::number(value, digits - 1),
            Self::PerSecond => format!("{}/s", units::number(value, digits - 1)),
            Self::Bytes => units::bytes_to(value, digits - 2),
            Self::BytesPerSecond => format!("{}/s", units::bytes_to(value, digits - 2)),
            Self::Share => format!("{}%", units::number(value * 100.0, digits - 1)),
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

/// Whether a duration in minutes or hours is told without rounding: in whole seconds below an hour, in
/// whole minutes above.
fn is_in_whole_parts(ms: f64) -> bool {
    let part = if ms.abs() < 3_600_000.0 { 1e3 } else { 60e3 };
    ms % part == 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_never_rounded_into_another_number() {
        for (unit, value, limit, expected) in [
            (Unit::PerSecond, 0.2, 0.1, ("0.2/s", "0.1/s")),
            (Unit::PerSecond, 30.0, 25.001, ("30/s", "25.001/s")),
            (Unit::PerSecond, 25.0, 25.001, ("25/s", "25.001/s")),
            (Unit::PerSecond, 24.0014, 24.001, ("24.0014/s", "24.001/s")),
            (Unit::Share, 0.0643, 0.29, ("6.43%", "29%")),
            (Unit::Share, 0.5, 0.99999, ("50%", "99.999%")),
            (Unit::Bytes, 1.0, 5_000_000.0, ("1 B", "5 MB")),
            (Unit::Bytes, 1.0, 5_000_001.0, ("1 B", "5.000001 MB")),
            (
                Unit::Millis,
                48.950_929_499_999_994,
                48.95,
                ("48.951 ms", "48.95 ms"),
            ),
            (Unit::Millis, 10.0, 61_500.0, ("10 ms", "61.5 s")),
            (Unit::Millis, 10.0, 120_000.0, ("10 ms", "2 min")),
            (Unit::Millis, 10.0, 5_400_000.0, ("10 ms", "1 h 30 min")),
            (Unit::Number, 1.0, 1e6, ("1", "1000000")),
        ] {
            let (value, limit) = unit.say_apart(value, limit);
            assert_eq!((value.as_str(), limit.as_str()), expected);
        }
    }

    #[test]
    fn a_value_is_told_from_its_limit_in_few_digits() {
        assert_eq!(
            Unit::Millis.show_apart(48.950_929_499_999_994, 48.95),
            "48.951ms"
        );
        assert_eq!(Unit::Millis.show_apart(48.95, 48.95), "48.95ms");
        assert_eq!(Unit::Share.show_apart(0.020_004, 0.02), "2.0004%");
        assert_eq!(Unit::PerSecond.show_apart(3.0, 0.1), "3/s");
    }
}
