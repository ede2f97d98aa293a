//! The fast path says what the full parser does.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::both::both;
use super::*;
use crate::formats::tests::{assert_recordings_same, mutated};

const LINES: &str = r#"{"type":"Metric","data":{"name":"a","type":"trend","contains":"time","thresholds":["p(95)<100"],"submetrics":null},"metric":"a"}
{"metric":"a","type":"Point","data":{"time":"2026-11-23T08:41:50.85861355Z","value":7.576336,"tags":{"group":"::setup","name":"http://127.0.0.1:4010/v1/health","status":"200"}}}
{"metric":"b","type":"Point","data":{"time":"2026-11-23T08:41:50.85861355Z","value":0,"tags":{"group":"::setup","name":"http://127.0.0.1:4010/v1/health","status":"200"}}}
{"metric":"a","type":"Point","data":{"time":"2026-11-23T10:41:51+02:00","value":1e-07,"tags":{"group":"::\"quoted\" / päge"},"metadata":{"trace":"1"}}}
{"type":"Point","data":{"time":"2026-11-23T08:41:50.86709123+00:00","value":-0.5,"tags":{"group":"::setup","status":"200"}},"metric":"a"}
{"type":"Point","data":{"time":"2026-11-23T08:41:50.86709123+00:00","value":3,"tags":{"group":"::setup","status":"200"}},"metric":"b"}
{"metric":"vus","type":"Point","data":{"time":"2026-11-23T08:41:51Z","value":5,"tags":null}}
"#;

#[test]
fn k6s_own_lines_take_the_fast_path() {
    let (mut clock, mut known) = (Clock::default(), Known::default());
    for line in LINES.split_inclusive('\n').skip(1) {
        for line in [line.to_owned(), line.replace('\n', "\r\n")] {
            let sample = fast::read(line.as_bytes(), &mut clock, &mut known);
            let length = sample.map(|sample| sample.length);
            assert_eq!(length, Some(line.len()), "{line}");
        }
        let unended = line.trim_end();
        assert!(fast::read(unended.as_bytes(), &mut clock, &mut known).is_none());
    }
}

/// Lines that look like k6's in all but one thing.
#[test]
fn a_line_that_is_nearly_right_is_judged_by_the_parser() {
    let line = |n: usize| LINES.lines().nth(n).expect("a line");
    for (from, to) in [
        ("\"a\"", "\"\""),
        ("\"a\"", "\"a\\b\""),
        ("\"a\"", "\"a\u{1}\""),
        ("\"a\"", "\"\\u0061\""),
        ("\"metric\"", "\"Metric\""),
        ("Point", "Metric"),
        ("Point", "point"),
        ("\"value\":", "\"value\": "),
        ("\"value\":", "\"value\":0"),
        ("\"value\":", "\"value\":+"),
        ("\"value\":", "\"value\":1e4007,\"x\":"),
        ("\"tags\":{", "\"tags\":{\"a\":1,"),
        ("\"tags\":{", "\"tags\":{\"a\":null,"),
        ("\"tags\":{", "\"tags\":{\"group\":\"first\","),
        ("\"tags\":{", "\"tags\":{ "),
        ("\"tags\":{", "\"metadata\":{},\"tags\":{"),
        ("\"200\"}", "\"200\",}"),
        ("\"200\"}", "\"200\"},\"metadata\":{\"a\":}"),
        ("\"200\"}", "\"200\"},\"metadata\":7"),
        ("\"200\"}", "\"200\"},\"value\":9"),
        ("\"200\"}", "\"20\u{0}0\"}"),
        ("2026-11", "2026-13"),
        ("T08", "T24"),
        ("T08", "t08"),
        ("2026", "1600"),
        ("2026", "9999"),
        (":50.", ":60."),
        (":50.", ":50,"),
        (":50.", ":50.1234567890123"),
    ] {
        for good in [line(1), line(4)] {
            let bad = good.replacen(from, to, 1);
            let text = format!("{bad}\n{good}\n{bad}\n");
            let [fast, whole] = both(text.as_bytes());
            assert_eq!(fast, whole, "{text}");
        }
    }
}

#[test]
fn tags_that_are_no_utf_8_are_a_bad_line() {
    let mut text = LINES.lines().nth(1).expect("a line").as_bytes().to_vec();
    let place = text.windows(7).position(|part| part == b"::setup");
    text[place.expect("a group")] = 0xff;
    text.push(b'\n');
    let [fast, whole] = both(&text);
    assert_eq!(fast, whole);
    assert_eq!(fast.samples.len(), 0);
}

#[test]
#[ignore = "needs a folder of k6 recordings, named by PERF_REPORT_RECORDINGS"]
fn every_recording_is_the_same_on_both_paths() {
    assert_recordings_same(".ndjson", both);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_a_line_holds_both_paths_say_the_same(text in mutated(LINES)) {
        let [fast, whole] = both(&text);
        prop_assert_eq!(fast, whole);
    }

    #[test]
    fn any_sample_is_the_same_on_both_paths(
        metric in "[a\\\\\"\u{e4}\u{1}]{0,3}",
        time in "2026-0[1-3]-(0[1-9]|3[01])T(0|2)[0-9]:[0-6]0:59(\\.[0-9]{0,10})?(Z|[+-][0-2][0-9]:[0-6]0)",
        value in any::<f64>(),
        tags in prop::collection::btree_map(any::<String>(), any::<String>(), 0..4),
        metadata in prop::option::of(prop::collection::btree_map(any::<String>(), any::<String>(), 0..2)),
        old in any::<bool>(),
    ) {
        let json = |tags: &BTreeMap<String, String>| serde_json::to_string(tags).expect("JSON");
        let metric = serde_json::to_string(&metric).expect("JSON");
        let metadata = metadata.map_or(String::new(), |m| format!(",\"metadata\":{}", json(&m)));
        let tags = json(&tags);
        let data = format!(
            "\"data\":{{\"time\":\"{time}\",\"value\":{value},\"tags\":{tags}{metadata}}}"
        );
        let line = if old {
            format!("{{\"type\":\"Point\",{data},\"metric\":{metric}}}\n")
        } else {
            format!("{{\"metric\":{metric},\"type\":\"Point\",{data}}}\n")
        };
        let [fast, whole] = both(line.repeat(2).as_bytes());
        prop_assert_eq!(fast, whole);
    }
}
