//! Percentiles of the duration over time as bands, with the limits of thresholds.

use plotters::style::text_anchor::{HPos, VPos};

use super::Width;
use super::axis::Axis;
use super::legend::Key;
use super::panel::{Frame, Panel, label_room, pixels, single_over_time, spread};
use super::strips::{LIMIT_ROOM, draw_limits, end_of};
use super::theme::{BEFORE, PERCENTILES, SCALE};
use crate::error::Result;
use crate::report::page::{Moment, OverTime};
use crate::units;

const NAMES: [&str; 4] = ["p50", "p90", "p95", "p99"];

/// Those of the baseline: its median and its 95th percentile.
const BEFORE_AT: [usize; 2] = [0, 2];

/// How much of its colour a band has, from one percentile to the next.
const BANDS: [f64; 3] = [0.2, 0.16, 0.12];

/// Draws bands between the percentiles, each named at the end of its line.
///
/// # Errors
/// When plotters fails.
pub fn percentiles(over_time: &OverTime, width: Width) -> Result<String> {
    let moments = &over_time.moments;
    let before = &over_time.baseline;
    let drawn = |moments: &[Moment], at: usize| {
        let points = moments
            .iter()
            .map(|m| Some((m.middle(), m.percentiles?[at])));
        points.collect::<Vec<_>>()
    };
    let highest_before = BEFORE_AT.map(|at| drawn(before, at)).concat();
    let highest_before = highest_before.into_iter().flatten().map(|point| point.1);
    let highest = moments
        .iter()
        .filter_map(|moment| moment.percentiles)
        .flatten()
        .chain(highest_before)
        .fold(0.0, f64::max);
    let limit = over_time.duration_limits.last().map_or(0.0, |l| l.value);
    let x = Axis::time(end_of(over_time), width.ticks());
    let y = Axis::from_zero(highest.max(limit * LIMIT_ROOM), 5, units::duration);
    let legend = over_time.baseline_name.iter();
    let legend: Vec<Key> = legend
        .map(|name| Key::line(format!("p50 and p95 of the {name}"), BEFORE))
        .collect();
    let title = format!("Duration of {}", over_time.unit);
    let frame = Frame {
        title: &title,
        x: &x,
        y: &y,
        left: label_room(&[&y]),
        right: 44,
        labelled: true,
        legend: &legend,
    };
    let name = format!("Percentiles over time: {}", over_time.percentile_sentence);
    let over = (&frame, end_of(over_time));
    single_over_time(width, 320, &name, over, |panel| {
        for piece in moments.split(|moment| moment.percentiles.is_none()) {
            let line = |at: usize| drawn(piece, at).into_iter().flatten().collect::<Vec<_>>();
            for (at, opacity) in BANDS.into_iter().enumerate() {
                panel.band(&line(at + 1), &line(at), PERCENTILES[at + 1], opacity)?;
            }
        }
        for at in BEFORE_AT {
            panel.line(drawn(before, at), BEFORE, 2)?;
        }
        for (at, ink) in PERCENTILES.into_iter().enumerate() {
            panel.line(drawn(moments, at), ink, if at % 2 == 0 { 2 } else { 1 })?;
        }
        draw_limits(panel, &over_time.duration_limits)?;
        name_lines(panel, moments)
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
