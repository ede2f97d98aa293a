//! The verdict on a figure of an endpoint, and on what all endpoints have in common.

use super::difference::Difference;
use super::figure::Figure;
use super::noise::{Noise, UNNOTICED_MS, floor};
use super::resample::FIGURES;
use super::shift::{CommonShift, EndpointShift, FigureShift, Move};
use super::verdict::{Change, Judgement, Own, Scale};
use crate::units;

/// Beyond each end of a 95% interval.
const OUTSIDE: f64 = 0.025;
/// A change that noise reaches this seldom on one side is worth another look, even where one of so
/// many rows can well be such.
const NOTABLE: f64 = 0.005;

const MORE_RUNS: &str = "another run of each side would tell";

/// Judges one figure of an endpoint, of which the values are shown. `common` is what all endpoints
/// did.
pub(super) fn judge_figure(
    figure: usize,
    values: [f64; 2],
    endpoint: &EndpointShift,
    common: Option<&CommonShift>,
) -> Judgement {
    let shift = &endpoint.figures[figure];
    let floor = floor(FIGURES[figure]);
    let matters = Size::of(values, floor);
    let mut judged = Judgement {
        scale: Scale::Relative,
        change: Some(values[1] / values[0] - 1.0).filter(|change| change.is_finite()),
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
    if let Some(few) = shift.too_few {
        judged.interval = None;
        judged.own = None;
        judged.smallest_detectable = None;
        if matters != Size::Small {
            judged.verdict = Change::Inconclusive;
            judged.reason = Some(format!(
                "it has some {} independent samples of the {} that it takes to judge this figure: a \
                 longer run would",
                units::number(few.found.floor(), 0),
                units::number(few.needed, 0),
            ));
        }
        return judged;
    }
    (judged.verdict, judged.reason) = conclude(matters, shift, endpoint, common);
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
        let difference = after - before;
        // Measured by the larger value, so that a rise and the fall back from it are judged alike.
        let size = before.abs().max(after.abs());
        if difference.abs() <= UNNOTICED_MS || difference.abs() <= floor * size {
            Self::Small
        } else if difference > 0.0 {
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
) -> (Change, Option<String>) {
    if size == Size::Small {
        return (Change::Unchanged, None);
    }
    // Once the family of endpoints has said that this one moved, its figures tell where.
    let chance = |difference: &Difference| match size {
        Size::Better => difference.below(),
        _ => difference.above(),
    };
    let sure = |difference: &Difference| chance(difference) < OUTSIDE;
    let decisive = shift.own.as_ref().unwrap_or(&shift.whole);
    if size.goes(endpoint.moved) && sure(decisive) {
        return (size.verdict(), None);
    }
    if size.goes(common.and_then(|common| common.moved)) && sure(&shift.whole) {
        let reason = "together with the other endpoints".to_owned();
        return (size.verdict(), Some(reason));
    }
    let notable = if shift.own.is_some() {
        NOTABLE
    } else {
        OUTSIDE
    };
    if chance(decisive) < notable {
        let reason = match shift.own {
            Some(_) => "one of so many figures can move as much by chance",
            None => "on one pair of runs that may be the machine",
        };
        return (Change::Inconclusive, Some(format!("{reason}; {MORE_RUNS}")));
    }
    let reason = if shift.own.is_some() && sure(&shift.whole) {
        "it moved with the other endpoints"
    } else {
        "the change is within the noise of these runs"
    };
    (Change::Unchanged, Some(reason.to_owned()))
}

/// Judges what all endpoints have in common.
pub(super) fn judge_common(common: &CommonShift) -> Judgement {
    let floor = floor(Figure::Common);
    let values = common.sides.map(f64::exp);
    let size = Size::of(values, floor);
    let typical = &common.typical;
    let beyond_runs = common.within.above().min(common.within.below()) < OUTSIDE;
    let (verdict, reason) = if let Some(moved) = common.moved
        && (size.goes(Some(moved)) || common.is_tail(moved))
    {
        let reason = (!size.goes(Some(moved))).then(|| {
            let change = common.tail.map_or(0.0, |tail| tail.value.exp_m1());
            format!(
                "p(95) of all endpoints together: {}",
                units::signed_percent(change)
            )
        });
        let worse = moved == Move::Slower;
        (
            if worse {
                Change::Regressed
            } else {
                Change::Improved
            },
            reason,
        )
    } else if size != Size::Small && beyond_runs {
        let reason = match typical.noise {
            Noise::History => "runs of one side differ by as much; more runs would tell",
            _ => "on one pair of runs that may be the machine; more runs of each side would tell",
        };
        (Change::Inconclusive, Some(reason.to_owned()))
    } else {
        let reason = "the change is within the noise of these runs".to_owned();
        (Change::Unchanged, (size != Size::Small).then_some(reason))
    };
    let least = typical.detectable(common.level).exp_m1();
    Judgement {
        scale: Scale::Relative,
        change: Some(typical.value.exp_m1()),
        interval: Some(interval(typical)),
        own: None,
        noise: typical.noise,
        smallest_detectable: Some(least.max(floor)),
        floor: Some(floor),
        verdict,
        reason,
    }
}

impl CommonShift {
    /// Whether p(95) of all endpoints moved this way beyond its floor.
    fn is_tail(&self, moved: Move) -> bool {
        let floor = floor(Figure::Stat(crate::run::Stat::p(95))).ln_1p();
        self.tail.is_some_and(|tail| match moved {
            Move::Slower => tail.value > floor,
            Move::Faster => tail.value < -floor,
        })
    }
}

/// 95%, as fractions of the baseline.
fn interval(difference: &Difference) -> [f64; 2] {
    let margin = difference.margin(OUTSIDE);
    [
        (difference.value - margin).exp_m1(),
        (difference.value + margin).exp_m1(),
    ]
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
