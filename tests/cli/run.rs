//! `run`, with a stand-in for k6 that replays recorded output.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::runner::{Outcome, run_in, run_with, samples};

const STAND_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stand-in-k6.sh");

/// A project with a scenario for each way in which the stand-in ends.
fn project(scenarios: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut config = "[results]\nfolder = \"results\"\n".to_owned();
    for name in scenarios {
        let scenario = format!(
            "[scenarios.{name}]\nscript = \"{name}.js\"\nrequires = [\"BASE_URL\", \"API_TOKEN\"]\n"
        );
        config.push_str(&scenario);
        fs::write(
            folder.path().join(format!("{name}.js")),
            "export default () => {};\n",
        )
        .unwrap();
    }
    fs::write(folder.path().join("perf-report.toml"), config).unwrap();
    let env = "BASE_URL=http://h\nAPI_TOKEN='hunter2 hunter2'\n";
    fs::write(folder.path().join(".env"), env).unwrap();
    folder
}

fn variables<'a>(release: &'a str, samples: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("K6_BIN", STAND_IN),
        ("SAMPLES", samples),
        ("RELEASE", release),
    ]
}

fn run_k6(folder: &Path, release: &str, args: &[&str]) -> Outcome {
    let samples = samples().display().to_string();
    let outcome = run_with(folder, args, b"", &variables(release, &samples));
    assert!(
        !outcome.stdout.contains("hunter2") && !outcome.stderr.contains("hunter2"),
        "{outcome}"
    );
    outcome
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("results"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_scenario_leaves_summary_samples_plan_and_page() {
    let folder = project(&["pass"]);
    let outcome = run_k6(
        folder.path(),
        "v2025.10",
        &["run", "-v", "--", "--vus", "3", "-e", "X=hunter2"],
    );
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(
        files(folder.path()),
        ["pass.html", "pass.json", "pass.ndjson.gz", "pass.plan.json"]
    );
    let (k6s, ours) = outcome.stdout.split_once('\n').unwrap();
    let results = folder.path().join("results").canonicalize().unwrap();
    assert_eq!(
        k6s,
        format!(
            "k6 runs pass, vus default, token of 15 characters, results in {}",
            results.display()
        )
    );
    assert!(
        ours.contains("█ THRESHOLDS") && ours.contains("wrote results/pass.html"),
        "{outcome}"
    );
    assert!(
        outcome.stderr.contains("--vus 3 -e X=… pass.js"),
        "{outcome}"
    );
    let plan = fs::read_to_string(results.join("pass.plan.json")).unwrap();
    // With --vus it is not the script's load that runs.
    assert!(
        plan.contains("rate<0.02") && !plan.contains("executor") && !plan.contains("hunter2"),
        "{plan}"
    );
    assert!(plan.contains("\"os\""), "{plan}");
    let schema =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/plan-1.json"))
            .unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    if let Err(error) = jsonschema::validate(&schema, &plan) {
        panic!("{error}");
    }
    // What it left is read like any results, without a word about the plan.
    let check = run_in(folder.path(), &["check"], b"");
    assert_eq!((check.code, check.stderr.as_str()), (0, ""), "{check}");
}

#[test]
fn the_load_of_the_script_is_reported_with_the_run() {
    let folder = project(&["pass"]);
    let outcome = run_k6(folder.path(), "v2025.10", &["run"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    let wanted = "load: 12 iterations/s for 20s; 241 of 241 scheduled iterations were completed";
    assert!(outcome.stdout.contains(wanted), "{outcome}");
    // A killed one did not do what was asked for.
    let folder = project(&["killed"]);
    let outcome = run_k6(folder.path(), "v2025.10", &["run"]);
    assert!(
        outcome.stdout.contains("invalid: ")
            && outcome
                .stdout
                .contains(" of 241 scheduled iterations were completed"),
        "{outcome}"
    );
}

#[test]
fn a_crossed_threshold_a_crash_and_a_kill_stop_nobody() {
    let folder = project(&["cross", "crash", "killed", "broken", "summary"]);
    let outcome = run_k6(folder.path(), "v2025.11", &["run"]);
    assert_eq!(outcome.code, 2, "{outcome}");
    for name in ["cross", "crash", "killed", "summary"] {
        assert!(
            outcome
                .stdout
                .contains(&format!("wrote results/{name}.html")),
            "{name}: {outcome}"
        );
    }
    for said in [
        "crash: k6 ended with exit code 107 (the script threw an exception) before the test's end; what it",
        "killed: k6 was killed (signal 9) before the test's end; what it wrote is reported",
        "broken: k6 ended with exit code 107 (the script threw an exception) before the test's end, and it wrote no samples",
    ] {
        assert!(outcome.stderr.contains(said), "{said}: {outcome}");
    }
    assert_eq!(
        outcome.stderr.matches("what it wrote is reported").count(),
        2,
        "{outcome}"
    );
    let sum_up = outcome.stdout.rsplit("\n\n").next().unwrap();
    insta::assert_snapshot!(sum_up);
    // Of a killed k6 there is no summary, but what k6 inspect told.
    let killed = outcome.stdout.split("k6 runs killed").nth(1).unwrap();
    assert!(
        killed.contains("✗ 'p(95)<8'") && killed.contains("✗ 'rate<0.02'"),
        "{killed}"
    );
    assert!(killed.contains("the stream is cut"), "{killed}");
    // A script that writes its own summary keeps it.
    let written = fs::read_to_string(folder.path().join("results/summary.json")).unwrap();
    assert!(written.contains("root_group") && written.contains("testRunDurationMs"));
    assert!(files(folder.path()).contains(&"summary.export.json".to_owned()));
}

/// A check that did not happen must not look like a pass, wherever it is shown.
#[test]
fn a_test_that_did_not_come_to_its_end_passes_nowhere() {
    let folder = project(&["pass", "crash", "slow"]);
    let outcome = run_k6(folder.path(), "v2025.10", &["run", "crash"]);
    assert_eq!(outcome.code, 2, "{outcome}");
    let plan = fs::read_to_string(folder.path().join("results/crash.plan.json")).unwrap();
    assert!(
        plan.contains("\"code\":107") || plan.contains("\"code\": 107"),
        "{plan}"
    );
    let page = fs::read_to_string(folder.path().join("results/crash.html")).unwrap();
    assert!(
        page.contains("Not finished") && !page.contains("Passed"),
        "the page"
    );
    let check = run_in(folder.path(), &["check"], b"");
    assert_eq!(check.code, 99, "{check}");
    assert!(
        check
            .stdout
            .contains("crash: not finished, 2 of 2 thresholds hold until then"),
        "{check}"
    );
    let formats = [
        ("markdown", "❌ not finished"),
        ("junit", "<failure message=\"k6 ended with exit code 107"),
        ("json", "\"verdict\": \"failed\""),
        ("csv", "failed,,k6,k6 ended with exit code 107"),
        ("github", "::error title=crash%3A not finished::"),
        ("openmetrics", "perf_report_finished{run=\"crash\"} 0"),
    ];
    for (format, said) in formats {
        let check = run_in(folder.path(), &["check", "--format", format], b"");
        assert_eq!(check.code, 99, "{format}: {check}");
        assert!(check.stdout.contains(said), "{format}: {check}");
    }
    // Without a threshold, too.
    let alone = run_in(folder.path(), &["summary"], b"");
    assert!(
        alone
            .stdout
            .contains("invalid: k6 ended with exit code 107"),
        "{alone}"
    );
    let add = ["archive", "add", "--release", "v1"];
    let archived = run_in(folder.path(), &add, b"");
    assert!(
        archived.stdout.contains("invalid, not finished"),
        "{archived}"
    );
    let again = run_in(folder.path(), &["check", "@v1"], b"");
    assert_eq!(again.code, 99, "{again}");
    assert!(again.stdout.contains("crash: not finished"), "{again}");
    // Nobody saw how k6 ended; what was written down is broken; a part of a test.
    let plan = folder.path().join("results/crash.plan.json");
    let running = r#"{"k6_exit": {"code": null, "signal": null}}"#;
    for (text, code, said) in [
        (running, 99, "k6 was not seen to end"),
        ("{\"k6_exit\": 5}", 0, "passed over results/crash.plan.json"),
        (
            "{\"k6_exit\": {\"code\": 110, \"signal\": null}}",
            99,
            "marked the test as failed",
        ),
    ] {
        fs::write(&plan, text).unwrap();
        let check = run_in(
            folder.path(),
            &["check", "--threshold", "http_req_failed:rate<0.5"],
            b"",
        );
        assert_eq!(check.code, code, "{text}: {check}");
        assert!(check.stdout.contains(said), "{text}: {check}");
    }
}

#[test]
fn thresholds_of_a_killed_test_are_known_from_its_plan() {
    let folder = project(&["killed"]);
    run_k6(folder.path(), "v2025.11", &["run"]);
    let check = run_in(folder.path(), &["check"], b"");
    assert!(
        check
            .stdout
            .contains("killed: not finished, 2 of 2 thresholds crossed until then"),
        "{check}"
    );
    assert!(
        !check.stderr.contains("does not hold the thresholds"),
        "{check}"
    );
    // What is stated elsewhere is not asked for either.
    fs::remove_file(folder.path().join("results/killed.plan.json")).unwrap();
    let without = run_in(folder.path(), &["check"], b"");
    assert!(
        without
            .stderr
            .contains("does not hold the thresholds on http_req_duration{label:gateway-health}"),
        "{without}"
    );
    let all = [
        "check",
        "--threshold",
        "http_req_duration{label:gateway-health}:p(95)<8",
        "--threshold",
        "http_req_duration{label:release-controls}:p(95)<1200",
    ];
    let stated = run_in(folder.path(), &all, b"");
    assert!(
        !stated.stderr.contains("does not hold the thresholds"),
        "{stated}"
    );
}

#[test]
fn archived_runs_are_a_baseline_and_several_are_repetitions() {
    let folder = project(&["pass"]);
    let samples = samples();
    for (n, release) in [(1, "v2025.10"), (2, "v2025.11")] {
        let from = samples.join(format!("smoke/{release}/api-smoke.ndjson.gz"));
        let to = folder.path().join(format!("before-{n}"));
        fs::create_dir(&to).unwrap();
        fs::copy(from, to.join("pass.ndjson.gz")).unwrap();
    }
    let add = ["archive", "add", "before-1", "--release", "v1"];
    assert_eq!(run_in(folder.path(), &add, b"").code, 0);
    let set = ["archive", "baseline", "set", "v1"];
    assert_eq!(run_in(folder.path(), &set, b"").code, 0);
    for args in [
        &["run", "--baseline", "@baseline"][..],
        &["run", "--baseline", "@v1"],
        &["run", "--baseline", "before-1", "--baseline", "before-2"],
    ] {
        let outcome = run_k6(folder.path(), "v2025.10", args);
        assert_ne!(outcome.code, 2, "{outcome}");
        assert!(outcome.stdout.contains("comparable:"), "{outcome}");
    }
    let missing = run_k6(folder.path(), "v2025.10", &["run", "--baseline", "@v9"]);
    assert_eq!(missing.code, 2, "{missing}");
    assert!(!missing.stdout.contains("k6 runs"), "{missing}");
    let config = folder.path().join("perf-report.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(
        &config,
        text + "[diff]\nbaseline = [\"@baseline\", \"before-2\"]\n",
    )
    .unwrap();
    let configured = run_k6(folder.path(), "v2025.10", &["run"]);
    assert!(configured.stdout.contains("comparable:"), "{configured}");
}

#[test]
fn missing_scripts_are_told_before_anything_runs() {
    let folder = project(&["pass", "cross", "crash"]);
    fs::remove_file(folder.path().join("cross.js")).unwrap();
    fs::remove_file(folder.path().join("crash.js")).unwrap();
    let outcome = run_k6(folder.path(), "v2025.10", &["run"]);
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(
        outcome
            .stderr
            .contains("these scripts are not there: cross.js (cross), crash.js (crash)"),
        "{outcome}"
    );
    assert!(!outcome.stdout.contains("k6 runs"), "{outcome}");
}

#[test]
fn a_verdict_of_k6s_own_is_said() {
    let folder = project(&["cross"]);
    let outcome = run_k6(folder.path(), "v2025.10", &["run"]);
    assert_eq!(outcome.code, 99, "{outcome}");
    assert!(
        outcome.stdout.contains(
            "cross  crossed  k6's own verdict (exit code 99), though here 3 of 3 thresholds hold"
        ),
        "{outcome}"
    );
    assert!(
        outcome
            .stdout
            .contains("exit code 99: thresholds are crossed (cross)"),
        "{outcome}"
    );
    let check = run_in(folder.path(), &["check"], b"");
    assert!(
        check.stdout.contains("though every threshold holds here"),
        "{check}"
    );
}

#[test]
fn results_of_different_times_in_one_folder_are_remarked() {
    let folder = tempfile::tempdir().unwrap();
    for (name, day) in [("old", "22"), ("new", "23")] {
        let point = format!(
            "{{\"metric\":\"http_reqs\",\"type\":\"Point\",\"data\":{{\"time\":\"2026-11-{day}T08:00:00Z\",\"value\":1,\"tags\":null}}}}\n"
        );
        fs::write(folder.path().join(format!("{name}.ndjson")), point).unwrap();
    }
    let both = run_in(folder.path(), &["check", "."], b"");
    assert_eq!(
        both.stderr
            .matches("holds results of different times")
            .count(),
        1,
        "{both}"
    );
    let one = run_in(folder.path(), &["check", "new.ndjson"], b"");
    assert!(!one.stderr.contains("different times"), "{one}");
}

#[test]
fn the_worst_exit_code_counts() {
    let folder = project(&["pass", "cross"]);
    assert_eq!(
        run_k6(folder.path(), "v2025.11", &["run", "cross"]).code,
        99
    );
    // k6 ended well, and our own verdict is another.
    assert_eq!(run_k6(folder.path(), "v2025.11", &["run", "pass"]).code, 99);
    assert_eq!(run_k6(folder.path(), "v2025.10", &["run", "pass"]).code, 0);
}

#[test]
fn a_baseline_is_compared_with_and_missing_ones_are_told_before_k6_runs() {
    let folder = project(&["pass"]);
    let baseline = folder.path().join("before");
    assert_eq!(run_k6(folder.path(), "v2025.10", &["run"]).code, 0);
    fs::rename(folder.path().join("results"), &baseline).unwrap();
    let same = run_k6(folder.path(), "v2025.10", &["run", "--baseline", "before"]);
    assert_eq!(same.code, 0, "{same}");
    assert!(same.stdout.contains("comparable: yes"), "{same}");
    // Without its plan nobody knows what the baseline ran on, and that is no difference.
    fs::remove_file(baseline.join("pass.plan.json")).unwrap();
    let same = run_k6(folder.path(), "v2025.10", &["run", "--baseline", "before"]);
    assert_eq!(same.code, 0, "{same}");
    assert!(
        same.stdout
            .contains("not known on both sides: load, arch, "),
        "{same}"
    );
    let config = folder.path().join("perf-report.toml");
    let text = fs::read_to_string(&config).unwrap() + "[diff]\nbaseline = \"before\"\n";
    fs::write(&config, text).unwrap();
    let worse = run_k6(folder.path(), "v2025.11", &["run"]);
    assert_eq!(worse.code, 99, "{worse}");
    assert!(worse.stdout.contains("Regressed:"), "{worse}");
    let missing = run_k6(folder.path(), "v2025.10", &["run", "--baseline", "nowhere"]);
    assert_eq!(missing.code, 2);
    assert!(!missing.stdout.contains("k6 runs"), "{missing}");
    fs::remove_file(baseline.join("pass.json")).unwrap();
    fs::rename(
        baseline.join("pass.ndjson.gz"),
        baseline.join("other.ndjson.gz"),
    )
    .unwrap();
    let none = run_k6(
        folder.path(),
        "v2025.10",
        &["run", "--fail-on", "no-baseline"],
    );
    assert_eq!(none.code, 3, "{none}");
}

#[test]
fn the_environment_chooses_scenarios_and_what_is_written() {
    let folder = project(&["pass", "cross"]);
    let samples = samples().display().to_string();
    let with = |more: &[(&str, &str)], args: &[&str]| {
        let variables = [&variables("v2025.10", &samples), more].concat();
        run_with(folder.path(), args, b"", &variables)
    };
    let json = with(
        &[("PERF_SCENARIOS", "pass"), ("PERF_SUMMARY_FORMAT", "json")],
        &["run"],
    );
    assert_eq!(json.code, 0, "{json}");
    assert_eq!(json.stdout.lines().count(), 1, "{json}");
    assert_eq!(
        files(folder.path()),
        ["pass.json", "pass.ndjson.gz", "pass.plan.json"]
    );
    let ci = with(
        &[("PERF_SUMMARY_FORMAT", "ci")],
        &["run", "pass", "--clean"],
    );
    assert!(
        ci.stdout.contains("█ THRESHOLDS") && !ci.stdout.contains("wrote"),
        "{ci}"
    );
    let wrong = with(&[("PERF_SUMMARY_FORMAT", "all")], &["run"]);
    assert_eq!(wrong.code, 2, "{wrong}");
    assert!(wrong.stderr.contains("it is full, json or ci"), "{wrong}");
    // The file's variables choose, too.
    let env = folder.path().join(".env");
    let text =
        fs::read_to_string(&env).unwrap() + "PERF_SCENARIOS=\"pass\"\nPERF_SUMMARY_FORMAT=json\n";
    fs::write(&env, text).unwrap();
    let quiet = with(&[], &["run", "--clean"]);
    assert_eq!(
        (quiet.code, quiet.stdout.lines().count()),
        (0, 1),
        "{quiet}"
    );
    fs::write(&env, "BASE_URL=x\nAPI_TOKEN=y\n").unwrap();
    let packed = with(&[], &["run", "pass", "--pack", "--clean"]);
    assert_eq!(packed.code, 0, "{packed}");
    assert_eq!(
        files(folder.path()),
        ["pass.html", "pass.json", "pass.parquet", "pass.plan.json"]
    );
    let unknown = with(&[], &["run", "pas"]);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.stderr.contains("is it pass? There are pass, cross"),
        "{unknown}"
    );
}

#[test]
fn earlier_results_are_kept_unless_they_are_not_wanted() {
    let folder = project(&["pass"]);
    for _ in 0..3 {
        assert_eq!(run_k6(folder.path(), "v2025.10", &["run"]).code, 0);
    }
    let earlier = folder.path().join("results/earlier");
    assert_eq!(fs::read_dir(&earlier).unwrap().count(), 2);
    assert_eq!(files(folder.path()).len(), 5);
    assert_eq!(
        run_k6(folder.path(), "v2025.10", &["run", "--clean"]).code,
        0
    );
    assert_eq!(fs::read_dir(&earlier).unwrap().count(), 0);
}

#[test]
fn every_missing_variable_is_named_at_once() {
    let folder = project(&["pass", "cross"]);
    fs::write(folder.path().join(".env"), "BASE_URL=\n").unwrap();
    let outcome = run_k6(folder.path(), "v2025.10", &["run"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains(
            "these variables are not set: API_TOKEN (pass, cross), BASE_URL (pass, cross)"
        ),
        "{outcome}"
    );
    // What is set already stays, and another file can be named.
    fs::write(folder.path().join("other"), "BASE_URL=x\nAPI_TOKEN=12345\n").unwrap();
    let samples = samples().display().to_string();
    let variables = [variables("v2025.10", &samples), vec![("API_TOKEN", "123")]].concat();
    let outcome = run_with(
        folder.path(),
        &["run", "pass", "--env-file", "other"],
        b"",
        &variables,
    );
    assert!(
        outcome.stdout.contains("token of 3 characters"),
        "{outcome}"
    );
    fs::write(folder.path().join(".env"), "API_TOKEN hunter2\n").unwrap();
    let outcome = run_k6(folder.path(), "v2025.10", &["run"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains(".env:1: this line has no ="),
        "{outcome}"
    );
}

#[test]
fn without_k6_or_scenarios_it_is_said_how_to_get_them() {
    let folder = project(&["pass"]);
    let variables = [
        ("K6_BIN", ""),
        ("PATH", "/nowhere"),
        ("BASE_URL", "x"),
        ("API_TOKEN", "x"),
    ];
    let outcome = run_with(folder.path(), &["run"], b"", &variables);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome
            .stderr
            .contains("https://grafana.com/docs/k6/latest/set-up/install-k6/"),
        "{outcome}"
    );
    let outcome = run_with(folder.path(), &["run"], b"", &[("K6_BIN", "/nowhere/k6")]);
    assert!(
        outcome.stderr.contains("K6_BIN is /nowhere/k6"),
        "{outcome}"
    );
    let empty = tempfile::tempdir().unwrap();
    let outcome = run_in(empty.path(), &["run"], b"");
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("no scenarios are configured"),
        "{outcome}"
    );
}

#[test]
fn ctrl_c_reaches_k6_once_and_what_it_wrote_is_reported() {
    let folder = project(&["slow", "pass"]);
    let samples = samples().display().to_string();
    let child = Command::new(env!("CARGO_BIN_EXE_perf-report"))
        .arg("run")
        .current_dir(folder.path())
        .envs(variables("v2025.10", &samples))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = folder.path().join("results/started");
    let begin = Instant::now();
    while !started.exists() {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "the stand-in did not start"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stdout}\n{stderr}");
    assert!(stdout.contains("k6 got 1 signal"), "{stdout}");
    assert!(stdout.contains("wrote results/slow.html"), "{stdout}");
    assert!(
        stderr
            .contains("slow: k6 was interrupted before the test's end; what it wrote is reported"),
        "{stderr}"
    );
    assert!(
        stdout.contains("pass  did not run   interrupted before it began"),
        "{stdout}"
    );
}

/// What stands in front of k6 in the pods of the k6 operator.
#[test]
fn a_pod_packs_its_samples_and_keeps_k6s_exit_code() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real-k6");
    let stream = samples().join("smoke/v2025.10/api-smoke.ndjson.gz");
    let script = format!(
        "#!/bin/sh\n[ \"$1 $2 $3\" = 'run --out json=-' ] || {{ echo \"other: $*\"; exit 0; }}\ngunzip -c '{}'\necho 'k6 says this'\nexit 99\n",
        stream.display()
    );
    fs::write(&real, script).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o755)).unwrap();
    let wrapper = samples().join("k6-operator/k6");
    let programs = Path::new(env!("CARGO_BIN_EXE_perf-report"))
        .parent()
        .unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let in_pod = |args: &[&str]| {
        let mut command = Command::new(&wrapper);
        command.args(args).env("K6_REAL", &real).env("PATH", &path);
        command
            .env("PERF_REPORT_PACK", folder.path())
            .output()
            .unwrap()
    };
    let output = in_pod(&["run", "--paused", "x.js"]);
    assert_eq!(output.status.code(), Some(99), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("k6 says this"));
    let packed = folder.path().join("*.parquet").display().to_string();
    let summary = run_in(folder.path(), &["summary", &packed, "--format", "csv"], b"");
    assert!(
        summary.stdout.contains("http_reqs,counter,,count,482"),
        "{summary}"
    );
    // A second test run of that name does not write over it.
    let again = in_pod(&["run", "x.js"]);
    assert_eq!(again.status.code(), Some(2), "{again:?}");
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    let other = in_pod(&["inspect", "x.js"]);
    assert_eq!(
        String::from_utf8_lossy(&other.stdout),
        "other: inspect --include-system-env-vars x.js\n"
    );
}
