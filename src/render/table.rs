//! Columns of text: the first ones stand left, numbers right.

use std::borrow::Cow;
use std::io::{self, Write};

use anstyle::Style;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr};

const FAINT: Style = Style::new().dimmed();

/// Writes rows under their titles, two spaces in; the first `left` columns stand left.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write(
    titles: &[String],
    rows: &[Vec<String>],
    left: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_within(titles, rows, left, &[], None, out)
}

/// The same within the width of a terminal: `texts` are the columns that may be shortened to fit.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write_within(
    titles: &[String],
    rows: &[Vec<String>],
    left: usize,
    texts: &[usize],
    width: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut rows = rows.to_vec();
    let room = width.map(|width| width.saturating_sub(2));
    fit(titles, &mut rows, texts, room);
    let rows = &rows;
    let widths = widths(titles, rows);
    let titles = line(titles, &widths, left);
    writeln!(out, "  {FAINT}{}{FAINT:#}", titles.trim_end())?;
    for row in rows {
        writeln!(out, "  {}", line(row, &widths, left).trim_end())?;
    }
    Ok(())
}

/// Shortens the cells of the widest text column until the rows fit into the room, then those of the next.
/// Numbers stay whole, and so does what no shortening makes fit.
pub(super) fn fit(
    titles: &[String],
    rows: &mut [Vec<String>],
    texts: &[usize],
    room: Option<usize>,
) {
    let Some(room) = room else { return };
    let before = rows.to_vec();
    let mut left: Vec<usize> = texts.to_vec();
    loop {
        let widths = widths(titles, rows);
        let shown = widths.iter().filter(|width| **width > 0);
        let all = widths.iter().sum::<usize>() + 2 * shown.count().saturating_sub(1);
        let excess = all.saturating_sub(room);
        if excess == 0 {
            return;
        }
        let Some(at) = (0..left.len()).max_by_key(|at| widths.get(left[*at]).copied()) else {
            rows.clone_from_slice(&before);
            return;
        };
        let column = left.remove(at);
        let width = widths.get(column).copied().unwrap_or(0);
        let wanted = width.saturating_sub(excess).max(NARROWEST);
        for cell in rows.iter_mut().filter_map(|row| row.get_mut(column)) {
            *cell = shortened(cell, wanted).into_owned();
        }
    }
}

/// A name in fewer columns says nothing any more.
pub(super) const NARROWEST: usize = 16;

/// Text in at most so many columns, with `…` for what is left out.
pub(super) fn shortened(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut short = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        short.push(c);
    }
    short.push('…');
    Cow::Owned(short)
}

/// The widths of columns; nothing is wider than its widest cell.
pub(super) fn widths(titles: &[String], rows: &[Vec<String>]) -> Vec<usize> {
    let mut widths: Vec<usize> = titles.iter().map(|title| title.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    widths
}

/// A row as a line. A column in which nothing stands takes no room.
pub(super) fn line(cells: &[String], widths: &[usize], left: usize) -> String {
    let mut line = String::new();
    for (i, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let padding = " ".repeat(width.saturating_sub(cell.width()));
        if i > 0 && *width > 0 {
            line.push_str("  ");
        }
        if i < left {
            line.push_str(cell);
            line.push_str(&padding);
        } else {
            line.push_str(&padding);
            line.push_str(cell);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fitted(cells: [&str; 3], room: usize) -> Vec<String> {
        let titles = ["a", "b", "n"].map(str::to_owned);
        let mut rows = vec![cells.map(str::to_owned).to_vec()];
        fit(&titles, &mut rows, &[0, 1], Some(room));
        rows.remove(0)
    }

    #[test]
    fn the_widest_text_is_shortened_and_numbers_never() {
        let (name, other, number) = ("n".repeat(40), "o".repeat(20), "123456789");
        let cells = [name.as_str(), other.as_str(), number];
        assert_eq!(fitted(cells, 73), cells);
        let short = fitted(cells, 60);
        assert_eq!(
            short,
            [
                format!("{}…", "n".repeat(26)),
                other.clone(),
                number.to_owned()
            ]
        );
        let both = fitted(cells, 46);
        assert_eq!(both.iter().map(|cell| cell.width()).sum::<usize>(), 42);
        assert!(both[0].ends_with('…') && both[1].ends_with('…') && both[2] == number);
        // What cannot fit stays readable.
        assert_eq!(fitted(cells, 20), cells);
    }

    proptest! {
        #[test]
        fn shortened_text_is_never_wider(text in "\\PC{0,40}", width in 1_usize..50) {
            let short = shortened(&text, width);
            prop_assert!(short.width() <= width.max(1), "{short:?}");
        }
    }
}
