//! How durations are distributed: a histogram over a logarithmic axis.

use plotters::style::text_anchor::{HPos, VPos};

use super::Width;
use super::axis::{Axis, power_of_ten_millis};
use super::legend::Key;
use super::panel::{Frame, Panel, label_room, pixels, single, text_width};
use super::theme::{self, SCALE};
use crate::error::Result;
use crate::report::page::Distribution;
use crate::units;

/// The height of a line of text above the bars.
const LINE: u32 = 18;
/// Room on the right, into which a percentile's text may reach.
const MARGIN: u32 = 24;

/// Draws a bar for each bin, and a line for each percentile.
///
/// # Errors
/// When plotters fails.
pub fn distribution(distribution: &Distribution, width: Width) -> Result<String> {
    let bins = &distribution.bins;
    let (low, high) = (
        bins.first().map_or(1.0, |bin| bin.low),
        bins.last().map_or(10.0, |bin| bin.high),
    );
    let before = &distribution.baseline_bins;
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(0) as f64;
    let most = before.iter().copied().fold(most, f64::max);
    let legend = distribution.baseline_name.iter();
    let legend: Vec<Key> = legend
        .map(|name| Key::line(format!("{name}, scaled to as many"), theme::BEFORE))
        .collect();
    let ticks = width.ticks() + width.ticks() / 2;
    let x = Axis::logarithmic(low, high, ticks, power_of_ten_millis);
    let mut y = Axis::from_zero(most, 4, |value| units::number(value, 1));
    // Above the bars, a line of text for each percentile.
    let head = f64::from(LINE * 3 + 4) / 200.0;
    y.high = y.high.max(most / (1.0 - head));
    let title = format!("Number of {}", distribution.unit);
    let frame = Frame {
        title: &title,
        x: &x,
        y: &y,
        left: label_room(&[&y]),
        right: MARGIN,
        labelled: true,
        legend: &legend,
    };
    let name = format!("Distribution of durations: {}", distribution.sentence);
    single(width, 300, &name, &frame, |panel| {
        for bin in bins.iter().filter(|bin| bin.count > 0) {
            let (from, until) = (bin.low.log10(), bin.high.log10());
            panel.bar(from, until, bin.count as f64, theme::BAR)?;
        }
        let steps = bins.iter().zip(before).flat_map(|(bin, count)| {
            [
                Some((bin.low.log10(), *count)),
                Some((bin.high.log10(), *count)),
            ]
        });
        panel.line(steps, theme::BEFORE, 2)?;
        marks(panel, distribution)
    })
}

/// A line for each percentile, its text in a row of its own so that none covers another.
fn marks(panel: &Panel<'_>, distribution: &Distribution) -> Result<()> {
    let (_, right, top, bottom) = panel.bounds();
    let mut y = top;
    for (label, value) in distribution.marks.iter().filter(|(_, value)| *value > 0.0) {
        let (x, _) = panel.place(value.log10(), 0.0);
        panel.rule((x, y), (x, bottom), theme::MARK, 1)?;
        // To the right it crosses no line, since those of higher percentiles begin below it.
        let text = format!("{label} {}", units::duration(*value));
        let (gap, anchor) = if right + pixels(MARGIN * SCALE) - x >= text_width(&text) {
            (pixels(5 * SCALE), HPos::Left)
        } else {
            (-pixels(5 * SCALE), HPos::Right)
        };
        panel.write(&text, (x + gap, y), theme::MARK, anchor, VPos::Top)?;
        y += pixels(LINE * SCALE);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::tests::polylines;
    use crate::stats::histogram::Bin;

    fn example() -> Distribution {
        let bin = |low, high, count| Bin { low, high, count };
        Distribution {
            unit: "requests",
            sentence: "Short.".to_owned(),
            tail_sentence: "Long.".to_owned(),
            rows: Vec::new(),
            tail_rows: Vec::new(),
            baseline_name: None,
            baseline_bins: Vec::new(),
            tail: vec![(0.0, 1.0), (0.5, 10.0), (0.9, 200.0)],
            baseline_tail: Vec::new(),
            bins: vec![
                bin(1.0, 10.0, 5),
                bin(10.0, 100.0, 20),
                bin(100.0, 1000.0, 1),
            ],
            marks: vec![("p50", 10.0), ("p95", 100.0)],
        }
    }

    #[test]
    fn bars_are_as_high_as_their_counts() {
        let svg = distribution(&example(), Width::Wide).expect("draws");
        let path = svg.lines().find(|line| line.contains("fill-bar"));
        let bars = path.expect("bars").split('v').skip(1);
        let heights: Vec<f64> = bars
            .map(|bar| {
                bar.split('h')
                    .next()
                    .expect("a height")
                    .parse()
                    .expect("a number")
            })
            .collect();
        assert_eq!(heights.len(), 3);
        assert!((heights[1] / heights[0] - 4.0).abs() < 0.05, "{heights:?}");
        assert!((heights[0] / heights[2] - 5.0).abs() < 0.2, "{heights:?}");
    }

    #[test]
    fn percentiles_stand_at_their_values() {
        let svg = distribution(&example(), Width::Wide).expect("draws");
        let marks = polylines(&svg, "line-mark");
        let (first, second) = (marks[0][0].0, marks[1][0].0);
        let bars = svg.split("d=\"M").nth(1).expect("bars");
        let left = bars.split(' ').next().expect("x");
        let left: i32 = left.parse().expect("a number");
        // One and two thirds of three decades: equal distances.
        assert!(((second - first) - (first - left)).abs() <= 2 * pixels(SCALE));
        assert!(svg.contains("p95 100 ms"));
    }
}
