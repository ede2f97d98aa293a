//! Neither fast paths, nor blocks, nor threads change what a stream says.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;

use super::csv_stream::CsvStream;
use super::json_stream::JsonStream;
use super::stream::Parser;
use super::ways::{Outcome, in_blocks};

/// A text in which some bytes are changed, lost, or more.
pub(super) fn mutated(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        prop::sample::select(b"{}[]\",:\\\n\r 0159-+.eENnulTZ&=".to_vec()),
        any::<u8>()
    ];
    let change = (any::<prop::sample::Index>(), 0..3u8, byte);
    prop::collection::vec(change, 0..6).prop_map(move |changes| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, kind, byte) in changes {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => {
                    bytes.remove(at);
                }
            }
        }
        bytes
    })
}

/// The streams of such a name in the folder of recordings, inflated.
fn recordings(ending: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = std::env::var("PERF_REPORT_RECORDINGS").expect("PERF_REPORT_RECORDINGS is set");
    let pattern = format!("{folder}/**/*{ending}.gz");
    let paths = glob::glob(&pattern).expect("a pattern");
    let files: Vec<_> = paths
        .map(|path| path.expect("a path"))
        .map(|path| (path.clone(), inflated(&path)))
        .collect();
    assert!(files.len() > 2, "{pattern}");
    files
}

/// Asserts that the fast path and the full parser find the same in every such recording.
pub(super) fn assert_recordings_same(ending: &str, both: impl Fn(&[u8]) -> [Outcome; 2]) {
    for (path, text) in recordings(ending) {
        let [fast, whole] = both(&text);
        let path = path.display();
        assert!(fast.samples.len() > 1000 && fast == whole, "{path}");
    }
}

fn inflated(path: &Path) -> Vec<u8> {
    let file = std::fs::File::open(path).expect("a file");
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_end(&mut text)
        .expect("gzip");
    text
}

/// All that is kept of a stream that is read in blocks, as text.
fn read<P: Parser>(text: &[u8], size: usize) -> String {
    in_blocks::<P>(text, size).expect("reads").text
}

/// The first lines of a sample.
fn beginning(lines: usize) -> Vec<u8> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/smoke/v2025.11/api-smoke.ndjson.gz");
    let text = inflated(&path);
    let lines = text.split_inclusive(|byte| *byte == b'\n').take(lines);
    lines.flatten().copied().collect()
}

static JSON: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut text = beginning(4);
    text.extend_from_slice(b"a log line\n\n{\"metric\":\"m\",\"type\":\"Point\"}\r\n");
    text.extend(beginning(3));
    text
});

const CSV: &str = "metric_name,timestamp,metric_value,check,extra_tags,metadata
m,1795423797,1.5,,a=b,
m,1795423797,2.5,\"a, \"\"b\"\"
metric_name,timestamp,metric_value
c\",a=b,
m,1795423798,\"3.5\",,a=b,t=1
stray,\"quote,1,2,3,4
metric_name,timestamp,metric_value,name,extra_tags,metadata
m,1795423799,4.5,n,a=b,
m,1795423799,4.5,n,a=b,\r
";

#[test]
fn a_block_may_end_at_any_byte() {
    let whole = read::<JsonStream>(&JSON, 1 << 14);
    assert!(whole.contains("lines: 2"), "{whole}");
    for size in (1..JSON.len()).step_by(7) {
        assert_eq!(read::<JsonStream>(&JSON, size), whole, "{size}");
    }
    let whole = read::<CsvStream>(CSV.as_bytes(), 1 << 14);
    assert!(whole.contains("lines: 1"), "{whole}");
    for size in 1..CSV.len() {
        assert_eq!(read::<CsvStream>(CSV.as_bytes(), size), whole, "{size}");
    }
}

#[test]
fn a_stream_may_be_cut_at_any_byte() {
    for cut in 0..JSON.len() {
        let text = &JSON[..cut];
        let large = read::<JsonStream>(text, 1 << 14);
        assert_eq!(read::<JsonStream>(text, 300), large, "{cut}");
        // What is left of the last line may be a whole one; then nothing is lost.
        let last = text.rsplit(|byte| *byte == b'\n').next();
        let last = [last.unwrap_or_default(), b"\n"].concat();
        let is_whole = read::<JsonStream>(&last, 1 << 14).contains("lines: 0");
        assert_eq!(
            large.contains("line is cut\")"),
            !is_whole,
            "{cut}: {large}"
        );
    }
    for cut in 0..CSV.len() {
        let text = &CSV.as_bytes()[..cut];
        let large = read::<CsvStream>(text, 1 << 14);
        assert_eq!(read::<CsvStream>(text, 40), large, "{cut}");
    }
}

/// Found by fuzzing: rows were cut after the header's line, and parsed as if it went on.
#[test]
fn a_header_with_a_quote_is_a_line_in_blocks_of_any_size() {
    for column in ["\"a", "a \"\"b\"\", c"] {
        let text =
            format!("metric_name,timestamp,metric_value,{column}\nm,1795423797,1.5,\"\nx\"\n");
        let whole = read::<CsvStream>(text.as_bytes(), 1 << 14);
        for size in 1..text.len() {
            assert_eq!(read::<CsvStream>(text.as_bytes(), size), whole, "{size}");
        }
    }
}
