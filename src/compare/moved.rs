//! The verdict on a figure of an endpoint, and on what all endpoints have in common.

use super::difference::Difference;
use super::noise::{Noise, UNNOTICED_MS, matters};
use super::shift::{CommonShift, EndpointShift, Few, FigureShift, Move, Shifts, duration_of};
use super::verdict::{Change, Judgement, Own, Scale};
use crate::units;

/// Beyond each end of a 95% interval.
const OUTSIDE: f64 = 0.025;
/// A change that noise would reach so many times as often as one that is called is worth another
/// look.
const NOTABLE: f64 = 4.0;

const MORE_RUNS: &str = "another run of each side would tell";

/// The floors of a figure of an endpoint, and of what all have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct FigureFloors {
    pub(super) own: f64,
    pub(super) common: f64,
}

/// Judges one figure of an endpoint, of which the values are shown.
pub(super) fn judge_figure(
    figure: usize,
    values: [f64; 2],
    endpoint: &EndpointShift,
    shifts: &Shifts,
    floors: FigureFloors,
) -> Judgement {
    let shift = &endpoint.figures[figure];
    let floor = floors.own;
    // Expected responses on the plateau are judged; all requests are shown.
    let size = Size::of(shift.sides.map(f64::exp), floor);
    let mut judged = Judgement {
        scale: Scale::Relative,
        change: finite(values[1] / values[0] - 1.0),
        interval: Some(interval(&shift.whole)),
        own: shift.own.as_ref().map(|own| Own {
            change: own.value.exp_m1(),
            interval: interval(own),
        }),
        noise: shift.whole.noise,
        smallest_detectable: Some(detectable(shift, values[0], floor)),
        floor: Some(floor),
        verdict: Change::Unchanged,
        reason: None,
    };
    if values[0] == 0.0 {
        from_nothing(&mut judged, values, shift.sides);
    }
    if let Some(few) = shift.too_few {
        judged.interval = None;
        judged.own = None;
        judged.smallest_detectable = None;
        if size != Size::Small {
            judged.verdict = Change::Inconclusive;
            judged.reason = Some(match few {
                Few::Samples { found, needed } => format!(
                    "it has some {} independent samples of the {} that it takes to judge this \
                     figure: a longer run would",
                    units::number(found.floor(), 0),
                    units::number(needed, 0),
                ),
                Few::Time => "its requests come in too few seconds of the run to tell how far it \
                              varies"
                    .to_owned(),
            });
        }
        return judged;
    }
    (judged.verdict, judged.reason) = conclude(
        size,
        shift,
        endpoint,
        shifts.common_of(figure),
        floors.common,
    );
    judged
}

/// Whether a difference of shown values is one that anybody cares about, and which way it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Small,
    Worse,
    Better,
}

impl Size {
    fn of([before, after]: [f64; 2], floor: f64) -> Self {
        if !matters([before, after], floor, UNNOTICED_MS) {
            Self::Small
        } else if after > before {
            Self::Worse
        } else {
            Self::Better
        }
    }

    fn goes(self, moved: Option<Move>) -> bool {
        matches!(
            (self, moved),
            (Self::Worse, Some(Move::Slower)) | (Self::Better, Some(Move::Faster))
        )
    }

    fn verdict(self) -> Change {
        match self {
            Self::Small => Change::Unchanged,
            Self::Worse => Change::Regressed,
            Self::Better => Change::Improved,
        }
    }
}

fn conclude(
    size: Size,
    shift: &FigureShift,
    endpoint: &EndpointShift,
    common: Option<&CommonShift>,
    common_floor: f64,
) -> (Change, Option<String>) {
    let decisive = shift.own.as_ref().unwrap_or(&shift.whole);
    if let Some(reason) = masked(size, shift, endpoint, common, common_floor) {
        return (Change::Inconclusive, Some(reason.to_owned()));
    }
    if size == Size::Small {
        return (Change::Unchanged, None);
    }
    let chance = |difference: &Difference| match size {
        Size::Better => difference.below(),
        _ => difference.above(),
    };
    let sure = |difference: &Difference| chance(difference) < OUTSIDE;
    // Once the family of endpoints has said that this one moved, its figures tell where. One that
    // went the other way has to be as sure as the first.
    let is_called = if size.goes(endpoint.moved) {
        sure(decisive)
    } else {
        endpoint.moved.is_some() && chance(decisive) < shift.level
    };
    let common_move = common.and_then(|common| common.moved);
    // Where the others surely moved the other way, being behind them is no change of its own.
    let is_left_behind = common_move.is_some() && !size.goes(common_move);
    if is_called && (!is_left_behind || sure(&shift.whole)) {
        return (size.verdict(), None);
    }
    if is_called {
        let reason = "the others moved the other way, and it did not surely move itself";
        return (Change::Unchanged, Some(reason.to_owned()));
    }
    if size.goes(common_move) && sure(&shift.whole) {
        let reason = "together with the other endpoints".to_owned();
        return (size.verdict(), Some(reason));
    }
    if chance(decisive) < NOTABLE * shift.level {
        let reason = match shift.own {
            Some(_) => "one of so many figures can move as much by chance",
            None => "on one pair of runs that may be the machine",
        };
        return (Change::Inconclusive, Some(format!("{reason}; {MORE_RUNS}")));
    }
    let reason = if shift.own.is_some() && sure(&shift.whole) {
        "against the other endpoints it did not surely move"
    } else {
        "the change is within the noise of these runs"
    };
    (Change::Unchanged, Some(reason.to_owned()))
}

/// Why nothing can be said of an endpoint that surely moved one way against the others, and did not
/// by itself: either the machine did the rest, or the others moved.
fn masked(
    size: Size,
    shift: &FigureShift,
    endpoint: &EndpointShift,
    common: Option<&CommonShift>,
    common_floor: f64,
) -> Option<&'static str> {
    let own = shift.own.as_ref()?;
    let (against, text) = match endpoint.moved? {
        Move::Slower => (
            own.above(),
            "it became slower than the others, which all became faster",
        ),
        Move::Faster => (
            own.below(),
            "it became faster than the others, which all became slower",
        ),
    };
    let is_opposed = size != Size::Small && !size.goes(endpoint.moved);
    // That the others moved is known where what they share is beyond what runs differ by.
    let others_moved = common.is_some_and(|common| common.moved.is_some());
    let is_hidden = size == Size::Small && !others_moved && own.value.abs() > common_floor;
    let is_sure = against < OUTSIDE && (own.value > 0.0) == (endpoint.moved == Some(Move::Slower));
    ((is_opposed || is_hidden) && is_sure).then_some(text)
}

/// A share of nothing says nothing: where the baseline took no time, what is shown are milliseconds. Its
/// logarithm was that of the shortest duration that is told apart.
fn from_nothing(judged: &mut Judgement, values: [f64; 2], sides: [f64; 2]) {
    let shortest = sides[0].exp();
    let milliseconds = |share: f64| finite(share * shortest);
    let ends = judged.interval.map(|ends| ends.map(milliseconds));
    judged.scale = Scale::Absolute;
    judged.change = finite(values[1] - values[0]);
    judged.interval = ends.and_then(|[low, high]| low.zip(high).map(Into::into));
    judged.own = None;
    let least = judged.smallest_detectable.and_then(milliseconds);
    judged.smallest_detectable = least.map(|least| least.max(UNNOTICED_MS));
    let size = values[1].max(shortest);
    judged.floor = judged.floor.map(|floor| (floor * size).max(UNNOTICED_MS));
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Judges what all endpoints have in common of the typical duration or of p(95).
pub(super) fn judge_common(common: &CommonShift, floor: f64) -> Judgement {
    let size = Size::of(common.sides.map(f64::exp), floor);
    let whole = &common.whole;
    let beyond_runs = common.within.above().min(common.within.below()) < OUTSIDE;
    let (verdict, reason) = if size.goes(common.moved) {
        (size.verdict(), None)
    } else if size != Size::Small && beyond_runs {
        let reason = match whole.noise {
            Noise::History => "runs of one side differ by as much",
            _ => "on one pair of runs that may be the machine",
        };
        (Change::Inconclusive, Some(format!("{reason}; {MORE_RUNS}")))
    } else {
        let reason = "the change is within the noise of these runs".to_owned();
        (Change::Unchanged, (size != Size::Small).then_some(reason))
    };
    let least = whole.detectable(common.level).exp_m1();
    let values = common.sides.map(duration_of);
    let mut judged = Judgement {
        scale: Scale::Relative,
        change: Some(whole.value.exp_m1()),
        interval: Some(interval(whole)),
        own: None,
        noise: whole.noise,
        smallest_detectable: Some(least.max(floor)),
        floor: Some(floor),
        verdict,
        reason,
    };
    if values[0] == 0.0 {
        from_nothing(&mut judged, values, common.sides);
    }
    judged
}

/// 95%, as fractions of the baseline.
fn interval(difference: &Difference) -> [f64; 2] {
    difference.interval(OUTSIDE).map(f64::exp_m1)
}

/// The smallest slowdown that would have been called in four of five comparisons.
fn detectable(shift: &FigureShift, baseline: f64, floor: f64) -> f64 {
    let difference = shift.own.as_ref().unwrap_or(&shift.whole);
    let unnoticed = if baseline > 0.0 {
        UNNOTICED_MS / baseline
    } else {
        0.0
    };
    difference
        .detectable(shift.level)
        .exp_m1()
        .max(floor)
        .max(unnoticed)
}
