//! What holds for any stream.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::fmt::Write as _;
use std::sync::Arc;

use common::alone;
use perf_report::compare::{Change, CompareOptions, Row, compare};
use perf_report::formats::{LoadOptions, Meter, load, pack};
use perf_report::run::{Moment, Run, Selection};
use proptest::prelude::*;

const METRICS: [&str; 4] = ["http_reqs", "http_req_duration", "http_req_failed", "mine"];

/// A sample: a metric, a tag, an offset in milliseconds, a value.
type Sample = (usize, u8, i64, f64);

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let sample = (
        0..METRICS.len(),
        0..4u8,
        0..100_000i64,
        prop::num::f64::NORMAL | prop::num::f64::ZERO,
    );
    prop::collection::vec(sample, 1..60)
}

fn line((metric, tag, offset, value): &Sample) -> String {
    let (metric, seconds, millis) = (METRICS[*metric], offset / 1000, offset % 1000);
    let time = format!(
        "2026-01-02T03:{:02}:{:02}.{millis:03}Z",
        seconds / 60,
        seconds % 60
    );
    format!(
        "{{\"metric\":\"{metric}\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":{value:e},\"tags\":{{\"label\":\"{tag}\"}}}}}}"
    )
}

fn read(folder: &tempfile::TempDir, name: &str, text: &str) -> Run {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    alone(path.to_str().unwrap())
}

/// Every statistic of every metric and of every label, as bits.
fn numbers(run: &Run) -> String {
    let mut all = String::new();
    for metric in run.metrics().iter().chain(&run.by_tag("label")) {
        write!(all, "{}:", metric.name).unwrap();
        for stat in [
            "count", "rate", "value", "passes", "fails", "avg", "min", "med", "max", "p(95)",
            "p(99.9)",
        ] {
            let value = metric.measure.get(stat.parse().unwrap());
            write!(all, " {stat}={:?}", value.map(f64::to_bits)).unwrap();
        }
        all.push('\n');
    }
    all
}

/// A run of two endpoints over half a minute: how long each takes, how much that varies, what share fails.
type Load = (u64, [f64; 2], f64, f64);

fn loads() -> impl Strategy<Value = Load> {
    let durations = [5.0..200.0_f64, 5.0..200.0_f64];
    (any::<u64>(), durations, 0.0..0.6_f64, 0.0..0.2_f64)
}

fn stream_of((seed, durations, spread, failing): &Load) -> String {
    let mut state = *seed;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut text = String::new();
    for at in 0..1200 {
        let (seconds, millis, endpoint) = (at / 40, at % 40 * 25, at % 2);
        let duration = durations[endpoint] * (1.0 + spread * (draw() + draw() - 1.0));
        let failed = u8::from(draw() < *failing);
        for (metric, value) in [
            ("http_req_duration", duration),
            ("http_req_failed", f64::from(failed)),
            ("http_reqs", 1.0),
        ] {
            writeln!(
                text,
                r#"{{"metric":"{metric}","type":"Point","data":{{"time":"2026-01-02T03:00:{seconds:02}.{millis:03}Z","value":{value},"tags":{{"name":"/{endpoint}","method":"GET","status":"200","scenario":"default"}}}}}}"#
            )
            .unwrap();
        }
    }
    text
}

/// The rows of a comparison by name and figure.
fn rows(before: &Run, after: &Run) -> Vec<Row> {
    let (before, after) = (std::slice::from_ref(before), std::slice::from_ref(after));
    let comparison = compare(before, after, &CompareOptions::default()).unwrap();
    let mut rows = comparison.pairs.into_iter().next().unwrap().rows;
    rows.sort_by_key(|row| format!("{} {}", row.name, row.figure));
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_run_does_not_differ_from_itself(load in loads()) {
        let folder = tempfile::tempdir().unwrap();
        let run = read(&folder, "x.ndjson", &stream_of(&load));
        let rows = rows(&run, &run);
        prop_assert!(rows.iter().any(|row| row.gate && row.judged.verdict == Change::Unchanged));
        for row in rows {
            let moved = [Change::Regressed, Change::Improved].contains(&row.judged.verdict);
            prop_assert!(!moved, "{row:?}");
            prop_assert!(row.judged.change.is_none_or(|change| change == 0.0), "{row:?}");
        }
    }

    #[test]
    fn exchanging_the_runs_mirrors_every_row(before in loads(), after in loads(), alike in any::<bool>()) {
        // Runs of unlike loads differ in everything: those that are nearly alike are where verdicts are close.
        let after = if alike { (after.0, before.1.map(|duration| duration * 1.08), before.2, before.3) } else { after };
        let folder = tempfile::tempdir().unwrap();
        let [before, after] = [before, after].map(|load| read(&folder, "x.ndjson", &stream_of(&load)));
        let (there, back) = (rows(&before, &after), rows(&after, &before));
        prop_assert_eq!(there.len(), back.len());
        // Faster answers are no success where more of them are errors; slower ones are always a failure.
        let direction = |row: &Row| match (row.judged.verdict, &row.judged.reason) {
            (Change::Inconclusive, Some(reason)) if reason.contains("errors are often fast") => Change::Improved,
            (verdict, _) => verdict,
        };
        for (there, back) in there.iter().zip(&back) {
            let mirrored = match direction(back) {
                Change::Regressed => Change::Improved,
                Change::Improved => Change::Regressed,
                other => other,
            };
            prop_assert_eq!(direction(there), mirrored, "{:?} {:?}", there, back);
            prop_assert_eq!((there.baseline, there.candidate), (back.candidate, back.baseline));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_packed_reads_like_the_stream(samples in samples()) {
        let folder = tempfile::tempdir().unwrap();
        let text: String = samples.iter().flat_map(|sample| [line(sample), "\n".to_owned()]).collect();
        let run = read(&folder, "x.ndjson", &text);
        let (from, to) = (folder.path().join("x.ndjson"), folder.path().join("packed.parquet"));
        pack(&from, &to, None, &mut |_| Ok(()), &Arc::new(Meter::default())).unwrap();
        let packed = alone(to.to_str().unwrap());
        prop_assert_eq!(packed.points(), run.points());
        prop_assert_eq!(numbers(&packed), numbers(&run));
    }

    #[test]
    fn any_interleaving_of_good_and_bad_lines_keeps_all_good_ones(
        samples in samples(),
        bad in prop::collection::vec((any::<prop::sample::Index>(), "[^\\r\\n]{1,40}"), 0..20),
        mark in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let good: Vec<String> = samples.iter().map(line).collect();
        let clean = read(&folder, "clean.ndjson", &good.join("\n"));
        let mut lines = good.clone();
        for (at, text) in &bad {
            lines.insert(at.index(lines.len() + 1), text.clone());
        }
        // Blank lines are not bad ones, and a byte order mark before the first line is none of it.
        lines[0] = lines[0].trim_start_matches('\u{feff}').to_owned();
        let is_blank = |line: &&String| line.bytes().all(|b| b.is_ascii_whitespace());
        let blank = lines.iter().filter(is_blank).count() as u64;
        if mark {
            lines[0].insert(0, '\u{feff}');
        }
        let dirty = read(&folder, "dirty.ndjson", &lines.join("\n"));
        prop_assert_eq!(dirty.points(), Some(samples.len() as u64));
        prop_assert_eq!(dirty.skipped().lines + blank, bad.len() as u64);
        prop_assert_eq!(numbers(&dirty), numbers(&clean));
    }

    #[test]
    fn merging_two_streams_is_reading_one_after_the_other(a in samples(), b in samples()) {
        let folder = tempfile::tempdir().unwrap();
        let text = |samples: &[Sample]| samples.iter().map(line).collect::<Vec<_>>().join("\n") + "\n";
        let both = read(&folder, "both.ndjson", &(text(&a) + &text(&b)));
        read(&folder, "pod-1.ndjson", &text(&a));
        read(&folder, "pod-2.ndjson", &text(&b));
        let pods = folder.path().join("pod-*.ndjson").to_str().unwrap().to_owned();
        let options = LoadOptions { merge: true, ..LoadOptions::default() };
        let merged = load(&[pods], options).unwrap().runs;
        prop_assert_eq!(merged.len(), 1);
        prop_assert_eq!(merged[0].name(), "pod");
        prop_assert_eq!(numbers(&merged[0]), numbers(&both));
    }

    #[test]
    fn reading_never_panics(text in prop::collection::vec(any::<u8>(), 0..300), header in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ndjson");
        let head: &[u8] = if header { b"metric_name,timestamp,metric_value,extra_tags\n" } else { b"" };
        std::fs::write(&path, [head, &text].concat()).unwrap();
        let _ = load(&[path.to_str().unwrap().to_owned()], LoadOptions::default());
    }

    /// What a window or a tag selects has the numbers of a stream of these lines alone.
    #[test]
    fn a_selection_is_as_if_nothing_else_had_been_written(
        samples in samples(), from in 0..100_000i64, length in 0..100_000i64, tag in prop::option::of(0..4u8),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let text = |samples: &mut dyn Iterator<Item = &Sample>| -> String {
            samples.flat_map(|sample| [line(sample), "\n".to_owned()]).collect()
        };
        let whole = read(&folder, "whole.ndjson", &text(&mut samples.iter()));
        let start = samples.iter().map(|(_, _, offset, _)| *offset).min().unwrap();
        let within = |offset: i64| (from..from + length).contains(&(offset - start));
        let is_kept = |(_, label, offset, _): &&Sample| within(*offset) && tag.is_none_or(|tag| *label == tag);
        let kept: Vec<&Sample> = samples.iter().filter(is_kept).collect();
        let after = |millis: i64| Some(Moment::After(millis * 1_000_000));
        let selection = Selection {
            from: after(from),
            until: after(from + length),
            tags: tag.map(|tag| ("label".to_owned(), tag.to_string())).into_iter().collect(),
            ..Selection::default()
        };
        let selected = whole.select(&selection);
        if kept.is_empty() {
            prop_assert!(selected.is_err());
            return Ok(());
        }
        let selected = selected.unwrap();
        let alone = read(&folder, "alone.ndjson", &text(&mut kept.iter().copied()));
        prop_assert_eq!(selected.points(), Some(kept.len() as u64));
        for metric in alone.metrics() {
            let mine = selected.metric(metric.name.text()).unwrap();
            for stat in ["count", "passes", "fails", "value", "avg", "min", "med", "max", "p(95)"] {
                let stat = stat.parse().unwrap();
                let bits = |value: Option<f64>| value.map(f64::to_bits);
                prop_assert_eq!(
                    bits(mine.measure.get(stat)), bits(metric.measure.get(stat)), "{} {}", metric.name, stat
                );
            }
        }
        let window = selected.duration_ms().unwrap();
        prop_assert!((0.0..=length as f64).contains(&window), "{} of {}", window, length);
    }
}
