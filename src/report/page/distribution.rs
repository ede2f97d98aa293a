//! How the durations of requests are distributed, and how they hang together with the load.

use serde::Serialize;

use super::moments::Moment;
use super::{Baseline, Part, dash, prose};
use crate::run::{Run, Stat};
use crate::stats::histogram::{self, Bin};
use crate::stats::quantile::quantile;
use crate::stats::ranked::{Pooled, Ranked};
use crate::units::{self, counted};

/// The most bins of the distribution.
const MOST_BINS: f64 = 60.0;
/// Points of the curve of percentiles between two tenths of the distance to the longest.
const STEPS_A_DECADE: f64 = 24.0;
/// Fewer pieces of time than this show no connection with the load.
const FEWEST_MOMENTS: usize = 8;
/// Users that vary by less than this share of the most are no axis; the rate of requests is.
const VARIES: f64 = 0.2;
/// A load that grows by less than this factor shows nothing.
const MOVES: f64 = 1.15;

/// How the durations of requests are distributed.
#[derive(Debug, Serialize)]
pub struct Distribution {
    /// `requests`, or `iterations` where there are none.
    pub unit: &'static str,
    /// What the histogram shows.
    pub sentence: String,
    /// What the curve shows.
    pub tail_sentence: String,
    /// The bins as a table.
    pub rows: Vec<BinRow>,
    /// Some points of the curve as a table.
    pub tail_rows: Vec<TailRow>,
    /// What the baseline is called, where it is drawn, too.
    pub baseline_name: Option<String>,
    /// The bins.
    #[serde(skip)]
    pub bins: Vec<Bin>,
    /// The baseline's numbers in the same bins, scaled to as many requests.
    #[serde(skip)]
    pub baseline_bins: Vec<f64>,
    /// The 50th, 95th and 99th percentile.
    #[serde(skip)]
    pub marks: Vec<(&'static str, f64)>,
    /// The curve: a share of requests, and the duration that they do not exceed.
    #[serde(skip)]
    pub tail: Vec<(f64, f64)>,
    /// The baseline's.
    #[serde(skip)]
    pub baseline_tail: Vec<(f64, f64)>,
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

/// A point of the curve in the table.
#[derive(Debug, Serialize)]
pub struct TailRow {
    /// The share.
    pub share: String,
    /// The duration.
    pub duration: String,
    /// The baseline's.
    pub baseline: String,
}

impl Distribution {
    pub(super) fn of(run: &Run, baseline: Option<Baseline<'_>>, unit: &'static str) -> Part<Self> {
        if run.samples().is_none() {
            return Part::missing(super::NO_SAMPLES);
        }
        let metric = run.metric(run.duration_metric());
        let ranked = metric.and_then(|metric| metric.measure.ranked());
        let values = ranked.unwrap_or(NONE);
        // Few values need few bins, or every bin would hold one.
        let bins = (values.len() as f64).sqrt().ceil().min(MOST_BINS);
        let bins = histogram::logarithmic(values, whole(bins));
        let (Some(metric), true) = (metric, bins.len() > 1) else {
            return Part::missing(format!(
                "Too few {unit} with different durations to show how they are distributed."
            ));
        };
        let before = baseline.and_then(|b| Some((b.name(), pooled(b.with_samples()?)?)));
        let (baseline_name, before) = before.unzip();
        let before = before.as_ref().map_or(NONE, Pooled::ranked);
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
        let text = |asked| stat(asked).map_or_else(dash, units::duration);
        let placed: u64 = bins.iter().map(|bin| bin.count).sum();
        let unplaced = match values.len() - placed {
            0 => String::new(),
            some => {
                let some = units::number(some as f64, 0);
                format!(" {some} of zero or less have no place on the logarithmic scale.")
            }
        };
        let all = counted(values.len(), unit.trim_end_matches('s'));
        let sentence = format!(
            "Of {all}, half took at most {}, 95% at most {} and 99% at most {}; the longest took \
             {}.{unplaced}",
            text(Stat::Med),
            text(Stat::p(95)),
            text(Stat::p(99)),
            text(Stat::Max),
        );
        let row = |bin: &Bin| BinRow {
            from: units::duration(bin.low),
            to: units::duration(bin.high),
            count: units::number(bin.count as f64, 0),
        };
        Part::shown(Self {
            unit,
            sentence: prose(&sentence),
            tail_sentence: prose(&tail_sentence(values, unit)),
            rows: bins.iter().map(row).collect(),
            tail_rows: tail_rows(values, before),
            baseline_bins: in_bins(&bins, before, values.len()),
            baseline_name,
            bins,
            marks,
            tail: tail(values),
            baseline_tail: tail(before),
        })
    }
}

const NONE: Ranked<'_> = Ranked::Each(&[]);

/// The durations of several runs.
fn pooled(runs: &[&Run]) -> Option<Pooled> {
    let ranked = |run: &&Run| {
        let metric = run.metric(run.duration_metric());
        Some(Pooled::of(&[metric?.measure.ranked()?]))
    };
    let parts: Vec<Pooled> = runs.iter().map(ranked).collect::<Option<_>>()?;
    let parts: Vec<Ranked<'_>> = parts.iter().map(Pooled::ranked).collect();
    Some(Pooled::of(&parts))
}

/// How many values lie in each bin, as shares of `all`. Those beyond the bins lie in none.
fn in_bins(bins: &[Bin], values: Ranked<'_>, all: u64) -> Vec<f64> {
    if values.is_empty() {
        return Vec::new();
    }
    let scale = all as f64 / values.len() as f64;
    let count = |bin: &Bin| {
        let below = values.below(bin.high);
        below.saturating_sub(values.below(bin.low))
    };
    bins.iter().map(|bin| count(bin) as f64 * scale).collect()
}

/// The curve, closer the nearer to the longest: the last point is the highest of all values but the
/// longest.
fn tail(values: Ranked<'_>) -> Vec<(f64, f64)> {
    let count = values.len() as f64;
    if count < 2.0 {
        return Vec::new();
    }
    let steps = (count.log10() * STEPS_A_DECADE).floor();
    let shares = std::iter::successors(Some(0.0), |step| Some(step + 1.0))
        .take_while(move |step| *step <= steps)
        .map(|step| 1.0 - 10f64.powf(-step / STEPS_A_DECADE))
        .chain([1.0 - 1.0 / count]);
    shares
        .filter_map(|share| Some((share, values.quantile(share)?)))
        .collect()
}

/// The shares that a table shows: those of which at least a few samples are left above.
fn tail_rows(values: Ranked<'_>, before: Ranked<'_>) -> Vec<TailRow> {
    let shares = [
        0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 1.0,
    ];
    let fits = |share: &f64| *share >= 1.0 || (1.0 - share) * values.len() as f64 >= 1.0;
    let text = |values: Ranked<'_>, share| {
        let quantile = values.quantile(share);
        quantile.map_or_else(dash, units::duration)
    };
    shares
        .into_iter()
        .filter(fits)
        .map(|share| TailRow {
            share: format!("{}%", units::number(share * 100.0, 2)),
            duration: text(values, share),
            baseline: text(before, share),
        })
        .collect()
}

fn tail_sentence(values: Ranked<'_>, unit: &str) -> String {
    let at = |share| {
        let quantile = values.quantile(share);
        quantile.map_or_else(dash, units::duration)
    };
    let far = if values.len() >= 1000 { 0.999 } else { 0.99 };
    format!(
        "{}% of all {unit} took at most {}; each step to the right stands for a tenth of those that \
         are left.",
        units::number(far * 100.0, 1),
        at(far)
    )
}

/// Durations against the load, a dot a piece of time.
#[derive(Debug, Serialize)]
pub struct AgainstLoad {
    /// What the chart shows.
    pub sentence: String,
    /// What the horizontal axis shows.
    pub load: &'static str,
    /// Load, median and 95th percentile.
    #[serde(skip)]
    pub dots: Vec<[f64; 3]>,
    /// The baseline's.
    #[serde(skip)]
    pub baseline: Vec<[f64; 3]>,
    /// The dots as a table.
    pub rows: Vec<[String; 3]>,
}

impl AgainstLoad {
    pub(super) fn of(moments: &[Moment], before: &[Moment], unit: &str) -> Part<Self> {
        let users = || moments.iter().filter_map(|moment| moment.users);
        let most = users().fold(0.0, f64::max);
        let least = users().fold(f64::INFINITY, f64::min);
        let by_users = least < most * (1.0 - VARIES);
        let dot = |moment: &Moment| {
            let load = if by_users { moment.users? } else { moment.rate };
            let percentiles = moment.percentiles?;
            Some([load, percentiles[0], percentiles[2]])
        };
        let mut dots: Vec<[f64; 3]> = moments.iter().filter_map(dot).collect();
        if dots.len() < FEWEST_MOMENTS {
            return Part::missing(
                "The run is too short to show how durations hang together with the load.",
            );
        }
        dots.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let (calm, busy) = thirds(&dots);
        if middle(busy, 0) < middle(calm, 0) * MOVES {
            return Part::missing(
                "The load hardly varied, so that durations cannot be held against it.",
            );
        }
        let load = match (by_users, unit) {
            (true, _) => "Virtual users",
            (false, "requests") => "Requests per second",
            (false, _) => "Iterations per second",
        };
        let row = |[load, median, p95]: &[f64; 3]| {
            [
                units::number(*load, 1),
                units::duration(*median),
                units::duration(*p95),
            ]
        };
        Part::shown(Self {
            sentence: prose(&load_sentence(&dots, by_users, unit)),
            load,
            rows: dots.iter().map(row).collect(),
            baseline: before.iter().filter_map(dot).collect(),
            dots,
        })
    }
}

/// The third of the pieces with the least load, and that with the most.
fn thirds(dots: &[[f64; 3]]) -> (&[[f64; 3]], &[[f64; 3]]) {
    let third = dots.len().div_ceil(3);
    (&dots[..third], &dots[dots.len() - third..])
}

fn middle(dots: &[[f64; 3]], at: usize) -> f64 {
    let mut values: Vec<f64> = dots.iter().map(|dot| dot[at]).collect();
    values.sort_by(f64::total_cmp);
    quantile(&values, 0.5).unwrap_or(0.0)
}

/// The 95th percentile in the third of the pieces with the least load and in that with the most.
fn load_sentence(dots: &[[f64; 3]], by_users: bool, unit: &str) -> String {
    let (low, high) = thirds(dots);
    let what = if by_users {
        "virtual users".to_owned()
    } else {
        format!("{unit} a second")
    };
    format!(
        "With some {} {what} the 95th percentile was typically {}, with some {} it was {}.",
        units::number(middle(low, 0), 1),
        units::duration(middle(low, 2)),
        units::number(middle(high, 0), 1),
        units::duration(middle(high, 2)),
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most MOST_BINS"
)]
fn whole(value: f64) -> usize {
    value as usize
}
