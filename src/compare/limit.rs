//! A limit that the user states: `http_req_duration:p(95)<=baseline*1.1+5`.

use crate::error::ExpressionError;
use crate::run::{MetricName, MetricType, Stat, builtin};
use crate::thresholds::{Operator, split_argument};

const HINT: &str = "a limit looks like 'http_req_duration:p(95)<=baseline*1.1+5' or \
                    'http_req_failed:rate<=max(baseline*1.3,0.01)'";

/// How deep parentheses, functions and signs may nest.
const DEEPEST: usize = 100;

/// A limit on the candidate's value, relative to the baseline's.
///
/// ```text
/// limit      → metric ":" statistic op expression
/// op         → < | <= | > | >= | == | === | !=
/// expression → term (("+" | "-") term)*
/// term       → factor (("*" | "/") factor)*
/// factor     → "-" factor | number | "baseline" | "(" expression ")"
///            | ("max" | "min") "(" expression ("," expression)+ ")"
/// ```
///
/// ```
/// use perf_report::compare::Limit;
/// let limit = Limit::parse("http_req_duration{label:x}:p(95)<=max(baseline*1.3, baseline+50)")?;
/// assert_eq!(limit.name.text(), "http_req_duration{label:x}");
/// assert_eq!(limit.allowed(Some(100.0)), Some(150.0));
/// # Ok::<(), perf_report::error::ExpressionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// The metric or submetric.
    pub name: MetricName,
    /// What stands after the metric, as written.
    pub expression: String,
    /// The statistic.
    pub stat: Stat,
    /// How the candidate's value has to compare.
    pub operator: Operator,
    /// The right-hand side in postfix order, which is evaluated without recursion.
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Number(f64),
    Baseline,
    Negate,
    Join(Join),
}

/// What makes one number of two.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Join {
    Add,
    Subtract,
    Multiply,
    Divide,
    Larger,
    Smaller,
}

impl Limit {
    /// Takes a limit apart.
    ///
    /// # Errors
    /// When it does not follow the grammar, or the metric has no such statistic.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let fail = |at: usize, problem: String| ExpressionError {
            what: "limit",
            text: text.to_owned(),
            at,
            problem,
            hint: HINT,
        };
        let (name, rest) = split_argument(text, "limit").map_err(|e| fail(e.at, e.problem))?;
        let name = MetricName::parse(name.trim()).map_err(|e| fail(e.at, e.problem))?;

        let stat_at = text.len() - rest.trim_start().len();
        let stat_end = text[stat_at..]
            .find(|c: char| "<>=!".contains(c) || c.is_whitespace())
            .map_or(text.len(), |i| stat_at + i);
        let stat: Stat = text[stat_at..stat_end].parse().map_err(|_| {
            let problem = "expected a statistic: count, rate, value, passes, fails, avg, min, max, \
                           med or p(N) with N from 0 to 100";
            fail(stat_at, problem.to_owned())
        })?;
        if let Some((kind, _)) = builtin(name.metric()).filter(|(kind, _)| !stat.fits(*kind)) {
            return Err(fail(stat_at, no_such_stat(name.metric(), kind, stat)));
        }

        let operator_at = text.len() - text[stat_end..].trim_start().len();
        let (operator, length) = Operator::at_start_of(&text[operator_at..]).ok_or_else(|| {
            let problem = "expected an operator: <, <=, >, >=, ==, === or !=";
            fail(operator_at, problem.to_owned())
        })?;
        let mut parser = Parser {
            text,
            at: operator_at + length,
            depth: 0,
            steps: Vec::new(),
        };
        let parsed = parser.expression().and_then(|()| parser.end());
        parsed.map_err(|problem| fail(parser.at, problem))?;
        Ok(Self {
            name,
            expression: rest.trim().to_owned(),
            stat,
            operator,
            steps: parser.steps,
        })
    }

    /// Refuses a statistic that a metric of this type does not have.
    ///
    /// # Errors
    /// When it does not fit.
    pub(super) fn check_fits(&self, kind: MetricType) -> Result<(), ExpressionError> {
        if self.stat.fits(kind) {
            return Ok(());
        }
        Err(ExpressionError {
            what: "limit",
            text: format!("{}:{}", self.name, self.expression),
            at: self.name.text().len() + 1,
            problem: no_such_stat(self.name.metric(), kind, self.stat),
            hint: HINT,
        })
    }

    /// Whether the right-hand side speaks of the baseline.
    #[must_use]
    pub fn needs_baseline(&self) -> bool {
        self.steps.contains(&Step::Baseline)
    }

    /// The right-hand side's value; `None` if it needs a baseline that is not there, or is not
    /// finite, as after a division by zero.
    #[must_use]
    pub fn allowed(&self, baseline: Option<f64>) -> Option<f64> {
        let mut stack: Vec<f64> = Vec::new();
        for step in &self.steps {
            let value = match *step {
                Step::Number(number) => number,
                Step::Baseline => baseline?,
                Step::Negate => -stack.pop()?,
                Step::Join(join) => {
                    let right = stack.pop()?;
                    join.of(stack.pop()?, right)
                }
            };
            if !value.is_finite() {
                return None;
            }
            stack.push(value);
        }
        stack.pop()
    }
}

impl Join {
    fn of(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Larger => left.max(right),
            Self::Smaller => left.min(right),
        }
    }
}

fn no_such_stat(metric: &str, kind: MetricType, stat: Stat) -> String {
    format!("{metric} is a {kind}, which has no {stat}")
}

/// A recursive descent that writes postfix steps. Its errors are about the place `at`.
struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    steps: Vec<Step>,
}

impl Parser<'_> {
    fn expression(&mut self) -> Result<(), String> {
        self.term()?;
        loop {
            let join = match self.peek() {
                Some('+') => Join::Add,
                Some('-') => Join::Subtract,
                _ => return Ok(()),
            };
            self.at += 1;
            self.term()?;
            self.steps.push(Step::Join(join));
        }
    }

    fn term(&mut self) -> Result<(), String> {
        self.factor()?;
        loop {
            let join = match self.peek() {
                Some('*') => Join::Multiply,
                Some('/') => Join::Divide,
                _ => return Ok(()),
            };
            self.at += 1;
            self.factor()?;
            self.steps.push(Step::Join(join));
        }
    }

    fn factor(&mut self) -> Result<(), String> {
        if self.depth == DEEPEST {
            return Err(format!("this nests deeper than {DEEPEST} levels"));
        }
        self.depth += 1;
        match self.peek() {
            Some('-') => {
                self.at += 1;
                self.factor()?;
                self.steps.push(Step::Negate);
            }
            Some('(') => {
                self.at += 1;
                self.expression()?;
                self.expect(')', "expected ) or an operator")?;
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number()?,
            Some(c) if c.is_ascii_alphabetic() => self.word()?,
            _ => return Err("expected a number, baseline, max(…), min(…) or (".to_owned()),
        }
        self.depth -= 1;
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        let rest = &self.text[self.at..];
        let digits = |text: &str, also: &str| {
            text.find(|c: char| !c.is_ascii_digit() && !also.contains(c))
                .unwrap_or(text.len())
        };
        let mut length = digits(rest, ".");
        if let Some(exponent) = rest[length..].strip_prefix(['e', 'E']) {
            let sign = usize::from(exponent.starts_with(['+', '-']));
            length += 1 + sign + digits(&exponent[sign..], "");
        }
        let number: Option<f64> = rest[..length].parse().ok();
        let number = number.filter(|number| number.is_finite());
        self.steps
            .push(Step::Number(number.ok_or("expected a number")?));
        self.at += length;
        Ok(())
    }

    fn word(&mut self) -> Result<(), String> {
        let rest = &self.text[self.at..];
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let join = match &rest[..length] {
            "baseline" => {
                self.at += length;
                self.steps.push(Step::Baseline);
                return Ok(());
            }
            "max" => Join::Larger,
            "min" => Join::Smaller,
            _ => return Err("unknown word; expected baseline, max or min".to_owned()),
        };
        self.at += length;
        self.expect('(', "expected (")?;
        self.expression()?;
        self.expect(',', "expected a comma or an operator")?;
        loop {
            self.expression()?;
            self.steps.push(Step::Join(join));
            if self.peek() != Some(',') {
                return self.expect(')', "expected ) or an operator");
            }
            self.at += 1;
        }
    }

    /// The next character, after white space.
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at = self.text.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn expect(&mut self, wanted: char, problem: &str) -> Result<(), String> {
        if self.peek() != Some(wanted) {
            return Err(problem.to_owned());
        }
        self.at += wanted.len_utf8();
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err("expected an operator or the end".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn allowed(expression: &str, baseline: f64) -> Option<f64> {
        let text = format!("http_req_duration:p(95)<={expression}");
        let limit = Limit::parse(&text).unwrap_or_else(|error| panic!("{error}"));
        limit.allowed(Some(baseline))
    }

    #[test]
    fn arithmetic() {
        for (expression, expected) in [
            ("baseline*1.1+5", 115.0),
            (" 5 + 1.1 * baseline ", 115.0),
            ("(baseline+5)*2", 210.0),
            ("max(baseline*1.3, baseline+50)", 150.0),
            ("min(baseline*1.3, baseline+50)", 130.0),
            ("max(1,2,baseline/50,1.5)", 2.0),
            ("-baseline--1", -99.0),
            ("10-4-3", 3.0),
            ("64/4/2", 8.0),
            ("2+3*4-1", 13.0),
            ("1.5e2", 150.0),
            ("1E-2", 0.01),
            (".5", 0.5),
            ("((((baseline))))", 100.0),
        ] {
            let got = allowed(expression, 100.0).unwrap_or(f64::NAN);
            assert!((got - expected).abs() < 1e-9, "{expression}: {got}");
        }
    }

    #[test]
    fn what_is_not_finite_is_not_known() {
        assert_eq!(allowed("1/(baseline-100)", 100.0), None);
        assert_eq!(allowed("1e308*10", 1.0), None);
        assert_eq!(allowed("0/0+1", 1.0), None);
        let limit = Limit::parse("checks:rate>=baseline").expect("parses");
        assert!(limit.needs_baseline());
        assert_eq!(limit.allowed(None), None);
        let limit = Limit::parse("checks:fails<10").expect("parses");
        assert_eq!(limit.allowed(None), Some(10.0));
    }

    #[test]
    fn errors_point_at_the_place() {
        for (text, at) in [
            ("", 0),
            ("http_reqs", 9),
            ("http_req_duration:p(95)", 23),
            ("http_req_duration:p95<5", 18),
            ("http_req_duration:rate<5", 18),
            ("http_req_duration:p(95)<", 24),
            ("http_req_duration:p(95)<baseline*", 33),
            ("http_req_duration:p(95)<base*2", 24),
            ("http_req_duration:p(95)<(baseline", 33),
            ("http_req_duration:p(95)<max(baseline)", 36),
            ("http_req_duration:p(95)<max baseline", 28),
            ("http_req_duration:p(95)<baseline 5", 33),
            ("http_req_duration:p(95)<5ms", 25),
            ("http_req_duration:p(95)<1.2.3", 24),
            ("http_req_duration:p(95)<1e", 24),
            ("http_req_duration:p(95)<5)", 25),
            ("m{a:b:p(95)<5", 13),
        ] {
            assert_eq!(Limit::parse(text).expect_err(text).at, at, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_and_length_is_not() {
        for open in ["(", "-", "max(", "-("] {
            let text = format!("http_reqs:rate<{}1", open.repeat(1_000_000));
            let error = Limit::parse(&text).expect_err("too deep");
            assert!(error.problem.contains("nests deeper"), "{open}: {error}");
        }
        let sum = format!("http_reqs:rate<0{}", "+1".repeat(100_000));
        let limit = Limit::parse(&sum).expect("parses");
        assert_eq!(limit.allowed(None), Some(100_000.0));
    }

    proptest! {
        #[test]
        fn nothing_panics(
            text in "\\PC{0,40}",
            expression in "(max|min|baseline|[-+*/(),.0-9eé ]){0,30}",
        ) {
            let _ = Limit::parse(&text).map_err(|error| error.to_string());
            let parsed = Limit::parse(&format!("vus:value<{expression}"));
            if let Ok(limit) = parsed.map_err(|error| error.to_string()) {
                prop_assert!(limit.allowed(Some(0.0)).is_none_or(f64::is_finite));
            }
        }

        #[test]
        fn a_linear_limit_is_what_it_says(
            baseline in -1e6..1e6f64, factor in 0.0..10.0f64, plus in 0.0..1e3f64,
        ) {
            let got = allowed(&format!("baseline*{factor}+{plus}"), baseline);
            prop_assert_eq!(got, Some(baseline * factor + plus));
        }
    }
}
