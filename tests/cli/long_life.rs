//! What earlier versions wrote is read, and what later ones will write is refused by name.

use std::fs;
use std::path::{Path, PathBuf};

use perf_report::formats::sha256_of;
use serde_json::Value;

use super::archive_fixture::{contents, copy_into, json, ok, run};

/// What each version wrote: a folder for each.
fn kept() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kept");
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut kept: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    kept.sort();
    assert!(!kept.is_empty());
    kept
}

/// Asserts that a document says all that another does; it may say more.
fn assert_says(document: &Value, old: &Value, place: &str) {
    match (document, old) {
        (Value::Object(document), Value::Object(old)) => {
            for (key, old) in old {
                let place = format!("{place}.{key}");
                let new = document
                    .get(key)
                    .unwrap_or_else(|| panic!("{place} is gone"));
                assert_says(new, old, &place);
            }
        }
        (Value::Array(document), Value::Array(old)) => {
            assert_eq!(document.len(), old.len(), "{place}");
            for (at, (document, old)) in document.iter().zip(old).enumerate() {
                assert_says(document, old, &format!("{place}[{at}]"));
            }
        }
        _ => assert_eq!(document, old, "{place}"),
    }
}

#[test]
fn what_earlier_versions_wrote_is_read_and_says_the_same() {
    for folder in kept() {
        let verified = ok(&folder, &["archive", "verify"]);
        assert!(
            verified.contains("verified 12 files with 3 runs and 4 records"),
            "{verified}"
        );
        let bundle = ok(&folder, &["archive", "verify", "REL-812.zip"]);
        assert!(bundle.contains("verified"), "{bundle}");
        let list = json(&folder, &["archive", "list", "--format", "json"]);
        let releases = list["releases"].as_array().unwrap().iter();
        let names: Vec<&str> = releases
            .map(|release| release["release"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["v2025.09", "v2025.10", "v2025.11"]);

        let mut documents = 0;
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let Some(run) = name.strip_suffix(".summary.json") else {
                continue;
            };
            let old: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let reference = format!("@{}", run.replacen('-', "/", 1));
            let document = json(&folder, &["summary", &reference, "--format", "json"]);
            assert_says(&document, &old, name);
            documents += 1;
        }
        assert_eq!(documents, 2);

        // A packed file holds the samples of the archived run, a histogram those within their error.
        let archived = json(
            &folder,
            &["summary", "@v2025.11/api-smoke", "--format", "json"],
        );
        let packed = json(
            &folder,
            &["summary", "packed.parquet", "--alone", "--format", "json"],
        );
        let histogram = json(
            &folder,
            &[
                "summary",
                "histogram.parquet",
                "--alone",
                "--format",
                "json",
            ],
        );
        let p95 = |document: &Value| {
            let metrics = document["runs"][0]["metrics"].as_array().unwrap();
            let metric = metrics
                .iter()
                .find(|metric| metric["name"] == "http_req_duration");
            metric.unwrap()["values"]["p(95)"].as_f64().unwrap()
        };
        assert_eq!(p95(&packed), p95(&archived));
        assert!((p95(&histogram) / p95(&archived) - 1.0).abs() < 0.006);

        let diff = run(&folder, &["diff", "@baseline", "@v2025.11"]);
        assert_eq!(diff.code, 1, "{diff}");
        assert!(diff.stdout.contains("accepted until 2099-12-31"), "{diff}");
    }
}

/// A copy of the last version's archive, in which a file says that it is of the next version.
fn with_a_newer(folder: &Path, file: &Path, known: &str) -> String {
    let text = fs::read_to_string(folder.join(file)).unwrap();
    let (name, version) = known.rsplit_once('/').unwrap();
    let newer = format!("{name}/{}", version.parse::<u32>().unwrap() + 1);
    assert!(text.contains(known), "{text}");
    // A later version may look like anything but for this.
    let text = format!("{{\"schema\": \"{newer}\", \"what\": [\"nobody\", \"knows\"]}}");
    fs::write(folder.join(file), &text).unwrap();
    let hash = sha256_of(text.as_bytes());
    // Names hold the hash of what they name: a run's folder, or a record's file.
    let is_run = file.file_name().unwrap() == "manifest.json";
    let named = if is_run { file.parent().unwrap() } else { file };
    let name = named.file_name().unwrap().to_str().unwrap();
    let (what, _) = name.split_once(['=', '-']).unwrap();
    let renamed = if is_run {
        format!("{what}={hash}")
    } else {
        format!("{what}-{hash}.json")
    };
    fs::rename(
        folder.join(named),
        folder.join(named.with_file_name(renamed)),
    )
    .unwrap();
    newer
}

#[test]
fn what_later_versions_write_is_refused_by_name() {
    let last = kept().pop().unwrap();
    for (start, known) in [
        ("manifest", "perf-report.archive-run/1"),
        ("baseline-", "perf-report.archive-record/1"),
        ("tombstone-", "perf-report.archive-record/1"),
        ("waiver-", "perf-report.archive-record/1"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        copy_into(&last, folder.path());
        let all: Vec<PathBuf> = contents(folder.path()).into_keys().collect();
        let starts = |path: &&PathBuf| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with(start)
        };
        let file = all.iter().find(starts).unwrap();
        let newer = with_a_newer(folder.path(), file, known);
        let said = format!("this is {newer:?}, and only {known:?} is known");
        let verify = run(folder.path(), &["archive", "verify"]);
        assert_eq!(verify.code, 4, "{verify}");
        assert!(verify.stdout.contains(&said), "{verify}");
        let list = run(folder.path(), &["archive", "list"]);
        assert!(
            list.stderr.contains(&said) && list.stderr.contains("or a newer one"),
            "{list}"
        );
    }
}
