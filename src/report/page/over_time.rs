//! The run over time, as numbers, with the sentences and tables that say the same.

use serde::Serialize;

use super::moments::{Moment, moments};
use super::{Baseline, Part, dash, per_second, prose, shown};
use crate::report::{RunReport, ThresholdReport, Unit};
use crate::run::{Heat, Lane, OTHER_STATUS, Run, Stat, Timeline};
use crate::units;

/// The most pieces that time is cut into.
const MOST_PIECES: usize = 120;
/// The bins of durations of the heat map.
const HEAT_BINS: usize = 28;
/// A limit so far above the highest value would press the chart flat; it is told instead.
const LIMIT_IN_SIGHT: f64 = 1.6;
/// Scenarios that begin and end within so much of the run of one another ran at the same time.
const AT_ONCE: f64 = 0.05;
/// Scenarios beyond this many have no lane.
const MOST_LANES: usize = 24;

/// The run over time.
#[derive(Debug, Serialize)]
pub struct OverTime {
    /// `requests`, or `iterations` where there are none.
    pub unit: &'static str,
    /// Length of a piece, and when the first begins.
    pub scale: String,
    /// What the chart of load and failures shows.
    pub rate_sentence: String,
    /// What the chart of percentiles shows.
    pub percentile_sentence: String,
    /// What the heat map shows.
    pub heat_sentence: String,
    /// What the chart of data rates shows; `None` without data.
    pub data_sentence: Option<String>,
    /// Whether k6 dropped any iterations.
    pub any_dropped: bool,
    /// The statuses of failed responses.
    pub statuses: Vec<String>,
    /// The numbers of all charts.
    pub rows: Vec<MomentRow>,
    /// What the baseline is called, where it is drawn, too.
    pub baseline_name: Option<String>,
    /// The pieces of time.
    #[serde(skip)]
    pub moments: Vec<Moment>,
    /// Those of the baseline.
    #[serde(skip)]
    pub baseline: Vec<Moment>,
    /// Limits on the duration that lie in the range of the chart.
    #[serde(skip)]
    pub duration_limits: Vec<LimitLine>,
    /// Limits on the share of failed requests that lie in the range of the chart.
    #[serde(skip)]
    pub failure_limits: Vec<LimitLine>,
    /// Scenarios that ran at different times, with begin and end in seconds.
    #[serde(skip)]
    pub lanes: Vec<(String, f64, f64)>,
    /// How many requests of which duration ended when.
    #[serde(skip)]
    pub heat: Option<Heat>,
    /// The same as a table.
    pub heat_table: Option<HeatTable>,
}

/// How many requests of which duration ended when.
#[derive(Debug, Serialize)]
pub struct HeatTable {
    /// Up to which duration each column reaches.
    pub columns: Vec<String>,
    /// A piece of time each: its beginning, and the numbers; nothing for none.
    pub rows: Vec<(String, Vec<String>)>,
}

impl HeatTable {
    fn of(heat: &Heat, moments: &[Moment]) -> Self {
        let bins = 1..=heat.scale.bins();
        let cell = |count: &u64| match count {
            0 => String::new(),
            count => count.to_string(),
        };
        Self {
            columns: bins
                .map(|bin| units::duration(heat.scale.edge(bin)))
                .collect(),
            rows: moments
                .iter()
                .zip(&heat.counts)
                .map(|(moment, counts)| {
                    let from = units::duration(moment.from * 1e3);
                    (from, counts.iter().map(cell).collect())
                })
                .collect(),
        }
    }
}

/// A piece of time in the table.
#[derive(Debug, Serialize)]
pub struct MomentRow {
    /// Its beginning.
    pub from: String,
    /// The same in seconds, for the script.
    pub seconds: String,
    /// Requests a second.
    pub rate: String,
    /// The virtual users.
    pub users: String,
    /// The share that failed.
    pub failed: String,
    /// Iterations that were dropped.
    pub dropped: String,
    /// Failed responses by status.
    pub failures: Vec<String>,
    /// The percentiles, and the longest.
    pub percentiles: Vec<String>,
    /// Data received and sent, a second.
    pub data: Vec<String>,
}

/// A threshold's limit.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitLine {
    /// What is limited, such as `p(95)<500`.
    pub label: String,
    /// The limit.
    pub value: f64,
}

impl OverTime {
    pub(super) fn of(
        run: &Run,
        report: &RunReport,
        baseline: Option<Baseline<'_>>,
        unit: &'static str,
    ) -> Part<Self> {
        if run.samples().is_none() {
            return Part::missing(super::NO_SAMPLES);
        }
        let before = baseline.and_then(|baseline| {
            let runs = baseline.with_samples()?.to_vec();
            Some((baseline.name(), runs))
        });
        let width = Timeline::width(run.seconds_of_samples().unwrap_or(0.0), MOST_PIECES);
        let timeline = Timeline::of(&[run], width).filter(|t| t.buckets.len() > 1);
        let Some(timeline) = timeline else {
            return Part::missing("The run is too short to be shown over time.");
        };
        let moments = moments(&timeline);
        if moments.iter().all(|moment| moment.percentiles.is_none()) {
            return Part::missing(format!(
                "No {unit} were recorded that could be shown over time."
            ));
        }
        let (name, before) = before.unzip();
        let before = before.and_then(|runs| Timeline::of(&runs, width));
        let before = before.map(|timeline| self::moments(&timeline));
        let mut before = before.unwrap_or_default();
        // What a longer baseline did later has nothing beside it.
        before.truncate(moments.len());
        let highest = |value: fn(&Moment) -> Option<f64>| {
            let all = moments.iter().chain(&before);
            all.filter_map(value).fold(0.0, f64::max)
        };
        let slowest = highest(|m| m.percentiles.map(|p| p[3]));
        let most_failed = highest(|m| m.failed);
        let duration_limits = limits(report, run.duration_metric(), |stat| {
            matches!(stat, Stat::P(_) | Stat::Med | Stat::Avg | Stat::Max)
        });
        let failure_limits = limits(report, "http_req_failed", |stat| stat == Stat::Rate);
        let (duration_limits, beyond) = in_sight(duration_limits, slowest, Unit::Millis);
        let (failure_limits, _) = in_sight(failure_limits, most_failed, Unit::Share);
        let scale = run.duration_scale(HEAT_BINS);
        let heat = scale.and_then(|scale| run.heat(&timeline, scale));
        Part::shown(Self {
            unit,
            scale: prose(&in_pieces(&timeline)),
            rate_sentence: prose(&rate_sentence(&moments, unit)),
            percentile_sentence: prose(&percentile_sentence(&moments, &beyond)),
            heat_sentence: prose(&heat_sentence(&moments, unit, heat.as_ref())),
            data_sentence: data_sentence(&moments).as_deref().map(prose),
            any_dropped: moments.iter().any(|moment| moment.dropped > 0.0),
            statuses: timeline.statuses.iter().map(|s| status_name(s)).collect(),
            rows: moments.iter().map(MomentRow::of).collect(),
            baseline_name: name.filter(|_| !before.is_empty()),
            heat_table: heat.as_ref().map(|heat| HeatTable::of(heat, &moments)),
            heat,
            lanes: lanes(run),
            moments,
            baseline: before,
            duration_limits,
            failure_limits,
        })
    }
}

impl MomentRow {
    fn of(moment: &Moment) -> Self {
        let millis = |value: Option<f64>| value.map_or_else(dash, units::duration);
        let percentiles = moment.percentiles;
        let data = [moment.received, moment.sent];
        Self {
            from: units::duration(moment.from * 1e3),
            seconds: units::number(moment.from, 3),
            rate: per_second(moment.rate),
            failed: moment.failed.map_or_else(dash, units::percent),
            users: moment
                .users
                .map_or_else(dash, |users| units::number(users, 0)),
            dropped: units::number(moment.dropped, 0),
            failures: moment
                .failures
                .iter()
                .map(|rate| units::number(rate * moment.seconds, 0))
                .collect(),
            percentiles: (0..4)
                .map(|i| millis(percentiles.map(|p| p[i])))
                .chain([millis(moment.longest)])
                .collect(),
            data: data
                .map(|rate| format!("{}/s", units::bytes(rate)))
                .to_vec(),
        }
    }
}

/// A status as it reads.
pub(super) fn status_name(status: &str) -> String {
    match status {
        "0" => "no response".to_owned(),
        "" => dash(),
        OTHER_STATUS => OTHER_STATUS.to_owned(),
        status => shown(status),
    }
}

/// Scenarios with begin and end, unless all ran at the same time.
fn lanes(run: &Run) -> Vec<(String, f64, f64)> {
    let (Some((start, _)), Some(seconds)) = (run.span(), run.seconds_of_samples()) else {
        return Vec::new();
    };
    let since = |time: i64| time.saturating_sub(start) as f64 / 1e9;
    if run.scenarios().len() < 2 {
        return Vec::new();
    }
    let lanes = run.lanes();
    let spread = |time: fn(&Lane) -> i64| {
        let times = || lanes.iter().map(time);
        let apart = times().max().zip(times().min());
        apart.map_or(0.0, |(last, first)| last.saturating_sub(first) as f64 / 1e9)
    };
    let apart = spread(|lane| lane.first).max(spread(|lane| lane.last));
    if apart <= AT_ONCE * seconds {
        return Vec::new();
    }
    let lane = |lane: &Lane| (shown(&lane.scenario), since(lane.first), since(lane.last));
    lanes.iter().take(MOST_LANES).map(lane).collect()
}

fn in_pieces(timeline: &Timeline) -> String {
    format!(
        "In pieces of {} from {}.",
        units::duration(timeline.width * 1e3),
        units::moment_for_people(timeline.start)
    )
}

fn rate_sentence(moments: &[Moment], unit: &str) -> String {
    // The last piece may be cut short, and then says little.
    let whole = match moments {
        [whole @ .., _] if whole.len() > 1 => whole,
        all => all,
    };
    let rates = || whole.iter().map(|moment| moment.rate);
    let (low, high) = (
        rates().fold(f64::INFINITY, f64::min),
        rates().fold(0.0, f64::max),
    );
    let worst = moments
        .iter()
        .filter_map(|moment| Some((moment, moment.failed?)))
        .reduce(|worst, next| if next.1 > worst.1 { next } else { worst });
    let failed = match worst {
        None => String::new(),
        Some((_, 0.0)) => " None failed.".to_owned(),
        Some((moment, share)) => {
            let when = after_the_start(moment);
            format!(" At worst, {} failed, {when}.", units::percent(share))
        }
    };
    let dropped: f64 = moments.iter().map(|moment| moment.dropped).sum();
    let dropped = if dropped > 0.0 {
        let dropped = units::amount(dropped, "iteration");
        format!(" k6 dropped {dropped}, which it could not start in time.")
    } else {
        String::new()
    };
    let (low, high) = (per_second(low), per_second(high));
    if low == high {
        return format!("A steady {low} {unit} a second.{failed}{dropped}");
    }
    format!("Between {low} and {high} {unit} a second.{failed}{dropped}")
}

/// When a piece was.
fn after_the_start(moment: &Moment) -> String {
    /// Pieces that are not longer are moments.
    const BRIEF: f64 = 2.0;
    let since = |seconds: f64| units::duration(seconds * 1e3);
    let (from, until) = (moment.from, moment.from + moment.seconds);
    match (moment.seconds <= BRIEF, from > 0.0) {
        (true, true) => format!("{} after the start", since(from)),
        (true, false) => "right at the start".to_owned(),
        (false, true) => format!(
            "between {} and {} after the start",
            since(from),
            since(until)
        ),
        (false, false) => format!("in the first {}", since(until)),
    }
}

fn percentile_sentence(moments: &[Moment], beyond: &[String]) -> String {
    let at = |i: usize| {
        let values = || moments.iter().filter_map(move |m| Some(m.percentiles?[i]));
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        (units::duration(low), units::duration(high))
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

fn heat_sentence(moments: &[Moment], unit: &str, heat: Option<&Heat>) -> String {
    let longest = moments
        .iter()
        .filter_map(|moment| Some((moment, moment.longest?)))
        .reduce(|longest, next| if next.1 > longest.1 { next } else { longest });
    let longest = longest.map_or_else(String::new, |(moment, value)| {
        let when = after_the_start(moment);
        format!("; the longest took {}, {when}", units::duration(value))
    });
    let all: f64 = moments
        .iter()
        .map(|moment| moment.rate * moment.seconds)
        .sum();
    let placed = heat.iter().flat_map(|heat| &heat.counts).flatten();
    let placed: f64 = placed.map(|count| *count as f64).sum();
    let left = (all - placed).round();
    let left = if left >= 1.0 && heat.is_some() {
        let left = units::number(left, 0);
        format!(" {left} of zero or less have no place on the logarithmic scale.")
    } else {
        String::new()
    };
    format!("The darker a field, the more {unit} ended then after that time{longest}.{left}")
}

fn data_sentence(moments: &[Moment]) -> Option<String> {
    let highest = |value: fn(&Moment) -> f64| moments.iter().map(value).fold(0.0, f64::max);
    let (received, sent) = (highest(|m| m.received), highest(|m| m.sent));
    let rate = |rate: f64| format!("{}/s", units::bytes(rate));
    (received > 0.0 || sent > 0.0).then(|| {
        format!(
            "At most {} received and {} sent.",
            rate(received),
            rate(sent)
        )
    })
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
        .partition(|limit| (0.0..=highest * LIMIT_IN_SIGHT).contains(&limit.value));
    let text = |limit: LimitLine| format!("{} ({})", limit.label, unit.say(limit.value));
    (near, far.into_iter().map(text).collect())
}
