//! The grammar of a threshold: `method op number`.

use std::fmt;

use crate::error::ExpressionError;
use crate::run::{MetricType, Stat};

const HINT: &str = "a threshold looks like p(95)<500, rate<0.02, count>=10, value<5 or avg<80";

/// How the observed value has to compare with the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==` or `===`
    Equal,
    /// `!=`
    NotEqual,
}

impl Operator {
    /// The operator at the beginning of a text, and its length.
    #[must_use]
    pub fn at_start_of(text: &str) -> Option<(Self, usize)> {
        // The longer ones first, as some begin with others.
        const SPELLED: [(&str, Operator); 7] = [
            ("===", Operator::Equal),
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        SPELLED
            .iter()
            .find(|(spelled, _)| text.starts_with(spelled))
            .map(|(s, op)| (*op, s.len()))
    }

    /// Whether `observed` and `limit` compare this way.
    #[must_use]
    pub fn holds(self, observed: f64, limit: f64) -> bool {
        match self {
            Self::Less => observed < limit,
            Self::LessOrEqual => observed <= limit,
            Self::Greater => observed > limit,
            Self::GreaterOrEqual => observed >= limit,
            Self::Equal => observed == limit,
            Self::NotEqual => observed != limit,
        }
    }

    /// Whether a smaller value is the better one, a larger one, or neither.
    #[must_use]
    pub fn smaller_is_better(self) -> Option<bool> {
        match self {
            Self::Less | Self::LessOrEqual => Some(true),
            Self::Greater | Self::GreaterOrEqual => Some(false),
            Self::Equal | Self::NotEqual => None,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        })
    }
}

/// A threshold, taken apart.
///
/// The grammar is k6's (`metrics/thresholds_parser.go`):
///
/// ```text
/// threshold → method white* op white* number
/// method    → count | rate | value | avg | min | max | med | p(N)      N from 0 to 100
/// op        → < | <= | > | >= | == | === | !=
/// ```
///
/// ```
/// use perf_report::thresholds::Threshold;
/// let threshold: Threshold = "p(95) < 500".parse()?;
/// assert_eq!(threshold.limit, 500.0);
/// assert_eq!(threshold.to_string(), "p(95)<500");
/// # Ok::<(), perf_report::error::ExpressionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// The statistic.
    pub stat: Stat,
    /// How it has to compare.
    pub operator: Operator,
    /// With what.
    pub limit: f64,
}

impl std::str::FromStr for Threshold {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let fail = |at: usize, problem: String| ExpressionError {
            what: "threshold",
            text: text.to_owned(),
            at,
            problem,
            hint: HINT,
        };
        let start = text.len() - text.trim_start().len();
        let method_end = text[start..]
            .find(|c: char| "<>=!".contains(c) || c.is_whitespace())
            .map_or(text.len(), |i| start + i);
        let method = &text[start..method_end];
        if method.is_empty() {
            return Err(fail(
                start,
                "expected a method: count, rate, value, avg, min, max, med or p(N)".into(),
            ));
        }
        let stat = method
            .parse()
            .ok()
            .filter(|stat| !matches!(stat, Stat::Passes | Stat::Fails))
            .ok_or_else(|| fail(start, unknown_method(method)))?;
        let rest = &text[method_end..];
        let operator_at = text.len() - rest.trim_start().len();
        let (operator, length) = Operator::at_start_of(&text[operator_at..]).ok_or_else(|| {
            fail(
                operator_at,
                "expected an operator: <, <=, >, >=, ==, === or !=".into(),
            )
        })?;
        let number = text[operator_at + length..].trim();
        let number_at = text.len() - text[operator_at + length..].trim_start().len();
        let limit =
            parse_number(number).ok_or_else(|| fail(number_at, "expected a number".into()))?;
        Ok(Self {
            stat,
            operator,
            limit,
        })
    }
}

fn unknown_method(method: &str) -> String {
    if method.starts_with("p(") {
        format!("{method} is no percentile; write p(N) with N from 0 to 100")
    } else {
        format!(
            "unknown method {method:?}; expected count, rate, value, avg, min, max, med or p(N)"
        )
    }
}

/// A finite decimal number; Rust would also take words such as `inf`.
fn parse_number(text: &str) -> Option<f64> {
    let digits = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let word = text
        .chars()
        .any(|c| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E'));
    text.parse()
        .ok()
        .filter(|value: &f64| digits && !word && value.is_finite())
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.stat, self.operator, self.limit)
    }
}

impl Threshold {
    /// Whether k6 allows this statistic on a metric of this type: counter count and rate, gauge
    /// value, rate rate, trend avg, min, max, med and p(N).
    #[must_use]
    pub fn fits(&self, kind: MetricType) -> bool {
        match kind {
            MetricType::Counter => matches!(self.stat, Stat::Count | Stat::Rate),
            MetricType::Gauge => self.stat == Stat::Value,
            MetricType::Rate => self.stat == Stat::Rate,
            MetricType::Trend => {
                matches!(
                    self.stat,
                    Stat::Avg | Stat::Min | Stat::Max | Stat::Med | Stat::P(_)
                )
            }
        }
    }

    /// Refuses a statistic that a metric of this type does not have.
    ///
    /// # Errors
    /// When it does not fit; `text` is the expression as written.
    pub fn check_fits(
        &self,
        text: &str,
        metric: &str,
        kind: MetricType,
    ) -> Result<(), ExpressionError> {
        if self.fits(kind) {
            return Ok(());
        }
        let has = match kind {
            MetricType::Counter => "count and rate",
            MetricType::Gauge => "value",
            MetricType::Rate => "rate",
            MetricType::Trend => "avg, min, max, med and p(N)",
        };
        Err(ExpressionError {
            what: "threshold",
            text: text.to_owned(),
            at: text.len() - text.trim_start().len(),
            problem: format!(
                "{metric} is a {kind}, which has {has}, but no {}",
                self.stat
            ),
            hint: HINT,
        })
    }

    /// Whether this asks less of the same statistic than `before` did; `None` when the two cannot
    /// be compared.
    #[must_use]
    pub fn is_looser_than(&self, before: &Threshold) -> Option<bool> {
        let smaller = self.operator.smaller_is_better()?;
        if self.stat != before.stat || before.operator.smaller_is_better()? != smaller {
            return None;
        }
        let strict = |op: Operator| matches!(op, Operator::Less | Operator::Greater);
        if self.limit == before.limit {
            return Some(strict(before.operator) && !strict(self.operator));
        }
        Some((self.limit > before.limit) == smaller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Threshold {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_method_and_operator() {
        assert_eq!(
            parse("p(99.9)<2000"),
            Threshold {
                stat: "p(99.9)".parse().unwrap(),
                operator: Operator::Less,
                limit: 2000.0
            }
        );
        assert_eq!(parse("  rate \t<=\t0.02 ").operator, Operator::LessOrEqual);
        assert_eq!(parse("count>10").stat, Stat::Count);
        assert_eq!(parse("value===5"), parse("value == 5"));
        assert_eq!(parse("avg!=-1.5e3").limit, -1500.0);
        for method in [
            "count", "rate", "value", "avg", "min", "max", "med", "p(0)", "p(100)",
        ] {
            parse(&format!("{method}>=0"));
        }
    }

    #[test]
    fn errors_point_at_the_place() {
        for (text, at) in [
            ("", 0),
            ("p(95)<fast", 6),
            ("p(95)<", 6),
            ("p(101)<5", 0),
            ("p95<5", 0),
            ("passes<5", 0),
            ("p(95)=<5", 5),
            ("p(95) 5", 6),
            ("p(95)<<5", 6),
            ("rate<inf", 5),
            ("rate<1e400", 5),
            ("rate<0x10", 5),
            ("<5", 0),
        ] {
            let error = text.parse::<Threshold>().expect_err(text);
            assert_eq!(error.at, at, "{text}: {error}");
        }
        let error = "p(95)<fast".parse::<Threshold>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "bad threshold: expected a number\n  p(95)<fast\n        ^"
        );
    }

    #[test]
    fn looser() {
        let looser = |now: &str, before: &str| parse(now).is_looser_than(&parse(before));
        assert_eq!(looser("p(95)<800", "p(95)<500"), Some(true));
        assert_eq!(looser("p(95)<300", "p(95)<500"), Some(false));
        assert_eq!(looser("p(95)<=500", "p(95)<500"), Some(true));
        assert_eq!(looser("rate>0.8", "rate>0.9"), Some(true));
        assert_eq!(looser("rate<0.8", "rate>0.9"), None);
        assert_eq!(looser("p(90)<800", "p(95)<500"), None);
    }

    proptest! {
        #[test]
        fn printed_and_parsed_again_it_is_the_same(
            stat in prop_oneof![
                Just("count".to_owned()), Just("rate".to_owned()), Just("value".to_owned()),
                Just("avg".to_owned()), Just("med".to_owned()),
                (0.0..=100.0f64).prop_map(|n| format!("p({n})")),
            ],
            op in prop::sample::select(vec!["<", "<=", ">", ">=", "==", "===", "!="]),
            limit in prop::num::f64::NORMAL,
            spaces in "[ \t]{0,3}",
        ) {
            let threshold = parse(&format!("{spaces}{stat}{spaces}{op}{spaces}{limit}{spaces}"));
            prop_assert_eq!(threshold.limit.to_bits(), limit.to_bits());
            prop_assert_eq!(parse(&threshold.to_string()), threshold);
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Threshold>().map_err(|error| error.to_string());
        }
    }
}
