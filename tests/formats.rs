//! The traps of k6's formats, one test each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::io::Write as _;
use std::path::PathBuf;

use common::{alone, run_of, sample};
use perf_report::formats::{LoadOptions, load};
use perf_report::run::{Contains, MetricName, MetricType, Run, Stat};

/// A folder of files that goes away with the test.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self) -> String {
        self.0.path().to_str().unwrap().to_owned()
    }
}

fn read(name: &str, content: impl AsRef<[u8]>) -> Run {
    alone(&Files::new().put(name, content))
}

fn stat(run: &Run, metric: &str, stat: &str) -> Option<f64> {
    run.metric(metric)
        .unwrap_or_else(|| panic!("no {metric}"))
        .measure
        .get(stat.parse().unwrap())
}

fn point(metric: &str, time: &str, value: &str, tags: &str) -> String {
    format!(
        "{{\"metric\":\"{metric}\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":{value},\"tags\":{tags}}}}}\n"
    )
}

const T: &str = "2026-01-02T03:04:05Z";

// Summaries

#[test]
fn only_metrics_are_certain_in_a_handle_summary() {
    let run = read(
        "x.json",
        r#"{"metrics":{"http_reqs":{"type":"counter","contains":"default","values":{"count":3,"rate":1.5}}}}"#,
    );
    assert_eq!(run.sources()[0].format, "handle-summary");
    assert_eq!(stat(&run, "http_reqs", "rate"), Some(1.5));
    assert_eq!(run.duration_ms(), Some(2000.0), "as its counters show");
}

#[test]
fn a_trend_that_saw_an_infinity_has_null_statistics() {
    let run = read(
        "x.json",
        r#"{"metrics":{"t":{"type":"trend","contains":"time","values":{"avg":null,"max":null,"min":1,"med":2}}}}"#,
    );
    assert_eq!(stat(&run, "t", "avg"), None);
    assert_eq!(stat(&run, "t", "med"), Some(2.0));
}

#[test]
fn true_means_crossed_in_an_export_and_ok_in_a_handle_summary() {
    let verdict = |file: &str| {
        let run = alone(&sample(&format!("smoke/v2025.11/{file}")));
        let thresholds = run.metric("http_req_failed").unwrap().thresholds.clone();
        assert_eq!(thresholds[0].expression, "rate<0.02");
        thresholds[0].passed
    };
    assert_eq!(verdict("api-smoke.json"), Some(false));
    assert_eq!(verdict("api-smoke.export.json"), Some(false));
}

#[test]
fn an_export_says_the_same_as_the_handle_summary_of_its_run() {
    for run in [
        "smoke/v2025.10/api-smoke",
        "smoke/v2025.11/api-smoke",
        "storefront/storefront",
    ] {
        let (full, export) = (
            alone(&sample(&format!("{run}.json"))),
            alone(&sample(&format!("{run}.export.json"))),
        );
        assert_eq!(full.metrics().len(), export.metrics().len());
        for metric in export.metrics() {
            let name = metric.name.text();
            let known = full.metric(name).unwrap();
            assert_eq!(metric.measure.kind(), known.measure.kind(), "{name}");
            for stat in metric.measure.reported_stats().unwrap() {
                assert_eq!(
                    metric.measure.get(stat),
                    known.measure.get(stat),
                    "{name} {stat}"
                );
            }
        }
        assert_eq!(
            full.duration_ms(),
            export.duration_ms(),
            "an export's shows in its counters"
        );
        let mut checks = full.checks().to_vec();
        checks.sort_by_key(|check| (check.group.clone(), check.name.clone()));
        let mut exported = export.checks().to_vec();
        exported.sort_by_key(|check| (check.group.clone(), check.name.clone()));
        assert_eq!(checks, exported);
    }
}

#[test]
fn types_are_inferred_from_the_statistics_of_an_export() {
    let run = read(
        "x.json",
        r#"{"root_group":{"groups":{},"checks":{}},"metrics":{
            "a":{"value":0.5,"passes":1,"fails":1},"b":{"count":3,"rate":1},
            "c":{"value":3,"min":1,"max":4},"d":{"avg":1,"p(90)":2},"e":{"min":1,"max":2}}}"#,
    );
    let kind = |name: &str| run.metric(name).unwrap().measure.kind();
    assert_eq!(run.sources()[0].format, "summary-export");
    assert_eq!(kind("a"), MetricType::Rate);
    assert_eq!(stat(&run, "a", "rate"), Some(0.5));
    assert_eq!(kind("b"), MetricType::Counter);
    assert_eq!(kind("c"), MetricType::Gauge);
    assert_eq!(kind("d"), MetricType::Trend);
    assert_eq!(kind("e"), MetricType::Trend);
}

#[test]
fn a_machine_readable_summary_has_handle_summarys_statistics() {
    let run = alone(&sample("machine-readable/storefront.json"));
    assert_eq!(run.sources()[0].format, "machine-readable-summary");
    assert_eq!(run.k6_version(), Some("2.2.0"));
    assert_eq!(run.duration_ms(), Some(13_029.594_568));
    assert_eq!(
        stat(&run, "http_req_duration", "p(95)"),
        Some(45.006_724_400_000_024)
    );
    assert_eq!(stat(&run, "http_req_failed", "passes"), Some(55.0));
    assert_eq!(stat(&run, "http_req_failed", "fails"), Some(4750.0));
    assert_eq!(
        stat(&run, "http_reqs", "rate"),
        Some(4805.0 / 13.029_594_568)
    );
    assert_eq!(
        stat(&run, "checks", "passes"),
        Some(3014.0),
        "rebuilt from checks_succeeded"
    );
    assert_eq!(run.checks()[0].group, None);
}

#[test]
fn an_unknown_version_of_the_machine_readable_summary_is_refused_by_name() {
    let path = Files::new();
    let path = path.put("x.json", r#"{"version":"2.0.0","results":{"metrics":[]}}"#);
    let error = load(&[path], LoadOptions::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("\"2.0.0\""), "{error}");
}

#[test]
fn setup_data_and_the_script_are_never_kept() {
    for (file, secret) in [
        ("storefront/storefront.json", "setup_data"),
        ("machine-readable/storefront.json", "handleSummary"),
    ] {
        let run = alone(&sample(file));
        assert!(
            std::fs::read_to_string(sample(file))
                .unwrap()
                .contains(secret)
        );
        assert!(!format!("{run:?}").contains(secret), "{file}");
    }
}

// JSON streams

#[test]
fn both_key_orders_say_the_same() {
    let new = point("m", T, "1.5", r#"{"a":"b"}"#);
    let old = format!(
        r#"{{"type":"Point","data":{{"time":"{T}","value":1.5,"tags":{{"a":"b"}}}},"metric":"m"}}"#
    );
    let run = read("x.ndjson", format!("{new}{old}\n"));
    assert_eq!(run.points(), Some(2));
    assert_eq!(run.samples().unwrap().series().len(), 1);
    let run = alone(&sample("storefront-2022/storefront.ndjson.gz"));
    assert_eq!(run.skipped().lines, 0);
    assert_eq!(run.metric("http_req_duration").unwrap().thresholds.len(), 3);
    assert!(
        run.metric("http_req_duration{name:GET /items/:id,status:200}")
            .is_some()
    );
}

/// Counts that no test reaches do not run over when they are added up.
#[test]
fn counts_of_a_summary_are_bounded() {
    let run = read(
        "x.json",
        r#"{"metrics":{"checks":{"type":"rate","contains":"default","values":{"passes":1e38,"fails":47,"rate":0.9}}},
            "root_group":{"name":"","path":"","groups":[],"checks":[
            {"name":"c","path":"::c","id":"1","passes":18446744073709551615,"fails":18446744073709551615}]}}"#,
    );
    let most = perf_report::run::MOST_COUNTED;
    assert_eq!(
        run.metric("checks").unwrap().measure.samples(),
        Some(most + 47)
    );
    let check = &run.checks()[0];
    assert_eq!(
        (check.passes, check.fails, check.pass_rate()),
        (most, most, Some(0.5))
    );
}

#[test]
fn times_have_any_precision_and_offset_and_no_order() {
    let times = [
        "2026-01-02T03:04:05.123456789Z",
        "2026-01-02T04:04:05+01:00",
        "2026-01-02T03:04:04.5Z",
    ];
    let lines: String = times
        .iter()
        .map(|time| point("m", time, "1", "null"))
        .collect();
    let run = read("x.ndjson", lines);
    let (first, last) = run.span().unwrap();
    assert_eq!(last - first, 623_456_789);
    assert_eq!(run.duration_ms(), Some(623.456_789));
    assert!(!run.duration_is_k6s());
}

#[test]
fn values_are_go_floats() {
    let lines: String = ["1e-07", "1e+21", "0.1", "-3"]
        .iter()
        .map(|value| point("m", T, value, "{}"))
        .collect();
    let run = read("x.ndjson", lines);
    assert_eq!(stat(&run, "m", "max"), Some(1e21));
    assert_eq!(
        stat(&run, "m", "avg"),
        Some((1e-7 + 1e21 + 0.1 - 3.0) / 4.0)
    );
    let run = read(
        "x.ndjson",
        point("m", T, "1e400", "{}") + &point("m", T, "2", "{}"),
    );
    assert_eq!((run.points(), run.skipped().lines), (Some(1), 1));
}

#[test]
fn thresholds_are_strings_or_objects() {
    let metric = r#"{"type":"Metric","metric":"m","data":{"type":"trend","contains":"time","submetrics":null,
        "thresholds":["avg<5",{"threshold":"max<9","abortOnFail":true,"delayAbortEval":"5s"}]}}"#
        .replace('\n', " ");
    let run = read("x.ndjson", metric + "\n" + &point("m", T, "1", "{}"));
    let thresholds = &run.metric("m").unwrap().thresholds;
    assert_eq!(
        thresholds
            .iter()
            .map(|t| t.expression.as_str())
            .collect::<Vec<_>>(),
        ["avg<5", "max<9"]
    );
    assert!(!thresholds[0].abort_on_fail && thresholds[1].abort_on_fail);
}

#[test]
fn without_its_head_a_stream_still_knows_k6s_own_metrics() {
    let run = read(
        "x.ndjson",
        point("http_req_failed", T, "1", "{}") + &point("mine", T, "4", "{}"),
    );
    assert_eq!(
        run.metric("http_req_failed").unwrap().measure.kind(),
        MetricType::Rate
    );
    assert_eq!(
        run.metric("mine").unwrap().measure.kind(),
        MetricType::Trend
    );
    assert!(
        run.notes()[0].contains("mine is: taken as a trend"),
        "{:?}",
        run.notes()
    );
}

#[test]
fn expected_responses_are_listed_even_without_samples() {
    let run = read(
        "x.ndjson",
        point(
            "http_req_duration",
            T,
            "7",
            r#"{"expected_response":"false"}"#,
        ),
    );
    let expected = run
        .metric("http_req_duration{expected_response:true}")
        .unwrap();
    assert!(expected.measure.is_empty());
}

#[test]
fn a_tag_can_be_any_string() {
    let value = r#"a\"b\\c\u0000\n{}:,é\ud83d\ude00"#;
    let tags = format!(r#"{{"name":"{value}"}}"#);
    let run = read("x.ndjson", point("m", T, "1", &tags));
    assert_eq!(
        run.samples().unwrap().series().get(0).tag("name"),
        Some("a\"b\\c\0\n{}:,é😀")
    );
}

#[test]
fn metadata_is_no_tag() {
    let line = format!(
        r#"{{"metric":"m","type":"Point","data":{{"time":"{T}","value":1,"tags":{{"a":"b"}},"metadata":{{"trace_id":"x"}}}}}}"#
    );
    let run = read("x.ndjson", line);
    assert_eq!(run.samples().unwrap().series().get(0).tags().len(), 1);
}

#[test]
fn several_gzip_members_are_one_stream() {
    let mut file = Vec::new();
    for value in ["1", "2"] {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(point("m", T, value, "{}").as_bytes())
            .unwrap();
        file.extend(gzip.finish().unwrap());
    }
    assert_eq!(read("x.ndjson.gz", file).points(), Some(2));
}

#[test]
fn a_zstd_stream_that_is_cut_keeps_what_came_before() {
    let lines: String = (0..20_000)
        .map(|i| point("m", T, &i.to_string(), "{}"))
        .collect();
    let file = zstd::encode_all(lines.as_bytes(), 1).unwrap();
    let run = read("x.ndjson.zst", &file[..file.len() / 2]);
    assert!(run.points().unwrap() > 1000, "{:?}", run.points());
    assert!(run.skipped().cut.is_some());
}

#[test]
fn a_last_line_without_its_end_counts_when_it_is_whole() {
    let lines = point("m", T, "1", "{}") + point("m", T, "2", "{}").trim_end();
    let run = read("x.ndjson", &lines);
    assert_eq!(run.points(), Some(2));
    assert!(run.skipped().is_nothing());
    for cut in 1..point("m", T, "2", "{}").len() - 1 {
        let run = read("x.ndjson", &lines[..lines.len() - cut]);
        assert_eq!(run.points(), Some(1), "cut by {cut}");
        assert_eq!(run.skipped().first_line, Some(2), "cut by {cut}");
        assert!(run.skipped().cut.is_some(), "cut by {cut}");
    }
}

#[test]
fn a_very_long_line_is_skipped_and_the_next_is_read() {
    let long = point(
        "m",
        T,
        "1",
        &format!("{{\"a\":\"{}\"}}", "x".repeat(17 << 20)),
    );
    let run = read(
        "x.ndjson",
        point("m", T, "1", "{}") + &long + &point("m", T, "2", "{}"),
    );
    assert_eq!(
        (run.points(), run.skipped().lines, run.skipped().first_line),
        (Some(2), 1, Some(2))
    );
}

#[test]
fn long_lines_and_nul_bytes_are_read() {
    let long = point(
        "m",
        T,
        "3",
        &format!("{{\"a\":\"{}\"}}", "x".repeat(10 << 20)),
    );
    let nul = "\0\0\n".to_owned() + &point("m", T, "4", "{\"a\":\"\0\"}");
    let run = read(
        "x.ndjson",
        point("m", T, "1", "{}") + &long + &nul + &point("m", T, "2", "{}"),
    );
    assert_eq!((run.points(), run.skipped().lines), (Some(3), 2));
    assert_eq!(stat(&run, "m", "max"), Some(3.0));
    assert_eq!(
        run.samples()
            .unwrap()
            .series()
            .get(1)
            .tag("a")
            .map(str::len),
        Some(10 << 20)
    );
}

#[test]
fn times_and_values_out_of_range_are_counted() {
    let lines = [
        point("m", "1600-01-01T00:00:00Z", "1", "{}"),
        point("m", "2300-01-01T00:00:00Z", "1", "{}"),
        point("m", "2026-02-30T00:00:00Z", "1", "{}"),
        point("m", T, "1e400", "{}"),
        point("m", T, "7", "{}"),
    ];
    let run = read("x.ndjson", lines.concat());
    assert_eq!((run.points(), run.skipped().lines), (Some(1), 4));
    let reason = run.skipped().first_reason.as_deref();
    assert_eq!(
        reason,
        Some("\"1600-01-01T00:00:00Z\" is no time between 1677 and 2262")
    );
}

#[test]
fn a_stream_that_grows_while_it_is_read_is_read_as_far_as_it_is() {
    let files = Files::new();
    let line = point("m", T, "1", "{}");
    let path = files.put("x.ndjson", line.repeat(20_000));
    let mut file = std::fs::File::options().append(true).open(&path).unwrap();
    let run = std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..200 {
                file.write_all(line.repeat(20).as_bytes()).unwrap();
            }
        });
        alone(&path)
    });
    let points = run.points().unwrap();
    assert!((20_000..=24_000).contains(&points), "{points}");
    // A line that was half there is counted, and nothing else is lost.
    assert!(run.skipped().lines <= 1);
}

/// Each of these took minutes when something was searched again and again.
#[test]
fn nothing_takes_time_with_the_square_of_its_size() {
    let header = "metric_name,timestamp,metric_value,check\n";
    let row = "m,1795423797,1,\n";
    let start = std::time::Instant::now();
    let run = read(
        "x.csv",
        header.to_owned() + "x,1795423797,1," + &"metric_value ".repeat(80_000),
    );
    assert_eq!(run.points(), Some(1));
    let run = read("x.csv", (header.to_owned() + row).repeat(30_000));
    assert_eq!((run.points(), run.skipped().lines), (Some(30_000), 0));
    let cell = format!("m,1795423797,1,\"x\n{}y\"\n", header.repeat(10));
    let run = read("x.csv", header.to_owned() + &cell.repeat(2000));
    assert_eq!((run.points(), run.skipped().lines), (Some(2000), 0));
    let metrics = (0..20_000).map(|i| point(&format!("m{i}"), T, "1", "{\"a\":\"b\"}"));
    assert_eq!(
        read("x.ndjson", metrics.collect::<String>()).points(),
        Some(20_000)
    );
    let tags = (0..3000)
        .map(|i| format!("\"k{i}\":\"v\""))
        .collect::<Vec<_>>()
        .join(",");
    let keys = point("m", T, "1", &format!("{{{tags}}}"));
    let sets = (0..30_000).map(|i| point("m", T, "1", &format!("{{\"k\":\"{i}\"}}")));
    let run = read("x.ndjson", keys + &sets.collect::<String>());
    assert!(
        run.notes()
            .join("\n")
            .contains("the tag k has 30000 different values")
    );
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_tag_that_explodes_is_named_with_a_way_out() {
    let lines = |key: &str, many: usize| -> String {
        let tags =
            (0..many).map(|i| format!("{{\"{key}\":\"http://h/x?u={i}\",\"status\":\"200\"}}"));
        tags.map(|tags| point("http_req_duration", T, "1", &tags))
            .collect()
    };
    let notes = |text: String| read("x.ndjson", text).notes().join("\n");
    let note = notes(lines("name", 2000));
    assert!(
        note.contains("the tag name has 2000 different values"),
        "{note}"
    );
    assert!(note.contains("group the URLs in the script"), "{note}");
    let note = notes(lines("iter", 2000));
    assert!(
        note.contains("the tag iter has") && note.contains("--system-tags"),
        "{note}"
    );
    assert!(!notes(lines("name", 900)).contains("different"));
}

// CSV streams

const HEADER: &str =
    "metric_name,timestamp,metric_value,group,name,status,novel,extra_tags,metadata\n";

#[test]
fn csv_and_json_of_one_run_agree() {
    for release in ["v2025.10", "v2025.11"] {
        let json = alone(&sample(&format!("smoke/{release}/api-smoke.ndjson.gz")));
        let csv = run_of(
            &[&sample(&format!("smoke/{release}/api-smoke.csv.gz"))],
            LoadOptions::default(),
        );
        assert_eq!(json.points(), csv.points());
        assert!(
            csv.contradictions().is_empty(),
            "{:?}",
            csv.contradictions()
        );
        for metric in json.metrics() {
            let other = csv.measure(&metric.name).unwrap();
            for stat in [Stat::Count, Stat::Med, Stat::p(95), Stat::Passes, Stat::Max] {
                assert_eq!(
                    metric.measure.get(stat),
                    other.get(stat),
                    "{} {stat}",
                    metric.name
                );
            }
        }
        assert_eq!(json.checks(), csv.checks());
    }
}

#[test]
fn every_time_format_of_csv() {
    for (first, second) in [
        ("1795423818", "1795423819"),
        ("1795423818000", "1795423819000"),
        ("1795423818000000", "1795423819000000"),
        ("1795423818000000000", "1795423819000000000"),
        ("2026-11-23T08:50:18Z", "2026-11-23T08:50:19Z"),
        (
            "2026-11-23T08:50:18.000000000Z",
            "2026-11-23T08:50:19.000000000Z",
        ),
    ] {
        let rows = format!("{HEADER}m,{first},1.000000,,,,,,\nm,{second},2.000000,,,,,,\n");
        let run = read("x.csv", rows);
        assert_eq!(
            run.span(),
            Some((1_795_423_818_000_000_000, 1_795_423_819_000_000_000)),
            "{first}"
        );
        assert_eq!(run.duration_ms(), Some(1000.0));
    }
}

#[test]
fn a_quoted_cell_that_reads_like_a_header_is_counted() {
    let run = read(
        "x.csv",
        "metric_name,timestamp,metric_value,check\nm,1795423797,1,\nm,1795423797,1,\"x\n,metric_name,timestamp,metric_value,y\"\nm,1795423797,2,\n",
    );
    assert_eq!((run.points(), run.skipped().lines), (Some(3), 0));
    assert_eq!(run.samples().unwrap().series().len(), 2);
}

#[test]
fn csv_columns_go_by_name_and_unknown_ones_are_tags() {
    let run = read(
        "x.csv",
        "status,metric_value,novel,timestamp,metric_name,extra_tags,metadata\n200,1.5,x,1795423818,m,b=2&a=1,t=9\n,2.5,,1795423818,m,a=1&b=2,\n",
    );
    let series = run.samples().unwrap().series();
    let tags = |i: u32| -> Vec<String> {
        let tags = series.get(i).tags();
        tags.map(|(key, value)| format!("{key}={value}")).collect()
    };
    assert_eq!(tags(0), ["a=1", "b=2", "novel=x", "status=200"]);
    assert_eq!(tags(1), ["a=1", "b=2"], "an empty cell is no tag");
}

#[test]
fn quoted_csv_cells_can_hold_commas_quotes_and_line_ends() {
    let run = read(
        "x.csv",
        format!(
            "{HEADER}m,1795423818,1.0,\"::a \"\"b\"\", c\nd\",n,200,,,\nm,1795423818,2.0,,n,200,,,\n"
        ),
    );
    assert_eq!(run.points(), Some(2), "{:?}", run.skipped());
    assert_eq!(
        run.samples().unwrap().series().get(0).tag("group"),
        Some("::a \"b\", c\nd")
    );
}

#[test]
fn a_stray_quote_does_not_eat_the_rows_after_it() {
    let rows = "m,1795423818,1.0,,n,200,,,\n".repeat(40);
    let run = read(
        "x.csv",
        format!("{HEADER}\"level=warning msg=what,\n{rows}"),
    );
    assert_eq!(
        (run.points(), run.skipped().lines, run.skipped().first_line),
        (Some(40), 1, Some(2))
    );
}

#[test]
fn an_infinite_value_is_a_sample_and_its_statistics_are_unknown() {
    let run = read(
        "x.csv",
        format!(
            "{HEADER}http_req_duration,1795423818,+Inf,,,,,,\nhttp_req_duration,1795423818,3.0,,,,,,\n"
        ),
    );
    assert_eq!(run.points(), Some(2));
    assert_eq!(stat(&run, "http_req_duration", "min"), Some(3.0));
    assert_eq!(stat(&run, "http_req_duration", "avg"), None);
    assert_eq!(stat(&run, "http_req_duration", "max"), None);
}

#[test]
fn a_custom_metrics_type_comes_from_the_summary_beside_a_csv() {
    let files = Files::new();
    let csv = files.put(
        "x.csv",
        format!("{HEADER}hits,1795423818,1.0,,,,,,\nhits,1795423819,0.0,,,,,,\n"),
    );
    let run = run_of(&[&csv], LoadOptions::default());
    assert_eq!(
        run.metric("hits").unwrap().measure.kind(),
        MetricType::Trend
    );
    assert!(
        run.notes()[0].contains("hits is: taken as a trend"),
        "{:?}",
        run.notes()
    );
    files.put("x.json", r#"{"metrics":{"hits":{"type":"rate","contains":"default","values":{"rate":0.5,"passes":1,"fails":1}}}}"#);
    let run = run_of(&[&csv], LoadOptions::default());
    assert_eq!(run.metric("hits").unwrap().measure.kind(), MetricType::Rate);
    assert_eq!(run.notes(), [] as [&str; 0]);
    assert!(run.contradictions().is_empty());
}

// Which files are one run

#[test]
fn in_a_folder_files_of_one_stem_are_one_run() {
    let loaded = load(&[sample("smoke/v2025.10")], LoadOptions::default()).unwrap();
    assert_eq!(loaded.runs.len(), 1);
    let formats: Vec<_> = loaded.runs[0]
        .sources()
        .iter()
        .map(|source| source.format)
        .collect();
    assert_eq!(formats, ["json-stream", "handle-summary", "summary-export"]);
    assert!(loaded.runs[0].duration_is_k6s());
    assert_eq!(loaded.folders, [PathBuf::from(sample("smoke/v2025.10"))]);
}

#[test]
fn a_folder_without_files_stands_for_the_folders_in_it() {
    let loaded = load(&[sample("journeys")], LoadOptions::default()).unwrap();
    assert_eq!(loaded.runs.len(), 2);
    assert!(loaded.runs.iter().all(|run| run.name() == "user-journeys"));
}

#[test]
fn the_summary_belongs_to_the_stream_of_the_plainest_name() {
    let files = Files::new();
    let copy = |from: &str, to: &str| files.put(to, std::fs::read(sample(from)).unwrap());
    copy("smoke/v2025.10/api-smoke.ndjson.gz", "s.ndjson.gz");
    copy("smoke/v2025.10/api-smoke.json", "s.json");
    copy("smoke/v2025.11/api-smoke.ndjson.gz", "s.again.ndjson.gz");
    copy(
        "storefront/storefront.dashboard.ndjson",
        "s.dashboard.ndjson",
    );
    files.put("s.html", "<html>");
    let loaded = load(&[files.path()], LoadOptions::default()).unwrap();
    let runs: Vec<_> = loaded
        .runs
        .iter()
        .map(|run| (run.name(), run.label(), run.sources().len()))
        .collect();
    assert_eq!(runs, [("s", "s", 2), ("s", "s.again", 1)]);
    assert!(loaded.runs[0].contradictions().is_empty());
    assert_eq!(loaded.remarks.len(), 1, "{:?}", loaded.remarks);
    assert!(loaded.remarks[0].contains("web dashboard"));
}

#[test]
fn a_named_file_takes_a_summary_beside_it_but_never_samples() {
    let stream = sample("smoke/v2025.10/api-smoke.ndjson.gz");
    let formats = |options: LoadOptions, path: &str| -> Vec<&str> {
        run_of(&[path], options)
            .sources()
            .iter()
            .map(|source| source.format)
            .collect()
    };
    let with = LoadOptions::default();
    let without = LoadOptions {
        alone: true,
        ..LoadOptions::default()
    };
    assert_eq!(
        formats(with.clone(), &stream),
        ["json-stream", "handle-summary", "summary-export"]
    );
    assert_eq!(formats(without.clone(), &stream), ["json-stream"]);
    assert_eq!(
        formats(with, &sample("smoke/v2025.10/api-smoke.json")),
        ["handle-summary"]
    );
}

#[test]
fn one_stream_and_one_summary_named_together_are_one_run() {
    let files = Files::new();
    let copy = |from: &str, to: &str| files.put(to, std::fs::read(sample(from)).unwrap());
    let stream = copy("smoke/v2025.10/api-smoke.ndjson.gz", "out.ndjson.gz");
    let summary = copy("smoke/v2025.10/api-smoke.json", "elsewhere/summary.json");
    let run = run_of(&[&stream, &summary], LoadOptions::default());
    assert_eq!((run.name(), run.sources().len()), ("out", 2));
    assert!(run.contradictions().is_empty());
    let loaded = load(&[stream.clone(), stream, summary], LoadOptions::default()).unwrap();
    assert_eq!(loaded.runs.len(), 3, "several streams are several runs");
}

#[test]
fn a_second_summary_completes_the_first_unless_it_is_of_another_run() {
    let files = Files::new();
    let copy = |from: &str, to: &str| files.put(to, std::fs::read(sample(from)).unwrap());
    copy("smoke/v2025.10/api-smoke.ndjson.gz", "s.ndjson.gz");
    copy("smoke/v2025.10/api-smoke.json", "s.json");
    copy("smoke/v2025.11/api-smoke.export.json", "s.old.json");
    let run = run_of(&[&files.path()], LoadOptions::default());
    assert_eq!(run.sources().len(), 2);
    assert!(
        run.notes()[0].contains("s.old.json: it is another run's summary"),
        "{:?}",
        run.notes()
    );
    assert_eq!(run.contradictions(), []);
}

#[test]
fn a_metric_declared_twice_keeps_all_its_thresholds() {
    let metric = |threshold: &str| {
        format!(
            "{{\"type\":\"Metric\",\"metric\":\"m\",\"data\":{{\"type\":\"trend\",\"contains\":\"novel\",\"thresholds\":[\"{threshold}\"]}}}}\n"
        )
    };
    let run = read(
        "x.ndjson",
        metric("avg<5") + &metric("max<9") + &point("m", T, "1", "{}"),
    );
    assert_eq!(run.metric("m").unwrap().thresholds.len(), 2);
    assert_eq!(run.skipped().lines, 0, "an unknown unit loses nothing");
}

#[test]
fn a_summary_supplies_what_the_stream_lacks() {
    let stream = sample("smoke/v2025.10/api-smoke.ndjson.gz");
    let (with, without) = (run_of(&[&stream], LoadOptions::default()), alone(&stream));
    let gate = "http_req_duration{label:gateway-health}";
    assert_eq!(
        without.metric(gate).unwrap().thresholds,
        [],
        "a stream has its parents' thresholds only"
    );
    assert_eq!(
        with.metric(gate).unwrap().thresholds[0].expression,
        "p(95)<500"
    );
    assert!(with.duration_is_k6s() && !without.duration_is_k6s());
}

#[test]
fn merged_pods_are_one_run_with_exact_quantiles() {
    let paths: Vec<String> = (1..=3)
        .map(|pod| sample(&format!("pods/pod-{pod}")))
        .collect();
    let loaded = load(
        &paths,
        LoadOptions {
            merge: true,
            ..LoadOptions::default()
        },
    )
    .unwrap();
    let [run] = loaded.runs.as_slice() else {
        panic!("{} runs", loaded.runs.len())
    };
    // The same samples, counted and sorted here.
    let mut durations = Vec::new();
    let (mut users, mut most, mut points) = (0.0, 0.0, 0);
    for path in &paths {
        let pod = run_of(&[path], LoadOptions::default());
        let measure = &pod.metric("http_req_duration").unwrap().measure;
        let ranked = measure.ranked().unwrap();
        durations.extend((0..ranked.len()).map(|rank| ranked.get(rank).unwrap()));
        users += stat(&pod, "vus", "value").unwrap();
        most += stat(&pod, "vus", "max").unwrap();
        points += pod.points().unwrap();
    }
    durations.sort_by(f64::total_cmp);
    // The rank of p(95) lies this far between its two neighbours.
    let (rank, part) = (
        (durations.len() - 1) * 95 / 100,
        0.95 * (durations.len() - 1) as f64 % 1.0,
    );
    let (low, high) = (durations[rank], durations[rank + 1]);
    assert_eq!(
        stat(run, "http_req_duration", "p(95)"),
        Some(low + (high - low) * part)
    );
    assert_eq!(run.points(), Some(points));
    assert_eq!(stat(run, "vus", "value"), Some(users));
    assert!(stat(run, "vus", "max").unwrap() <= most);
    assert_eq!(stat(run, "vus_max", "max"), Some(11.0));
    assert_eq!(
        stat(run, "iterations", "count"),
        Some(120.0 + 120.0 + 119.0)
    );
    assert_eq!(run.skipped().lines, 0);
}

#[test]
fn a_stream_beside_an_export_alone_agrees_with_it() {
    let files = Files::new();
    let copy = |from: &str, to: &str| files.put(to, std::fs::read(sample(from)).unwrap());
    copy("smoke/v2025.10/api-smoke.ndjson.gz", "s.ndjson.gz");
    copy("smoke/v2025.10/api-smoke.export.json", "s.export.json");
    let run = run_of(&[&files.path()], LoadOptions::default());
    assert_eq!(run.contradictions(), []);
    assert!(run.duration_is_k6s());
}

#[test]
fn a_summary_larger_than_what_is_looked_at_is_still_told() {
    let padding = " ".repeat(2 << 20);
    let run = read(
        "x.json",
        format!("{{{padding}\"version\":\"1.0.0\",\"results\":{{\"metrics\":[]}}}}"),
    );
    assert_eq!(run.sources()[0].format, "machine-readable-summary");
}

#[test]
fn any_metric_and_tags_can_be_asked_for() {
    let run = alone(&sample("storefront/storefront.ndjson.zst"));
    let name = MetricName::parse("http_reqs{status:404,method:GET}").unwrap();
    assert_eq!(run.measure(&name).unwrap().get(Stat::Count), Some(55.0));
    assert_eq!(
        run.kind_of("ttfb"),
        Some((MetricType::Trend, Some(Contains::Time)))
    );
    assert!(run.measure(&MetricName::plain("nothing")).is_none());
}
