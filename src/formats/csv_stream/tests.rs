//! The fast path says what the full parser does.

use proptest::prelude::*;

use super::both::of_block;
use super::*;
use crate::formats::tests::{assert_recordings_same, mutated};
use crate::formats::ways::Outcome;

/// What a text holds under its first line, with and without the fast path.
fn both(text: &[u8]) -> [Outcome; 2] {
    let header = text.split_inclusive(|byte| *byte == b'\n').next();
    let header = Header::parse(header.unwrap_or_default().trim_ascii());
    of_block(text, Some(Arc::new(header)))
}

const ROWS: &str = "metric_name,timestamp,metric_value,check,group,name,extra_tags,metadata
http_reqs,1795423797,1.000000,,::a,http://127.0.0.1:4020/v1/health,label=a&environment=b,
http_req_duration,1795423797,5.843788,,::a,http://127.0.0.1:4020/v1/health,environment=b&label=a,trace=1
http_req_duration,2026-11-23T08:41:50.85861355Z,+Inf,,::a,,label=a,
checks,1795423797123,0.000000,\"is \"\"it\"\", or
not\",::\u{e4},,,
data_sent,1795423797,79.000000,,,,,
";

#[test]
fn k6s_own_rows_take_the_fast_path() {
    let header = ROWS.lines().next().expect("a header");
    let mut parser = CsvStream {
        header: Some(Arc::new(Header::parse(header.as_bytes()))),
        ..CsvStream::default()
    };
    let mut known = Known::default();
    for (row, is_fast) in [
        ("m,1795423797,1.5,,::a,n,a=b,\n", true),
        ("m,1795423797,1.5,,::a,n,a=b,\r\n", true),
        ("m,2026-11-23T08:41:50Z,1.5,,::a,n,a=b,x\n", true),
        ("m,1795423797,1.5,,::a,n,a=b,", false),
        ("m,1795423797,+Inf,,::a,n,a=b,\n", false),
        ("m,1795423797,1.5,,::a,n,a=b\n", false),
        (",1795423797,1.5,,::a,n,a=b,\n", false),
        ("m,1795423797,1.5,\"a\",::a,n,a=b,\n", false),
    ] {
        let fast = parser.fast(row.as_bytes(), &mut known);
        let length = fast.map(|sample| sample.length);
        assert_eq!(length, is_fast.then_some(row.len()), "{row}");
    }
}

#[test]
fn infinities_are_values_and_words_are_not() {
    assert_eq!(number("+Inf"), Some(f64::INFINITY));
    assert_eq!(number("1.500000"), Some(1.5));
    for bad in ["", "NaN", "inf", "1e999", "x"] {
        assert_eq!(number(bad), None, "{bad}");
    }
}

#[test]
#[ignore = "needs a folder of k6 recordings, named by PERF_REPORT_RECORDINGS"]
fn every_recording_is_the_same_on_both_paths() {
    assert_recordings_same(".csv", both);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn cells_come_back_from_their_row(wanted in prop::collection::vec("[a,\"\\r\\n ]{0,4}", 1..4)) {
        prop_assert_eq!(cells(spelled(&wanted).as_bytes()), wanted);
    }

    #[test]
    fn whatever_a_row_holds_both_paths_say_the_same(text in mutated(ROWS)) {
        let [fast, whole] = both(&text);
        prop_assert_eq!(fast, whole);
    }
}
