//! k6's CSV stream: both paths and any blocks say the same, and no line is lost.

use perf_report::formats::fuzzing;

use crate::streams::{assert_all_told, assert_read_alike, block, unmarked};

pub(super) fn run(data: &[u8]) {
    let text = unmarked(data);
    let counts = fuzzing::csv_stream(text, block(text)).expect("memory can be read");
    // With quotes, a row can be of several lines.
    if !text.contains(&b'"') {
        assert_all_told(text, &counts, |line| line.is_empty() || is_header(line));
    }
    assert_read_alike(data, "csv-stream", &counts);
}

fn is_header(line: &[u8]) -> bool {
    let cells: Vec<&[u8]> = line.split(|b| *b == b',').map(<[u8]>::trim_ascii).collect();
    [&b"metric_name"[..], b"timestamp", b"metric_value"]
        .iter()
        .all(|column| cells.contains(column))
}
