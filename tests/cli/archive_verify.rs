//! `archive verify`: whatever is not as it was written.

use std::fs;
use std::path::Path;

use super::archive_fixture::{manifests, ok, run, write_stream};

#[test]
fn whatever_is_changed_is_named() {
    type Damage = fn(&Path, &Path);
    let flip: Damage = |run, _| {
        let path = run.join("samples.parquet");
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let cases: [(&str, &str, Damage); 9] = [
        ("samples.parquet", "its hash differs", flip),
        ("samples.parquet", "its size differs", |run, _| {
            let path = run.join("samples.parquet");
            let mut bytes = fs::read(&path).unwrap();
            bytes.push(0);
            fs::write(path, bytes).unwrap();
        }),
        ("samples.parquet", "is missing", |run, _| {
            fs::remove_file(run.join("samples.parquet")).unwrap();
        }),
        ("manifest.json", "is missing", |run, _| {
            fs::remove_file(run.join("manifest.json")).unwrap();
        }),
        (
            "manifest.json",
            "not that of its folder's name",
            |run, _| {
                let path = run.join("manifest.json");
                let text = fs::read_to_string(&path).unwrap();
                fs::write(path, text.replace("\"valid\"", "\"val1d\"")).unwrap();
            },
        ),
        ("extra.txt", "unexpected", |run, _| {
            fs::write(run.join("extra.txt"), "x").unwrap();
        }),
        ("stray", "unexpected", |_, archive| {
            fs::write(archive.join("release=a/stray"), "x").unwrap();
        }),
        ("baseline-", "not that of its name", |_, archive| {
            let records = archive.join("records");
            let record = fs::read_dir(records)
                .unwrap()
                .next()
                .unwrap()
                .unwrap()
                .path();
            let text = fs::read_to_string(&record).unwrap();
            fs::write(
                record,
                text.replace("\"forced\": false", "\"forced\": true"),
            )
            .unwrap();
        }),
        (
            "run=",
            "missing or changed, and was a baseline",
            |run, _| {
                fs::remove_dir_all(run).unwrap();
            },
        ),
    ];
    for (path, problem, damage) in cases {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let archive = folder.join("perf-archive");
        let name = write_stream(folder, 1);
        ok(folder, &["archive", "add", &name, "--release", "a"]);
        ok(folder, &["archive", "baseline", "set", "a"]);
        ok(folder, &["archive", "verify"]);
        ok(folder, &["archive", "verify", "a"]);
        let run_folder = archive.join(&manifests(&archive)[0]);
        damage(run_folder.parent().unwrap(), &archive);
        let verify = run(folder, &["archive", "verify"]);
        assert_eq!(verify.code, 4, "{path} {problem}: {verify}");
        assert!(
            verify.stdout.contains(path) && verify.stdout.contains(problem),
            "{verify}"
        );
        // Nothing is computed from what is changed.
        if path == "samples.parquet" || path == "manifest.json" {
            let summary = run(folder, &["summary", "@baseline"]);
            assert_eq!(summary.code, 4, "{summary}");
            assert!(summary.stderr.contains(path), "{summary}");
        }
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = write_stream(folder, 1);
    let archive = folder.join("perf-archive");
    ok(folder, &["archive", "add", &name, "--release", "a"]);
    // A file in its place that is a link to the same bytes.
    let samples = archive
        .join(&manifests(&archive)[0])
        .with_file_name("samples.parquet");
    fs::rename(&samples, folder.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(folder.join("elsewhere"), &samples).unwrap();
    let verify = run(folder, &["archive", "verify"]);
    assert_eq!(verify.code, 4, "{verify}");
    assert!(verify.stdout.contains("no plain file"), "{verify}");
    assert_eq!(run(folder, &["summary", "@a"]).code, 4);
    // A release that is a link out of the archive is neither read nor written.
    fs::create_dir(folder.join("outside")).unwrap();
    std::os::unix::fs::symlink(folder.join("outside"), archive.join("release=b")).unwrap();
    let add = run(folder, &["archive", "add", &name, "--release", "b"]);
    assert_eq!(add.code, 4, "{add}");
    assert_eq!(fs::read_dir(folder.join("outside")).unwrap().count(), 0);
    assert_eq!(run(folder, &["summary", "@b"]).code, 4);
}
