//! Requests a second, the share that failed, and virtual users, over one time axis.

use plotters::style::text_anchor::{HPos, VPos};

use super::Width;
use super::axis::Axis;
use super::panel::{Frame, Panel, label_room, picture, pixels, text_width};
use super::theme::{self, Ink, SCALE};
use crate::error::Result;
use crate::report::page::{LimitLine, Moment, OverTime};
use crate::units;

/// An axis reaches this much beyond a limit, so that the limit's text stays below the title.
pub(super) const LIMIT_ROOM: f64 = 1.15;

/// What one panel shows.
struct Strip<'a> {
    title: String,
    height: u32,
    axis: Axis,
    ink: Ink,
    value: fn(&Moment) -> Option<f64>,
    limits: &'a [LimitLine],
}

/// Draws the panels that there are numbers for, one above the other.
///
/// # Errors
/// When plotters fails.
pub fn rates(over_time: &OverTime, width: Width) -> Result<String> {
    let moments = &over_time.moments;
    let strips = strips(over_time);
    let x = Axis::time(end_of(moments), width.ticks());
    let left = label_room(&strips.iter().map(|strip| &strip.axis).collect::<Vec<_>>());
    let heights: Vec<u32> = strips.iter().map(|strip| strip.height).collect();
    let name = format!("Over time: {}", over_time.rate_sentence);
    picture(width, &heights, &name, |areas| {
        for (i, (strip, area)) in strips.iter().zip(areas).enumerate() {
            let frame = Frame {
                title: &strip.title,
                x: &x,
                y: &strip.axis,
                left,
                right: 16,
                labelled: i + 1 == strips.len(),
            };
            let panel = Panel::new(area, &frame)?;
            for piece in moments.split(|moment| (strip.value)(moment).is_none()) {
                let outline = steps(piece, strip.value);
                panel.area(&outline, strip.ink)?;
                panel.line(outline.into_iter().map(Some), strip.ink, 2)?;
            }
            draw_limits(&panel, strip.limits)?;
        }
        Ok(())
    })
}

fn strips(over_time: &OverTime) -> Vec<Strip<'_>> {
    let highest = |value: fn(&Moment) -> Option<f64>| {
        let values = over_time.moments.iter().filter_map(value);
        values.fold(0.0, f64::max)
    };
    let mut unit = over_time.unit.to_owned();
    unit[..1].make_ascii_uppercase();
    let rate: fn(&Moment) -> Option<f64> = |moment| Some(moment.rate);
    let mut strips = vec![Strip {
        title: format!("{unit} per second"),
        height: 200,
        axis: Axis::from_zero(highest(rate), 4, |value| units::number(value, 2)),
        ink: theme::RATE,
        value: rate,
        limits: &[],
    }];
    let failed = highest(|moment| moment.failed);
    if failed > 0.0 {
        let limit = over_time.failure_limits.last().map_or(0.0, |l| l.value);
        strips.push(Strip {
            title: "Share of requests that failed".to_owned(),
            height: 140,
            axis: Axis::from_zero(failed.max(limit * LIMIT_ROOM), 3, units::percent),
            ink: theme::FAILED,
            value: |moment| moment.failed,
            limits: &over_time.failure_limits,
        });
    }
    let users = highest(|moment| moment.users);
    if users > 0.0 {
        strips.push(Strip {
            title: "Virtual users".to_owned(),
            height: 140,
            axis: Axis::from_zero(users, if users < 2.0 { 1 } else { 2 }, |users| {
                units::number(users, 1)
            }),
            ink: theme::USERS,
            value: |moment| moment.users,
            limits: &[],
        });
    }
    strips
}

/// The end of the last piece of time.
pub(super) fn end_of(moments: &[Moment]) -> f64 {
    moments.last().map_or(0.0, |last| last.from + last.seconds)
}

/// A value holds for its piece of time, so that the outline is one of steps.
fn steps(moments: &[Moment], value: fn(&Moment) -> Option<f64>) -> Vec<(f64, f64)> {
    let step = |moment: &Moment| {
        let value = value(moment)?;
        Some([(moment.from, value), (moment.from + moment.seconds, value)])
    };
    moments.iter().filter_map(step).flatten().collect()
}

/// Limits across a panel, from the lowest up, each with its text above its line at the left.
pub(super) fn draw_limits(panel: &Panel<'_>, limits: &[LimitLine]) -> Result<()> {
    let (left, right, _, _) = panel.bounds();
    let margin = pixels(6 * SCALE);
    for limit in limits {
        let (_, y) = panel.place(0.0, limit.value);
        panel.rule((left, y), (right, y), theme::LIMIT, 1)?;
    }
    let mut last: Option<(i32, i32)> = None;
    for limit in limits {
        let (_, y) = panel.place(0.0, limit.value);
        let label = format!("limit {}", limit.label);
        // Beside the text below where it would cover that.
        let from = match last {
            Some((end, below)) if below - y < pixels(theme::TEXT_SIZE * SCALE) => end + margin,
            _ => left + margin,
        };
        let at = (from, y - pixels(2 * SCALE));
        panel.write(&label, at, theme::LIMIT, HPos::Left, VPos::Bottom)?;
        last = Some((from + text_width(&label), y));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::tests::{moments, over_time, polylines};

    #[test]
    fn the_peak_is_where_it_happened() {
        let mut moments = moments(10);
        moments[7].rate = 100.0;
        let svg = rates(&over_time(moments), Width::Wide).expect("draws");
        let lines = polylines(&svg, "line-rate");
        let top = lines
            .iter()
            .flatten()
            .min_by_key(|(_, y)| *y)
            .expect("points");
        let left = lines
            .iter()
            .flatten()
            .map(|(x, _)| *x)
            .min()
            .expect("points");
        let right = lines
            .iter()
            .flatten()
            .map(|(x, _)| *x)
            .max()
            .expect("points");
        // Piece 7 of 10 begins at seven tenths of the axis, within a pixel.
        let expected = left + (right - left) * 7 / 10;
        assert!(
            (top.0 - expected).abs() <= pixels(SCALE),
            "{top:?}, {expected}"
        );
    }

    #[test]
    fn failures_and_users_are_shown_only_if_there_are_any() {
        let svg = rates(&over_time(moments(5)), Width::Wide).expect("draws");
        assert!(!svg.contains("Share of requests that failed"));
        let mut some = moments(5);
        some[2].failed = Some(0.5);
        let svg = rates(&over_time(some), Width::Narrow).expect("draws");
        assert!(svg.contains("Share of requests that failed"));
    }

    #[test]
    fn a_gap_parts_the_line() {
        let mut some = moments(6);
        some[1].users = Some(3.0);
        some[4].users = Some(3.0);
        let svg = rates(&over_time(some), Width::Wide).expect("draws");
        assert_eq!(polylines(&svg, "line-users").len(), 2);
    }
}
