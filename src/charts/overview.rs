//! The run in one small picture: durations as a band over the load, with what went wrong marked.

use super::Width;
use super::axis::Axis;
use super::legend::Key;
use super::panel::{Frame, Panel, label_room, picture};
use super::strips::{LIMIT_ROOM, draw_limits, end_of};
use super::theme::{self, PERCENTILES};
use crate::error::Result;
use crate::report::page::{Moment, OverTime};
use crate::units;

/// How much of the height the load may take.
const LOAD_SHARE: f64 = 0.9;

/// Draws the band from the median to the 95th percentile, the requests per second behind it, and a
/// mark for each piece of time in which requests failed or iterations were dropped.
///
/// # Errors
/// When plotters fails.
pub fn overview(over_time: &OverTime, width: Width) -> Result<String> {
    let name = format!(
        "The run at a glance: {} {}",
        over_time.percentile_sentence, over_time.rate_sentence
    );
    let height = 190;
    picture(width, &[height], &name, |areas| {
        let Some(area) = areas.first() else {
            return Ok(());
        };
        draw(over_time, area, width)
    })
}

pub(super) fn draw(
    over_time: &OverTime,
    area: &super::panel::Area<'_>,
    width: Width,
) -> Result<()> {
    let moments = &over_time.moments;
    let line = |moments: &[Moment], at: usize| {
        let points = moments
            .iter()
            .map(|m| Some((m.middle(), m.percentiles?[at])));
        points.collect::<Vec<_>>()
    };
    let highest = line(moments, 2).into_iter().flatten().map(|point| point.1);
    let highest = highest.fold(0.0, f64::max);
    let limits: Vec<_> = over_time
        .duration_limits
        .iter()
        .filter(|limit| limit.value <= highest * 2.0)
        .cloned()
        .collect();
    let limit = limits.last().map_or(0.0, |limit| limit.value * LIMIT_ROOM);
    let x = Axis::time(end_of(over_time), width.ticks());
    let y = Axis::from_zero(highest.max(limit), 3, units::duration);
    let busiest = moments.iter().map(|moment| moment.rate).fold(0.0, f64::max);
    let mut legend = vec![
        Key::area(
            format!(
                "{} per second, up to {}",
                over_time.unit,
                units::number(busiest, 1)
            ),
            theme::GRID,
        ),
        Key::area("p50 to p95", PERCENTILES[1]),
    ];
    let is_bad =
        |moment: &Moment| moment.failed.is_some_and(|share| share > 0.0) || moment.dropped > 0.0;
    if moments.iter().any(is_bad) {
        legend.push(Key::area("failures", theme::FAILED));
    }
    if let Some(name) = &over_time.baseline_name {
        legend.push(Key::line(format!("p95 of the {name}"), theme::BEFORE));
    }
    let frame = Frame {
        title: if width == Width::Narrow {
            ""
        } else {
            "Duration"
        },
        x: &x,
        y: &y,
        left: label_room(&[&y]),
        right: 16,
        labelled: true,
        legend: &legend,
    };
    let panel = Panel::new(area, &frame)?;
    if busiest > 0.0 {
        let top = y.high * LOAD_SHARE;
        let step = |moment: &Moment| {
            let height = moment.rate / busiest * top;
            [
                (moment.from, height),
                (moment.from + moment.seconds, height),
            ]
        };
        let upper: Vec<(f64, f64)> = moments.iter().flat_map(step).collect();
        let lower: Vec<(f64, f64)> = upper.iter().map(|(x, _)| (*x, 0.0)).collect();
        panel.band(&upper, &lower, theme::GRID, 0.55)?;
    }
    for piece in moments.split(|moment| moment.percentiles.is_none()) {
        let line = |at| line(piece, at).into_iter().flatten().collect::<Vec<_>>();
        panel.band(&line(2), &line(0), PERCENTILES[1], 0.3)?;
    }
    panel.line(line(moments, 0), PERCENTILES[1], 2)?;
    panel.line(line(moments, 2), PERCENTILES[2], 2)?;
    // What went wrong stands on the axis, as high as the share that failed.
    for moment in moments.iter().filter(|moment| is_bad(moment)) {
        let share = moment.failed.unwrap_or(0.0).max(0.03);
        let top = y.high * (share * 0.9).min(0.9);
        panel.field(
            (moment.from, top),
            (moment.from + moment.seconds, 0.0),
            theme::FAILED,
        )?;
    }
    if over_time.baseline_name.is_some() {
        panel.line(line(&over_time.baseline, 2), theme::BEFORE, 2)?;
    }
    draw_limits(&panel, &limits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::tests::{moments, over_time};

    #[test]
    fn what_failed_is_marked_where_it_failed() {
        let mut some = moments(10);
        some[4].failed = Some(0.5);
        let svg = overview(&over_time(some), Width::Wide).expect("draws");
        // One mark, and one in the legend.
        let marks = svg.lines().filter(|line| line.contains("fill-failed"));
        let marks: usize = marks.map(|line| line.matches('M').count()).sum();
        assert_eq!(marks, 2);
        let calm = overview(&over_time(moments(10)), Width::Wide).expect("draws");
        assert!(!calm.contains("fill-failed"));
    }
}
