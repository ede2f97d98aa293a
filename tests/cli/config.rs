//! `perf-report.toml`, `init`, `--show-config`

use std::fs;
use std::path::Path;

use super::runner::{Outcome, run_in, run_with, samples};

/// A project with a configuration, and the samples beside it.
fn project(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("perf-report.toml"), config).unwrap();
    fs::create_dir_all(folder.path().join("deep/down")).unwrap();
    folder
}

fn run_at(folder: &Path, args: &[&str]) -> Outcome {
    run_in(folder, args, b"")
}

fn sample(path: &str) -> String {
    samples().join(path).display().to_string()
}

#[test]
fn init_writes_a_file_that_holds_and_never_writes_over_one() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run_at(folder.path(), &["init"]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (0, "wrote perf-report.toml\n")
    );
    let written = fs::read_to_string(folder.path().join("perf-report.toml")).unwrap();
    assert!(written.contains("#[scenarios.api-smoke]"));
    assert_eq!(run_at(folder.path(), &["--show-config"]).code, 0);
    let again = run_at(folder.path(), &["init"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("is there already"), "{again}");
    assert_eq!(run_at(folder.path(), &["init", "--force"]).code, 0);
    assert_eq!(run_at(folder.path(), &["init", "-o", "-"]).stdout, written);
}

#[test]
fn each_value_tells_where_it_came_from() {
    let folder = project(
        "[results]\nfolder = \"results\"\n\n[thresholds]\nhttp_req_failed = \"rate<0.5\"\n\n[diff]\nalpha = 0.01\ngates = [\"med\"]\n",
    );
    let below = folder.path().join("deep/down");
    let outcome = run_with(
        &below,
        &[
            "diff",
            "--show-config",
            "--alpha",
            "0.2",
            "--limit",
            "http_reqs:rate>=baseline*0.9",
        ],
        b"",
        &[
            ("PERF_REPORT_GATES", "med,failed"),
            ("PERF_REPORT_ALPHA", "0.1"),
        ],
    );
    insta::assert_snapshot!(outcome);
}

#[test]
fn a_file_above_is_found_and_its_paths_are_seen_from_it() {
    let folder = project("[results]\nfolder = \"results\"\n");
    let results = folder.path().join("results");
    fs::create_dir(&results).unwrap();
    fs::copy(
        sample("smoke/v2025.10/api-smoke.json"),
        results.join("api-smoke.json"),
    )
    .unwrap();
    let outcome = run_at(&folder.path().join("deep/down"), &["summary"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(
        outcome.stdout.contains("../../results/api-smoke.json"),
        "{outcome}"
    );
    let quiet = run_at(&folder.path().join("deep/down"), &["summary", "-v"]);
    assert!(
        quiet
            .stderr
            .contains("configuration: ../../perf-report.toml"),
        "{quiet}"
    );
}

#[test]
fn thresholds_of_the_file_are_added() {
    let folder = project("[thresholds]\nhttp_reqs = [\"count>100000\"]\n");
    let outcome = run_at(folder.path(), &["check", &sample("smoke/v2025.10")]);
    assert_eq!(outcome.code, 99, "{outcome}");
    assert!(
        outcome
            .stdout
            .contains("✗ 'count>100000' count=482 (from a file)"),
        "{outcome}"
    );
}

#[test]
fn gates_floors_directions_and_limits_decide_over_a_comparison() {
    let diff = |config: &str| {
        let folder = project(config);
        let (before, after) = (sample("journeys/v2025.10"), sample("journeys/v2025.11"));
        run_at(folder.path(), &["diff", &before, &after, "--format", "csv"])
    };
    assert_eq!(diff("").code, 1);
    // What became 15% slower is of no interest.
    let lenient = diff("[diff.floors]\n\"http_req_duration\" = 0.3\n");
    assert_eq!(lenient.code, 2, "{lenient}");
    let figures = ["gmean", "med", "p(95)", "avg", "common"];
    let floors: Vec<String> = figures
        .iter()
        .map(|f| format!("\"http_req_duration:{f}\" = 0.3\n"))
        .collect();
    let lenient = diff(&format!("[diff.floors]\n{}", floors.concat()));
    assert_eq!(lenient.code, 0, "{lenient}");
    assert!(lenient.stdout.contains(",0.3,"), "{lenient}");
    assert_eq!(diff("[diff]\ngates = [\"failed\", \"checks\"]\n").code, 0);
    assert_eq!(
        diff("[diff]\ngates = [\"checks\"]\nlimits = [\"http_req_duration:avg<=baseline*0.5\"]\n")
            .code,
        1
    );
    let neutral = diff("[metrics.http_reqs]\nbetter = \"neither\"\n");
    let row = neutral
        .stdout
        .lines()
        .find(|line| line.starts_with("user-journeys,http_reqs,"))
        .unwrap();
    assert!(row.contains(",unchanged,"), "{row}");
}

#[test]
fn a_baseline_in_the_file_is_what_diff_compares_with() {
    let folder = project(&format!(
        "[diff]\nbaseline = {:?}\n",
        sample("smoke/v2025.10")
    ));
    let outcome = run_at(folder.path(), &["diff", &sample("smoke/v2025.11")]);
    assert_eq!(outcome.code, 1, "{outcome}");
    assert!(outcome.stdout.starts_with("Regressed"), "{outcome}");
}

#[test]
fn endpoints_are_named_as_configured() {
    let folder = project(
        "[endpoints]\ntag = \"label\"\n[endpoints.rename]\n\"documents-*\" = \"documents\"\n",
    );
    let args = [
        "diff",
        &sample("journeys/v2025.10"),
        &sample("journeys/v2025.11"),
        "--all",
    ];
    let outcome = run_at(folder.path(), &args);
    assert_eq!(outcome.code, 1, "{outcome}");
    assert!(
        outcome
            .stdout
            .contains("http_req_duration{label:documents,method:GET}"),
        "{outcome}"
    );
    assert!(
        outcome
            .stdout
            .contains("http_req_duration{label:job-submission,method:POST}"),
        "{outcome}"
    );
    assert!(!outcome.stdout.contains("{name:"), "{outcome}");
}

#[test]
fn a_csv_stream_has_the_types_of_the_file() {
    let csv = "metric_name,timestamp,metric_value,extra_tags\nqueue,1763887818,3,\nqueue,1763887819,5,\nqueue,1763887820,4,\n";
    let folder = project("[metrics.queue]\ntype = \"gauge\"\ncontains = \"time\"\n");
    let outcome = run_in(
        folder.path(),
        &["summary", "-", "--format", "csv"],
        csv.as_bytes(),
    );
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(
        outcome.stdout.contains("queue,gauge,ms,value,4"),
        "{outcome}"
    );
    assert!(!outcome.stderr.contains("what type"), "{outcome}");
    let plain = tempfile::tempdir().unwrap();
    let outcome = run_in(plain.path(), &["summary", "-"], csv.as_bytes());
    assert!(
        outcome.stderr.contains("state it in perf-report.toml"),
        "{outcome}"
    );
}

#[test]
fn a_broken_file_is_told_with_line_column_and_the_nearest_name() {
    let folder = project("[results]\n  foldr = \"x\"\n");
    insta::assert_snapshot!(run_at(folder.path(), &["summary"]));
    // What concerns no project works nevertheless.
    assert_eq!(run_at(folder.path(), &["completions", "bash"]).code, 0);
    let other = run_at(folder.path(), &["summary", "--config", "nowhere.toml"]);
    assert_eq!(other.code, 2);
    assert!(other.stderr.contains("cannot read nowhere.toml"), "{other}");
    let bytes = folder.path().join("bytes.toml");
    fs::write(&bytes, b"\xff\xfe").unwrap();
    assert_eq!(
        run_at(folder.path(), &["summary", "--config", "bytes.toml"]).code,
        2
    );
}

#[test]
fn a_wrong_variable_is_named() {
    let outcome = run_with(
        &samples(),
        &["check", "smoke/v2025.10"],
        b"",
        &[("PERF_REPORT_ALPHA", "lots")],
    );
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("PERF_REPORT_ALPHA"), "{outcome}");
}

/// Every key of the file that `init` writes, as `table.key`; names that anybody may choose are left out.
fn keys() -> Vec<String> {
    let template = run_in(&samples(), &["init", "-o", "-"], b"").stdout;
    let (mut table, mut keys) = (String::new(), Vec::new());
    for line in template.lines().filter_map(|line| line.strip_prefix('#')) {
        if let Some(name) = line.strip_prefix('[') {
            name.trim_end_matches(']').clone_into(&mut table);
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
            let top = table.split('.').next().unwrap();
            keys.push(match (table.as_str(), top) {
                ("thresholds" | "diff.floors" | "endpoints.rename", _) => format!("{table}."),
                (_, "scenarios" | "metrics") => format!("{top}.NAME.{key}"),
                _ => format!("{table}.{key}"),
            });
        }
    }
    keys
}

#[test]
fn every_key_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let documentation = fs::read_to_string(path).unwrap();
    let keys = keys();
    assert!(keys.len() > 15, "{keys:?}");
    for key in keys {
        assert!(documentation.contains(&format!("| `{key}")), "{key}");
    }
}

#[test]
fn what_calibrate_suggests_can_be_configured() {
    let folder = tempfile::tempdir().unwrap();
    let runs =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("calibration/recordings/journeys/v2025.10");
    let text = run_at(&runs, &["calibrate", "run-*"]).stdout;
    let config: String = text
        .lines()
        .skip_while(|line| !line.starts_with("# perf-report.toml"))
        .flat_map(|line| [line, "\n"])
        .collect();
    assert!(config.contains("[diff.floors]"));
    fs::write(folder.path().join("perf-report.toml"), config).unwrap();
    let outcome = run_at(folder.path(), &["--show-config"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stdout.contains("gmean = 0."), "{outcome}");
}

#[test]
fn init_makes_folders_and_honours_config() {
    let folder = tempfile::tempdir().unwrap();
    let at = |args: &[&str]| run_at(folder.path(), args);
    assert_eq!(at(&["init", "-o", "a/b/perf-report.toml"]).code, 0);
    assert_eq!(at(&["init", "--config", "c/own.toml"]).code, 0);
    for file in ["a/b/perf-report.toml", "c/own.toml"] {
        assert!(folder.path().join(file).is_file(), "{file}");
    }
    let again = at(&["--config", "c/own.toml", "init"]);
    assert_eq!(again.code, 2, "{again}");
    std::fs::write(folder.path().join("file"), "").unwrap();
    let below = at(&["init", "-o", "file/perf-report.toml"]);
    assert_eq!(below.code, 2, "{below}");
}

/// The sample scripts have a configuration, which names what is there.
#[test]
fn the_sample_scripts_are_configured() {
    let folder = super::runner::samples().join("k6");
    let shown = run_at(&folder, &["--show-config"]);
    assert_eq!(shown.code, 0, "{shown}");
    for script in ["api-smoke.js", "user-journeys.js"] {
        assert!(folder.join(script).is_file());
        assert!(
            shown.stdout.contains(&format!("script = \"{script}\"")),
            "{shown}"
        );
    }
    assert!(shown.stdout.contains("requires = [\"PERF_BASE_URL\", \"PERF_SERVICE_TOKEN\", \"PERF_ORG_SLUG\"]  # perf-report.toml:5"), "{shown}");
    assert!(
        shown.stdout.contains("# \"p(95)\" = 0.05  # default"),
        "{shown}"
    );
}
