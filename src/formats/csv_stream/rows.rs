//! Where the rows of a CSV stream end, and which header they have.

use std::sync::Arc;

use memchr::{memchr, memmem, memrchr};

use super::header::Header;
use crate::formats::blocks::{Cut, LONGEST_LINE};
use crate::formats::detect::is_csv_header;

/// A quoted cell can hold line ends, but not this many: a stray quote must not eat the file.
const MOST_LINES_IN_A_ROW: usize = 16;

/// Cuts a stream into blocks of whole rows that share a header. A header, which a file of several
/// runs or pods repeats, begins a block.
#[derive(Default)]
pub(crate) struct Rows {
    /// `None` before the first header.
    header: Option<Arc<Header>>,
}

impl Cut for Rows {
    type Context = Option<Arc<Header>>;

    fn whole(&mut self, text: &[u8], at_end: bool) -> usize {
        let whole = if at_end {
            text.len()
        } else {
            memrchr(b'\n', text).map_or(0, |end| end + 1)
        };
        let lines = &text[..whole];
        // Only a row with a quote can go on after its line, and only a header names its columns.
        let mut quotes = Marks::of(|rest| memchr(b'"', rest));
        let mut names = Marks::of(|rest| memmem::find(rest, b"metric_value"));
        let mut row = 0;
        if let Some((header, end)) = header(lines) {
            self.begin(header);
            row = end;
        }
        loop {
            let mark = quotes.next(lines, row).min(names.next(lines, row));
            if mark == NOWHERE {
                return whole;
            }
            row += memrchr(b'\n', &lines[row..mark]).map_or(0, |end| end + 1);
            if let Some((header, end)) = header(&lines[row..]) {
                if self.header.as_deref() != Some(&header) {
                    return row;
                }
                row += end;
                continue;
            }
            row += match row_end(&lines[row..], at_end) {
                Some(end) => end,
                // A quoted cell of this size is none: the line is a row of its own.
                None if row == 0 && text.len() >= LONGEST_LINE => line_end(lines, 0),
                None => return row,
            };
        }
    }

    fn context(&self) -> Self::Context {
        self.header.clone()
    }
}

impl Rows {
    fn begin(&mut self, header: Header) {
        if self.header.as_ref().is_none_or(|known| **known != header) {
            self.header = Some(Arc::new(header));
        }
    }
}

/// Places in a text at which something stands, found one after another.
struct Marks<F> {
    find: F,
    /// The last that was found; `NOWHERE` when there are no more.
    last: Option<usize>,
}

impl<F: Fn(&[u8]) -> Option<usize>> Marks<F> {
    fn of(find: F) -> Self {
        Self { find, last: None }
    }

    /// The first place from here on.
    fn next(&mut self, text: &[u8], from: usize) -> usize {
        if self.last.is_none_or(|last| last < from) {
            let found = (self.find)(&text[from..]);
            self.last = Some(found.map_or(NOWHERE, |at| from + at));
        }
        self.last.unwrap_or(NOWHERE)
    }
}

const NOWHERE: usize = usize::MAX;

/// The length of the row at the beginning of a text of whole lines; `None` when it may go on after
/// the text. A header is a line, whatever quotes it holds.
pub(super) fn row_end(text: &[u8], at_end: bool) -> Option<usize> {
    let first = line_end(text, 0);
    let mut quotes = Quotes::default();
    let mut from = 0;
    let mut end = first;
    for _ in 0..MOST_LINES_IN_A_ROW {
        quotes.read(without_end(&text[from..end]));
        if !quotes.open || (end == first && is_csv_header(text[..first].trim_ascii())) {
            return Some(end);
        }
        if end == text.len() {
            return at_end.then_some(first);
        }
        quotes.read(b"\n");
        from = end;
        end = line_end(text, from);
    }
    Some(first)
}

/// A line without its end.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Whether a quoted cell has not ended. A quote opens only at a cell's beginning, so that one
/// inside a log line does not.
struct Quotes {
    open: bool,
    at_cell_start: bool,
}

impl Default for Quotes {
    fn default() -> Self {
        Self {
            open: false,
            at_cell_start: true,
        }
    }
}

impl Quotes {
    fn read(&mut self, text: &[u8]) {
        for byte in text {
            let closes = self.open && *byte == b'"';
            let opens = self.at_cell_start && *byte == b'"';
            self.open = (self.open && !closes) || opens;
            // After a closing quote, too: two of them stand for one, and the cell goes on.
            self.at_cell_start = closes || (!self.open && *byte == b',');
        }
    }
}

/// The header at the beginning of a text, if there is one, and where its line ends.
fn header(text: &[u8]) -> Option<(Header, usize)> {
    let end = line_end(text, 0);
    let line = text[..end].trim_ascii();
    is_csv_header(line).then(|| (Header::parse(line), end))
}

/// Where the line that begins here ends.
fn line_end(text: &[u8], from: usize) -> usize {
    memchr(b'\n', &text[from..]).map_or(text.len(), |end| from + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_open(text: &str) -> bool {
        let mut quotes = Quotes::default();
        quotes.read(text.as_bytes());
        quotes.open
    }

    #[test]
    fn a_quote_opens_only_at_a_cells_beginning() {
        assert!(is_open("m,\"a"));
        assert!(!is_open("m,\"a \"\"b\"\" c\",1"));
        assert!(!is_open("time=\"2026\" msg=\"x"));
        assert!(!is_open("m,a \"\"b\"\",c"));
        assert!(is_open("m,\"a \"\"b"));
    }

    #[test]
    fn a_row_ends_where_its_quotes_do() {
        assert_eq!(row_end(b"a,b\nc\n", false), Some(4));
        assert_eq!(row_end(b"a,\"b\nc\",d\ne\n", false), Some(10));
        assert_eq!(row_end(b"a,\"b\nc\n", false), None, "more may come");
        assert_eq!(row_end(b"a,\"b\nc\n", true), Some(5), "a stray quote");
        let header = "metric_name,timestamp,metric_value,\"a\n";
        let row = "m,1,2,b\",\n";
        assert_eq!(
            row_end(format!("{header}{row}").as_bytes(), false),
            Some(header.len()),
            "a header is a line"
        );
        let many = format!("a,\"b\n{}", "c\n".repeat(20));
        assert_eq!(row_end(many.as_bytes(), false), Some(5), "a stray quote");
    }

    #[test]
    fn a_block_has_one_header() {
        let text = "metric_name,timestamp,metric_value\nm,1,2\nmetric_value\nmetric_name,timestamp,metric_value,x\nm,1,2,3\n";
        let mut rows = Rows::default();
        let first = rows.whole(text.as_bytes(), true);
        assert_eq!(&text[first - 13..first], "metric_value\n");
        let before = rows.context();
        assert_eq!(
            first + rows.whole(&text.as_bytes()[first..], true),
            text.len()
        );
        assert_ne!(before, rows.context());
    }
}
