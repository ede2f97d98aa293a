//! Bad input: a clear error, or everything readable is used and the rest is counted.

use super::runner::{run, run_in, samples};

/// Files that hold nothing to use: what is said of each, and exit code 2.
#[test]
fn unusable_files_are_named_with_what_they_look_like() {
    let unusable = [
        "empty.json",
        "binary.json",
        "page.json",
        "list.json",
        "other.json",
        "cut-summary.json",
        "utf16.json",
        "dashboard.ndjson",
        "no-header.csv",
    ];
    let mut said = String::new();
    for file in unusable {
        let path = format!("broken/{file}");
        for command in ["summary", "check", "html", "diff"] {
            let mut args = vec![command, path.as_str()];
            match command {
                "html" => args.extend(["-o", "-"]),
                "diff" => args.insert(1, "smoke/v2025.10"),
                _ => {}
            }
            let outcome = run(&args);
            assert_eq!(outcome.code, 2, "{command} {file}");
            assert_eq!(outcome.stdout, "", "{command} {file}");
            assert!(
                outcome.stderr.contains(&format!("broken/{file}: ")),
                "{outcome}"
            );
            if command == "summary" {
                said.push_str(&outcome.stderr);
            }
        }
    }
    insta::assert_snapshot!(said);
}

/// `samples/broken/README.md` says what each of these holds.
#[test]
fn everything_readable_is_used_and_the_rest_is_counted() {
    for (file, points, bad, first) in [
        ("cut-stream.ndjson", 184, 1, Some(200)),
        ("cut-stream.ndjson.gz", 1138, 1, Some(1156)),
        ("bad-lines.ndjson", 185, 15, Some(41)),
        ("stdout.ndjson", 105, 14, Some(2)),
        ("no-head.ndjson", 199, 1, Some(1)),
        ("crlf-bom.ndjson", 45, 0, None),
        ("two-members.ndjson.gz", 185, 0, None),
        ("bad-rows.csv", 60, 3, Some(22)),
    ] {
        let path = format!("broken/{file}");
        let outcome = run(&["summary", &path, "--format", "json"]);
        assert_eq!(outcome.code, 0, "{outcome}");
        let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        let run = &document["runs"][0];
        assert_eq!(run["points"], points, "{file}");
        assert_eq!(run["skipped_lines"], bad, "{file}");
        assert_eq!(
            run["skipped"]["first_line"],
            serde_json::json!(first),
            "{file}"
        );
        match first {
            Some(line) => assert!(
                outcome.stderr.contains(&format!("{path}:{line}: {bad} ")),
                "{outcome}"
            ),
            None => assert!(!outcome.stderr.contains("skipped"), "{outcome}"),
        }
        let cut = file.starts_with("cut");
        assert_eq!(run["skipped"]["cut"].is_string(), cut, "{file}");
        assert_eq!(
            run["validity"]["reasons"].to_string().contains("cut"),
            cut,
            "{file}"
        );
    }
}

/// A run of which only a cut file is left must not go unnoticed; beside a whole one it is remarked.
#[test]
fn a_cut_summary_in_a_folder_is_an_error_unless_its_run_has_more() {
    let folder = tempfile::tempdir().unwrap();
    let put = |from: &str, to: &str| {
        std::fs::copy(samples().join(from), folder.path().join(to)).unwrap();
    };
    put("smoke/v2025.10/api-smoke.json", "good.json");
    put("broken/cut-summary.json", "lost.json");
    let outcome = run_in(folder.path(), &["check", "."], b"");
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(
        outcome
            .stderr
            .contains("lost.json: this begins like a JSON summary, but is cut"),
        "{outcome}"
    );
    put("smoke/v2025.10/api-smoke.ndjson.gz", "lost.ndjson.gz");
    for run_argument in [".", "lost.ndjson.gz"] {
        let outcome = run_in(folder.path(), &["check", run_argument], b"");
        assert_eq!(outcome.code, 0, "{outcome}");
        assert!(outcome.stderr.contains("passed over"), "{outcome}");
        assert!(
            outcome.stderr.contains("does not hold the thresholds"),
            "{outcome}"
        );
    }
}

#[test]
fn every_report_says_what_was_skipped() {
    let bad = "broken/bad-lines.ndjson";
    let said = "15 lines were skipped, the first is line 41";
    for args in [
        vec!["summary", bad],
        vec!["summary", bad, "--format", "markdown"],
        vec!["check", bad],
        vec!["check", bad, "--format", "markdown"],
        vec!["diff", "smoke/v2025.10", bad],
        vec!["diff", "smoke/v2025.10", bad, "--format", "markdown"],
        vec!["diff", "smoke/v2025.10", bad, "--format", "json"],
    ] {
        let outcome = run(&args);
        assert!(outcome.stdout.contains(said), "{args:?}: {outcome}");
        assert!(
            outcome.stderr.contains("bad-lines.ndjson:41: 15 lines"),
            "{args:?}: {outcome}"
        );
    }
    for args in [["summary", bad], ["check", bad]] {
        let outcome = run(&[args[0], args[1], "--format", "json"]);
        assert!(
            outcome.stdout.contains("\"skipped_lines\": 15"),
            "{outcome}"
        );
    }
    let page = run(&["html", bad, "-o", "-"]);
    assert!(page.stdout.contains("15 lines") && page.stdout.contains("line 41"));
}

#[test]
fn a_missing_file_is_named() {
    let outcome = run(&["summary", "no-such-file.json"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("cannot read no-such-file.json"),
        "{outcome}"
    );
    assert!(outcome.stderr.contains("hint: check the path"), "{outcome}");
}

#[test]
fn a_glob_without_a_match_and_a_folder_without_k6_are_named() {
    let outcome = run(&["summary", "smoke/*.nothing"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("smoke/*.nothing: nothing matches"),
        "{outcome}"
    );
    let outcome = run(&["summary", "k6/lib"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome
            .stderr
            .contains("k6/lib: no k6 output in this folder"),
        "{outcome}"
    );
}

#[test]
fn the_archive_is_not_pretended() {
    let outcome = run(&["summary", "@v2025.10"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("no archive"), "{outcome}");
}

#[test]
fn a_closed_pipe_is_no_error() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_perf-report"))
        .args(["summary", "storefront", "--by", "url", "--format", "json"])
        .current_dir(samples())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("error"));
}

/// Names from an input cannot steer the terminal.
#[test]
fn control_characters_are_shown_and_not_sent() {
    let stream = "{\"type\":\"Point\",\"metric\":\"http_reqs\",\"data\":{\"time\":\"2026-01-01T00:00:00Z\",\"value\":1,\"tags\":{\"name\":\"\\u001b[31mred\\u001b]0;t\\u0007\\n\"}}}\n";
    let outcome = run_in(
        &samples(),
        &["summary", "-", "--by", "name"],
        stream.as_bytes(),
    );
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stdout.contains("\\u{1b}[31mred"), "{outcome}");
    assert!(
        !outcome.stdout.contains('\x1b') && !outcome.stdout.contains('\x07'),
        "{outcome}"
    );
}
