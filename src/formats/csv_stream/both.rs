//! A text read with and without the fast path, which have to say the same.

use super::{Arc, CsvStream, Header, Parser, row_end};
use crate::formats::ways::{Outcome, outcome};

/// What a text holds, with and without the fast path.
pub(in crate::formats) fn both(text: &[u8]) -> [Outcome; 2] {
    let header = text.split_inclusive(|byte| *byte == b'\n').next();
    let header = Some(Arc::new(Header::parse(
        header.unwrap_or_default().trim_ascii(),
    )));
    let fast = outcome(&mut CsvStream::default(), |parser, known, found| {
        parser.parse(text, &header, known, found);
    });
    let mut whole = CsvStream {
        header: header.clone(),
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
