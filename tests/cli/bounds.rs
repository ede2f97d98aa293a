//! What has no bound of its own takes bounded memory and time, or is refused with the limit.
//!
//! The memory is that of the process's addresses, which is more than it uses: threads reserve theirs.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::runner::{Outcome, run_in};

/// Runs it with at most so many MB of addresses.
fn run_within(folder: &Path, megabytes: u64, args: &[&str]) -> Outcome {
    let script = format!("ulimit -v {} && exec \"$0\" \"$@\"", megabytes * 1000);
    let output = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_perf-report")])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn point(metric: &str, at: usize, tags: &str) -> String {
    let (seconds, millis) = (at / 1000 % 60, at % 1000);
    format!(
        r#"{{"metric":"{metric}","type":"Point","data":{{"time":"2026-01-02T03:04:{seconds:02}.{millis:03}Z","value":{},"tags":{{{tags}}}}}}}"#,
        at % 100
    )
}

/// A file that inflates to one line of 1 GB between two good ones.
fn one_long_line(path: &Path, filled: u8) {
    let mut gzip =
        flate2::write::GzEncoder::new(File::create(path).unwrap(), flate2::Compression::fast());
    let good = point("m", 1, "") + "\n";
    gzip.write_all(good.as_bytes()).unwrap();
    let start = r#"{"metric":"m","type":"Point","data":{"time":"2026-01-02T03:04:05Z","value":1,"tags":{"x":""#;
    gzip.write_all(start.as_bytes()).unwrap();
    let filling = vec![filled; 1 << 20];
    for _ in 0..1000 {
        gzip.write_all(&filling).unwrap();
    }
    gzip.write_all(b"\"}}}\n").unwrap();
    gzip.write_all(good.as_bytes()).unwrap();
    gzip.finish().unwrap();
}

#[test]
fn a_line_of_a_gigabyte_is_skipped_and_the_next_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for filled in [b'a', 0] {
        one_long_line(&folder.path().join("bomb.ndjson.gz"), filled);
        let outcome = run_within(
            folder.path(),
            400,
            &["summary", "bomb.ndjson.gz", "--format", "json"],
        );
        assert_eq!(outcome.code, 0, "{outcome}");
        let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(document["runs"][0]["points"], 2);
        assert_eq!(document["runs"][0]["skipped_lines"], 1);
        assert!(
            outcome.stderr.contains("a line of more than 16 MiB"),
            "{outcome}"
        );
    }
}

#[test]
fn nesting_is_followed_to_128_levels() {
    let folder = tempfile::tempdir().unwrap();
    let deep = |levels: usize| {
        format!(
            "{{\"metrics\":{}1{}}}",
            "{\"a\":".repeat(levels),
            "}".repeat(levels)
        )
    };
    let outcome = run_in(folder.path(), &["summary", "-"], deep(10_000).as_bytes());
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(outcome.stderr.contains("recursion limit"), "{outcome}");
    // A line of a stream is skipped for it, and those around it are read.
    let good = point("m", 1, "");
    let stream = format!(
        "{good}\n{}\n{}\n{good}\n",
        deep(10_000),
        "[".repeat(1_000_000)
    );
    let outcome = run_in(
        folder.path(),
        &["summary", "-", "--format", "json"],
        stream.as_bytes(),
    );
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stdout.contains("\"points\": 2"), "{outcome}");
    // Names are no trees: groups nested ten thousand deep are one long name.
    let group = format!(r#""check":"c","group":"{}""#, "::g".repeat(10_000));
    fs::write(
        folder.path().join("deep.ndjson"),
        point("checks", 1, &group),
    )
    .unwrap();
    for args in [
        &["summary", "deep.ndjson"][..],
        &["html", "deep.ndjson", "-o", "x.html"],
    ] {
        let outcome = run_within(folder.path(), 1000, args);
        assert_eq!(outcome.code, 0, "{outcome}");
    }
}

#[test]
fn a_summary_of_gigabytes_is_refused_with_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::create(folder.path().join("x.json.gz")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    let start = r#"{"metrics":{"http_reqs":{"type":"counter","contains":"default","values":{"count":1,"rate":1}}},"x":""#;
    gzip.write_all(start.as_bytes()).unwrap();
    let filling = vec![b'a'; 1 << 20];
    for _ in 0..1000 {
        gzip.write_all(&filling).unwrap();
    }
    gzip.finish().unwrap();
    let outcome = run_within(folder.path(), 1200, &["summary", "x.json.gz"]);
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(
        outcome
            .stderr
            .contains("x.json.gz: a summary of more than 256 MiB"),
        "{outcome}"
    );
}

/// Whatever people and this program write beside k6's files.
#[test]
fn small_files_are_small() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("x.ndjson"), point("http_reqs", 1, "")).unwrap();
    let huge = |name: &str| {
        let file = File::create(folder.join(name)).unwrap();
        file.set_len(1 << 40).unwrap();
    };
    huge("huge");
    for args in [
        &["--config", "huge", "summary", "x.ndjson"][..],
        &["check", "x.ndjson", "--thresholds", "huge"],
        &["check", "x.ndjson", "--thresholds", "/dev/zero"],
    ] {
        let outcome = run_within(folder, 400, args);
        assert_eq!(outcome.code, 2, "{args:?}: {outcome}");
        assert!(
            outcome.stderr.contains("more than 16 MiB"),
            "{args:?}: {outcome}"
        );
    }
    // The plan of a run is not needed to read it.
    huge("x.plan.json");
    let outcome = run_within(folder, 400, &["summary", "x.ndjson"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stderr.contains("passed over"), "{outcome}");
}

#[test]
fn an_expression_of_a_megabyte_is_told_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x.ndjson"), point("http_reqs", 1, "")).unwrap();
    for filling in ["1", "x", "(", "p(", "<", "\u{e4}"] {
        let expression = format!("p(95)<{}", filling.repeat(1_000_000));
        let thresholds = serde_json::json!({ "thresholds": { "http_reqs": [expression] } });
        fs::write(folder.path().join("t.json"), thresholds.to_string()).unwrap();
        let outcome = run_within(
            folder.path(),
            400,
            &["check", "x.ndjson", "--thresholds", "t.json"],
        );
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(outcome.stderr.contains("bad threshold"), "{outcome}");
        let longest = outcome
            .stderr
            .lines()
            .map(|line| line.chars().count())
            .max();
        assert!(longest < Some(300), "{outcome}");
    }
}

/// A bundle is read without being unpacked: no name of it leads anywhere, and nothing in it is inflated beyond what its
/// documents need.
#[test]
fn a_bundle_can_neither_fill_the_memory_nor_leave_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let options = zip::write::SimpleFileOptions::default();
    let mut bomb = zip::ZipWriter::new(File::create(folder.join("bomb.zip")).unwrap());
    for name in ["manifest.json", "SHA256SUMS", "README.txt"] {
        bomb.start_file(name, options.large_file(true)).unwrap();
        bomb.write_all(&vec![b' '; 200 << 20]).unwrap();
    }
    bomb.finish().unwrap();
    let mut slip = zip::ZipWriter::new(File::create(folder.join("slip.zip")).unwrap());
    for name in ["../escaped", "/tmp/perf-report-escaped", "..\\escaped"] {
        slip.start_file(name, options).unwrap();
        slip.write_all(b"x").unwrap();
    }
    slip.finish().unwrap();
    for bundle in ["bomb.zip", "slip.zip"] {
        let outcome = run_within(folder, 500, &["archive", "verify", bundle]);
        assert_eq!(outcome.code, 4, "{outcome}");
    }
    assert!(!folder.parent().unwrap().join("escaped").exists());
    assert!(!Path::new("/tmp/perf-report-escaped").exists());
    assert_eq!(
        fs::read_dir(folder).unwrap().count(),
        2,
        "nothing is unpacked"
    );
}

/// So many names in one run, and what each command may take for them.
fn within_a_minute(stream: &str, commands: &[&[&str]], megabytes: u64) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x.ndjson"), stream).unwrap();
    for args in commands {
        let started = Instant::now();
        let outcome = run_within(folder.path(), megabytes, args);
        assert!(
            [0, 99].contains(&outcome.code),
            "{args:?}: {}",
            outcome.stderr
        );
        assert!(
            started.elapsed() < Duration::from_mins(1),
            "{args:?}: {:?}",
            started.elapsed()
        );
        if let Some(page) = args.last().filter(|name| name.contains(".html")) {
            let size = fs::metadata(folder.path().join(page)).unwrap().len();
            assert!(size < 2_000_000, "{args:?}: a page of {size} bytes");
        }
    }
}

#[test]
#[ignore = "takes a minute"]
fn a_hundred_thousand_metrics() {
    let mut stream = String::new();
    for metric in 0..100_000 {
        writeln!(stream, r#"{{"type":"Metric","data":{{"name":"m{metric}","type":"trend","contains":"time","thresholds":["p(95)<50"],"submetrics":null}},"metric":"m{metric}"}}"#).unwrap();
        for at in 0..3 {
            stream += &point(&format!("m{metric}"), metric + at * 100, r#""a":"b""#);
            stream.push('\n');
        }
    }
    let commands = [
        &["summary", "x.ndjson"][..],
        &["check", "x.ndjson"],
        &["html", "x.ndjson", "-o", "x.html"],
        &["pack", "x.ndjson", "-o", "x.parquet"],
        &["summary", "x.parquet"],
    ];
    within_a_minute(&stream, &commands, 2500);
}

/// A stream in which every request has an endpoint, a check and an error of its own.
fn endpoints(many: usize) -> String {
    let mut stream = String::new();
    for at in 0..many {
        let group = at % 20_000;
        let tags = format!(
            r#""name":"/n{at}x","method":"GET","status":"200","check":"c{at}","group":"::g{group}","scenario":"default","error":"e{at}""#
        );
        for metric in [
            "http_reqs",
            "http_req_duration",
            "http_req_failed",
            "checks",
        ] {
            stream += &point(metric, at, &tags);
            stream.push('\n');
        }
    }
    stream
}

#[test]
#[ignore = "takes a minute"]
fn a_hundred_thousand_endpoints_checks_and_groups() {
    let commands = [
        &["summary", "x.ndjson"][..],
        &["html", "x.ndjson", "-o", "x.html"],
        &["pack", "x.ndjson", "-o", "x.parquet"],
        &["pack", "--histogram", "x.ndjson", "-o", "h.parquet"],
    ];
    within_a_minute(&endpoints(100_000), &commands, 2500);
}

#[test]
#[ignore = "takes a minute"]
fn ten_thousand_endpoints_are_compared() {
    within_a_minute(
        &endpoints(10_000),
        &[&["diff", "x.ndjson", "x.ndjson"]],
        1500,
    );
}
