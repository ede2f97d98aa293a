//! What the charts show, as numbers, with the sentences and tables that say the same.

use serde::Serialize;

use super::{Part, dash, shown};
use crate::report::{RunReport, ThresholdReport, Unit};
use crate::run::{Measure, Run, Stat, Timeline, TimelineBucket};
use crate::stats::histogram::{self, Bin};
use crate::units::{self, counted};

/// The most pieces that time is cut into.
const MOST_PIECES: usize = 120;
/// The most bins of the distribution.
const MOST_BINS: f64 = 60.0;
/// A limit so far above the highest value would press the chart flat; it is told instead.
const LIMIT_IN_SIGHT: f64 = 1.6;

/// Both kinds of figures.
pub struct Figures {
    /// The run over time.
    pub over_time: Part<OverTime>,
    /// The distribution of durations.
    pub distribution: Part<Distribution>,
}

/// The run over time.
#[derive(Debug, Serialize)]
pub struct OverTime {
    /// `requests`, or `iterations` where there are none.
    pub unit: &'static str,
    /// Length of a piece, and when the first begins.
    pub scale: String,
    /// What the chart of rates shows.
    pub rate_sentence: String,
    /// What the chart of percentiles shows.
    pub percentile_sentence: String,
    /// The numbers of both.
    pub rows: Vec<MomentRow>,
    /// The pieces of time.
    #[serde(skip)]
    pub moments: Vec<Moment>,
    /// Limits on the duration that lie in the range of the chart.
    #[serde(skip)]
    pub duration_limits: Vec<LimitLine>,
    /// Limits on the share of failed requests that lie in the range of the chart.
    #[serde(skip)]
    pub failure_limits: Vec<LimitLine>,
}

/// One piece of time.
#[derive(Debug, Clone, Default)]
pub struct Moment {
    /// Its beginning, in seconds since the run's.
    pub from: f64,
    /// Its length in seconds.
    pub seconds: f64,
    /// Requests a second.
    pub rate: f64,
    /// The share of requests that failed.
    pub failed: Option<f64>,
    /// The most virtual users.
    pub users: Option<f64>,
    /// The 50th, 90th, 95th and 99th percentile of the duration, in milliseconds.
    pub percentiles: Option<[f64; 4]>,
}

/// A piece of time in the table.
#[derive(Debug, Serialize)]
pub struct MomentRow {
    /// Its beginning.
    pub from: String,
    /// Requests a second.
    pub rate: String,
    /// The share that failed.
    pub failed: String,
    /// The virtual users.
    pub users: String,
    /// The percentiles.
    pub percentiles: Vec<String>,
}

/// A threshold's limit.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitLine {
    /// What is limited, such as `p(95)<500`.
    pub label: String,
    /// The limit.
    pub value: f64,
}

/// How the durations of requests are distributed.
#[derive(Debug, Serialize)]
pub struct Distribution {
    /// `requests`, or `iterations` where there are none.
    pub unit: &'static str,
    /// What the chart shows.
    pub sentence: String,
    /// The bins as a table.
    pub rows: Vec<BinRow>,
    /// The bins: from, to, count.
    #[serde(skip)]
    pub bins: Vec<Bin>,
    /// The 50th, 95th and 99th percentile.
    #[serde(skip)]
    pub marks: Vec<(&'static str, f64)>,
}

/// A bin in the table.
#[derive(Debug, Serialize)]
pub struct BinRow {
    /// Its lower edge.
    pub from: String,
    /// Its upper edge.
    pub to: String,
    /// The number of requests.
    pub count: String,
}

impl Figures {
    pub(super) fn new(run: &Run, report: &RunReport) -> Self {
        if run.samples().is_none() {
            let why = |what: &str| {
                format!(
                    "A summary does not hold {what}. Run k6 with --out json=results.ndjson to see it here."
                )
            };
            return Self {
                over_time: Part::missing(why("the run’s course over time")),
                distribution: Part::missing(why("single durations")),
            };
        }
        let unit = if run.request_metric().is_some() {
            "requests"
        } else {
            "iterations"
        };
        Self {
            over_time: OverTime::of(run, report, unit),
            distribution: Distribution::of(run, unit),
        }
    }
}

impl OverTime {
    fn of(run: &Run, report: &RunReport, unit: &'static str) -> Part<Self> {
        let Some(timeline) = run.timeline(MOST_PIECES).filter(|t| t.buckets.len() > 1) else {
            return Part::missing("The run is too short to be shown over time.");
        };
        let moments: Vec<Moment> = timeline.buckets.iter().map(Moment::of).collect();
        if moments.iter().all(|moment| moment.percentiles.is_none()) {
            return Part::missing(format!(
                "No {unit} were recorded that could be shown over time."
            ));
        }
        let highest = |value: fn(&Moment) -> Option<f64>| {
            moments.iter().filter_map(value).fold(0.0, f64::max)
        };
        let slowest = highest(|m| m.percentiles.map(|p| p[3]));
        let most_failed = highest(|m| m.failed);
        let metric = run.request_metric().unwrap_or("iteration_duration");
        let duration_limits = limits(report, metric, |stat| {
            matches!(stat, Stat::P(_) | Stat::Med | Stat::Avg | Stat::Max)
        });
        let failure_limits = limits(report, "http_req_failed", |stat| stat == Stat::Rate);
        let (duration_limits, beyond) = in_sight(duration_limits, slowest, Unit::Millis);
        let (failure_limits, _) = in_sight(failure_limits, most_failed, Unit::Share);
        let rows = moments.iter().map(MomentRow::of).collect();
        Part::shown(Self {
            unit,
            scale: scale(&timeline),
            rate_sentence: rate_sentence(&moments, unit, most_failed),
            percentile_sentence: percentile_sentence(&moments, &beyond),
            rows,
            moments,
            duration_limits,
            failure_limits,
        })
    }
}

impl Moment {
    fn of(bucket: &TimelineBucket) -> Self {
        let known = |measure: &Measure, stat: Stat| {
            (!measure.is_empty()).then(|| measure.get(stat)).flatten()
        };
        let duration = |stat| known(&bucket.duration, stat);
        let percentiles = || {
            Some([
                duration(Stat::Med)?,
                duration(Stat::p(90))?,
                duration(Stat::p(95))?,
                duration(Stat::p(99))?,
            ])
        };
        let count = bucket.duration.samples().unwrap_or(0) as f64;
        Self {
            from: bucket.offset,
            seconds: bucket.seconds,
            rate: if bucket.seconds > 0.0 {
                count / bucket.seconds
            } else {
                0.0
            },
            failed: known(&bucket.failed, Stat::Rate),
            users: known(&bucket.vus, Stat::Max),
            percentiles: percentiles(),
        }
    }
}

impl MomentRow {
    fn of(moment: &Moment) -> Self {
        let percentiles = moment.percentiles.map_or_else(
            || vec![dash(); 4],
            |values| values.into_iter().map(units::millis).collect(),
        );
        Self {
            from: units::millis(moment.from * 1e3),
            rate: units::number(moment.rate, 1),
            failed: moment.failed.map_or_else(dash, units::percent),
            users: moment
                .users
                .map_or_else(dash, |users| units::number(users, 0)),
            percentiles,
        }
    }
}

fn scale(timeline: &Timeline) -> String {
    format!(
        "In pieces of {} from {}.",
        units::millis(timeline.width * 1e3),
        units::moment_for_people(timeline.start)
    )
}

fn rate_sentence(moments: &[Moment], unit: &str, most_failed: f64) -> String {
    let rates = || moments.iter().map(|moment| moment.rate);
    let (low, high) = (
        rates().fold(f64::INFINITY, f64::min),
        rates().fold(0.0, f64::max),
    );
    let failed = if moments.iter().all(|moment| moment.failed.is_none()) {
        String::new()
    } else if most_failed == 0.0 {
        " None failed.".to_owned()
    } else {
        let worst = moments.iter().find(|m| m.failed == Some(most_failed));
        let at = worst.map_or(0.0, |moment| moment.from);
        let when = if at > 0.0 {
            format!("{} after the start", units::millis(at * 1e3))
        } else {
            "right at the start".to_owned()
        };
        let share = units::percent(most_failed);
        format!(" At worst, {share} failed, {when}.")
    };
    let (low, high) = (units::number(low, 1), units::number(high, 1));
    if low == high {
        return format!("A steady {low} {unit} a second.{failed}");
    }
    format!("Between {low} and {high} {unit} a second.{failed}")
}

fn percentile_sentence(moments: &[Moment], beyond: &[String]) -> String {
    let at = |i: usize| {
        let values = || moments.iter().filter_map(move |m| Some(m.percentiles?[i]));
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        (units::millis(low), units::millis(high))
    };
    let ((med_low, med_high), (low, high)) = (at(0), at(2));
    let beyond = if beyond.is_empty() {
        String::new()
    } else {
        format!(" Limits beyond the scale: {}.", beyond.join(", "))
    };
    format!(
        "The median lay between {med_low} and {med_high}, the 95th percentile between {low} and \
         {high}.{beyond}"
    )
}

/// The limits that a metric as a whole must stay below.
fn limits(report: &RunReport, metric: &str, shows: fn(Stat) -> bool) -> Vec<LimitLine> {
    let limit = |threshold: &ThresholdReport| {
        let asked = threshold.evaluated.threshold?;
        let is_upper = asked.operator.smaller_is_better() == Some(true);
        (threshold.name == metric && is_upper && shows(asked.stat)).then(|| LimitLine {
            label: shown(&threshold.expression),
            value: asked.limit,
        })
    };
    let mut limits: Vec<LimitLine> = report.thresholds.iter().filter_map(limit).collect();
    limits.sort_by(|a, b| a.value.total_cmp(&b.value));
    limits.dedup();
    limits
}

/// The limits to draw, and the rest as texts.
fn in_sight(limits: Vec<LimitLine>, highest: f64, unit: Unit) -> (Vec<LimitLine>, Vec<String>) {
    let (near, far): (Vec<_>, Vec<_>) = limits
        .into_iter()
        .partition(|limit| limit.value <= highest * LIMIT_IN_SIGHT);
    let text = |limit: LimitLine| format!("{} ({})", limit.label, unit.show(limit.value));
    (near, far.into_iter().map(text).collect())
}

impl Distribution {
    fn of(run: &Run, unit: &'static str) -> Part<Self> {
        let metric = run.metric(run.request_metric().unwrap_or("iteration_duration"));
        let ascending = metric.and_then(|metric| metric.measure.ascending());
        let values = ascending.unwrap_or_default();
        // Few values need few bins, or every bin would hold one.
        let bins = (values.len() as f64).sqrt().ceil().min(MOST_BINS);
        let bins = histogram::logarithmic(values, whole(bins));
        let (Some(metric), true) = (metric, bins.len() > 1) else {
            return Part::missing(format!(
                "Too few {unit} with different durations to show how they are distributed."
            ));
        };
        let stat = |stat| metric.measure.get(stat);
        let marks = [
            ("p50", Stat::Med),
            ("p95", Stat::p(95)),
            ("p99", Stat::p(99)),
        ];
        let marks: Vec<_> = marks
            .into_iter()
            .filter_map(|(label, asked)| Some((label, stat(asked)?)))
            .collect();
        let text = |asked| stat(asked).map_or_else(dash, units::millis);
        let placed: usize = bins.iter().map(|bin| bin.count).sum();
        let unplaced = match values.len() - placed {
            0 => String::new(),
            some => {
                let some = units::number(some as f64, 0);
                format!(" {some} of zero or less have no place on the logarithmic scale.")
            }
        };
        let all = counted(values.len() as u64, unit.trim_end_matches('s'));
        let sentence = format!(
            "Of {all}, half took at most {}, 95% at most {} and 99% at most {}; the longest took \
             {}.{unplaced}",
            text(Stat::Med),
            text(Stat::p(95)),
            text(Stat::p(99)),
            text(Stat::Max),
        );
        let row = |bin: &Bin| BinRow {
            from: units::millis(bin.low),
            to: units::millis(bin.high),
            count: units::number(bin.count as f64, 0),
        };
        Part::shown(Self {
            unit,
            sentence,
            rows: bins.iter().map(row).collect(),
            bins,
            marks,
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most MOST_BINS"
)]
fn whole(value: f64) -> usize {
    value as usize
}
