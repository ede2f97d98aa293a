//! One row's verdict: two values, what is known of their noise, and what follows.

use serde::Serialize;

use super::noise::{AssumedNoise, Noise, UNNOTICED_MS, matters};
use crate::stats::normal::TWO_SIDED_1_PERCENT;
use crate::stats::proportion::{Share, difference_interval, z_statistic};
use crate::units;

/// What a comparison says, of a row, a pair, or everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Worse, beyond noise and floor.
    Regressed,
    /// A difference that noise can explain, or that cannot be judged.
    Inconclusive,
    /// Better, beyond noise and floor.
    Improved,
    /// No difference that matters.
    Unchanged,
    /// Measured in the candidate only.
    Added,
    /// Measured in the baseline only.
    Removed,
}

impl Change {
    /// Its word, as in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Inconclusive => "inconclusive",
            Self::Improved => "improved",
            Self::Unchanged => "unchanged",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }

    /// What several verdicts come to: regressed, else inconclusive, else improved, else unchanged.
    /// What was added or removed does not count.
    pub fn worst(changes: impl IntoIterator<Item = Self>) -> Self {
        const ORDER: [Change; 3] = [Change::Regressed, Change::Inconclusive, Change::Improved];
        let changes: Vec<Self> = changes.into_iter().collect();
        let found = ORDER.into_iter().find(|change| changes.contains(change));
        found.unwrap_or(Self::Unchanged)
    }
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// A lower value, as of durations.
    Lower,
    /// A higher value, as of checks.
    Higher,
    /// Neither, or it is not known.
    Neutral,
}

/// What a row's change is a fraction of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Of the baseline.
    Relative,
    /// Of nothing: a difference in the row's unit.
    Absolute,
}

/// What follows from two values. A number that is not finite is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Whether change, interval, smallest detectable change and floor are fractions.
    pub scale: Scale,
    /// The change.
    pub change: Option<f64>,
    /// Where it lies: 95% within where noise is measured, 98% where it is assumed.
    pub interval: Option<[f64; 2]>,
    /// The change of an endpoint against the other endpoints.
    pub own: Option<Own>,
    /// Where the noise estimate came from.
    pub noise: Noise,
    /// The smallest change for the worse that would have been called.
    pub smallest_detectable: Option<f64>,
    /// The change below which a difference is of no interest.
    pub floor: Option<f64>,
    /// What follows.
    pub verdict: Change,
    /// Why it is inconclusive, or unchanged in spite of a change beyond the floor.
    pub reason: Option<String>,
}

/// A change of an endpoint against the mean of the others, by which it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Own {
    /// The change, as a fraction.
    pub change: f64,
    /// Where it lies with 95%.
    pub interval: [f64; 2],
}

/// Judges a change between values of a continuous quantity, such as a duration or a rate per second.
///
/// Ratios are judged, so that exchanging the sides mirrors the verdict: the larger value has to be
/// above the smaller by more than the noise's margin m, and the interval of candidate / baseline is
/// from r / (1 + m) to r · (1 + m). A value of zero or below has no ratio; then differences are
/// judged, with the same margin of the larger value.
pub(super) fn judge_values(
    baseline: f64,
    candidate: f64,
    noise: AssumedNoise,
    repetitions: (usize, usize),
    is_time: bool,
    direction: Direction,
) -> Judgement {
    let margin = noise.margin(repetitions);
    let difference = candidate - baseline;
    let size = baseline.abs().max(candidate.abs());
    let relative = baseline > 0.0 && candidate >= 0.0;
    let unnoticed = if is_time { UNNOTICED_MS } else { 0.0 };

    let (change, interval, smallest, floor, beyond) = if relative {
        let ratio = candidate / baseline;
        (
            difference / baseline,
            [ratio / (1.0 + margin) - 1.0, ratio * (1.0 + margin) - 1.0],
            margin.max(noise.floor).max(unnoticed / baseline),
            noise.floor,
            ratio > 1.0 + margin || ratio < 1.0 / (1.0 + margin),
        )
    } else {
        let width = margin * size;
        let floor = (noise.floor * size).max(unnoticed);
        (
            difference,
            [difference - width, difference + width],
            width.max(floor),
            floor,
            difference.abs() > width,
        )
    };
    let matters = matters([baseline, candidate], noise.floor, unnoticed);
    let (verdict, mut reason) = conclude(matters, beyond, difference, direction, || {
        format!(
            "the change is larger than the floor of {}, but within the assumed noise of ±{}",
            units::percent(noise.floor),
            units::percent((margin * 1e3).round() / 1e3),
        )
    });
    if !matters && difference.abs() > noise.floor * size {
        reason = Some(format!(
            "a difference of {UNNOTICED_MS} ms or less is not noticed"
        ));
    }
    Judgement {
        scale: if relative {
            Scale::Relative
        } else {
            Scale::Absolute
        },
        change: finite(change),
        // A ratio of zero has no noise that could be told.
        interval: finite(interval[0])
            .zip(finite(interval[1]))
            .filter(|(low, high)| low < high || difference == 0.0)
            .map(Into::into),
        own: None,
        noise: Noise::Assumed,
        smallest_detectable: finite(smallest),
        floor: finite(floor),
        verdict,
        reason,
    }
}

/// The noise of a share.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShareNoise {
    /// How many standard errors a change has to be away from zero.
    pub(super) z: f64,
    /// How much more shares vary over time than independent draws.
    pub(super) dispersion: f64,
    /// The difference below which nobody cares.
    pub(super) floor: f64,
}

/// Judges a change between shares, at ±z, with requests (or checks) taken as `dispersion` times less
/// telling than independent ones.
///
/// The pooled two-proportion test and Newcombe's interval have to agree, which makes the verdict a
/// little more careful where hits are few. The smallest detectable change is z pooled standard
/// errors, the share being shrunk by z² imagined samples, half of them hits (Agresti & Coull, The
/// American Statistician 52, 1998), as a share of zero is not certain to be zero.
pub(super) fn judge_shares(
    baseline: Share,
    candidate: Share,
    direction: Direction,
    ShareNoise {
        z,
        dispersion,
        floor,
    }: ShareNoise,
) -> Judgement {
    let (counted, then) = (baseline.total, candidate.total);
    let (baseline, candidate) = (
        baseline.dispersed(dispersion),
        candidate.dispersed(dispersion),
    );
    let change = candidate.rate() - baseline.rate();
    let (low, high) = difference_interval(baseline, candidate, z);
    let total = baseline.total + candidate.total;
    let shrunk = (baseline.hits + candidate.hits + z * z / 2.0) / (total + z * z);
    let variance = shrunk * (1.0 - shrunk) * (1.0 / baseline.total + 1.0 / candidate.total);
    let smallest = (z * variance.sqrt()).max(floor);
    let beyond = z_statistic(baseline, candidate).abs() > z && (low > 0.0 || high < 0.0);
    let matters = change.abs() > floor;
    let (mut verdict, mut reason) = conclude(matters, beyond, change, direction, || {
        "one of so many shares can move as much by chance; another run of each side would tell"
            .to_owned()
    });
    // Not even alone would it be a change.
    if verdict == Change::Inconclusive
        && !beyond
        && z_statistic(baseline, candidate).abs() < TWO_SIDED_1_PERCENT
    {
        verdict = Change::Unchanged;
        reason = Some(format!(
            "the change is within the noise of {} against {}",
            units::number(counted, 0),
            units::amount(then, "sample"),
        ));
    }
    Judgement {
        scale: Scale::Absolute,
        change: finite(change),
        interval: finite(low).zip(finite(high)).map(Into::into),
        own: None,
        noise: Noise::Assumed,
        smallest_detectable: finite(smallest.min(1.0)),
        floor: Some(floor),
        verdict,
        reason,
    }
}

/// Judges a change between shares of unknown totals: there is no telling its noise.
pub(super) fn judge_bare_shares(baseline: f64, candidate: f64, floor: f64) -> Judgement {
    let change = candidate - baseline;
    let matters = change.abs() > floor;
    Judgement {
        scale: Scale::Absolute,
        change: finite(change),
        interval: None,
        own: None,
        noise: Noise::None,
        smallest_detectable: None,
        floor: Some(floor),
        verdict: if matters {
            Change::Inconclusive
        } else {
            Change::Unchanged
        },
        reason: matters.then(|| "the number of samples behind it is not known".to_owned()),
    }
}

fn conclude(
    matters: bool,
    beyond_noise: bool,
    difference: f64,
    direction: Direction,
    within_noise: impl FnOnce() -> String,
) -> (Change, Option<String>) {
    let worse = match direction {
        Direction::Lower => difference > 0.0,
        Direction::Higher => difference < 0.0,
        Direction::Neutral => false,
    };
    if !matters {
        (Change::Unchanged, None)
    } else if !beyond_noise {
        (Change::Inconclusive, Some(within_noise()))
    } else if direction == Direction::Neutral {
        let reason = "it changed, and whether that is better or worse is not known";
        (Change::Inconclusive, Some(reason.to_owned()))
    } else if worse {
        (Change::Regressed, None)
    } else {
        (Change::Improved, None)
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Stat;
    use crate::stats::normal::ONE_SIDED_1_PERCENT;
    use proptest::prelude::*;

    fn time(baseline: f64, candidate: f64, stat: Stat) -> Judgement {
        let noise = AssumedNoise::of(stat);
        judge_values(baseline, candidate, noise, (1, 1), true, Direction::Lower)
    }

    const PLAIN: ShareNoise = ShareNoise {
        z: ONE_SIDED_1_PERCENT,
        dispersion: 1.0,
        floor: crate::compare::noise::SHARE_FLOOR,
    };

    fn share(hits: f64, total: f64) -> Share {
        Share { hits, total }
    }

    #[test]
    fn regressions_are_called_beyond_13_20_and_40_percent() {
        for (stat, below, above) in [
            (Stat::Med, 113.0, 113.3),
            (Stat::Avg, 113.0, 113.3),
            (Stat::p(95), 119.6, 119.9),
            (Stat::p(99), 139.3, 139.6),
        ] {
            assert_eq!(time(100.0, below, stat).verdict, Change::Inconclusive);
            let called = time(100.0, above, stat);
            assert_eq!(called.verdict, Change::Regressed, "{stat}");
            assert!(called.interval.unwrap()[0] > 0.0);
            assert!(called.change.unwrap() > called.smallest_detectable.unwrap());
            assert_eq!(time(above, 100.0, stat).verdict, Change::Improved);
        }
    }

    #[test]
    fn small_changes_are_none() {
        assert_eq!(time(100.0, 103.0, Stat::Med).verdict, Change::Unchanged);
        assert_eq!(time(100.0, 104.0, Stat::Med).verdict, Change::Inconclusive);
        // A third of a millisecond is not noticed, even where it is 29%.
        assert_eq!(time(1.0, 1.29, Stat::Med).verdict, Change::Unchanged);
        assert_eq!(time(1.0, 1.4, Stat::Med).verdict, Change::Regressed);
        assert_eq!(time(0.0, 0.0, Stat::Med).verdict, Change::Unchanged);
    }

    #[test]
    fn zero_has_no_ratio() {
        let risen = time(0.0, 8.0, Stat::Med);
        assert_eq!(
            (risen.scale, risen.change, risen.verdict),
            (Scale::Absolute, Some(8.0), Change::Regressed)
        );
        let fallen = time(8.0, 0.0, Stat::Med);
        assert_eq!(
            (fallen.scale, fallen.change, fallen.verdict),
            (Scale::Relative, Some(-1.0), Change::Improved)
        );
    }

    #[test]
    fn shares_take_the_test_and_the_floor() {
        let judge = |a, b| judge_shares(a, b, Direction::Lower, PLAIN).verdict;
        assert_eq!(
            judge(share(4.0, 480.0), share(31.0, 482.0)),
            Change::Regressed
        );
        assert_eq!(
            judge(share(31.0, 482.0), share(4.0, 480.0)),
            Change::Improved
        );
        assert_eq!(
            judge(share(4.0, 480.0), share(6.0, 480.0)),
            Change::Unchanged
        );
        // Worth a look, and one of many.
        let strict = ShareNoise { z: 3.5, ..PLAIN };
        let doubtful = judge_shares(
            share(4.0, 480.0),
            share(16.0, 480.0),
            Direction::Lower,
            strict,
        );
        assert_eq!(doubtful.verdict, Change::Inconclusive);
        // Failures that come together tell less.
        let bursts = ShareNoise {
            dispersion: 9.0,
            ..PLAIN
        };
        let burst = judge_shares(
            share(4.0, 480.0),
            share(31.0, 482.0),
            Direction::Lower,
            bursts,
        );
        assert_eq!(burst.verdict, Change::Unchanged);
        // Significant by far, and of no interest.
        let (few, more) = (share(1000.0, 1e6), share(2900.0, 1e6));
        assert_eq!(judge(few, more), Change::Unchanged);
        let checks = judge_shares(
            share(480.0, 480.0),
            share(450.0, 480.0),
            Direction::Higher,
            PLAIN,
        );
        assert_eq!(checks.verdict, Change::Regressed);
    }

    #[test]
    fn a_neutral_row_is_never_better_or_worse() {
        let noise = AssumedNoise::of(Stat::Rate);
        let judge = |to| judge_values(100.0, to, noise, (1, 1), false, Direction::Neutral);
        assert_eq!(judge(102.0).verdict, Change::Unchanged);
        assert_eq!(judge(300.0).verdict, Change::Inconclusive);
    }

    #[test]
    fn the_worst_stands() {
        use Change::{Added, Improved, Inconclusive, Regressed, Unchanged};
        assert_eq!(
            Change::worst([Improved, Regressed, Inconclusive]),
            Regressed
        );
        assert_eq!(Change::worst([Improved, Inconclusive]), Inconclusive);
        assert_eq!(Change::worst([Unchanged, Improved, Added]), Improved);
        assert_eq!(Change::worst([Added]), Unchanged);
        assert_eq!(Change::worst([]), Unchanged);
    }

    fn mirrored(change: Change) -> Change {
        match change {
            Change::Regressed => Change::Improved,
            Change::Improved => Change::Regressed,
            same => same,
        }
    }

    fn any_stat() -> impl Strategy<Value = Stat> {
        prop::sample::select(vec![Stat::Avg, Stat::Med, Stat::p(95), Stat::p(99)])
    }

    proptest! {
        #[test]
        fn exchanging_values_mirrors_the_verdict(
            a in prop_oneof![Just(0.0), 0.001..1e6f64],
            factor in 0.3..3.0f64,
            stat in any_stat(),
            n in 1..30usize, m in 1..30usize,
        ) {
            let noise = AssumedNoise::of(stat);
            let judge = |a, b, n| judge_values(a, b, noise, n, true, Direction::Lower).verdict;
            let b = a * factor;
            prop_assert_eq!(judge(a, b, (n, m)), mirrored(judge(b, a, (m, n))));
        }

        #[test]
        fn exchanging_shares_mirrors_the_verdict(
            hits in 0..500u32, more in 0..500u32, total in 1..500u32, other in 1..500u32,
        ) {
            let a = share(f64::from(hits.min(total)), f64::from(total));
            let b = share(f64::from(more.min(other)), f64::from(other));
            let judge = |a, b| judge_shares(a, b, Direction::Lower, PLAIN).verdict;
            prop_assert_eq!(judge(a, b), mirrored(judge(b, a)));
        }

        #[test]
        fn every_number_is_finite(
            a in prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL,
            b in prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL,
            stat in any_stat(),
        ) {
            let judged = time(a, b, stat);
            let numbers = [judged.change, judged.smallest_detectable, judged.floor];
            prop_assert!(numbers.into_iter().flatten().all(f64::is_finite));
            prop_assert!(judged.interval.is_none_or(|i| i.iter().all(|v| v.is_finite())));
        }
    }
}
