//! What fuzzing asks of the formats beside what is public.

use std::path::Path;

use super::csv_stream::{self, CsvStream};
use super::json_stream::{self, JsonStream};
use super::packed;
use super::stream::Parser;
use super::ways::{Outcome, in_blocks};
use super::{recorded, test_plan};
use crate::error::Result;
use crate::run::{Recorded, Skipped, TestPlan, parse_duration, show_duration};

/// How much a stream holds.
#[derive(Debug)]
pub struct Counts {
    /// The number of lines.
    pub lines: u64,
    /// The number of samples.
    pub samples: usize,
    /// The number of metrics' declarations.
    pub declarations: usize,
    /// What was not used.
    pub skipped: Skipped,
}

/// How much a text holds as a JSON stream. Asserts that the fast path and the full parser find the same, and
/// that blocks of this size change nothing.
///
/// # Errors
/// When it cannot be read.
pub fn json_stream(text: &[u8], block: usize) -> Result<Counts> {
    counts::<JsonStream>(text, &[json_stream::both::both(text)], block)
}

/// The same of a CSV stream.
///
/// # Errors
/// When it cannot be read.
pub fn csv_stream(text: &[u8], block: usize) -> Result<Counts> {
    counts::<CsvStream>(text, &csv_stream::both::of_stream(text), block)
}

fn counts<P: Parser>(text: &[u8], blocks: &[[Outcome; 2]], block: usize) -> Result<Counts> {
    for [fast, whole] in blocks {
        assert_eq!(fast, whole, "fast path and full parser");
    }
    let kept = in_blocks::<P>(text, block)?;
    assert_eq!(
        kept,
        in_blocks::<P>(text, text.len() + 1)?,
        "blocks of {block} and one of all"
    );
    let whole = || blocks.iter().map(|[_, whole]| whole);
    let samples = whole().map(|block| block.samples.len()).sum();
    assert_eq!(kept.samples, samples, "a run keeps every sample");
    Ok(Counts {
        lines: whole().map(|block| block.lines).sum(),
        samples,
        declarations: whole().map(|block| block.declarations.len()).sum(),
        skipped: kept.skipped,
    })
}

/// Reads the plan of a test.
///
/// # Errors
/// When it is none.
pub fn test_plan(text: &[u8]) -> Result<TestPlan> {
    test_plan::parse(Path::new("a.plan.json"), text)
}

/// Reads what `perf-report run` wrote down of a test.
///
/// # Errors
/// When it is nothing of the kind.
pub fn recorded(text: &[u8]) -> Result<Recorded> {
    recorded::parse(Path::new("a.plan.json"), text)
}

/// Decodes bytes as a column of a packed file, of so many rows.
pub fn packed_column(bytes: &[u8], rows: usize) {
    packed::column(bytes, rows);
}

/// Reads a duration. Asserts that what is shown of it reads as the same.
pub fn duration(text: &str) {
    if let Some(duration) = parse_duration(text) {
        let shown = show_duration(duration);
        assert_eq!(parse_duration(&shown), Some(duration), "{shown}");
    }
}
