//! What holds of a stream in each of k6's formats.

use perf_report::formats::fuzzing::Counts;
use perf_report::formats::{LoadOptions, load};

use crate::files;

/// A stream's text without the mark that opening it takes off.
pub(crate) fn unmarked(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// A size of blocks that changes with the text.
pub(crate) fn block(text: &[u8]) -> usize {
    let sum = text.iter().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(*byte))
    });
    1 + sum % text.len().max(1)
}

/// Asserts that each line is told: as a sample, as a declaration, as skipped, or as one of those that say
/// nothing.
pub(crate) fn assert_all_told(text: &[u8], counts: &Counts, says_nothing: impl Fn(&[u8]) -> bool) {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let silent = lines.clone().filter(|line| says_nothing(line.trim_ascii()));
    let told = counts.samples + counts.declarations + silent.count();
    assert_eq!(counts.lines, lines.count() as u64, "{counts:?}");
    assert_eq!(
        counts.lines,
        counts.skipped.lines + told as u64,
        "{counts:?}"
    );
}

/// Asserts that a file of this text, if it is taken for this format, is read as its text is.
pub(crate) fn assert_read_alike(text: &[u8], format: &str, counts: &Counts) {
    let path = files::file("a.stream", text);
    match load(&[&path], LoadOptions::default()) {
        Ok(loaded) => {
            let run = &loaded.runs[0];
            if run.sources()[0].format == format && !is_compressed(text) {
                assert_eq!(run.points(), Some(counts.samples as u64));
                assert_eq!(run.skipped(), &counts.skipped);
            }
        }
        Err(error) => {
            let told = error.to_string();
            assert!(told.contains("a.stream"), "{told}");
        }
    }
}

fn is_compressed(text: &[u8]) -> bool {
    text.starts_with(b"\x1f\x8b") || text.starts_with(b"\x28\xb5\x2f\xfd")
}
