//! A text read with and without the fast path, which have to say the same.

use super::{JsonStream, Parser, take};
use crate::formats::ways::{Outcome, outcome};

/// What a text holds, with and without the fast path.
pub(in crate::formats) fn both(text: &[u8]) -> [Outcome; 2] {
    let fast = outcome(&mut JsonStream::default(), |parser, known, found| {
        parser.parse(text, &(), known, found);
    });
    let whole = outcome(&mut JsonStream::default(), |_, known, found| {
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            found.lines += 1;
            take(line, known, found);
        }
    });
    [fast, whole]
}
