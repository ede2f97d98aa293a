//! Below which change a difference is of no interest.

use std::collections::BTreeMap;

use super::figure::Figure;
use super::noise::{SHARE_FLOOR, floor};
use crate::error::ExpressionError;
use crate::run::{MetricName, MetricType, Stat};
use crate::thresholds::split_argument;

const HINT: &str = "a floor is named by a figure, such as \"p(95)\", gmean or common, or by a metric and a \
                    figure, such as \"http_req_duration{label:x}:p(95)\" or \"http_req_failed:rate\"";

/// The changes that are of no interest: fractions, and for rates differences of shares. What is not
/// stated has the usual floor.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Floors {
    of_figures: BTreeMap<Figure, f64>,
    of_metrics: BTreeMap<(String, Figure), f64>,
}

impl Floors {
    /// The usual floors, by figure: of what is not listed, as of a percentile, that of its neighbours.
    pub const DEFAULTS: [(&str, f64); 9] = [
        ("gmean", 0.03),
        ("med", 0.03),
        ("avg", 0.03),
        ("p(90)", 0.05),
        ("p(95)", 0.05),
        ("p(99)", 0.1),
        ("common", 0.03),
        ("common p(95)", 0.05),
        ("http_req_failed:rate", SHARE_FLOOR),
    ];

    /// States the floor of a figure of all durations, `p(95)`, or of one metric and its parts,
    /// `http_req_duration:p(95)`.
    ///
    /// # Errors
    /// When this names no figure.
    pub fn state(&mut self, key: &str, floor: f64) -> Result<(), ExpressionError> {
        let fail = |at: usize, problem: &str| ExpressionError {
            what: "floor",
            text: key.to_owned(),
            at,
            problem: problem.to_owned(),
            hint: HINT,
        };
        if !key.contains(':') {
            let figure: Figure = key.parse().map_err(|_| fail(0, "expected a figure"))?;
            let is_of_trends = figure.stat().is_none_or(|s| s.fits(MetricType::Trend));
            if !is_of_trends {
                return Err(fail(0, "this figure needs its metric before it"));
            }
            self.of_figures.insert(figure, floor);
            return Ok(());
        }
        let (name, figure) = split_argument(key, "floor")?;
        let at = key.len() - figure.len();
        let figure = figure.trim().parse();
        let figure: Figure = figure.map_err(|_| fail(at, "expected a figure"))?;
        let name = MetricName::parse_strictly(name.trim())?;
        self.of_metrics.insert((name.selection(), figure), floor);
        Ok(())
    }

    /// The floor of a figure of a metric or its part: its own, else its metric's, else the figure's.
    pub(super) fn of(&self, name: &MetricName, figure: Figure) -> f64 {
        let stated = self.of_metric(name, figure);
        let stated = stated.or_else(|| self.of_figures.get(&figure).copied());
        stated.unwrap_or_else(|| floor(figure))
    }

    /// The floor of a rate, which is a difference of shares.
    pub(super) fn of_share(&self, name: &MetricName) -> f64 {
        self.of_metric(name, Stat::Rate.into())
            .unwrap_or(SHARE_FLOOR)
    }

    fn of_metric(&self, name: &MetricName, figure: Figure) -> Option<f64> {
        let stated = |selection: String| self.of_metrics.get(&(selection, figure)).copied();
        stated(name.selection())
            .or_else(|| stated(MetricName::plain(name.metric().to_owned()).selection()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_floor_stands() {
        let mut floors = Floors::default();
        floors.state("p(95)", 0.08).unwrap();
        floors.state("http_req_duration:med", 0.2).unwrap();
        floors.state("http_req_duration{label:a}:med", 0.3).unwrap();
        floors.state("http_req_failed:rate", 0.01).unwrap();
        floors.state("common p(95)", 0.4).unwrap();
        let of = |name: &str, figure: Figure| floors.of(&MetricName::parse(name).unwrap(), figure);
        assert_eq!(of("x", Stat::p(95).into()), 0.08);
        assert_eq!(of("x", Stat::Med.into()), 0.03);
        assert_eq!(of("http_req_duration{label:b}", Stat::Med.into()), 0.2);
        assert_eq!(of("http_req_duration{label:a}", Stat::Med.into()), 0.3);
        assert_eq!(of("http_req_duration", Figure::CommonTail), 0.4);
        let share = |name: &str| floors.of_share(&MetricName::parse(name).unwrap());
        assert_eq!(share("http_req_failed{label:a}"), 0.01);
        assert_eq!(share("checks"), SHARE_FLOOR);
    }

    #[test]
    fn the_usual_floors_are_those_that_hold() {
        for (key, floor) in Floors::DEFAULTS {
            let mut stated = Floors::default();
            stated.state(key, floor).unwrap();
            let usual = if let Some((metric, _)) = key.split_once(':') {
                Floors::default().of_share(&MetricName::plain(metric))
            } else {
                let name = MetricName::plain("http_req_duration");
                Floors::default().of(&name, key.parse().unwrap())
            };
            assert_eq!(usual, floor, "{key}");
        }
    }

    #[test]
    fn what_names_no_figure_is_refused() {
        for key in ["p95", "rate", "http_reqs:often", "m{a}:p(95)", ""] {
            assert!(Floors::default().state(key, 0.1).is_err(), "{key}");
        }
    }
}
