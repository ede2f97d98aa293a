//! Small pictures for the cells of tables: a course over time, a distribution.

use plotters::element::{PathElement, Rectangle};
use plotters::prelude::{IntoDrawingArea, SVGBackend};
use plotters::style::Color;

use super::panel::broken;
use super::theme::{self, Ink, SCALE};
use crate::error::Result;

/// Width and height in the page's pixels.
const WIDE: u32 = 160;
const HIGH: u32 = 28;
/// A small distribution's.
const NARROW: u32 = 90;
const LOW: u32 = 22;

/// A line through values, from the lowest at the bottom to the highest at the top; a gap parts it.
///
/// # Errors
/// When plotters fails.
pub fn spark(values: &[Option<f64>]) -> Result<String> {
    let known = || values.iter().flatten().copied();
    let (low, high) = (
        known().fold(f64::INFINITY, f64::min),
        known().fold(f64::NEG_INFINITY, f64::max),
    );
    let (wide, high_edge) = (f64::from(WIDE * SCALE), f64::from((HIGH - 4) * SCALE));
    let place = |(i, value): (usize, &Option<f64>)| {
        let share = if high > low {
            ((*value)? - low) / (high - low)
        } else {
            0.5
        };
        let x = (i as f64 + 0.5) / values.len() as f64 * wide;
        let y = f64::from(2 * SCALE) + (1.0 - share) * high_edge;
        value.map(|_| (whole(x), whole(y)))
    };
    let places: Vec<Option<(i32, i32)>> = values.iter().enumerate().map(place).collect();
    draw((WIDE, HIGH), |area| {
        for piece in places.split(Option::is_none) {
            let points: Vec<(i32, i32)> = piece.iter().copied().flatten().collect();
            let style = theme::RATE.color().stroke_width(SCALE * 3 / 2);
            area.draw(&PathElement::new(points, style))
                .map_err(broken)?;
        }
        Ok(())
    })
}

/// Bars as high as the counts.
///
/// # Errors
/// When plotters fails.
pub fn spread(counts: &[u64]) -> Result<String> {
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let bin = f64::from(NARROW * SCALE) / counts.len().max(1) as f64;
    let high = f64::from(LOW * SCALE);
    let ink: Ink = theme::BAR;
    draw((NARROW, LOW), |area| {
        for (i, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            // A single request is seen, too.
            let height = (*count as f64 / most * high).max(f64::from(SCALE));
            let (from, until) = (i as f64 * bin, (i + 1) as f64 * bin - 4.0);
            let corners = [
                (whole(from), whole(high - height)),
                (whole(until), whole(high)),
            ];
            let bar = Rectangle::new(corners, ink.color().filled());
            area.draw(&bar).map_err(broken)?;
        }
        Ok(())
    })
}

type Area<'a> = plotters::prelude::DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// A picture that says nothing by itself: the cells beside it hold its numbers.
fn draw((wide, high): (u32, u32), paint: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<String> {
    let mut svg = String::new();
    {
        let size = (wide * SCALE, high * SCALE);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        paint(&area)?;
        area.present().map_err(broken)?;
    }
    let body = theme::elements(&svg);
    let (scaled_wide, scaled_high) = (wide * SCALE, high * SCALE);
    Ok(format!(
        "<svg class=\"spark\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {scaled_wide} \
         {scaled_high}\" aria-hidden=\"true\">\n{body}</svg>"
    ))
}

#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn whole(value: f64) -> i32 {
    value.round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::tests::polylines;

    #[test]
    fn a_peak_is_highest_and_a_gap_parts() {
        let svg = spark(&[Some(1.0), Some(5.0), None, Some(2.0), Some(1.0)]).expect("draws");
        let lines = polylines(&svg, "line-rate");
        assert_eq!(lines.len(), 2);
        let top = lines
            .iter()
            .flatten()
            .min_by_key(|(_, y)| *y)
            .expect("points");
        assert_eq!(*top, lines[0][1]);
    }

    #[test]
    fn no_count_is_no_bar() {
        let svg = spread(&[0, 4, 0, 1]).expect("draws");
        let path = svg
            .lines()
            .find(|line| line.contains("fill-bar"))
            .expect("bars");
        assert_eq!(path.matches('M').count(), 2);
    }
}
