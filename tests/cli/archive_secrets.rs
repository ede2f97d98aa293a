//! `archive add`: what of k6's files is not kept, and what stops it.

use std::fs;

use serde_json::Value;

use super::archive_fixture::{contents, manifests, ok, run, stream, write_stream};

/// A file, and what it holds, and how that is told.
const SECRETS: [(&str, &str); 3] = [
    (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
        "a JSON web token",
    ),
    ("Bearer 0123456789abcdefghij", "a bearer token"),
    ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
];

#[test]
fn secrets_stop_the_command_and_are_not_shown() {
    for (secret, what) in SECRETS {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let text = stream(1).replace("\"status\":\"200\"", &format!("\"auth\":\"{secret}\""));
        fs::write(folder.join("x.ndjson"), text).unwrap();
        let outcome = run(folder, &["archive", "add", "x.ndjson", "--release", "a"]);
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(
            outcome
                .stderr
                .contains("x.ndjson: the tag auth of http_req_duration"),
            "{outcome}"
        );
        assert!(
            outcome.stderr.contains(what) && !outcome.stderr.contains(secret),
            "{outcome}"
        );
        assert!(!folder.join("perf-archive/release=a").exists());
        ok(
            folder,
            &[
                "archive",
                "add",
                "x.ndjson",
                "--release",
                "a",
                "--allow-secrets",
            ],
        );
        // Elsewhere, too.
        let reason = format!("because of {secret}");
        for args in [
            &[
                "archive",
                "discard",
                "x.ndjson",
                "--release",
                "b",
                "--reason",
                &reason,
            ][..],
            &["archive", "baseline", "set", "a", "--reason", &reason],
        ] {
            let outcome = run(folder, args);
            assert_eq!(outcome.code, 2, "{outcome}");
            assert!(!outcome.stderr.contains(secret), "{outcome}");
        }
        let name = write_stream(folder, 2);
        for args in [["--note", secret], ["--meta", &format!("k={secret}")]] {
            let args = [&["archive", "add", &name, "--release", "a"][..], &args].concat();
            if !args[6].starts_with('-') {
                assert_eq!(run(folder, &args).code, 2, "{args:?}");
            }
        }
    }
}

#[test]
fn what_k6_keeps_of_setup_script_and_urls_stays_home() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let summary = r#"{"version":"1.0.0","config":{"duration":12,"script":"const password = 'tulip-9'"},"metadata":{"k6_version":"2.2.0"},"results":{"metrics":[],"checks":{}}}"#;
    fs::write(folder.join("a.json"), summary).unwrap();
    fs::write(
        folder.join("a.ndjson"),
        stream(1).replace("\"/a\"", "\"https://user:tulip-9@h/a?key=tulip-9#tulip-9\""),
    )
    .unwrap();
    let handled = r#"{"setup_data":{"token":"tulip-9"},"metrics":{}}"#;
    fs::write(folder.join("a.handled.json"), handled).unwrap();
    ok(
        folder,
        &[
            "archive",
            "add",
            "a.ndjson",
            "a.json",
            "a.handled.json",
            "--release",
            "a",
        ],
    );
    let archive = folder.join("perf-archive");
    for (path, bytes) in contents(&archive) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("tulip-9"), "{}", path.display());
    }
    let series = ok(folder, &["summary", "@a", "--by", "name"]);
    assert!(series.contains("https://h/a?key="), "{series}");
    let manifest: Value =
        serde_json::from_slice(&fs::read(archive.join(&manifests(&archive)[0])).unwrap()).unwrap();
    let left_out = manifest["left_out"].as_array().unwrap();
    let what = |what: &str| left_out.iter().find(|one| one["what"] == what).unwrap();
    assert_eq!(what("setup_data")["place"], "a.handled.json");
    assert_eq!(what("url_values")["count"], 1);
    // As sha256sum gives it of the script's text.
    let hash = "4ad44f6f0f0a2d6a7ed3d5ac1f2f7c2a6b1c1c0c4b0a0e2d4a9d2c7d3b5b1c77";
    assert_eq!(what("script")["sha256"].as_str().unwrap().len(), hash.len());
    // Kept as they are, the files would hold all of it.
    let raw = [
        "archive",
        "add",
        "a.ndjson",
        "a.json",
        "a.handled.json",
        "--release",
        "b",
        "--keep",
        "raw",
    ];
    let outcome = run(folder, &raw);
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(
        outcome.stderr.contains("--keep raw would keep"),
        "{outcome}"
    );
    ok(folder, &[&raw[..], &["--allow-secrets"]].concat());
    let raw = contents(&archive);
    let kept = raw
        .iter()
        .find(|(path, _)| path.ends_with("raw/a.json"))
        .unwrap();
    assert_eq!(kept.1, summary.as_bytes());
    ok(folder, &["archive", "verify"]);
}

#[test]
fn a_tag_that_the_project_redacts_is_not_filed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = stream(1).replace("\"status\":\"200\"", "\"user\":\"jane\",\"status\":\"200\"");
    assert!(text.contains("jane"));
    fs::write(folder.join("x.ndjson"), text).unwrap();
    fs::write(
        folder.join("perf-report.toml"),
        "[redaction]\ntags = [\"user\", \"absent\"]\n",
    )
    .unwrap();
    ok(folder, &["archive", "add", "x.ndjson", "--release", "a"]);
    let path = manifests(&folder.join("perf-archive")).remove(0);
    let text = fs::read(folder.join("perf-archive").join(path)).unwrap();
    let manifest: Value = serde_json::from_slice(&text).unwrap();
    let left_out = manifest["left_out"].as_array().unwrap();
    let tags: Vec<&Value> = left_out.iter().filter(|one| one["what"] == "tag").collect();
    assert_eq!(tags.len(), 1, "{manifest}");
    assert_eq!(tags[0]["place"], "user of x.ndjson");
    let by_user = run(folder, &["summary", "@a", "--by", "user"]);
    assert_eq!(by_user.code, 2, "{by_user}");
    assert!(
        by_user.stderr.contains("no sample has this tag"),
        "{by_user}"
    );
    let by_status = ok(folder, &["summary", "@a", "--by", "status"]);
    assert!(by_status.contains("status:200"), "the other tags are there");
}
