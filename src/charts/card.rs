//! The first screen of a page as one picture, for a ticket or a chat.

use plotters::coord::Shift;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, TextStyle};

use super::Width;
use super::overview;
use super::panel::{broken, pixels};
use super::theme::{self, SCALE};
use crate::error::Result;
use crate::report::page::{Page, Story, ThresholdRow, Tone};

/// Width and height in pixels: the shape that chats show without cutting.
pub const SIZE: (u32, u32) = (960, 504);

const MARGIN: u32 = 40;
/// Where the numbers and the picture below them begin.
const NUMBERS: u32 = 206;
const PICTURE: u32 = 296;
const FOOT: u32 = 472;
/// The most lines of the sentence, and the letters of one.
const LINES: usize = 3;
const LETTERS: usize = 98;

const PAPER: RGBColor = RGBColor(0xFB, 0xFA, 0xF7);
const INK: RGBColor = RGBColor(0x1D, 0x1D, 0x1C);
const SOFT: RGBColor = RGBColor(0x5C, 0x5B, 0x55);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws a page's verdict, reason and key numbers, and the run at a glance; of a summary alone, which
/// has no course, the thresholds. The result is a whole document.
///
/// # Errors
/// When plotters fails.
pub fn card(page: &Page) -> Result<String> {
    let (wide, high) = SIZE;
    let story = &page.story;
    let mut svg = String::new();
    {
        let size = (wide * SCALE, high * SCALE);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let card = Card { area: area.clone() };
        card.head(story)?;
        card.numbers(story)?;
        match &page.over_time.shown {
            Some(over_time) => {
                let (_, below) = area.split_vertically(PICTURE * SCALE);
                let (picture, _) = below.split_vertically((FOOT - PICTURE - 10) * SCALE);
                let (_, picture) = picture.split_horizontally(MARGIN * SCALE);
                let (picture, _) = picture.split_horizontally((wide - 2 * MARGIN) * SCALE);
                overview::draw(over_time, &picture, Width::Wide)?;
            }
            None => card.thresholds(&page.thresholds.rows)?,
        }
        card.foot(story, page.origin.version)?;
        area.present().map_err(broken)?;
    }
    let body = theme::elements(&svg);
    let title = theme::escape(&format!("{}: {}", story.headline.mark.word, story.name));
    let about = theme::escape(&story.headline.sentence);
    let (scaled_wide, scaled_high) = (wide * SCALE, high * SCALE);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" \
         viewBox=\"0 0 {scaled_wide} {scaled_high}\" role=\"img\">\n<title>{title}</title>\n\
         <desc>{about}</desc>\n{body}</svg>\n"
    ))
}

struct Card<'a> {
    area: Area<'a>,
}

impl Card<'_> {
    fn head(&self, story: &Story) -> Result<()> {
        let (wide, high) = SIZE;
        let tone = tone(story.headline.mark.tone);
        self.fill((0, 0), (wide, high), PAPER)?;
        self.fill((0, 0), (wide, 8), tone)?;
        self.write(&cut(&story.name, 70), (MARGIN, 30), (18, true), INK)?;
        let mark = &story.headline.mark;
        let verdict = format!("{} {}", mark.symbol, mark.word);
        self.write(&verdict, (MARGIN, 56), (40, true), tone)?;
        for (i, line) in (0..).zip(wrapped(&story.headline.sentence)) {
            self.write(&line, (MARGIN, 116 + i * 25), (16, false), INK)?;
        }
        Ok(())
    }

    fn numbers(&self, story: &Story) -> Result<()> {
        let columns = u32::try_from(story.key_numbers.len()).unwrap_or(1).max(1);
        let gap = 22;
        let column = (SIZE.0 - 2 * MARGIN + gap) / columns;
        for (i, number) in (0..).zip(&story.key_numbers) {
            let x = MARGIN + i * column;
            self.rule((x, NUMBERS), (x + column - gap, NUMBERS), INK)?;
            self.write(&number.label, (x, NUMBERS + 8), (12, false), SOFT)?;
            self.write(&number.value, (x, NUMBERS + 25), (25, true), INK)?;
            self.write(&number.detail, (x, NUMBERS + 58), (12, false), SOFT)?;
        }
        Ok(())
    }

    fn thresholds(&self, rows: &[ThresholdRow]) -> Result<()> {
        const MOST: usize = 6;
        for (i, row) in (0..).zip(rows.iter().take(MOST)) {
            let y = PICTURE + 8 + i * 26;
            let tone = tone(row.mark.tone);
            let mark = format!("{} {}", row.mark.symbol, row.mark.word);
            self.write(&mark, (MARGIN, y), (14, true), tone)?;
            let text = format!("{} {} is {}", row.name, row.expression, row.observed);
            self.write(&cut(&text, 90), (MARGIN + 100, y), (14, false), INK)?;
        }
        Ok(())
    }

    fn foot(&self, story: &Story, version: &str) -> Result<()> {
        let facts = story.facts.iter().filter(|fact| fact.label != "Read from");
        let facts: Vec<String> = facts.map(|f| format!("{} {}", f.label, f.value)).collect();
        let text = cut(&facts.join("  ·  "), 105);
        self.write(&text, (MARGIN, FOOT), (12, false), SOFT)?;
        let style = style((12, false), SOFT).pos(Pos::new(HPos::Right, VPos::Top));
        let at = (pixels((SIZE.0 - MARGIN) * SCALE), pixels(FOOT * SCALE));
        let text = Text::new(format!("perf-report {version}"), at, style);
        self.area.draw(&text).map_err(broken)
    }

    fn fill(&self, from: (u32, u32), until: (u32, u32), colour: RGBColor) -> Result<()> {
        let corners = [place(from), place(until)];
        let area = Rectangle::new(corners, colour.filled());
        self.area.draw(&area).map_err(broken)
    }

    fn rule(&self, from: (u32, u32), until: (u32, u32), colour: RGBColor) -> Result<()> {
        let ends = vec![place(from), place(until)];
        let rule = PathElement::new(ends, colour.stroke_width(2 * SCALE));
        self.area.draw(&rule).map_err(broken)
    }

    fn write(&self, text: &str, at: (u32, u32), font: (u32, bool), ink: RGBColor) -> Result<()> {
        let style = style(font, ink).pos(Pos::new(HPos::Left, VPos::Top));
        let text = Text::new(text.to_owned(), place(at), style);
        self.area.draw(&text).map_err(broken)
    }
}

fn place((x, y): (u32, u32)) -> (i32, i32) {
    (pixels(x * SCALE), pixels(y * SCALE))
}

fn style((size, is_bold): (u32, bool), ink: RGBColor) -> TextStyle<'static> {
    let weight = if is_bold {
        FontStyle::Bold
    } else {
        FontStyle::Normal
    };
    let size = theme::font_size(size);
    FontDesc::new(FontFamily::Name(theme::FAMILY), size, weight).color(&ink)
}

fn tone(tone: Tone) -> RGBColor {
    match tone {
        Tone::Good => RGBColor(0x1E, 0x6B, 0x45),
        Tone::Bad => RGBColor(0xA3, 0x2A, 0x1E),
        Tone::Unsure => RGBColor(0x7A, 0x52, 0x00),
        Tone::Plain => SOFT,
    }
}

fn cut(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A text in lines; what does not fit is cut.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    let mut is_cut = false;
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > LETTERS {
            if lines.len() == LINES {
                is_cut = true;
                break;
            }
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&cut(word, LETTERS));
        }
    }
    if is_cut && let Some(line) = lines.last_mut() {
        line.push('…');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_wrapped_and_cut() {
        let text = "word ".repeat(200);
        let lines = wrapped(text.trim());
        assert_eq!(lines.len(), LINES);
        assert!(lines.iter().all(|line| line.chars().count() <= LETTERS + 1));
        assert!(lines[LINES - 1].ends_with('…'));
        assert_eq!(wrapped("short"), ["short"]);
        assert_eq!(wrapped(&"x".repeat(500))[0].chars().count(), LETTERS + 1);
    }
}
