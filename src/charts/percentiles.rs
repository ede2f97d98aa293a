//! Percentiles of the duration over time, with the limits of thresholds.

use plotters::style::text_anchor::{HPos, VPos};

use super::Width;
use super::axis::Axis;
use super::panel::{Frame, Panel, label_room, picture, pixels, spread};
use super::rates::{LIMIT_ROOM, draw_limits, end_of};
use super::theme::{PERCENTILES, SCALE};
use crate::error::Result;
use crate::report::page::{Moment, OverTime};
use crate::units;

const NAMES: [&str; 4] = ["p50", "p90", "p95", "p99"];

/// Draws a line for each percentile, named at its end.
///
/// # Errors
/// When plotters fails.
pub fn percentiles(over_time: &OverTime, width: Width) -> Result<String> {
    let moments = &over_time.moments;
    let highest = moments
        .iter()
        .filter_map(|moment| moment.percentiles)
        .flatten()
        .fold(0.0, f64::max);
    let limit = over_time.duration_limits.last().map_or(0.0, |l| l.value);
    let x = Axis::time(end_of(moments), width.ticks());
    let y = Axis::from_zero(highest.max(limit * LIMIT_ROOM), 5, units::millis);
    let title = format!("Duration of {}", over_time.unit);
    let frame = Frame {
        title: &title,
        x: &x,
        y: &y,
        left: label_room(&[&y]),
        right: 44,
        labelled: true,
    };
    let name = format!("Percentiles over time: {}", over_time.percentile_sentence);
    picture(width, &[320], &name, |areas| {
        let Some(area) = areas.first() else {
            return Ok(());
        };
        let panel = Panel::new(area, &frame)?;
        for (i, ink) in PERCENTILES.into_iter().enumerate() {
            let point = |moment: &Moment| {
                let middle = moment.from + moment.seconds / 2.0;
                Some((middle, moment.percentiles?[i]))
            };
            panel.line(moments.iter().map(point), ink, 2)?;
        }
        draw_limits(&panel, &over_time.duration_limits)?;
        name_lines(&panel, moments)
    })
}

/// Writes each line's name beside its end.
fn name_lines(panel: &Panel<'_>, moments: &[Moment]) -> Result<()> {
    let Some(last) = moments.iter().rev().find_map(|moment| moment.percentiles) else {
        return Ok(());
    };
    let (_, right, top, bottom) = panel.bounds();
    // From the top down, which is from p99 to p50.
    let mut places: Vec<i32> = last.iter().rev().map(|v| panel.place(0.0, *v).1).collect();
    spread(&mut places, pixels(16 * SCALE), top, bottom);
    let names = NAMES.into_iter().zip(PERCENTILES).rev();
    for ((name, ink), y) in names.zip(places) {
        let at = (right + pixels(8 * SCALE), y);
        panel.write(name, at, ink, HPos::Left, VPos::Center)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::tests::{moments, over_time, polylines};
    use crate::report::page::LimitLine;

    #[test]
    fn a_spike_stands_at_its_height_and_time() {
        let mut some = moments(10);
        some[3].percentiles = Some([1.0, 2.0, 3.0, 50.0]);
        let svg = percentiles(&over_time(some), Width::Wide).expect("draws");
        let line = polylines(&svg, "line-p99").remove(0);
        let (at, top) = line
            .iter()
            .enumerate()
            .min_by_key(|(_, p)| p.1)
            .expect("points");
        assert_eq!(at, 3);
        // The axis ends at 50 ms, so that the spike touches the top of the drawing.
        assert!(line.iter().all(|p| p.1 >= top.1));
        let median = polylines(&svg, "line-p50").remove(0);
        assert!(median[3].1 > top.1);
    }

    #[test]
    fn a_limit_is_drawn_and_named_and_escaped() {
        let mut data = over_time(moments(4));
        data.duration_limits = vec![LimitLine {
            label: "p(95)<5\"><script>".to_owned(),
            value: 5.0,
        }];
        let svg = percentiles(&data, Width::Wide).expect("draws");
        assert_eq!(polylines(&svg, "line-limit").len(), 1);
        assert!(svg.contains("p(95)&lt;5&quot;&gt;&lt;script&gt;"));
        assert!(!svg.contains("<script"));
    }

    #[test]
    fn a_lone_piece_is_a_dot() {
        let mut some = moments(5);
        some[1].percentiles = None;
        some[3].percentiles = None;
        let svg = percentiles(&over_time(some), Width::Narrow).expect("draws");
        assert!(svg.contains("<circle"));
    }
}
