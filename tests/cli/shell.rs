//! `completions`, `man`, `--quiet`, `--verbose`, colours, help, slips of the pen

use std::process::{Command, Stdio};

use super::runner::{run, run_with, samples};

#[test]
fn every_shell_knows_every_subcommand() {
    for shell in ["bash", "zsh", "fish"] {
        let outcome = run(&["completions", shell]);
        assert_eq!(outcome.code, 0, "{shell}");
        for command in [
            "summary",
            "check",
            "diff",
            "calibrate",
            "html",
            "pack",
            "run",
            "init",
            "man",
        ] {
            assert!(outcome.stdout.contains(command), "{shell}: {command}");
        }
        assert!(outcome.stdout.contains("exclude-setup"), "{shell}");
    }
    let unknown = run(&["completions", "bsh"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("'bash'"), "{unknown}");
}

/// A shell that reads a script to its end, if it is on this machine.
#[test]
fn bash_takes_its_completions() {
    let script = run(&["completions", "bash"]).stdout;
    let Ok(mut child) = Command::new("bash")
        .args(["-n"])
        .stdin(Stdio::piped())
        .spawn()
    else {
        return;
    };
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), script.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn there_is_a_page_for_every_subcommand() {
    let outcome = run(&["man"]);
    assert!(outcome.stdout.contains(".TH perf-report 1"), "{outcome}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("man1");
    let outcome = run(&["man", "-o", path.to_str().unwrap()]);
    assert_eq!(outcome.code, 0, "{outcome}");
    let page = std::fs::read_to_string(path.join("perf-report-diff.1")).unwrap();
    assert!(
        page.contains(".TH perf-report-diff 1") && page.contains("fail\\-on"),
        "{page}"
    );
    assert!(std::fs::read_dir(&path).unwrap().count() > 20);
    // Commands of commands, to which the pages refer.
    for page in ["archive-add", "archive-baseline", "archive-baseline-set"] {
        assert!(
            path.join(format!("perf-report-{page}.1")).is_file(),
            "{page}"
        );
    }
}

#[test]
fn quiet_says_only_results_and_verbose_what_is_read() {
    let args = ["summary", "storefront"];
    let usual = run(&args);
    let quiet = run(&[&args[..], &["--quiet"]].concat());
    let verbose = run(&[&["-v"], &args[..]].concat());
    assert!(usual.stderr.contains("note: passed over"), "{usual}");
    assert_eq!(quiet.stderr, "");
    assert_eq!(
        (&quiet.stdout, &verbose.stdout),
        (&usual.stdout, &usual.stdout)
    );
    assert!(
        verbose
            .stderr
            .contains("read storefront/storefront.ndjson.zst (json-stream)"),
        "{verbose}"
    );
    assert_eq!(run(&["summary", "storefront", "-q", "-v"]).code, 2);
    assert!(
        run(&["summary", "nowhere", "-q"])
            .stderr
            .contains("cannot read nowhere")
    );
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let coloured = |variables: &[(&str, &str)]| {
        let outcome = run_with(&samples(), &["check", "smoke/v2025.10"], b"", variables);
        outcome.stdout.contains('\u{1b}')
    };
    assert!(!coloured(&[]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn slips_of_the_pen_are_seen() {
    for (args, meant) in [
        (&["sumary"][..], "summary"),
        (&["check", "--treshold", "x"], "--threshold"),
        (&["diff", "a", "b", "--format", "jsn"], "json"),
        (
            &["check", "smoke/v2025.10", "--report", "juint=x"],
            "is it junit?",
        ),
    ] {
        let outcome = run(args);
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(outcome.stderr.contains(meant), "{outcome}");
    }
}

#[test]
fn help_has_examples_and_no_command_is_no_success() {
    for command in [
        "summary",
        "check",
        "diff",
        "calibrate",
        "html",
        "pack",
        "run",
        "completions",
        "man",
    ] {
        let outcome = run(&[command, "--help"]);
        assert_eq!(outcome.code, 0);
        assert!(outcome.stdout.contains("perf-report "), "{outcome}");
        let example = format!("  perf-report {command}");
        let piped = "| perf-report pack";
        assert!(
            outcome.stdout.contains(&example) || outcome.stdout.contains(piped),
            "{command}: {outcome}"
        );
    }
    let nothing = run(&[]);
    assert_eq!(nothing.code, 2);
    assert!(nothing.stderr.contains("Usage:"), "{nothing}");
}

#[test]
fn the_version_is_one_line() {
    let outcome = run(&["--version"]);
    let version = concat!("perf-report ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, version));
}
