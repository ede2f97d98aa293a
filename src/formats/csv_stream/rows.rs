//! Where the rows of a CSV stream end, and which header they have.

use std::sync::Arc;

use memchr::{memchr, memmem, memrchr};

use super::header::Header;
use crate::formats::blocks::Cut;
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
        let whole = whole_rows(text, at_end);
        let text = &text[..whole];
        let mut from = 0;
        if let Some(end) = header_end(text) {
            let header = Header::parse(text[..end].trim_ascii());
            if self.header.as_deref() != Some(&header) {
                self.header = Some(Arc::new(header));
            }
            from = end;
        }
        next_header(text, from, at_end).unwrap_or(whole)
    }

    fn context(&self) -> Self::Context {
        self.header.clone()
    }
}

/// The number of bytes that are whole rows.
fn whole_rows(text: &[u8], at_end: bool) -> usize {
    let whole = if at_end {
        text.len()
    } else {
        memrchr(b'\n', text).map_or(0, |end| end + 1)
    };
    let mut at = 0;
    // Only a row with a quote can go on after its line.
    while let Some(quote) = memchr(b'"', &text[at..whole]) {
        let start = memrchr(b'\n', &text[at..at + quote]).map_or(at, |end| at + end + 1);
        match row_end(&text[start..whole], at_end) {
            Some(length) => at = start + length,
            None => return start,
        }
    }
    whole
}

/// The length of the row at the beginning of a text of whole lines; `None` when it may go on after
/// the text.
pub(super) fn row_end(text: &[u8], at_end: bool) -> Option<usize> {
    let line_end = |from: usize| memchr(b'\n', &text[from..]).map(|end| from + end + 1);
    let first = line_end(0).unwrap_or(text.len());
    let mut quotes = Quotes::default();
    let mut from = 0;
    let mut end = first;
    for _ in 0..MOST_LINES_IN_A_ROW {
        quotes.read(without_end(&text[from..end]));
        if !quotes.open {
            return Some(end);
        }
        if end == text.len() {
            return at_end.then_some(first);
        }
        quotes.read(b"\n");
        from = end;
        end = line_end(from).unwrap_or(text.len());
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
            match byte {
                b'"' if self.open => self.open = false,
                // Also the second of two quotes, which stand for one.
                b'"' if self.at_cell_start => self.open = true,
                _ => {}
            }
            self.at_cell_start = !self.open && (*byte == b',' || *byte == b'"');
        }
    }
}

/// The end of the header line at the beginning of a text, if there is one.
fn header_end(text: &[u8]) -> Option<usize> {
    let end = memchr(b'\n', text).map_or(text.len(), |end| end + 1);
    is_csv_header(text[..end].trim_ascii()).then_some(end)
}

/// The beginning of the next header line at or after a place.
fn next_header(text: &[u8], from: usize, at_end: bool) -> Option<usize> {
    memmem::find_iter(&text[from..], b"metric_value").find_map(|at| {
        let start = memrchr(b'\n', &text[..from + at]).map_or(0, |end| end + 1);
        header_end(&text[start..])?;
        is_row(text, start, at_end).then_some(start)
    })
}

/// Whether the line at this place begins a row, and does not lie in a quoted cell.
fn is_row(text: &[u8], line: usize, at_end: bool) -> bool {
    let mut at = 0;
    while let Some(quote) = memchr(b'"', &text[at..line]) {
        let start = memrchr(b'\n', &text[at..at + quote]).map_or(at, |end| at + end + 1);
        match row_end(&text[start..], at_end) {
            Some(length) if start + length <= line => at = start + length,
            _ => return false,
        }
    }
    true
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
        assert!(is_open("m,\"a \"\"b"));
    }

    #[test]
    fn a_row_ends_where_its_quotes_do() {
        assert_eq!(row_end(b"a,b\nc\n", false), Some(4));
        assert_eq!(row_end(b"a,\"b\nc\",d\ne\n", false), Some(10));
        assert_eq!(row_end(b"a,\"b\nc\n", false), None, "more may come");
        assert_eq!(row_end(b"a,\"b\nc\n", true), Some(5), "a stray quote");
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
