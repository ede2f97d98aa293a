//! `--format` and `--report`: JUnit, OpenMetrics, GitHub, CSV, Markdown

use super::runner::{run, run_in, run_with, samples};

#[test]
fn junit_has_a_case_for_thresholds_checks_limits_and_rows_that_decide() {
    insta::assert_snapshot!(run(&["check", "smoke/v2025.11", "--format", "junit"]));
    let diff = [
        "diff",
        "journeys/v2025.10",
        "journeys/v2025.11",
        "--format",
        "junit",
        "--limit",
    ];
    let outcome = run(&[&diff[..], &["http_req_duration:avg<=baseline*0.9"]].concat());
    assert_eq!(outcome.code, 1);
    insta::assert_snapshot!(outcome);
}

#[test]
fn a_check_may_fail_as_often_as_a_threshold_on_checks_allows() {
    let failures = |threshold: &str| {
        let args = [
            "summary",
            "smoke/v2025.11",
            "--format",
            "junit",
            "--threshold",
            threshold,
        ];
        run(&args).stdout.matches("type=\"check\"").count()
    };
    assert_eq!(failures("checks:rate>0.9"), 0);
    assert_eq!(failures("checks:rate>0.935"), 2);
    assert_eq!(failures("checks{check:health status ok}:rate>0.9"), 2);
    assert_eq!(failures("http_reqs:count>1"), 3);
}

#[test]
fn openmetrics_has_every_number() {
    let outcome = run(&["summary", "smoke/v2025.11", "--format", "openmetrics"]);
    assert_eq!(outcome.code, 0);
    insta::assert_snapshot!(outcome);
    let outcome = run(&[
        "diff",
        "smoke/v2025.10",
        "smoke/v2025.11",
        "--format",
        "openmetrics",
    ]);
    assert!(
        outcome
            .stdout
            .contains("perf_report_regressed{run=\"api-smoke\"} 1\n"),
        "{outcome}"
    );
    assert!(outcome.stdout.ends_with("# EOF\n"));
}

#[test]
fn csv_has_a_row_for_everything() {
    insta::assert_snapshot!(run(&["check", "smoke/v2025.11", "--format", "csv"]));
    let outcome = run(&[
        "diff",
        "smoke/v2025.10",
        "smoke/v2025.11",
        "--format",
        "csv",
    ]);
    let mut rows = csv::Reader::from_reader(outcome.stdout.as_bytes());
    let json = run(&[
        "diff",
        "smoke/v2025.10",
        "smoke/v2025.11",
        "--format",
        "json",
    ]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let documented = json["pairs"][0]["rows"].as_array().unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), documented.len());
    for (row, documented) in rows.iter().zip(documented) {
        assert_eq!(row[1], *documented["name"].as_str().unwrap());
        assert_eq!(row[4].parse().ok(), documented["baseline"].as_f64());
        assert_eq!(row[13], *documented["verdict"].as_str().unwrap());
    }
}

#[test]
fn markdown_is_a_sentence_a_small_table_and_folded_details() {
    insta::assert_snapshot!(run(&[
        "diff",
        "journeys/v2025.10",
        "journeys/v2025.11",
        "--format",
        "markdown"
    ]));
}

#[test]
fn github_gets_annotations_and_the_steps_summary() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("summary.md");
    std::fs::write(&page, "before\n").unwrap();
    let variables = [("GITHUB_STEP_SUMMARY", page.to_str().unwrap())];
    let args = ["check", "smoke/v2025.11", "--format", "github"];
    let outcome = run_with(&samples(), &args, b"", &variables);
    assert_eq!(outcome.code, 99);
    insta::assert_snapshot!(outcome);
    let args = [
        "diff",
        "smoke/v2025.10",
        "smoke/v2025.11",
        "--report",
        "github=-",
    ];
    let outcome = run_with(&samples(), &args, b"", &variables);
    assert!(
        outcome
            .stdout
            .contains("::error title=api-smoke%3A regressed::"),
        "{outcome}"
    );
    let written = std::fs::read_to_string(&page).unwrap();
    assert!(
        written.starts_with("before\n**api-smoke: ❌ failed**"),
        "{written}"
    );
    assert!(written.contains("**Regressed:"), "{written}");
    // Other forms leave the page alone, and without one nothing is missed.
    run_with(&samples(), &["check", "smoke/v2025.11"], b"", &variables);
    assert_eq!(std::fs::read_to_string(&page).unwrap(), written);
    assert_eq!(
        run(&["check", "smoke/v2025.10", "--format", "github"]).code,
        0
    );
    let nowhere = [("GITHUB_STEP_SUMMARY", "/nowhere/x")];
    let outcome = run_with(
        &samples(),
        &["check", "smoke/v2025.10", "--format", "github"],
        b"",
        &nowhere,
    );
    assert_eq!(outcome.code, 2, "{outcome}");
}

#[test]
fn several_reports_at_once_are_those_of_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let formats = ["text", "json", "markdown", "csv", "junit", "openmetrics"];
    for command in [
        &["summary", "smoke/v2025.11"][..],
        &["check", "smoke/v2025.11"],
        &["diff", "smoke/v2025.10", "smoke/v2025.11"],
    ] {
        let mut args: Vec<String> = command.iter().map(ToString::to_string).collect();
        for format in formats {
            args.extend(["--report".to_owned(), format!("{format}={}", file(format))]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let variables = [("CLICOLOR_FORCE", "1")];
        let code = run_with(&samples(), &args, b"", &variables).code;
        for format in formats {
            let alone = run(&[command, &["--format", format]].concat());
            assert_eq!(code, alone.code);
            assert_eq!(
                std::fs::read_to_string(file(format)).unwrap(),
                alone.stdout,
                "{command:?} {format}"
            );
        }
    }
}

#[test]
fn a_report_without_a_place_is_refused() {
    for report in ["junit", "junit=", "=x", "pdf=x"] {
        let outcome = run(&["check", "smoke/v2025.10", "--report", report]);
        assert_eq!(outcome.code, 2, "{outcome}");
    }
    let outcome = run(&[
        "check",
        "smoke/v2025.10",
        "--report",
        "junit=/nowhere/x.xml",
    ]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("cannot write /nowhere/x.xml"),
        "{outcome}"
    );
    let outcome = run(&["check", "smoke/v2025.10", "--report", "junit=-"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome
            .stderr
            .contains("two reports would be mixed on stdout"),
        "{outcome}"
    );
}

/// Names and tags come from whoever wrote the script, or from whoever answered it.
#[test]
fn nothing_in_an_input_breaks_out_of_a_report() {
    let nasty = "]]>&<b \\\"x\\\">\\n::error::x\\u0001\\uffff\\u202e";
    let summary = format!(
        r#"{{"metrics": {{"a b\\\"{{x:{nasty}}}": {{"type": "trend", "contains": "time", "values": {{"avg": 5, "p(95)": 9}},
        "thresholds": {{"p(95)<8": {{"ok": false}}}}}}}},
        "root_group": {{"path": "", "groups": [], "checks": [{{"name": "{nasty}", "path": "::x", "passes": 1, "fails": 1}}]}}}}"#
    );
    for format in ["junit", "openmetrics", "github", "csv", "markdown"] {
        for command in ["summary", "check"] {
            let outcome = run_in(
                &samples(),
                &[command, "-", "--format", format],
                summary.as_bytes(),
            );
            assert!([0, 99].contains(&outcome.code), "{outcome}");
            // CSV and OpenMetrics quote what stands in them, and keep it.
            if !["csv", "openmetrics"].contains(&format) {
                assert!(!outcome.stdout.contains('\u{1}'), "{outcome}");
            }
            assert!(
                !(format == "junit" && outcome.stdout.contains('\u{ffff}')),
                "{outcome}"
            );
            // A quoted cell of CSV can hold a line end.
            let is_command = |line: &str| line.starts_with("::error::x");
            assert!(
                format == "csv" || !outcome.stdout.lines().any(is_command),
                "{outcome}"
            );
            if format == "junit" {
                let mut reader = quick_xml::Reader::from_str(&outcome.stdout);
                while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
            }
        }
    }
}

/// Markdown goes into one comment after other Markdown: nothing of it is left inside HTML.
#[test]
fn markdown_can_be_put_together() {
    let run = samples().join("smoke/v2025.11");
    let before = samples().join("smoke/v2025.10");
    let (run, before) = (run.display().to_string(), before.display().to_string());
    for args in [
        &["summary", &run, "--format", "markdown"][..],
        &["check", &run, "--format", "markdown"],
        &["diff", &before, &run, "--format", "markdown"],
    ] {
        let markdown = run_in(&samples(), args, b"").stdout;
        assert!(
            markdown.ends_with("\n\n") && !markdown.starts_with('\n'),
            "{markdown}"
        );
    }
}
