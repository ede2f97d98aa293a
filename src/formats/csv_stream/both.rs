//! Rows read with and without the fast path, which have to say the same.

#[cfg(fuzzing)]
use super::rows::Rows;
use super::{Arc, CsvStream, Header, Parser, row_end};
#[cfg(fuzzing)]
use crate::formats::blocks::Cut;
use crate::formats::ways::{Outcome, outcome};

/// What rows that share a header hold, with and without the fast path.
pub(super) fn of_block(text: &[u8], header: Option<Arc<Header>>) -> [Outcome; 2] {
    let fast = outcome(&mut CsvStream::default(), |parser, known, found| {
        parser.parse(text, &header, known, found);
    });
    let mut whole = CsvStream {
        header,
        ..CsvStream::default()
    };
    let whole = outcome(&mut whole, |parser, known, found| {
        let mut rest = text;
        while !rest.is_empty() {
            let (row, after) = rest.split_at(row_end(rest, true).unwrap_or(rest.len()));
            rest = after;
            parser.row(row, known, found);
        }
    });
    [fast, whole]
}

/// The same of a whole stream, cut where its header changes.
#[cfg(fuzzing)]
pub(in crate::formats) fn of_stream(text: &[u8]) -> Vec<[Outcome; 2]> {
    let mut rows = Rows::default();
    let mut rest = text;
    let mut blocks = Vec::new();
    while !rest.is_empty() {
        let (block, after) = rest.split_at(rows.whole(rest, true));
        blocks.push(of_block(block, rows.context()));
        rest = after;
    }
    blocks
}
