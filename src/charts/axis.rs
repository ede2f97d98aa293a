//! Where an axis has its labels, and what they say.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::units;

/// The range of an axis, its labelled places, and their labels.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<f64>,
    label: fn(f64) -> String,
}

impl Axis {
    /// From zero to at least `highest`, at most `most` steps of 1, 2 or 5 times a power of ten.
    pub(super) fn from_zero(highest: f64, most: usize, label: fn(f64) -> String) -> Self {
        let highest = if highest > 0.0 && highest.is_finite() {
            highest
        } else {
            1.0
        };
        let rough = highest / most.max(1) as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * power)
            .find(|step| highest / step <= most as f64)
            .unwrap_or(10.0 * power);
        let steps = (highest / step).ceil().max(1.0);
        Self {
            low: 0.0,
            high: steps * step,
            ticks: multiples(step, steps),
            label,
        }
    }

    /// Seconds since the start, with steps that clocks have.
    pub(super) fn time(seconds: f64, most: usize) -> Self {
        const STEPS: [f64; 16] = [
            1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0,
            7200.0, 21600.0, 86400.0,
        ];
        let seconds = seconds.max(1.0);
        let fits = |step: &f64| seconds / step <= most as f64;
        let step = STEPS
            .into_iter()
            .find(fits)
            .unwrap_or_else(|| (seconds / most.max(1) as f64 / 86400.0).ceil() * 86400.0);
        Self {
            low: 0.0,
            high: seconds,
            ticks: multiples(step, (seconds / step).floor()),
            label: clock,
        }
    }

    /// A logarithmic axis in powers of ten, with labels at 1, 2 and 5 of each, or fewer where they
    /// would be closer than `most` evenly spread ones.
    pub(super) fn logarithmic(low: f64, high: f64, most: usize, label: fn(f64) -> String) -> Self {
        let (low, high) = (low.log10(), high.log10());
        let decades = || {
            let (from, until) = (low.floor(), high.ceil());
            std::iter::successors(Some(from), |power| Some(power + 1.0))
                .take_while(move |power| *power <= until)
        };
        let choices: [&[f64]; 3] = [&[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
        let ticks = |factors: &[f64]| -> Vec<f64> {
            decades()
                .flat_map(|power| factors.iter().map(move |f| power + f.log10()))
                .filter(|place| (low..=high).contains(place))
                .collect()
        };
        let all = choices.map(ticks);
        // The labels of 1 and 2 come closest to each other.
        let gap = (high - low) / most.max(1) as f64;
        let apart = |ticks: &&Vec<f64>| ticks.windows(2).all(|pair| pair[1] - pair[0] >= gap);
        let fits = all.iter().find(apart);
        let mut ticks = fits.or(all.last()).cloned().unwrap_or_default();
        if ticks.len() < 3 {
            ticks = even_values(low, high);
        }
        ticks.dedup_by_key(|place| label(*place));
        Self {
            low,
            high,
            ticks,
            label,
        }
    }

    /// From zero, without labels.
    pub(super) fn blank(high: f64) -> Self {
        Self {
            low: 0.0,
            high,
            ticks: Vec::new(),
            label: |_| String::new(),
        }
    }

    /// Shares of requests, each step from one tenth of those that are left to the next: 0, 90%, 99%,
    /// 99.9%, up to where only one of `count` is left.
    pub(super) fn tail(count: f64, narrow: bool) -> Self {
        let decades = count.max(10.0).log10();
        let mut ticks = vec![0.0, tail_place(0.5)];
        ticks.extend(
            (1..=9)
                .map(f64::from)
                .take_while(|ten| *ten <= decades + 0.01),
        );
        if narrow {
            ticks.remove(1);
        }
        Self {
            low: 0.0,
            high: decades,
            ticks,
            label: |place| {
                let share = (1.0 - 10f64.powf(-place)) * 100.0;
                format!("{}%", units::number(share, 7))
            },
        }
    }

    /// The label at a place of the axis.
    pub(super) fn label(&self, place: f64) -> String {
        (self.label)(place)
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    fn map(&self, place: &f64, (from, until): (i32, i32)) -> i32 {
        let share = (place - self.low) / (self.high - self.low);
        (f64::from(from) + share * f64::from(until - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format(place: &f64) -> String {
        units::number(*place, 2)
    }

    fn format_ext(&self, place: &f64) -> String {
        self.label(*place)
    }
}

fn multiples(step: f64, count: f64) -> Vec<f64> {
    std::iter::successors(Some(0.0), |i| Some(i + 1.0))
        .take_while(|i| *i <= count)
        .map(|i| i * step)
        .collect()
}

/// Places on a logarithmic axis of less than a decade, at evenly spaced round values.
fn even_values(low: f64, high: f64) -> Vec<f64> {
    let (least, most) = (10f64.powf(low), 10f64.powf(high));
    let steps = Axis::from_zero(most - least, 4, clock).ticks;
    let step = steps.get(1).copied().unwrap_or(most);
    let first = (least / step).ceil() * step;
    std::iter::successors(Some(first), |value| Some(value + step))
        .take_while(|value| *value <= most)
        .map(f64::log10)
        .collect()
}

/// Seconds since the start: `45 s`, `2 min`, `1 h 30 min`.
fn clock(seconds: f64) -> String {
    let (hours, rest) = (seconds.div_euclid(3600.0), seconds.rem_euclid(3600.0));
    let (minutes, seconds) = (rest.div_euclid(60.0), rest.rem_euclid(60.0));
    let parts = [(hours, "h"), (minutes, "min"), (seconds, "s")];
    let parts = parts.into_iter().filter(|(value, _)| *value > 0.0);
    let parts: Vec<String> = parts
        .map(|(value, unit)| format!("{value:.0} {unit}"))
        .collect();
    if parts.is_empty() {
        return "0 s".to_owned();
    }
    parts.join(" ")
}

/// The place of a share on an axis of [`Axis::tail`].
pub(super) fn tail_place(share: f64) -> f64 {
    -(1.0 - share).log10()
}

/// A place on a logarithmic axis of milliseconds.
pub(super) fn power_of_ten_millis(place: f64) -> String {
    // 10^log10(2) is not quite 2; six digits are more than a label shows.
    let digits = 10f64.powf(place.floor() - 5.0);
    units::duration((10f64.powf(place) / digits).round() * digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks.iter().map(|place| axis.label(*place)).collect()
    }

    #[test]
    fn steps_are_round_and_hold_the_highest() {
        let axis = Axis::from_zero(23.0, 5, units::duration);
        assert_eq!(
            labels(&axis),
            ["0 ms", "5 ms", "10 ms", "15 ms", "20 ms", "25 ms"]
        );
        assert!((axis.high - 25.0).abs() < 1e-9);
        let nothing = Axis::from_zero(0.0, 5, units::percent);
        assert_eq!(labels(&nothing).last().unwrap(), "100%");
        assert_eq!(
            labels(&Axis::from_zero(0.064, 3, units::percent))
                .last()
                .unwrap(),
            "10%"
        );
    }

    #[test]
    fn time_has_the_steps_of_a_clock() {
        assert_eq!(
            labels(&Axis::time(20.1, 5)),
            ["0 s", "5 s", "10 s", "15 s", "20 s"]
        );
        assert_eq!(
            labels(&Axis::time(150.0, 5)),
            ["0 s", "30 s", "1 min", "1 min 30 s", "2 min", "2 min 30 s"]
        );
        assert_eq!(labels(&Axis::time(7300.0, 3)), ["0 s", "1 h", "2 h"]);
        assert!(labels(&Axis::time(1e9, 10)).len() <= 11);
    }

    #[test]
    fn a_tail_goes_by_tenths() {
        let axis = Axis::tail(5000.0, false);
        assert_eq!(labels(&axis), ["0%", "50%", "90%", "99%", "99.9%"]);
        assert_eq!(labels(&Axis::tail(3.0, true)), ["0%", "90%"]);
        assert!((tail_place(0.999) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn logarithmic_labels_are_whole() {
        let axis = Axis::logarithmic(0.4, 60.0, 10, power_of_ten_millis);
        assert_eq!(
            labels(&axis),
            ["500 µs", "1 ms", "2 ms", "5 ms", "10 ms", "20 ms", "50 ms"]
        );
        let axis = Axis::logarithmic(0.001, 60_000.0, 10, power_of_ten_millis);
        assert_eq!(labels(&axis).first().unwrap(), "1 µs");
        assert_eq!(axis.ticks.len(), 8);
        let axis = Axis::logarithmic(11.3, 18.9, 10, power_of_ten_millis);
        assert_eq!(labels(&axis), ["12 ms", "14 ms", "16 ms", "18 ms"]);
        let axis = Axis::logarithmic(10.0, 10.001, 10, power_of_ten_millis);
        assert_eq!(labels(&axis), ["10 ms"]);
    }
}
