//! Colours and sizes of all charts.
//!
//! plotters writes literal colours. They are the light theme's, each used for one thing, so that
//! `dress` can give every element the class of its colour; [`stylesheet`] then sets the colours
//! of both themes. Without a style sheet, as where a policy forbids inline styles, the light
//! colours remain.

use std::fmt::Write as _;

use plotters::style::RGBColor;

/// What a colour stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    class: &'static str,
    light: (u8, u8, u8),
    dark: (u8, u8, u8),
}

impl Ink {
    const fn new(class: &'static str, light: u32, dark: u32) -> Self {
        Self {
            class,
            light: rgb(light),
            dark: rgb(dark),
        }
    }

    /// The colour to draw with.
    pub(super) const fn color(self) -> RGBColor {
        RGBColor(self.light.0, self.light.1, self.light.2)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "one byte each")]
const fn rgb(hex: u32) -> (u8, u8, u8) {
    ((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Lines of the grid.
pub(super) const GRID: Ink = Ink::new("grid", 0xE4_E2_DB, 0x33_36_3D);
/// The line at zero.
pub(super) const AXIS: Ink = Ink::new("axis", 0x9A_98_90, 0x6E_72_7B);
/// Labels.
pub(super) const TEXT: Ink = Ink::new("text", 0x57_56_50, 0xB3_B6_BD);
/// Requests.
pub(super) const RATE: Ink = Ink::new("rate", 0x2B_61_8F, 0x79_B4_E3);
/// Failed requests.
pub(super) const FAILED: Ink = Ink::new("failed", 0xB2_3A_2E, 0xF0_88_7A);
/// Virtual users.
pub(super) const USERS: Ink = Ink::new("users", 0x66_6A_73, 0xA2_A8_B4);
/// Limits of thresholds.
pub(super) const LIMIT: Ink = Ink::new("limit", 0x9C_2F_1F, 0xFF_9C_85);
/// Bars of the distribution.
pub(super) const BAR: Ink = Ink::new("bar", 0x5C_86_AE, 0x5B_87_B3);
/// Marks in the distribution.
pub(super) const MARK: Ink = Ink::new("mark", 0x23_23_21, 0xEC_EC_E8);
/// The percentiles p50, p90, p95 and p99: the rarer, the darker; told apart without hue, too.
pub(super) const PERCENTILES: [Ink; 4] = [
    Ink::new("p50", 0x2F_7F_73, 0x86_DB_CB),
    Ink::new("p90", 0x35_78_A8, 0x6E_B2_E6),
    Ink::new("p95", 0x28_4B_9A, 0x97_A6_F7),
    Ink::new("p99", 0x57_2A_84, 0xD0_A2_F5),
];

const INKS: [Ink; 13] = [
    GRID,
    AXIS,
    TEXT,
    RATE,
    FAILED,
    USERS,
    LIMIT,
    BAR,
    MARK,
    PERCENTILES[0],
    PERCENTILES[1],
    PERCENTILES[2],
    PERCENTILES[3],
];

/// plotters draws on whole pixels; a chart is drawn this much larger, so that its lines are smooth.
pub(super) const SCALE: u32 = 10;
/// The size of text in the page's pixels.
pub(super) const TEXT_SIZE: u32 = 14;
/// The family is the page's own; this is for a picture without its page.
pub(super) const FAMILY: &str = "sans-serif";

/// The colours of both themes as rules of a style sheet.
#[must_use]
pub fn stylesheet() -> String {
    let rules = |color: fn(&Ink) -> (u8, u8, u8)| {
        let mut rules = String::new();
        for ink in &INKS {
            let ((r, g, b), class) = (color(ink), ink.class);
            // Writing to a string does not fail.
            let _ = writeln!(
                rules,
                ".fill-{class}{{fill:#{r:02x}{g:02x}{b:02x}}}.line-{class}{{stroke:#{r:02x}{g:02x}{b:02x}}}"
            );
        }
        rules
    };
    let (light, dark) = (rules(|ink| ink.light), rules(|ink| ink.dark));
    format!("{light}@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n")
}

/// Makes plotters' document a part of a page: classes for colours, a size that follows the page,
/// and a name for those who cannot see it.
///
/// Texts cannot be mistaken for attributes, since plotters escapes their quotes.
pub(super) fn dress(svg: &str, width: u32, height: u32, name: &str) -> String {
    let body = svg.split_once(">\n").map_or(svg, |(_, body)| body);
    let mut body = body.to_owned();
    for ink in &INKS {
        let (r, g, b) = ink.light;
        for (attribute, class) in [("fill", "fill"), ("stroke", "line")] {
            let plain = format!(" {attribute}=\"#{r:02X}{g:02X}{b:02X}\"");
            let classed = format!(" class=\"{class}-{}\"{plain}", ink.class);
            body = body.replace(&plain, &classed);
        }
    }
    let body = body.replace(" opacity=\"1\"", "");
    let name = name
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;");
    let (width, height) = (width * SCALE, height * SCALE);
    format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{name}\">\n{body}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_stands_for_one_thing() {
        for (i, a) in INKS.iter().enumerate() {
            assert!(
                INKS[i + 1..]
                    .iter()
                    .all(|b| a.light != b.light && a.class != b.class)
            );
        }
    }

    #[test]
    fn lines_stand_out_from_the_page() {
        // WCAG 2.2: 4.5 for text, 3 for parts of a picture. The grid may be faint.
        let luminance = |(r, g, b): (u8, u8, u8)| {
            let part = |c: u8| {
                let c = f64::from(c) / 255.0;
                if c <= 0.04045 {
                    c / 12.92
                } else {
                    ((c + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
        };
        let contrast = |a, b| {
            let (a, b): (f64, f64) = (luminance(a), luminance(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for ink in INKS
            .iter()
            .filter(|ink| !["grid", "axis"].contains(&ink.class))
        {
            let needed = if ink.class == "bar" { 3.0 } else { 4.5 };
            let light = contrast(ink.light, rgb(0xFF_FF_FF));
            let dark = contrast(ink.dark, rgb(0x1B_1D_22));
            assert!(
                light >= needed && dark >= needed,
                "{}: {light} {dark}",
                ink.class
            );
        }
    }
}
