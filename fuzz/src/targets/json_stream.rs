//! k6's JSON stream: both paths and any blocks say the same, and no line is lost.

use perf_report::formats::fuzzing;

use crate::streams::{assert_all_told, assert_read_alike, block, unmarked};

pub(super) fn run(data: &[u8]) {
    let text = unmarked(data);
    let counts = fuzzing::json_stream(text, block(text)).expect("memory can be read");
    assert_all_told(text, &counts, <[u8]>::is_empty);
    assert_read_alike(data, "json-stream", &counts);
}
