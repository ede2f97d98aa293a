//! Regressions that are known and accepted for a while.

use super::figure::Figure;
use super::row::Row;
use super::verdict::Change;
use crate::error::{Error, Result};
use crate::run::{MetricName, Stat};

/// The rows that a waiver is about: those of a name, or the one of a name and a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowPattern {
    name: MetricName,
    figure: Option<Figure>,
}

impl RowPattern {
    /// Takes a pattern apart: a row's name, or that and its statistic, such as
    /// `http_req_duration{label:x}:p(95)`.
    ///
    /// # Errors
    /// When the name follows no grammar.
    pub fn parse(text: &str) -> Result<Self> {
        let after = text.rfind('}').map_or(0, |brace| brace + 1);
        let colon = text[after..].rfind(':').map(|colon| after + colon);
        let parts = colon.and_then(|at| Some((&text[..at], text[at + 1..].parse().ok()?)));
        let (name, figure) = match parts {
            Some((name, figure)) => (name, Some(figure)),
            None => (text, None),
        };
        Ok(Self {
            // The name of a check may hold what would part tags.
            name: match MetricName::parse_strictly(name) {
                Err(_) if name.starts_with("checks{check:") => MetricName::plain(name),
                parsed => parsed?,
            },
            figure,
        })
    }

    /// The row's name.
    #[must_use]
    pub fn name(&self) -> &MetricName {
        &self.name
    }

    /// The statistic, if one was named.
    ///
    /// # Errors
    /// When it is none of k6's.
    pub fn stat(&self) -> Result<Option<Stat>> {
        let none = |figure: Figure| {
            Error::usage(
                format!("{figure} is a figure of comparisons only"),
                "name one of k6's statistics, such as p(95)",
            )
        };
        let figure = self.figure;
        figure
            .map(|it| it.stat().ok_or_else(|| none(it)))
            .transpose()
    }

    fn is_of(&self, row: &Row) -> bool {
        let is_named = self.name.text() == row.name.text();
        (is_named || self.name.selection() == row.name.selection())
            && self.figure.is_none_or(|figure| figure == row.figure)
    }
}

/// A regression that somebody accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The rows as they were named.
    pub row: String,
    /// The rows.
    pub pattern: RowPattern,
    /// The test; `None` for all of them.
    pub scenario: Option<String>,
    /// Why.
    pub reason: String,
    /// Who accepted it.
    pub by: String,
    /// The last day on which it is accepted.
    pub until: String,
    /// Whether that day is over.
    pub expired: bool,
}

/// A waiver with what it does to a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waived {
    /// The waiver.
    pub waiver: Waiver,
    /// The number of regressed rows that it is about.
    pub rows: usize,
}

/// Takes from accepted regressions that they decide.
pub(super) fn apply(waivers: &[Waiver], scenario: &str, rows: &mut [Row]) -> Vec<Waived> {
    let is_meant = |waiver: &&Waiver| waiver.scenario.as_ref().is_none_or(|it| it == scenario);
    let is_worse = |row: &Row| row.judged.verdict == Change::Regressed;
    let apply = |waiver: &Waiver| {
        let named = rows
            .iter()
            .filter(|row| is_worse(row) && waiver.pattern.is_of(row));
        let accepted: Vec<_> = named.map(requests).collect();
        if !waiver.expired {
            let same = rows.iter_mut().filter(|row| is_worse(row));
            for row in same.filter(|row| accepted.contains(&requests(row))) {
                row.gate = false;
                row.waived_until = Some(waiver.until.clone());
            }
        }
        Waived {
            waiver: waiver.clone(),
            rows: accepted.len(),
        }
    };
    waivers.iter().filter(is_meant).map(apply).collect()
}

/// What tells a row from others. One endpoint can have several names, as that of a label and that of a
/// URL, and then has the same values to the last bit.
fn requests(row: &Row) -> (String, Figure, [Option<u64>; 2]) {
    let values = [row.baseline, row.candidate].map(|value| value.map(f64::to_bits));
    (row.name.metric().to_owned(), row.figure, values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z{}:,()0-9\\PC]{0,30}") {
            let _ = RowPattern::parse(&text);
        }
    }

    #[test]
    fn a_pattern_is_a_name_or_a_name_with_a_figure() {
        let parse = |text: &str| RowPattern::parse(text).expect(text);
        let whole = parse("http_req_duration{label:a}");
        assert_eq!(whole.figure, None);
        let one = parse("http_req_duration{label:a}:p(95)");
        assert_eq!(one.figure, Some(Figure::Stat(Stat::p(95))));
        assert_eq!(one.name, whole.name);
        assert_eq!(parse("checks:rate").figure, Some(Figure::Stat(Stat::Rate)));
        assert_eq!(
            parse("http_req_duration:gmean").figure,
            Some(Figure::GeometricMean)
        );
        for bad in ["", "m{a", "m{}", "m{a:b}x"] {
            assert!(RowPattern::parse(bad).is_err(), "{bad}");
        }
    }
}
