//! `pack`: a stream as Parquet, and that file as any other stream.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::runner::{Outcome, run, run_in, samples};

/// A summary as JSON, without what tells one file from another.
fn summary(folder: &Path, file: &str, stdin: &[u8]) -> Value {
    let outcome = run_in(
        folder,
        &["summary", "--alone", file, "--format", "json"],
        stdin,
    );
    assert_eq!(outcome.code, 0, "{outcome}");
    let mut document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let run = document["runs"][0].as_object_mut().unwrap();
    run.remove("sources").unwrap();
    run.remove("name").unwrap();
    document
}

fn pack(folder: &Path, stream: &str, output: &str, stdin: &[u8]) -> Outcome {
    run_in(folder, &["pack", stream, "-o", output, "--force"], stdin)
}

#[test]
fn a_packed_stream_says_what_the_stream_says() {
    let folder = tempfile::tempdir().unwrap();
    for stream in [
        "storefront/storefront.ndjson.zst",
        "storefront-2022/storefront.ndjson.gz",
        "smoke/v2025.11/api-smoke.ndjson.gz",
        "broken/cut-stream.ndjson.gz",
        "broken/bad-lines.ndjson",
        "broken/no-head.ndjson",
        "broken/bad-rows.csv",
    ] {
        let path = samples().join(stream);
        let path = path.to_str().unwrap();
        let outcome = pack(folder.path(), path, "x.parquet", b"");
        assert_eq!(outcome.code, 0, "{outcome}");
        let packed = summary(folder.path(), "x.parquet", b"");
        assert_eq!(packed, summary(folder.path(), path, b""), "{stream}");
        let html = |file| run_in(folder.path(), &["html", "--alone", file, "-o", "-"], b"").stdout;
        assert_eq!(
            html("x.parquet").matches("<svg").count(),
            html(path).matches("<svg").count()
        );
    }
}

#[test]
fn a_stream_is_forty_times_smaller_packed() {
    let folder = tempfile::tempdir().unwrap();
    let stream = samples().join("storefront/storefront.ndjson.zst");
    let outcome = pack(folder.path(), stream.to_str().unwrap(), "x.parquet", b"");
    insta::assert_snapshot!(outcome.stdout.replace(stream.to_str().unwrap(), "STREAM"));
    let json = zstd::decode_all(File::open(&stream).unwrap()).unwrap();
    let packed = std::fs::metadata(folder.path().join("x.parquet")).unwrap();
    assert!(packed.len() * 40 < json.len() as u64, "{}", packed.len());
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing is left aside");
}

#[test]
fn from_a_pipe_other_lines_pass_on_to_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let stdin = std::fs::read(samples().join("broken/stdout.ndjson")).unwrap();
    let outcome = pack(folder.path(), "-", "x.parquet", &stdin);
    assert_eq!(outcome.code, 0, "{outcome}");
    let lines = std::str::from_utf8(&stdin).unwrap().split_inclusive('\n');
    let others = lines.filter(|line| !line.starts_with('{'));
    let others: String = others.collect();
    assert_eq!(outcome.stderr, others);
    assert_eq!(
        summary(folder.path(), "x.parquet", b""),
        summary(folder.path(), "-", &stdin)
    );
}

#[test]
fn a_packed_file_comes_from_a_pipe_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let stream = samples().join("smoke/v2025.10/api-smoke.ndjson.gz");
    pack(folder.path(), stream.to_str().unwrap(), "x.parquet", b"");
    let bytes = std::fs::read(folder.path().join("x.parquet")).unwrap();
    assert_eq!(
        summary(folder.path(), "-", &bytes),
        summary(folder.path(), "x.parquet", b"")
    );
}

#[test]
fn in_a_folder_a_packed_file_is_its_stems_stream() {
    let folder = tempfile::tempdir().unwrap();
    let from = samples().join("smoke/v2025.11");
    let stream = from.join("api-smoke.ndjson.gz");
    pack(
        folder.path(),
        stream.to_str().unwrap(),
        "api-smoke.parquet",
        b"",
    );
    std::fs::copy(
        from.join("api-smoke.json"),
        folder.path().join("api-smoke.json"),
    )
    .unwrap();
    let checked = |folder: &Path| run_in(folder, &["check", ".", "--format", "json"], b"");
    let (packed, plain) = (checked(folder.path()), checked(&from));
    assert_eq!((packed.code, plain.code), (99, 99), "{packed}");
    let thresholds = |outcome: &Outcome| -> Value {
        let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
        document["runs"][0]["thresholds"].clone()
    };
    assert_eq!(thresholds(&packed), thresholds(&plain));
}

#[test]
fn what_cannot_be_packed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    std::fs::write(folder.path().join("bad.parquet"), b"PAR1 and nothing else").unwrap();
    let at = |path: &str| samples().join(path).to_str().unwrap().to_owned();
    let stream = at("smoke/v2025.10/api-smoke.ndjson.gz");
    let mut said = String::new();
    for (stream, output) in [
        (at("smoke/v2025.10/api-smoke.json"), "x.parquet"),
        (at("broken/empty.json"), "x.parquet"),
        ("missing.ndjson".to_owned(), "x.parquet"),
        ("bad.parquet".to_owned(), "x.parquet"),
        (stream.clone(), "-"),
        (stream.clone(), "folder"),
        (stream, "file/x.parquet"),
    ] {
        let outcome = pack(folder.path(), &stream, output, b"");
        assert_eq!(outcome.code, 2, "{stream} {output}: {outcome}");
        assert!(!folder.path().join("x.parquet").exists());
        said.push_str(
            &outcome
                .stderr
                .replace(samples().to_str().unwrap(), "SAMPLES"),
        );
    }
    insta::assert_snapshot!(said);
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 3, "nothing is left aside");
}

#[test]
fn damaged_parquet_is_an_error_and_not_a_few_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let stream = samples().join("smoke/v2025.10/api-smoke.ndjson.gz");
    pack(folder.path(), stream.to_str().unwrap(), "x.parquet", b"");
    let mut bytes = std::fs::read(folder.path().join("x.parquet")).unwrap();
    let cut = &bytes[..bytes.len() - 9];
    let outcome = run_in(folder.path(), &["summary", "-"], cut);
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(outcome.stderr.contains("no complete footer"), "{outcome}");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    let outcome = run_in(folder.path(), &["summary", "-"], &bytes);
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(
        outcome.stderr.contains("damaged data in column"),
        "{outcome}"
    );
}

/// A process that packs what it is fed.
struct Packing {
    child: Child,
    folder: tempfile::TempDir,
}

const LINE: &[u8] = b"{\"metric\":\"m\",\"type\":\"Point\",\"data\":{\"time\":\"2026-01-02T03:04:05Z\",\"value\":1,\"tags\":{}}}\n";

impl Packing {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_perf-report"))
            .args(["pack", "-", "-o", "x.parquet"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, folder }
    }

    fn feed(&mut self, lines: usize) {
        let many = LINE.repeat(1024);
        let stdin = self.child.stdin.as_mut().unwrap();
        for _ in 0..lines / 1024 {
            stdin.write_all(&many).unwrap();
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Waits until the unfinished file is there and has some bytes.
    fn wait_for(&self, bytes: u64) {
        let start = Instant::now();
        let partial = self.path("x.parquet.partial");
        while std::fs::metadata(&partial).map_or(true, |meta| meta.len() < bytes) {
            assert!(
                start.elapsed() < Duration::from_mins(1),
                "nothing is written"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
        assert!(sent.success());
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn killed_half_way_what_was_written_is_read() {
    let mut packing = Packing::start();
    packing.feed(1_200 * 1024);
    packing.wait_for(1000);
    packing.child.kill().unwrap();
    packing.child.wait().unwrap();
    assert!(!packing.path("x.parquet").exists());
    let read = run_in(
        packing.folder.path(),
        &["summary", "x.parquet.partial", "--format", "json"],
        b"",
    );
    assert_eq!(read.code, 0, "{read}");
    let document: Value = serde_json::from_str(&read.stdout).unwrap();
    let points = document["runs"][0]["points"].as_u64().unwrap();
    assert!(points >= 1 << 20, "{points}");
    assert_eq!(document["runs"][0]["validity"]["verdict"], "suspect");
    assert!(
        read.stderr.contains("packing was stopped before the end"),
        "{read}"
    );

    // Packing again takes nothing away from it, and it can be packed into a whole file.
    let kept = std::fs::read(packing.path("x.parquet.partial")).unwrap();
    let again = pack(packing.folder.path(), "x.parquet.partial", "x.parquet", b"");
    assert_eq!(again.code, 0, "{again}");
    assert_eq!(
        std::fs::read(packing.path("x.parquet.partial")).unwrap(),
        kept
    );
    let packed = run_in(packing.folder.path(), &["summary", "x.parquet"], b"");
    assert!(
        packed.stdout.contains(&format!("{points} samples")),
        "{packed}"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_is_left_to_k6_and_the_second_one_is_not() {
    use std::os::unix::process::ExitStatusExt as _;

    let mut packing = Packing::start();
    packing.feed(2048);
    packing.wait_for(0);
    packing.interrupt();
    packing.feed(1024);
    drop(packing.child.stdin.take());
    assert!(packing.child.wait().unwrap().success());
    let read = run_in(packing.folder.path(), &["summary", "x.parquet"], b"");
    assert!(read.stdout.contains("3072 samples"), "{read}");

    let mut packing = Packing::start();
    packing.feed(1024);
    packing.wait_for(0);
    // Two that come at once are one.
    while packing.child.try_wait().unwrap().is_none() {
        packing.interrupt();
    }
    // A shell shows that as 130.
    let status = packing.child.wait().unwrap();
    assert_eq!(status.signal(), Some(2), "{status}");
    assert!(!packing.path("x.parquet").exists());
}

/// Whoever reads stderr may go away; the samples must not go with it.
#[cfg(target_os = "linux")]
#[test]
fn a_full_or_closed_stderr_costs_no_sample() {
    let folder = tempfile::tempdir().unwrap();
    let stream = samples().join("broken/stdout.ndjson");
    let pipe = format!(
        "cat '{}' | '{}' pack - -o x.parquet 2>/dev/full",
        stream.display(),
        env!("CARGO_BIN_EXE_perf-report")
    );
    let status = Command::new("sh")
        .args(["-c", &pipe])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    let stdin = std::fs::read(&stream).unwrap();
    let packed = summary(folder.path(), "x.parquet", b"");
    assert_eq!(packed, summary(folder.path(), "-", &stdin));
}

#[cfg(unix)]
#[test]
fn a_link_stays_one_and_a_device_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let stream = samples().join("broken/no-head.ndjson");
    let stream = stream.to_str().unwrap();
    std::fs::write(folder.path().join("target"), "").unwrap();
    std::os::unix::fs::symlink("target", folder.path().join("link.parquet")).unwrap();
    let outcome = pack(folder.path(), stream, "link.parquet", b"");
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(folder.path().join("link.parquet").is_symlink());
    assert!(
        std::fs::metadata(folder.path().join("target"))
            .unwrap()
            .len()
            > 100
    );
    let outcome = pack(folder.path(), stream, "/dev/null", b"");
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(!Path::new("/dev/null").is_file());
}

#[cfg(unix)]
#[test]
fn a_named_pipe_brings_parquet_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let stream = samples().join("smoke/v2025.10/api-smoke.ndjson.gz");
    pack(folder.path(), stream.to_str().unwrap(), "x.parquet", b"");
    let pipe = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let bytes = std::fs::read(folder.path().join("x.parquet")).unwrap();
    let writer = std::thread::spawn(move || std::fs::write(pipe, bytes).unwrap());
    let read = summary(folder.path(), "pipe", b"");
    writer.join().unwrap();
    assert_eq!(read, summary(folder.path(), "x.parquet", b""));
}

#[test]
fn from_a_csv_pipe_k6s_own_lines_pass_on_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let stdin = "  execution: local\n\nmetric_name,timestamp,metric_value,check\nm,1795423797,1,\n     checks: 100%\n";
    let outcome = pack(folder.path(), "-", "x.parquet", stdin.as_bytes());
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(outcome.stderr, "  execution: local\n     checks: 100%\n");
}

/// Many keys and a series a sample: more than a reader would take at once.
#[test]
fn very_many_different_tags_are_written_in_smaller_groups() {
    let folder = tempfile::tempdir().unwrap();
    let line = |tags: &str| {
        format!(
            "{{\"metric\":\"m\",\"type\":\"Point\",\"data\":{{\"time\":\"2026-01-02T03:04:05Z\",\"value\":1,\"tags\":{{{tags}}}}}}}\n"
        )
    };
    let keys: Vec<String> = (0..3900).map(|i| format!("\"k{i}\":\"v\"")).collect();
    let mut stream = line(&keys.join(","));
    for row in 0..20_000 {
        stream.push_str(&line(&format!("\"k0\":\"{row}\"")));
    }
    std::fs::write(folder.path().join("x.ndjson"), stream).unwrap();
    let outcome = pack(folder.path(), "x.ndjson", "x.parquet", b"");
    assert_eq!(outcome.code, 0, "{outcome}");
    let packed = summary(folder.path(), "x.parquet", b"");
    assert_eq!(packed, summary(folder.path(), "x.ndjson", b""));
}

#[test]
fn a_folder_with_an_unfinished_file_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.parquet.partial"), "PAR1").unwrap();
    let outcome = run_in(folder.path(), &["summary", "."], b"");
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("left of packing that was stopped"),
        "{outcome}"
    );
}

#[test]
fn help_shows_the_pipe() {
    let outcome = run(&["pack", "--help"]);
    assert!(
        outcome
            .stdout
            .contains("--out json=- script.js | perf-report pack -"),
        "{outcome}"
    );
}

#[test]
fn a_file_that_is_there_is_written_over_only_by_force() {
    let folder = tempfile::tempdir().unwrap();
    let run = samples().join("smoke/v2025.11/api-smoke.ndjson.gz");
    let run = run.display().to_string();
    let pack = |more: &[&str]| {
        let args = [&["pack", &run, "-o", "x.parquet"], more].concat();
        run_in(folder.path(), &args, b"")
    };
    std::fs::write(folder.path().join("x.parquet"), "another's").unwrap();
    let refused = pack(&[]);
    assert_eq!(refused.code, 2, "{refused}");
    assert!(
        refused.stderr.contains("x.parquet is there already"),
        "{refused}"
    );
    let kept = std::fs::read(folder.path().join("x.parquet")).unwrap();
    assert_eq!(kept, b"another's");
    assert_eq!(pack(&["--force"]).code, 0);
}
