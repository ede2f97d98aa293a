//! `archive export` and the verification of what it writes, also with programs that everybody has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::runner::{Outcome, run_in};

fn run(folder: &Path, args: &[&str]) -> Outcome {
    run_in(folder, args, b"")
}

fn ok(folder: &Path, args: &[&str]) -> String {
    let outcome = run(folder, args);
    assert_eq!(outcome.code, 0, "{args:?}: {outcome}");
    outcome.stdout
}

/// Two runs of a release and its baseline, with one run discarded.
fn release(folder: &Path) {
    let recorded = |path: &str| -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("calibration/recordings/journeys")
            .join(path)
    };
    let add = |release: &str, run: &str| {
        let run = recorded(run);
        ok(
            folder,
            &[
                "archive",
                "add",
                run.to_str().unwrap(),
                "--release",
                release,
            ],
        );
    };
    add("v2025.10", "v2025.10/run-1");
    ok(folder, &["archive", "baseline", "set", "v2025.10"]);
    add("v2025.11", "v2025.11/run-1");
    let other = recorded("v2025.11/run-2");
    let discard = [
        "archive",
        "discard",
        other.to_str().unwrap(),
        "--release",
        "v2025.11",
        "--reason",
        "a neighbour's <b>build</b>",
    ];
    ok(folder, &discard);
}

fn export(folder: &Path, more: &[&str]) -> Vec<u8> {
    let args = [
        "archive",
        "export",
        "v2025.11",
        "--ticket",
        "REL-812",
        "-o",
        "REL-812.zip",
    ];
    ok(folder, &[&args[..], more].concat());
    fs::read(folder.join("REL-812.zip")).unwrap()
}

#[test]
fn the_same_archive_gives_the_same_bytes_wherever_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    release(folder);
    let bundle = export(folder, &[]);
    fs::rename(folder.join("perf-archive"), folder.join("moved")).unwrap();
    assert_eq!(export(folder, &["--archive", "moved"]), bundle);
    let left: Vec<_> = fs::read_dir(folder).unwrap().collect();
    assert_eq!(left.len(), 2, "nothing is left aside");
    let verify = ok(
        folder,
        &["archive", "verify", "REL-812.zip", "--archive", "moved"],
    );
    assert!(
        verify.contains("not signed") && verify.contains("still holds all of it"),
        "{verify}"
    );
    // No path of this machine is in it.
    let text = String::from_utf8_lossy(&bundle);
    assert!(!text.contains(folder.to_str().unwrap()));
    assert!(!text.contains("<b>build</b>") || !text.contains("<li>a neighbour's <b>"));
}

#[test]
fn every_byte_of_a_bundle_counts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    release(folder);
    let bundle = export(folder, &[]);
    // Evenly over all of it, and closely over its beginning and its end, where no file is.
    let step = bundle.len() / 60;
    let places = (0..bundle.len()).step_by(step);
    let ends = (0..60)
        .step_by(3)
        .chain(bundle.len() - 400..bundle.len())
        .step_by(7);
    for at in places.chain(ends) {
        let mut changed = bundle.clone();
        changed[at] ^= 0x10;
        fs::write(folder.join("changed.zip"), changed).unwrap();
        let verify = run(folder, &["archive", "verify", "changed.zip"]);
        assert_eq!(verify.code, 4, "byte {at} of {}: {verify}", bundle.len());
    }
    for cut in [0, 100, bundle.len() / 2, bundle.len() - 1] {
        fs::write(folder.join("cut.zip"), &bundle[..cut]).unwrap();
        let verify = run(folder, &["archive", "verify", "cut.zip"]);
        assert_eq!(verify.code, 4, "cut at {cut}: {verify}");
    }
    assert_eq!(run(folder, &["archive", "verify", "missing.zip"]).code, 2);
}

#[test]
fn an_archive_that_was_rewritten_no_longer_matches() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    release(folder);
    export(folder, &[]);
    let records = folder.join("perf-archive/release=v2025.11/records");
    fs::remove_dir_all(records).unwrap();
    ok(folder, &["archive", "verify"]);
    let verify = run(folder, &["archive", "verify", "REL-812.zip"]);
    assert_eq!(verify.code, 4, "{verify}");
    assert!(
        verify
            .stdout
            .contains("the archive no longer has this: discard"),
        "{verify}"
    );
    // What came later does not matter.
    let again = tempfile::tempdir().unwrap();
    release(again.path());
    export(again.path(), &[]);
    let waive = [
        "archive",
        "waive",
        "v2025.11",
        "checks",
        "--reason",
        "x",
        "--until",
        "2999-01-01",
    ];
    ok(again.path(), &waive);
    ok(again.path(), &["archive", "verify", "REL-812.zip"]);
}

#[test]
fn a_bundle_needs_a_name_and_a_key_that_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    release(folder);
    fs::write(folder.join("no-key"), "x").unwrap();
    for args in [
        &["--ticket", "../x", "-o", "x.zip"][..],
        &["--ticket", "REL-1", "-o", "-"],
        &["--ticket", "REL-1", "-o", "."],
        &["--ticket", "REL-1", "-o", "missing/x.zip"],
        &["--ticket", "REL-1", "-o", "x.zip", "--sign-key", "no-key"],
        &["--ticket", "REL-1", "-o", "x.zip", "--sign-key", "missing"],
    ] {
        let outcome = run(folder, &[&["archive", "export", "v2025.11"], args].concat());
        assert_eq!(outcome.code, 2, "{args:?}: {outcome}");
        assert!(!folder.join("x.zip").exists());
    }
}

fn shell(folder: &Path, script: &str) -> Output {
    Command::new("bash")
        .args(["-c", script])
        .current_dir(folder)
        .output()
        .unwrap()
}

fn shell_ok(folder: &Path, script: &str) -> String {
    let output = shell(folder, script);
    assert!(output.status.success(), "{script}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "needs unzip, sha256sum, ssh-keygen and ssh-agent"]
fn an_auditor_needs_none_of_this_software() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    release(folder);
    shell_ok(
        folder,
        "ssh-keygen -q -t ed25519 -N '' -C releases@example.org -f key",
    );
    let signed = export(folder, &["--sign-key", "key"]);
    assert_eq!(export(folder, &["--sign-key", "key"]), signed);
    shell_ok(folder, "mkdir out && cd out && unzip -q ../REL-812.zip");
    let out = folder.join("out");
    let sums = shell_ok(&out, "sha256sum -c SHA256SUMS");
    let manifest: Value =
        serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../schemas/bundle-1.json")).unwrap();
    assert!(jsonschema::is_valid(&schema, &manifest), "{manifest}");
    assert_eq!(
        sums.lines().count(),
        manifest["files"].as_array().unwrap().len() + 1
    );
    assert!(sums.lines().all(|line| line.ends_with(": OK")), "{sums}");
    let root = shell_ok(&out, "sha256sum root.txt | cut -d' ' -f1");
    assert_eq!(root.trim(), manifest["root"]);
    let found = shell_ok(
        &out,
        "for f in runs/*/*/manifest.json; do grep -c $(sha256sum < $f | cut -d' ' -f1) root.txt; done",
    );
    assert_eq!(found, "1\n");
    shell_ok(
        folder,
        "echo \"releases@example.org $(cat key.pub)\" > allowed_signers",
    );
    let check = "ssh-keygen -Y verify -f allowed_signers -I releases@example.org -n perf-report -s out/SHA256SUMS.sig < out/SHA256SUMS";
    let said = shell_ok(folder, check);
    assert!(said.contains("Good \"perf-report\" signature"), "{said}");
    let verify = ok(folder, &["archive", "verify", "REL-812.zip"]);
    assert!(verify.contains("signed with the key SHA256:"), "{verify}");
    // A changed sum is found by both, even if the file itself was changed to match.
    fs::write(
        out.join("SHA256SUMS"),
        fs::read_to_string(out.join("SHA256SUMS"))
            .unwrap()
            .replace('a', "b"),
    )
    .unwrap();
    assert!(!shell(folder, check).status.success());
    // The agent signs the same.
    let agent = format!(
        "eval $(ssh-agent) > /dev/null && ssh-add -q key && '{}' archive export v2025.11 --ticket REL-812 --sign-key key.pub -o agent.zip; code=$?; kill $SSH_AGENT_PID; exit $code",
        env!("CARGO_BIN_EXE_perf-report")
    );
    shell_ok(folder, &agent);
    assert_eq!(fs::read(folder.join("agent.zip")).unwrap(), signed);
    // A key under a passphrase is the agent's to use.
    shell_ok(folder, "ssh-keygen -q -t ed25519 -N secret -f locked");
    let locked = format!(
        "SSH_AUTH_SOCK= '{}' archive export v2025.11 --ticket REL-812 --sign-key locked -o locked.zip",
        env!("CARGO_BIN_EXE_perf-report")
    );
    let output = shell(folder, &locked);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("ssh-add"),
        "{output:?}"
    );
}
