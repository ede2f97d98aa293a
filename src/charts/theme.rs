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
    /// Whether its lines are dashed.
    dashed: bool,
}

impl Ink {
    const fn new(class: &'static str, light: u32, dark: u32) -> Self {
        Self {
            class,
            light: rgb(light),
            dark: rgb(dark),
            dashed: false,
        }
    }

    const fn dashed(self) -> Self {
        Self {
            dashed: true,
            ..self
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
pub(super) const LIMIT: Ink = Ink::new("limit", 0x9C_2F_1F, 0xFF_9C_85).dashed();
/// Bars of the distribution.
pub(super) const BAR: Ink = Ink::new("bar", 0x5C_86_AE, 0x5B_87_B3);
/// Marks in the distribution.
pub(super) const MARK: Ink = Ink::new("mark", 0x23_23_21, 0xEC_EC_E8);
/// The baseline, behind whatever it is compared with.
pub(super) const BEFORE: Ink = Ink::new("before", 0x6F_6C_62, 0x9C_A1_AC).dashed();
/// Iterations that were dropped.
pub(super) const DROPPED: Ink = Ink::new("dropped", 0x7A_52_01, 0xE8_C0_6B);
/// Data received, and sent.
pub(super) const RECEIVED: Ink = Ink::new("received", 0x2A_6F_6B, 0x7F_D3_C6);
pub(super) const SENT: Ink = Ink::new("sent", 0x7B_45_7F, 0xD7_9E_DB);
/// A scenario's lane.
pub(super) const LANE: Ink = Ink::new("lane", 0x4C_6A_8C, 0x86_A9_CF);
/// The percentiles p50, p90, p95 and p99: the rarer, the darker; told apart without hue, too.
pub(super) const PERCENTILES: [Ink; 4] = [
    Ink::new("p50", 0x2F_7F_73, 0x86_DB_CB),
    Ink::new("p90", 0x35_78_A8, 0x6E_B2_E6),
    Ink::new("p95", 0x28_4B_9A, 0x97_A6_F7),
    Ink::new("p99", 0x57_2A_84, 0xD0_A2_F5),
];
/// Failed responses by status, the most frequent first: from dark to light, so that neighbours in a
/// stack are told apart without hue.
pub(super) const STATUSES: [Ink; 5] = [
    Ink::new("status-1", 0x7E_1F_17, 0xFF_A3_97),
    Ink::new("status-2", 0xC9_5A_3F, 0xC8_5B_46),
    Ink::new("status-3", 0x8F_5A_00, 0xF2_C0_7A),
    Ink::new("status-4", 0xC2_8A_3B, 0x9A_6B_2C),
    Ink::new("status-5", 0x6B_5E_58, 0xC9_BF_B9),
];
/// Fields of the heat map, from few requests to many.
pub(super) const HEAT: [Ink; 6] = [
    Ink::new("heat-1", 0xE1_EA_F1, 0x23_2E_39),
    Ink::new("heat-2", 0xBF_D3_E3, 0x2B_44_5B),
    Ink::new("heat-3", 0x93_B6_D1, 0x36_5F_83),
    Ink::new("heat-4", 0x5F_92_B8, 0x4B_82_B1),
    Ink::new("heat-5", 0x33_6A_97, 0x7D_B0_DC),
    Ink::new("heat-6", 0x16_3F_66, 0xC5_E1_F8),
];

const INKS: [Ink; 29] = [
    GRID,
    AXIS,
    TEXT,
    RATE,
    FAILED,
    USERS,
    LIMIT,
    BAR,
    MARK,
    BEFORE,
    DROPPED,
    RECEIVED,
    SENT,
    LANE,
    PERCENTILES[0],
    PERCENTILES[1],
    PERCENTILES[2],
    PERCENTILES[3],
    STATUSES[0],
    STATUSES[1],
    STATUSES[2],
    STATUSES[3],
    STATUSES[4],
    HEAT[0],
    HEAT[1],
    HEAT[2],
    HEAT[3],
    HEAT[4],
    HEAT[5],
];

/// plotters draws on whole pixels; a chart is drawn this much larger, so that its lines are smooth.
pub(super) const SCALE: u32 = 10;
/// The size of text in the page's pixels.
pub(super) const TEXT_SIZE: u32 = 14;
/// The width of a letter of that size, at most.
const LETTER: u32 = 9;
/// The size that plotters has to be given for a text of so many of the page's pixels.
pub(super) fn font_size(size: u32) -> f64 {
    // plotters writes a font size that is smaller by this factor.
    f64::from(size * SCALE) * 1.24
}

/// The width of so many letters at the size of labels, at most.
pub(super) fn letters(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX / 100).min(200) * LETTER
}

/// The family is the page's own; this is for a picture without its page.
pub(super) const FAMILY: &str = "sans-serif";

/// The colours of both themes as rules of a style sheet. A browser that does not know `light-dark`
/// keeps the light ones.
#[must_use]
pub fn stylesheet() -> String {
    let hex = |(r, g, b): (u8, u8, u8)| format!("#{r:02x}{g:02x}{b:02x}");
    let mut rules = String::new();
    for ink in &INKS {
        let (class, light, dark) = (ink.class, hex(ink.light), hex(ink.dark));
        for (kind, property) in [("fill", "fill"), ("line", "stroke")] {
            // Writing to a string does not fail.
            let _ = writeln!(
                rules,
                ".{kind}-{class}{{{property}:{light};{property}:light-dark({light},{dark})}}"
            );
        }
    }
    rules
}

/// Makes plotters' document a part of a page: classes for colours, a size that follows the page,
/// and a name for those who cannot see it.
pub(super) fn dress(svg: &str, (width, height): (u32, u32), name: &str) -> String {
    let name = escape(name);
    let (width, height) = (width * SCALE, height * SCALE);
    let body = elements(svg);
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{name}\">\n{body}</svg>\n"
    )
}

/// Text as it stands in markup.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The elements of plotters' document with classes for their colours.
///
/// Texts cannot be mistaken for attributes, since plotters escapes their quotes.
pub(super) fn elements(svg: &str) -> String {
    let body = svg.split_once(">\n").map_or(svg, |(_, body)| body);
    let body = body.trim_end();
    let body = body.strip_suffix("</svg>").unwrap_or(body);
    let mut body = joined(body);
    for ink in &INKS {
        let (r, g, b) = ink.light;
        for (attribute, class) in [("fill", "fill"), ("stroke", "line")] {
            let plain = format!(" {attribute}=\"#{r:02X}{g:02X}{b:02X}\"");
            let dashes = if ink.dashed && attribute == "stroke" {
                " stroke-dasharray=\"60 40\""
            } else {
                ""
            };
            let classed = format!(" class=\"{class}-{}\"{plain}{dashes}", ink.class);
            body = body.replace(&plain, &classed);
        }
    }
    body.replace(" opacity=\"1\"", "")
}

/// Rectangles of one colour that follow one another become one path: a heat map has thousands.
fn joined(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut open: Option<&str> = None;
    for line in body.lines() {
        let rectangle = Rectangle::parse(line);
        let colour = rectangle.as_ref().map(|rectangle| rectangle.colour);
        if open.is_some() && open != colour {
            text.push_str("\"/>\n");
            open = None;
        }
        let Some(Rectangle {
            corner: (x, y),
            size: (width, height),
            colour,
        }) = rectangle
        else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        if open.is_none() {
            // Writing to a string does not fail.
            let _ = write!(text, "<path{colour} d=\"");
            open = Some(colour);
        }
        let _ = write!(text, "M{x} {y}h{width}v{height}h-{width}z");
    }
    if open.is_some() {
        text.push_str("\"/>\n");
    }
    text
}

/// One of plotters' rectangles.
struct Rectangle<'a> {
    corner: (&'a str, &'a str),
    size: (&'a str, &'a str),
    /// All attributes after the size.
    colour: &'a str,
}

impl<'a> Rectangle<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let rest = line.strip_prefix("<rect x=\"")?;
        let (x, rest) = rest.split_once("\" y=\"")?;
        let (y, rest) = rest.split_once("\" width=\"")?;
        let (width, rest) = rest.split_once("\" height=\"")?;
        let (height, rest) = rest.split_once('"')?;
        Some(Self {
            corner: (x, y),
            size: (width, height),
            colour: rest.strip_suffix("/>")?,
        })
    }
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
    fn fields_of_a_heat_map_become_darker_or_lighter_step_by_step() {
        let sum = |(r, g, b): (u8, u8, u8)| u32::from(r) + u32::from(g) + u32::from(b);
        for pair in HEAT.windows(2) {
            assert!(sum(pair[0].light) > sum(pair[1].light) + 40);
            assert!(sum(pair[0].dark) + 40 < sum(pair[1].dark));
        }
    }

    #[test]
    fn rectangles_of_one_colour_become_one_path() {
        let rect = |x: u32, fill: &str| {
            format!(
                "<rect x=\"{x}\" y=\"2\" width=\"3\" height=\"4\" opacity=\"1\" fill=\"{fill}\" stroke=\"none\"/>\n"
            )
        };
        let body = [
            rect(1, "#000000"),
            rect(5, "#000000"),
            rect(9, "#111111"),
            "<text/>\n".into(),
        ];
        assert_eq!(
            joined(&body.concat()),
            "<path opacity=\"1\" fill=\"#000000\" stroke=\"none\" d=\"M1 2h3v4h-3zM5 2h3v4h-3z\"/>\n\
             <path opacity=\"1\" fill=\"#111111\" stroke=\"none\" d=\"M9 2h3v4h-3z\"/>\n<text/>\n"
        );
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
            .filter(|ink| !["grid", "axis"].contains(&ink.class) && !ink.class.starts_with("heat"))
        {
            let is_area = ["bar", "lane"].contains(&ink.class) || ink.class.starts_with("status");
            let needed = if is_area { 2.9 } else { 4.5 };
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
