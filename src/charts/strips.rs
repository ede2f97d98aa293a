//! Panels above each other over one axis of time: load, failures, users, data.

use plotters::style::text_anchor::{HPos, VPos};

use super::Width;
use super::axis::Axis;
use super::legend::Key;
use super::panel::{Frame, Panel, TimeFrame, label_room, picture_over_time, pixels, text_width};
use super::theme::{self, Ink, SCALE};
use crate::error::Result;
use crate::report::page::{LimitLine, Moment, OverTime};
use crate::units;

/// An axis reaches this much beyond a limit, so that the limit's text stays below the title.
pub(super) const LIMIT_ROOM: f64 = 1.15;
/// The height of a scenario's lane, and of what surrounds all of them.
const LANE: u32 = 30;
const LANES_FRAME: u32 = 44;

type Value = fn(&Moment) -> Option<f64>;

/// What one panel shows.
struct Strip<'a> {
    title: String,
    height: u32,
    axis: Axis,
    drawing: Drawing,
    /// The same of the baseline.
    before: Option<Value>,
    limits: &'a [LimitLine],
}

enum Drawing {
    /// A value with the area below it.
    Value(Value, Ink),
    /// Failed responses of each status on top of each other.
    Statuses(Vec<String>),
}

/// Draws the load and what failed: the panels that there are numbers for, one above the other.
///
/// # Errors
/// When plotters fails.
pub fn load(over_time: &OverTime, width: Width) -> Result<String> {
    let name = format!("Load and failures over time: {}", over_time.rate_sentence);
    draw(
        over_time,
        &load_strips(over_time),
        &over_time.lanes,
        &name,
        width,
    )
}

/// Draws the data received and sent.
///
/// # Errors
/// When plotters fails.
pub fn data(over_time: &OverTime, width: Width) -> Result<String> {
    let about = over_time.data_sentence.as_deref().unwrap_or_default();
    let name = format!("Data over time: {about}");
    let both: [(&str, Value, Ink); 2] = [
        ("Received per second", |m| Some(m.received), theme::RECEIVED),
        ("Sent per second", |m| Some(m.sent), theme::SENT),
    ];
    let strip = |(title, value, ink): (&str, Value, Ink)| Strip {
        title: title.to_owned(),
        height: 150,
        axis: Axis::from_zero(highest(over_time, value), 3, units::bytes),
        drawing: Drawing::Value(value, ink),
        before: Some(value),
        limits: &[],
    };
    draw(over_time, &both.map(strip), &[], &name, width)
}

fn draw(
    over_time: &OverTime,
    strips: &[Strip<'_>],
    lanes: &[(String, f64, f64)],
    name: &str,
    width: Width,
) -> Result<String> {
    let x = Axis::time(end_of(over_time), width.ticks());
    let left = label_room(&strips.iter().map(|strip| &strip.axis).collect::<Vec<_>>());
    let lanes_height = u32::try_from(lanes.len()).unwrap_or(0) * LANE + LANES_FRAME;
    let above = (!lanes.is_empty()).then_some(lanes_height);
    let heights: Vec<u32> = above
        .into_iter()
        .chain(strips.iter().map(|s| s.height))
        .collect();
    let time = TimeFrame {
        left,
        right: 16,
        end: end_of(over_time),
    };
    picture_over_time(width, &heights, name, time, |areas| {
        let mut areas = areas.iter();
        if above.is_some()
            && let Some(area) = areas.next()
        {
            let count = lanes.len() as f64;
            let y = Axis::blank(count);
            let frame = Frame {
                title: "Scenarios",
                x: &x,
                y: &y,
                left,
                right: 16,
                labelled: false,
                legend: &[],
            };
            draw_lanes(&Panel::new(area, &frame)?, lanes)?;
        }
        for (i, (strip, area)) in strips.iter().zip(areas).enumerate() {
            let legend = legend(over_time, strip);
            let frame = Frame {
                title: &strip.title,
                x: &x,
                y: &strip.axis,
                left,
                right: 16,
                labelled: i + 1 == strips.len(),
                legend: &legend,
            };
            draw_strip(&Panel::new(area, &frame)?, strip, over_time)?;
        }
        Ok(())
    })
}

fn draw_strip(panel: &Panel<'_>, strip: &Strip<'_>, over_time: &OverTime) -> Result<()> {
    let moments = &over_time.moments;
    match &strip.drawing {
        Drawing::Value(value, ink) => {
            for piece in moments.split(|moment| value(moment).is_none()) {
                let outline = steps(piece, *value);
                panel.area(&outline, *ink)?;
                panel.line(outline.into_iter().map(Some), *ink, 2)?;
            }
        }
        Drawing::Statuses(statuses) => {
            for (at, ink) in (0..statuses.len()).zip(theme::STATUSES) {
                let upto = |places: usize| -> Vec<(f64, f64)> {
                    let sum = |m: &Moment| m.failures.iter().take(places).sum::<f64>();
                    let step = |m: &Moment| [(m.from, sum(m)), (m.from + m.seconds, sum(m))];
                    moments.iter().flat_map(step).collect()
                };
                panel.band(&upto(at + 1), &upto(at), ink, 1.0)?;
            }
        }
    }
    if let Some(before) = strip.before {
        for piece in over_time.baseline.split(|moment| before(moment).is_none()) {
            let outline = steps(piece, before);
            panel.line(outline.into_iter().map(Some), theme::BEFORE, 2)?;
        }
    }
    draw_limits(panel, strip.limits)
}

fn draw_lanes(panel: &Panel<'_>, lanes: &[(String, f64, f64)]) -> Result<()> {
    let count = lanes.len() as f64;
    let (left, right, ..) = panel.bounds();
    for (i, (name, from, until)) in lanes.iter().enumerate() {
        let row = count - i as f64;
        panel.field((*from, row - 0.08), (*until, row - 0.3), theme::LANE)?;
        let (x, y) = panel.place(*from, row - 0.64);
        // The name stays inside of the picture.
        let x = x
            .min(right - text_width(name))
            .max(left + pixels(2 * SCALE));
        panel.write(name, (x, y), theme::TEXT, HPos::Left, VPos::Center)?;
    }
    Ok(())
}

fn legend(over_time: &OverTime, strip: &Strip<'_>) -> Vec<Key> {
    let mut keys = Vec::new();
    if let Drawing::Statuses(statuses) = &strip.drawing {
        let inks = statuses.iter().zip(theme::STATUSES);
        keys.extend(inks.map(|(status, ink)| Key::area(status, ink)));
    }
    if strip.before.is_some()
        && let Some(name) = &over_time.baseline_name
    {
        keys.push(Key::line(name, theme::BEFORE));
    }
    keys
}

fn highest(over_time: &OverTime, value: Value) -> f64 {
    let all = over_time.moments.iter().chain(&over_time.baseline);
    all.filter_map(value).fold(0.0, f64::max)
}

fn load_strips(over_time: &OverTime) -> Vec<Strip<'_>> {
    let highest = |value: Value| highest(over_time, value);
    let mut unit = over_time.unit.to_owned();
    unit[..1].make_ascii_uppercase();
    let rate: Value = |moment| Some(moment.rate);
    let mut strips = vec![Strip {
        title: format!("{unit} per second"),
        height: 200,
        axis: Axis::from_zero(highest(rate), 4, |value| units::number(value, 2)),
        drawing: Drawing::Value(rate, theme::RATE),
        before: Some(rate),
        limits: &[],
    }];
    let users = highest(|moment| moment.users);
    if users > 0.0 {
        strips.push(Strip {
            title: "Virtual users".to_owned(),
            height: 140,
            axis: Axis::from_zero(users, if users < 2.0 { 1 } else { 2 }, |users| {
                units::number(users, 1)
            }),
            drawing: Drawing::Value(|moment| moment.users, theme::USERS),
            before: Some(|moment| moment.users),
            limits: &[],
        });
    }
    if over_time.any_dropped {
        let dropped: Value = |moment| Some(moment.dropped);
        strips.push(Strip {
            title: "Dropped iterations".to_owned(),
            height: 140,
            axis: Axis::from_zero(highest(dropped), 3, |value| units::number(value, 1)),
            drawing: Drawing::Value(dropped, theme::DROPPED),
            before: Some(dropped),
            limits: &[],
        });
    }
    let failed = highest(|moment| moment.failed);
    if failed > 0.0 {
        let limit = over_time.failure_limits.last().map_or(0.0, |l| l.value);
        strips.push(Strip {
            title: "Share of requests that failed".to_owned(),
            height: 150,
            axis: Axis::from_zero(failed.max(limit * LIMIT_ROOM), 3, units::percent),
            drawing: Drawing::Value(|moment| moment.failed, theme::FAILED),
            before: Some(|moment| moment.failed),
            limits: &over_time.failure_limits,
        });
    }
    if !over_time.statuses.is_empty() {
        let sum: Value = |moment| Some(moment.failures.iter().sum());
        strips.push(Strip {
            title: "Failed responses per second".to_owned(),
            height: 150,
            axis: Axis::from_zero(highest(sum), 3, |value| units::number(value, 2)),
            drawing: Drawing::Statuses(over_time.statuses.clone()),
            before: None,
            limits: &[],
        });
    }
    strips
}

/// The end of the last piece of time. What a longer baseline did later has nothing beside it.
pub(super) fn end_of(over_time: &OverTime) -> f64 {
    let last = over_time.moments.last();
    last.map_or(0.0, |last| last.from + last.seconds)
}

/// A value holds for its piece of time, so that the outline is one of steps.
fn steps(moments: &[Moment], value: Value) -> Vec<(f64, f64)> {
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
        let svg = load(&over_time(moments), Width::Wide).expect("draws");
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
        let svg = load(&over_time(moments(5)), Width::Wide).expect("draws");
        assert!(!svg.contains("Share of requests that failed"));
        let mut some = moments(5);
        some[2].failed = Some(0.5);
        let svg = load(&over_time(some), Width::Narrow).expect("draws");
        assert!(svg.contains("Share of requests that failed"));
    }

    #[test]
    fn a_gap_parts_the_line() {
        let mut some = moments(6);
        some[1].users = Some(3.0);
        some[4].users = Some(3.0);
        let svg = load(&over_time(some), Width::Wide).expect("draws");
        assert_eq!(polylines(&svg, "line-users").len(), 2);
    }
}
