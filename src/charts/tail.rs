//! The curve of percentiles, with the last ones drawn apart: each step to the right stands for a tenth
//! of the requests that are left.

use super::Width;
use super::axis::{Axis, tail_place};
use super::legend::Key;
use super::panel::{Frame, label_room, single};
use super::theme::{BEFORE, PERCENTILES};
use crate::error::Result;
use crate::report::page::Distribution;
use crate::units;

/// Draws the duration that a share of requests does not exceed.
///
/// # Errors
/// When plotters fails.
pub fn tail(distribution: &Distribution, width: Width) -> Result<String> {
    let (curve, before) = (&distribution.tail, &distribution.baseline_tail);
    let last = |curve: &[(f64, f64)]| curve.last().copied().unwrap_or_default();
    let left = 1.0 - last(curve).0.max(last(before).0);
    let x = Axis::tail(1.0 / left, width == Width::Narrow);
    let highest = last(curve).1.max(last(before).1);
    let y = Axis::from_zero(highest, 5, units::duration);
    let title = format!("Duration that so many {} do not exceed", distribution.unit);
    let legend = distribution.baseline_name.iter();
    let legend: Vec<Key> = legend.map(|name| Key::line(name, BEFORE)).collect();
    let frame = Frame {
        title: &title,
        x: &x,
        y: &y,
        left: label_room(&[&y]),
        right: 28,
        labelled: true,
        legend: &legend,
    };
    let name = format!("Percentiles of durations: {}", distribution.tail_sentence);
    single(width, 300, &name, &frame, |panel| {
        let line = |curve: &[(f64, f64)]| {
            let points = curve
                .iter()
                .map(|(share, value)| Some((tail_place(*share), *value)));
            points.collect::<Vec<_>>()
        };
        panel.line(line(before), BEFORE, 2)?;
        panel.line(line(curve), PERCENTILES[2], 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::tests::polylines;

    #[test]
    fn equal_steps_stand_for_tenths() {
        let distribution = Distribution {
            unit: "requests",
            sentence: String::new(),
            tail_sentence: String::new(),
            rows: Vec::new(),
            tail_rows: Vec::new(),
            baseline_name: None,
            bins: Vec::new(),
            baseline_bins: Vec::new(),
            marks: Vec::new(),
            tail: vec![(0.0, 1.0), (0.9, 10.0), (0.99, 20.0), (0.999, 100.0)],
            baseline_tail: Vec::new(),
        };
        let svg = tail(&distribution, Width::Wide).expect("draws");
        let line = polylines(&svg, "line-p95").remove(0);
        let steps: Vec<i32> = line.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        assert!(
            steps.windows(2).all(|pair| (pair[0] - pair[1]).abs() <= 2),
            "{steps:?}"
        );
        assert!(
            line.windows(2).all(|pair| pair[1].1 < pair[0].1),
            "it rises"
        );
    }
}
