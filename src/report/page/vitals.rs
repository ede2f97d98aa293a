//! Web vitals of k6's browser module, with the limits that web.dev gives them.

use serde::Serialize;

use super::{Mark, Tone};
use crate::run::{MetricName, Run, Stat};
use crate::units;

/// A web vital: k6's metric, its name, and up to where it is good and from where poor
/// (<https://web.dev/articles/vitals>, judged at the 75th percentile).
struct Vital {
    metric: &'static str,
    name: &'static str,
    good: f64,
    poor: f64,
    is_time: bool,
}

const VITALS: [Vital; 6] = [
    Vital::new(
        "browser_web_vital_lcp",
        "Largest Contentful Paint",
        2500.0,
        4000.0,
    ),
    Vital::new(
        "browser_web_vital_inp",
        "Interaction to Next Paint",
        200.0,
        500.0,
    ),
    Vital {
        is_time: false,
        ..Vital::new(
            "browser_web_vital_cls",
            "Cumulative Layout Shift",
            0.1,
            0.25,
        )
    },
    Vital::new(
        "browser_web_vital_fcp",
        "First Contentful Paint",
        1800.0,
        3000.0,
    ),
    Vital::new(
        "browser_web_vital_ttfb",
        "Time to First Byte",
        800.0,
        1800.0,
    ),
    Vital::new("browser_web_vital_fid", "First Input Delay", 100.0, 300.0),
];

impl Vital {
    const fn new(metric: &'static str, name: &'static str, good: f64, poor: f64) -> Self {
        Self {
            metric,
            name,
            good,
            poor,
            is_time: true,
        }
    }

    fn show(&self, value: f64) -> String {
        if self.is_time {
            units::duration(value)
        } else {
            units::number(value, 3)
        }
    }
}

/// A web vital of a run.
#[derive(Debug, Serialize)]
pub struct VitalRow {
    /// Its name.
    pub name: &'static str,
    /// How many pages it was measured on.
    pub samples: String,
    /// The statistic by which it is judged: p(75) where it is known, else the next above.
    pub stat: String,
    /// Its value.
    pub value: String,
    /// Up to where it is good.
    pub good: String,
    /// From where it is poor.
    pub poor: String,
    /// What follows.
    pub mark: Mark,
    /// The shares of pages that are good, between, and poor, as parts of a bar of 100; empty where
    /// single pages are not known.
    pub bar: Vec<String>,
}

/// The web vitals that a run has.
pub(super) fn vitals(run: &Run) -> Vec<VitalRow> {
    VITALS.iter().filter_map(|vital| row(run, vital)).collect()
}

fn row(run: &Run, vital: &Vital) -> Option<VitalRow> {
    let measure = run.measure(&MetricName::plain(vital.metric))?;
    if measure.is_empty() || measure.is_all_zero() && !measure.is_of_samples() {
        return None;
    }
    let stats = [75, 80, 90, 95].map(Stat::p).into_iter();
    let stats = stats.chain([Stat::Max, Stat::Avg]);
    let known = stats.filter_map(|stat| Some((stat, measure.get(stat)?)));
    let (stat, value) = known.take(1).next()?;
    let mark = if value <= vital.good {
        Mark::new(Tone::Good, "✓", "good")
    } else if value <= vital.poor {
        Mark::new(Tone::Unsure, "!", "needs improvement")
    } else {
        Mark::new(Tone::Bad, "✕", "poor")
    };
    let bar = measure.ranked().map(|values| {
        let up_to = |limit: f64| values.up_to(limit) as f64;
        let all = values.len() as f64;
        let (good, poor) = (up_to(vital.good), all - up_to(vital.poor));
        let share = |part: f64| format!("{:.1}", part / all * 100.0);
        vec![share(good), share(all - good - poor), share(poor)]
    });
    Some(VitalRow {
        name: vital.name,
        samples: measure
            .samples()
            .map_or_else(super::dash, |n| units::number(n as f64, 0)),
        stat: stat.to_string(),
        value: vital.show(value),
        good: vital.show(vital.good),
        poor: vital.show(vital.poor),
        mark,
        bar: bar.unwrap_or_default(),
    })
}
