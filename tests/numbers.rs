//! The numbers are k6's, to the last bit.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::path::Path;

use common::{assert_equal_to_the_bit, streams_with_summaries};

#[test]
fn every_sample_equals_its_summary() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let pairs = streams_with_summaries(&samples);
    assert_eq!(pairs.len(), 8, "{pairs:?}");
    let compared: usize = pairs
        .iter()
        .map(|(stream, summary)| assert_equal_to_the_bit(stream, summary))
        .sum();
    assert!(compared > 600, "{compared} statistics");
}

#[test]
#[ignore = "needs a folder of k6 recordings, named by PERF_REPORT_RECORDINGS"]
fn every_recording_equals_its_summary() {
    let folder = std::env::var("PERF_REPORT_RECORDINGS").expect("PERF_REPORT_RECORDINGS is set");
    let pairs = streams_with_summaries(Path::new(&folder));
    assert!(pairs.len() > 10, "{pairs:?}");
    for (stream, summary) in pairs {
        assert!(assert_equal_to_the_bit(&stream, &summary) > 50);
    }
}
