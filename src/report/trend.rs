//! How statistics moved over the archived releases.

use serde::Serialize;

use super::unit::Unit;
use crate::archive::{ArchivedRun, Name, Release, place};
use crate::run::{Contains, MetricName, MetricType, Stat};
use crate::stats::student;

/// The version of `trend --format json`.
pub const TREND_SCHEMA: &str = "perf-report.trend/1";

/// A run of unchanged code lies in the noise band with this probability.
const INSIDE: f64 = 0.95;
/// Fewer degrees of freedom than this tell too little of noise.
const FEWEST_DEGREES: usize = 2;

/// How statistics moved.
#[derive(Debug, Serialize)]
pub struct TrendReport {
    /// The version of this document.
    pub schema: &'static str,
    /// The releases, the oldest first.
    pub releases: Vec<String>,
    /// The release that others are held against: the baseline, or the oldest.
    pub reference: String,
    /// What was followed, by scenario.
    pub trends: Vec<Trend>,
}

/// A statistic of a scenario over the releases.
#[derive(Debug, Serialize)]
pub struct Trend {
    /// The test.
    pub scenario: String,
    /// The metric or submetric.
    pub name: String,
    /// The statistic.
    pub stat: String,
    /// The unit of its values.
    pub unit: &'static str,
    /// Where runs lie of which the code is that of the reference.
    pub band: Option<Band>,
    /// The runs, in the order of the releases.
    pub points: Vec<TrendPoint>,
    /// The releases that have runs.
    pub releases: Vec<TrendRelease>,
    /// How its values read.
    #[serde(skip)]
    pub shown: Unit,
}

/// Where runs lie that are unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Band {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// How many degrees of freedom the estimate of the noise has: runs less releases.
    pub degrees: usize,
}

/// A run.
#[derive(Debug, Serialize)]
pub struct TrendPoint {
    /// Its release.
    pub release: String,
    /// How it is named as a RUN.
    pub reference: String,
    /// When it was.
    pub started_at: Option<String>,
    /// The value.
    pub value: f64,
    /// `valid`, `suspect` or `invalid`; invalid ones count for nothing.
    pub validity: String,
    /// `passed` or `failed` by its thresholds.
    pub thresholds: String,
}

/// A release.
#[derive(Debug, Serialize)]
pub struct TrendRelease {
    /// Its name.
    pub release: String,
    /// The number of runs that count.
    pub runs: usize,
    /// Their mean: of positive values the geometric one.
    pub value: f64,
    /// The smallest and the largest of them.
    pub range: [f64; 2],
    /// The change since the reference: a fraction, or of shares a difference.
    pub change: Option<f64>,
    /// Whether that is more than the noise of unchanged runs.
    pub verdict: Movement,
    /// The number of runs of which thresholds failed.
    pub failed: usize,
}

/// How a release stands to the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Movement {
    /// It is the reference.
    Reference,
    /// Within noise.
    Within,
    /// Above what noise does.
    Above,
    /// Below what noise does.
    Below,
    /// Nothing tells of noise.
    Unknown,
}

impl Movement {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Within => "within noise",
            Self::Above => "above noise",
            Self::Below => "below noise",
            Self::Unknown => "noise unknown",
        }
    }
}

/// A value with what it is.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// The value.
    pub value: f64,
    /// The metric's type.
    pub kind: MetricType,
    /// What its values are.
    pub contains: Option<Contains>,
}

/// What is followed: a metric or submetric, and a statistic of it.
pub type Followed = (MetricName, Stat);

impl TrendReport {
    /// Follows statistics over these releases, the oldest first. `measure` gives a run's value, where
    /// it has one.
    ///
    /// # Errors
    /// What `measure` gives.
    pub fn new<E>(
        releases: &[Release],
        reference: &Name,
        scenarios: &[(Name, Vec<Followed>)],
        mut measure: impl FnMut(&ArchivedRun, &Followed) -> Result<Option<Measured>, E>,
    ) -> Result<Self, E> {
        let mut trends = Vec::new();
        for (scenario, followed) in scenarios {
            for one in followed {
                let mut points = Vec::new();
                let mut of = None;
                for release in releases {
                    for run in release.used() {
                        if run.manifest.scenario != *scenario {
                            continue;
                        }
                        if let Some(measured) = measure(run, one)? {
                            of.get_or_insert((measured.kind, measured.contains));
                            points.push(point(release, run, measured.value));
                        }
                    }
                }
                if let Some((kind, contains)) = of {
                    let shown = Unit::of(kind, contains, one.1);
                    trends.push(Trend::new(scenario, one, shown, points, reference));
                }
            }
        }
        Ok(Self {
            schema: TREND_SCHEMA,
            releases: releases.iter().map(|it| it.name.to_string()).collect(),
            reference: reference.to_string(),
            trends,
        })
    }
}

fn point(release: &Release, run: &ArchivedRun, value: f64) -> TrendPoint {
    let facts = &run.manifest.facts;
    TrendPoint {
        release: release.name.to_string(),
        reference: place(run),
        started_at: facts.started_at.clone(),
        value,
        validity: facts.validity.verdict.clone(),
        thresholds: facts.verdict.clone(),
    }
}

impl Trend {
    fn new(
        scenario: &Name,
        (name, stat): &Followed,
        shown: Unit,
        points: Vec<TrendPoint>,
        reference: &Name,
    ) -> Self {
        let counting = |point: &&TrendPoint| point.validity != "invalid";
        let all: Vec<&TrendPoint> = points.iter().filter(counting).collect();
        let groups: Vec<(&str, Vec<f64>, usize)> = all
            .chunk_by(|a, b| a.release == b.release)
            .filter_map(|runs| {
                let values = runs.iter().map(|point| point.value).collect();
                let failed = runs.iter().filter(|point| point.thresholds == "failed");
                Some((runs.first()?.release.as_str(), values, failed.count()))
            })
            .collect();
        // Times and rates per second vary by factors, shares by differences.
        let by_factor = shown != Unit::Share && all.iter().all(|point| point.value > 0.0);
        let scale = Scale { by_factor };
        let noise = Noise::of(groups.iter().map(|(_, values, _)| values.as_slice()), scale);
        let centre = groups
            .iter()
            .find(|(release, ..)| *release == reference.as_str());
        let centre = centre.map(|(_, values, _)| (scale.mean(values), values.len()));
        let releases = groups.iter().map(|(release, values, failed)| {
            let value = scale.mean(values);
            let range = values
                .iter()
                .fold([f64::INFINITY, f64::NEG_INFINITY], |range, value| {
                    [range[0].min(*value), range[1].max(*value)]
                });
            let change = centre.map(|(centre, _)| scale.change(centre, value));
            TrendRelease {
                release: (*release).to_owned(),
                runs: values.len(),
                value,
                range,
                change: change.filter(|change| change.is_finite()),
                verdict: movement(
                    *release == reference.as_str(),
                    (value, values.len()),
                    centre,
                    noise,
                    scale,
                ),
                failed: *failed,
            }
        });
        let band = centre.zip(noise).map(|((centre, runs), noise)| {
            let width = noise.width(1.0 + 1.0 / runs as f64);
            let [low, high] = [-width, width].map(|by| scale.moved(centre, by));
            let low = if shown == Unit::Share {
                low.max(0.0)
            } else {
                low
            };
            Band {
                low,
                high,
                degrees: noise.degrees,
            }
        });
        Self {
            scenario: scenario.to_string(),
            name: name.text().to_owned(),
            stat: stat.to_string(),
            unit: shown.name(),
            band,
            releases: releases.collect(),
            points,
            shown,
        }
    }

    /// The metric and the statistic.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.stat)
    }

    /// A change of it as it reads.
    #[must_use]
    pub fn change_text(&self, change: f64) -> String {
        if self.shown == Unit::Share {
            let points = crate::units::number((change * 1e4).round() / 1e2, 2);
            let sign = if change > 0.0 { "+" } else { "" };
            format!("{sign}{points} points")
        } else {
            crate::units::signed_percent(change)
        }
    }

    /// What the noise band says, as a sentence.
    #[must_use]
    pub fn band_text(&self, reference: &str) -> String {
        match self.band {
            Some(band) => format!(
                "Of unchanged runs of {reference}, {:.0}% lie between {} and {}.",
                INSIDE * 100.0,
                self.shown.show(band.low),
                self.shown.show(band.high),
            ),
            None => {
                "How much unchanged runs differ is not known: archive several runs of a release."
                    .to_owned()
            }
        }
    }
}

/// How a release stands to the reference: both are means, of so many runs.
fn movement(
    is_reference: bool,
    (value, runs): (f64, usize),
    centre: Option<(f64, usize)>,
    noise: Option<Noise>,
    scale: Scale,
) -> Movement {
    if is_reference {
        return Movement::Reference;
    }
    let Some(((centre, of), noise)) = centre.zip(noise) else {
        return Movement::Unknown;
    };
    let width = noise.width(1.0 / runs as f64 + 1.0 / of as f64);
    if value > scale.moved(centre, width) {
        Movement::Above
    } else if value < scale.moved(centre, -width) {
        Movement::Below
    } else {
        Movement::Within
    }
}

/// Whether values are compared by factors or by differences.
#[derive(Debug, Clone, Copy)]
struct Scale {
    by_factor: bool,
}

impl Scale {
    fn place(self, value: f64) -> f64 {
        if self.by_factor { value.ln() } else { value }
    }

    fn mean(self, values: &[f64]) -> f64 {
        if let [value] = values {
            return *value;
        }
        let mean = values.iter().map(|value| self.place(*value)).sum::<f64>() / values.len() as f64;
        if self.by_factor { mean.exp() } else { mean }
    }

    fn moved(self, value: f64, by: f64) -> f64 {
        if self.by_factor {
            value * by.exp()
        } else {
            value + by
        }
    }

    fn change(self, from: f64, to: f64) -> f64 {
        if self.by_factor {
            to / from - 1.0
        } else {
            to - from
        }
    }
}

/// How much runs of one release differ.
#[derive(Debug, Clone, Copy)]
struct Noise {
    deviation: f64,
    degrees: usize,
}

impl Noise {
    /// The deviation within releases, pooled over them; `None` where too few runs tell of it.
    fn of<'a>(releases: impl Iterator<Item = &'a [f64]>, scale: Scale) -> Option<Self> {
        let (mut squares, mut degrees) = (0.0, 0);
        for values in releases {
            let mean = scale.place(scale.mean(values));
            squares += values
                .iter()
                .map(|v| (scale.place(*v) - mean).powi(2))
                .sum::<f64>();
            degrees += values.len().saturating_sub(1);
        }
        let deviation = (squares / degrees as f64).sqrt();
        (degrees >= FEWEST_DEGREES && deviation.is_finite()).then_some(Self { deviation, degrees })
    }

    /// Half the width of where a difference lies whose variance is so many times that of a run: Student's
    /// t, since the deviation is an estimate itself.
    fn width(self, variance: f64) -> f64 {
        let t = student::upper_quantile((1.0 - INSIDE) / 2.0, self.degrees as f64);
        t * self.deviation * variance.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::Movement::{Above, Below, Reference, Within};
    use super::*;

    fn point(release: &str, value: f64) -> TrendPoint {
        TrendPoint {
            release: release.to_owned(),
            reference: String::new(),
            started_at: None,
            value,
            validity: "valid".to_owned(),
            thresholds: "passed".to_owned(),
        }
    }

    fn trend(points: Vec<TrendPoint>, shown: Unit) -> Trend {
        let name = |text: &str| Name::parse("release", text).expect(text);
        let followed = (MetricName::plain("m"), Stat::p(95));
        Trend::new(&name("s"), &followed, shown, points, &name("a"))
    }

    #[test]
    fn the_band_is_that_of_the_textbook() {
        // ln 90, ln 100, ln 110: the prediction interval of a fourth run, t(0.975, 2) = 4.302653.
        let points = [90.0, 100.0, 110.0].map(|value| point("a", value));
        let band = trend(points.into(), Unit::Millis).band.expect("a band");
        let logs = [90.0_f64, 100.0, 110.0].map(f64::ln);
        let mean = logs.iter().sum::<f64>() / 3.0;
        let deviation = (logs.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / 2.0).sqrt();
        let width = 4.302_652_73 * deviation * (4.0_f64 / 3.0).sqrt();
        assert!((band.low - (mean - width).exp()).abs() < 1e-6);
        assert!((band.high - (mean + width).exp()).abs() < 1e-5);
        assert_eq!(band.degrees, 2);
    }

    #[test]
    fn releases_are_held_against_the_reference() {
        let mut points: Vec<TrendPoint> = [99.0, 100.0, 101.0, 100.0]
            .map(|value| point("a", value))
            .into();
        points.extend([100.0, 100.5].map(|value| point("b", value)));
        points.extend([130.0, 131.0].map(|value| point("c", value)));
        points.push(point("d", 70.0));
        let mut broken = point("d", 1e9);
        broken.validity = "invalid".to_owned();
        points.push(broken);
        let trend = trend(points, Unit::Millis);
        let verdicts: Vec<Movement> = trend.releases.iter().map(|r| r.verdict).collect();
        assert_eq!(verdicts, [Reference, Within, Above, Below]);
        assert_eq!(trend.releases[3].runs, 1, "invalid runs count for nothing");
        assert_eq!(trend.points.len(), 10);
    }

    #[test]
    fn one_run_a_release_tells_nothing_of_noise() {
        let points = vec![point("a", 1.0), point("b", 2.0)];
        let lone = trend(points, Unit::Millis);
        assert_eq!(lone.band, None);
        assert_eq!(lone.releases[1].verdict, Movement::Unknown);
        assert_eq!(lone.releases[1].change, Some(1.0));
    }

    #[test]
    fn shares_are_compared_by_differences_and_constants_have_no_noise() {
        let mut points: Vec<TrendPoint> = [0.0, 0.0, 0.0].map(|value| point("a", value)).into();
        points.push(point("b", 0.02));
        let trend = trend(points, Unit::Share);
        assert_eq!(trend.releases[1].change, Some(0.02));
        assert_eq!(trend.releases[1].verdict, Movement::Above);
    }
}
