//! Columns of text: the first ones stand left, numbers right.

use std::io::{self, Write};

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

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
    let widths = widths(titles, rows);
    let titles = line(titles, &widths, left);
    writeln!(out, "  {FAINT}{}{FAINT:#}", titles.trim_end())?;
    for row in rows {
        writeln!(out, "  {}", line(row, &widths, left).trim_end())?;
    }
    Ok(())
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
