//! Durations against the load: a dot for each piece of time.

use super::Width;
use super::axis::Axis;
use super::legend::Key;
use super::panel::{Frame, label_room, single};
use super::theme::{BEFORE, PERCENTILES};
use crate::error::Result;
use crate::report::page::AgainstLoad;
use crate::units;

/// Draws the median and the 95th percentile of each piece of time over its load.
///
/// # Errors
/// When plotters fails.
pub fn against_load(
    data: &AgainstLoad,
    baseline_name: Option<&str>,
    width: Width,
) -> Result<String> {
    let all = || data.dots.iter().chain(&data.baseline);
    let highest = |at: usize| all().map(|dot| dot[at]).fold(0.0, f64::max);
    let x = Axis::from_zero(highest(0), width.ticks(), |value| units::number(value, 1));
    let y = Axis::from_zero(highest(2), 5, units::duration);
    let mut legend = vec![
        Key::area("median", PERCENTILES[0]),
        Key::area("p95", PERCENTILES[2]),
    ];
    if let Some(name) = baseline_name.filter(|_| !data.baseline.is_empty()) {
        legend.push(Key::area(name, BEFORE));
    }
    let title = format!("Duration, over {}", data.load.to_lowercase());
    let frame = Frame {
        title: &title,
        x: &x,
        y: &y,
        left: label_room(&[&y]),
        right: 28,
        labelled: true,
        legend: &legend,
    };
    let name = format!("Durations against the load: {}", data.sentence);
    single(width, 300, &name, &frame, |panel| {
        for [load, median, p95] in &data.baseline {
            panel.dot((*load, *median), BEFORE, 0.5)?;
            panel.dot((*load, *p95), BEFORE, 0.5)?;
        }
        for [load, median, p95] in &data.dots {
            panel.dot((*load, *median), PERCENTILES[0], 0.75)?;
            panel.dot((*load, *p95), PERCENTILES[2], 0.75)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_has_its_dots() {
        let data = AgainstLoad {
            sentence: String::new(),
            load: "Virtual users",
            dots: vec![[1.0, 5.0, 9.0], [2.0, 6.0, 20.0]],
            baseline: vec![[1.0, 4.0, 8.0]],
            rows: Vec::new(),
        };
        let svg = against_load(&data, Some("baseline"), Width::Wide).expect("draws");
        let dots = |class: &str| {
            let is_dot = |line: &&str| line.starts_with("<circle") && line.contains(class);
            svg.lines().filter(is_dot).count()
        };
        assert_eq!(dots("fill-p50"), 2);
        assert_eq!(dots("fill-p95"), 2);
        assert_eq!(dots("fill-before"), 2);
    }
}
