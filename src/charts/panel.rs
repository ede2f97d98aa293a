//! A rectangle with two axes, into which charts draw.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::{Cartesian2d, DrawingArea, IntoDrawingArea, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, ShapeStyle, TRANSPARENT, TextStyle};

use super::Width;
use super::axis::Axis;
use super::legend::{self, Key, LEGEND, SWATCH};
use super::theme::{self, Ink, SCALE};
use crate::error::{Error, Result};

type Coordinates = Cartesian2d<Axis, Axis>;
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Room above a panel for its title, and below for its labels, in pixels.
const HEAD: u32 = 36;
const FOOT: u32 = 26;
/// Room below a panel that leaves its labels to another.
const GAP: u32 = 10;

/// What surrounds the drawing of a panel.
pub(super) struct Frame<'a> {
    pub(super) title: &'a str,
    pub(super) x: &'a Axis,
    pub(super) y: &'a Axis,
    /// The width of the labels on the left, equal for panels that stand above each other.
    pub(super) left: u32,
    /// Room on the right for labels of lines.
    pub(super) right: u32,
    /// Whether the horizontal axis has its labels; panels above each other share them.
    pub(super) labelled: bool,
    /// What the colours stand for, where the lines are not named themselves.
    pub(super) legend: &'a [Key],
}

/// A panel that is being drawn.
pub(super) struct Panel<'a> {
    chart: ChartContext<'a, SVGBackend<'a>, Coordinates>,
    area: Area<'a>,
}

/// Draws a picture of panels of these heights, from top to bottom.
pub(super) fn picture(
    width: Width,
    heights: &[u32],
    name: &str,
    draw: impl FnOnce(&[Area<'_>]) -> Result<()>,
) -> Result<String> {
    let (wide, high) = (width.pixels(), heights.iter().sum());
    let mut svg = String::new();
    {
        let root =
            SVGBackend::with_string(&mut svg, (wide * SCALE, high * SCALE)).into_drawing_area();
        let mut cuts = Vec::new();
        let mut bottom = 0;
        for height in heights.iter().take(heights.len().saturating_sub(1)) {
            bottom += height * SCALE;
            cuts.push(pixels(bottom));
        }
        let areas = root.split_by_breakpoints([] as [i32; 0], cuts);
        draw(&areas)?;
        root.present().map_err(broken)?;
    }
    Ok(theme::dress(&svg, (wide, high), name))
}

/// Draws a picture of one panel.
pub(super) fn single(
    width: Width,
    height: u32,
    name: &str,
    frame: &Frame<'_>,
    draw: impl FnOnce(&Panel<'_>) -> Result<()>,
) -> Result<String> {
    picture(width, &[height], name, |areas| match areas.first() {
        Some(area) => draw(&Panel::new(area, frame)?),
        None => Ok(()),
    })
}

/// The same over an axis of time that ends after so many seconds.
pub(super) fn single_over_time(
    width: Width,
    height: u32,
    name: &str,
    (frame, end): (&Frame<'_>, f64),
    draw: impl FnOnce(&Panel<'_>) -> Result<()>,
) -> Result<String> {
    let time = TimeFrame {
        left: frame.left,
        right: frame.right,
        end,
    };
    let svg = single(width, height, name, frame, draw)?;
    Ok(placed(&svg, width, time))
}

/// Draws a picture of panels over one axis of time, with where that lies, for whoever points at it.
pub(super) fn picture_over_time(
    width: Width,
    heights: &[u32],
    name: &str,
    frame: TimeFrame,
    draw: impl FnOnce(&[Area<'_>]) -> Result<()>,
) -> Result<String> {
    Ok(placed(&picture(width, heights, name, draw)?, width, frame))
}

/// A picture with where its axis of time lies.
fn placed(svg: &str, width: Width, frame: TimeFrame) -> String {
    let TimeFrame { left, right, end } = frame;
    let (left, right) = (left * SCALE, (width.pixels() - right) * SCALE);
    let place = format!("<svg data-left=\"{left}\" data-right=\"{right}\" data-end=\"{end}\"");
    svg.replacen("<svg", &place, 1)
}

/// Where an axis of time lies in a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeFrame {
    /// The room left of it.
    pub(super) left: u32,
    /// The room right of it.
    pub(super) right: u32,
    /// Where it ends, in seconds.
    pub(super) end: f64,
}

/// The room that axes' labels need on the left.
pub(super) fn label_room(axes: &[&Axis]) -> u32 {
    let labels = axes
        .iter()
        .flat_map(|axis| axis.ticks.iter().map(|tick| axis.label(*tick)));
    let longest = labels.map(|label| label.chars().count()).max();
    theme::letters(longest.unwrap_or(0)) + 12
}

/// The width of a text, at most, in the finest unit of a picture.
pub(super) fn text_width(text: &str) -> i32 {
    pixels(theme::letters(text.chars().count()) * SCALE)
}

impl<'a> Panel<'a> {
    /// Draws the axes.
    pub(super) fn new(area: &Area<'a>, frame: &Frame<'_>) -> Result<Self> {
        let wide = area.dim_in_pixel().0 / SCALE;
        let legend: u32 = frame.legend.iter().map(Key::room).sum();
        let title = theme::letters(frame.title.chars().count());
        // A legend stands beside the title, or in lines of its own where there is no room.
        let is_beside = title + legend + 16 <= wide;
        let lines = if is_beside {
            vec![frame.legend]
        } else {
            legend::lines(frame.legend, wide)
        };
        let first = if is_beside || frame.title.is_empty() {
            0
        } else {
            LEGEND
        };
        let below = first + (u32::try_from(lines.len()).unwrap_or(1).max(1) - 1) * LEGEND;
        let mut chart = ChartBuilder::on(area)
            .margin_top((HEAD + below) * SCALE)
            .margin_right(frame.right * SCALE)
            .y_label_area_size(frame.left * SCALE)
            .margin_bottom(if frame.labelled { 0 } else { GAP * SCALE })
            .x_label_area_size(if frame.labelled { FOOT * SCALE } else { 0 })
            .build_cartesian_2d(frame.x.clone(), frame.y.clone())
            .map_err(broken)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(line(theme::GRID, 1))
            .light_line_style(TRANSPARENT)
            .axis_style(line(theme::AXIS, 1))
            .set_all_tick_mark_size(4 * SCALE)
            .label_style(text(theme::TEXT))
            .draw()
            .map_err(broken)?;
        let panel = Self {
            chart,
            area: area.clone(),
        };
        let (left, right, _, bottom) = panel.bounds();
        panel.rule((left, bottom), (right, bottom), theme::AXIS, 1)?;
        let above = (0, pixels(6 * SCALE));
        panel.write(frame.title, above, theme::TEXT, HPos::Left, VPos::Top)?;
        let start = if is_beside {
            wide.saturating_sub(legend)
        } else {
            0
        };
        for (y, line) in (0..).map(|line| 6 + first + line * LEGEND).zip(lines) {
            panel.legend(line, start, y)?;
        }
        Ok(panel)
    }

    /// Draws a line of entries at a place given in the page's pixels.
    fn legend(&self, keys: &[Key], start: u32, y: u32) -> Result<()> {
        let mut x = start;
        for key in keys {
            let (left, right) = (pixels(x * SCALE), pixels((x + SWATCH) * SCALE));
            let middle = pixels((y + 7) * SCALE);
            if key.is_area {
                let half = pixels(5 * SCALE);
                let corners = [(left + half / 2, middle - half), (right, middle + half)];
                self.plate(corners, key.ink)?;
            } else {
                self.rule((left, middle), (right, middle), key.ink, 2)?;
            }
            let at = (right + pixels(5 * SCALE), pixels(y * SCALE));
            self.write(&key.text, at, theme::TEXT, HPos::Left, VPos::Top)?;
            x += key.room();
        }
        Ok(())
    }

    /// An area between two lines, each from left to right.
    pub(super) fn band(
        &self,
        upper: &[(f64, f64)],
        lower: &[(f64, f64)],
        ink: Ink,
        opacity: f64,
    ) -> Result<()> {
        if upper.len() < 2 {
            return Ok(());
        }
        let outline: Vec<(f64, f64)> = upper.iter().chain(lower.iter().rev()).copied().collect();
        self.draw(&Polygon::new(outline, ink.color().mix(opacity)))
    }

    /// A dot.
    pub(super) fn dot(&self, at: (f64, f64), ink: Ink, opacity: f64) -> Result<()> {
        let style = ink.color().mix(opacity).filled();
        self.draw(&Circle::new(at, 7 * SCALE / 2, style))
    }

    /// A rectangle between two places of the picture.
    pub(super) fn plate(&self, corners: [(i32, i32); 2], ink: Ink) -> Result<()> {
        let plate = Rectangle::new(corners, ink.color().filled());
        self.area.draw(&plate).map_err(broken)
    }

    /// A rectangle between two corners.
    pub(super) fn field(&self, corner: (f64, f64), opposite: (f64, f64), ink: Ink) -> Result<()> {
        self.draw(&Rectangle::new([corner, opposite], ink.color().filled()))
    }

    /// A line through points; a gap parts it.
    pub(super) fn line(
        &self,
        points: impl IntoIterator<Item = Option<(f64, f64)>>,
        ink: Ink,
        width: u32,
    ) -> Result<()> {
        let points: Vec<_> = points.into_iter().collect();
        for piece in points.split(Option::is_none) {
            let piece: Vec<(f64, f64)> = piece.iter().copied().flatten().collect();
            match piece.as_slice() {
                [] => {}
                [one] => self.draw(&Circle::new(*one, width * SCALE, ink.color().filled()))?,
                _ => self.draw(&PathElement::new(piece, line(ink, width)))?,
            }
        }
        Ok(())
    }

    /// The area between points and zero.
    pub(super) fn area(&self, points: &[(f64, f64)], ink: Ink) -> Result<()> {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Ok(());
        };
        let mut outline = points.to_vec();
        outline.extend([(last.0, 0.0), (first.0, 0.0)]);
        self.draw(&Polygon::new(outline, ink.color().mix(0.16)))
    }

    /// A bar from zero.
    pub(super) fn bar(&self, from: f64, until: f64, height: f64, ink: Ink) -> Result<()> {
        let corners = [(from, height), (until, 0.0)];
        let mut bar = Rectangle::new(corners, ink.color().filled());
        // A hair's breadth of page between two bars.
        bar.set_margin(0, 0, SCALE / 2, SCALE / 2);
        self.draw(&bar)
    }

    /// Where a point lies in the picture, in its finest unit.
    pub(super) fn place(&self, x: f64, y: f64) -> (i32, i32) {
        let (x, y) = self.chart.backend_coord(&(x, y));
        let corner = self.area.get_base_pixel();
        (x - corner.0, y - corner.1)
    }

    /// The left, right, top and bottom of the drawing.
    pub(super) fn bounds(&self) -> (i32, i32, i32, i32) {
        let (across, down) = self.chart.plotting_area().get_pixel_range();
        let corner = self.area.get_base_pixel();
        (
            across.start - corner.0,
            across.end - corner.0,
            down.start - corner.1,
            down.end - corner.1,
        )
    }

    /// A straight line between two places of the picture.
    pub(super) fn rule(
        &self,
        from: (i32, i32),
        to: (i32, i32),
        ink: Ink,
        width: u32,
    ) -> Result<()> {
        let rule = PathElement::new(vec![from, to], line(ink, width));
        self.area.draw(&rule).map_err(broken)
    }

    /// A text at a place of the picture.
    pub(super) fn write(
        &self,
        what: &str,
        at: (i32, i32),
        ink: Ink,
        across: HPos,
        down: VPos,
    ) -> Result<()> {
        let style = text(ink).pos(Pos::new(across, down));
        self.area
            .draw(&Text::new(what.to_owned(), at, style))
            .map_err(broken)
    }

    fn draw<E>(&self, element: &E) -> Result<()>
    where
        for<'b> &'b E: plotters::element::PointCollection<'b, (f64, f64)>,
        E: plotters::element::Drawable<SVGBackend<'a>>,
    {
        self.chart.plotting_area().draw(element).map_err(broken)
    }
}

/// Moves labels apart that would cover each other, keeping their order; `places` ascend.
pub(super) fn spread(places: &mut [i32], gap: i32, lowest: i32, highest: i32) {
    let mut least = lowest;
    for place in places.iter_mut() {
        *place = (*place).max(least);
        least = *place + gap;
    }
    let mut most = highest;
    for place in places.iter_mut().rev() {
        *place = (*place).min(most);
        most = *place - gap;
    }
}

fn line(ink: Ink, width: u32) -> ShapeStyle {
    ink.color().stroke_width(width * SCALE)
}

fn text(ink: Ink) -> TextStyle<'static> {
    let size = theme::font_size(theme::TEXT_SIZE);
    FontDesc::from((theme::FAMILY, size)).color(&ink.color())
}

pub(super) fn pixels(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

pub(super) fn broken(error: impl std::fmt::Display) -> Error {
    Error::Chart(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_move_apart_and_stay_inside() {
        let mut places = [0, 2, 4, 90];
        spread(&mut places, 10, 0, 100);
        assert_eq!(places, [0, 10, 20, 90]);
        let mut places = [95, 97, 99];
        spread(&mut places, 10, 0, 100);
        assert_eq!(places, [80, 90, 100]);
    }
}
