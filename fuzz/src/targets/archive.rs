//! Archives: manifests and records of any text, and a sound archive of which something is changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use perf_report::archive::{Archive, RECORD_SCHEMA, RUN_SCHEMA, Reference};
use perf_report::compare::RowPattern;
use perf_report::formats::sha256_of;
use perf_report::render;
use perf_report::report::{ArchiveReport, ReleaseReport};
use serde_json::{Value, json};

use crate::{edits, files, rendered};

pub(super) fn run(data: &[u8]) {
    let root = files::empty_folder("archive");
    if data.starts_with(b"{") {
        let path = root.join(place(data));
        files::put(&path, data);
        look_at(&root);
        if is_sound(&root) {
            let mut changed = data.to_vec();
            changed[data.len() / 2] ^= 1;
            files::put(&path, &changed);
            assert!(!is_sound(&root));
        }
    } else if let Some((which, edits)) = data.split_first() {
        let sound = &*SOUND;
        let which = usize::from(*which) % sound.len();
        let mut is_changed = false;
        for (number, (path, contents)) in sound.iter().enumerate() {
            let mut contents = contents.clone();
            if number == which {
                let edited = edits::applied(&contents, edits);
                is_changed = edited != contents;
                contents = edited;
            }
            files::put(&root.join(path), &contents);
        }
        look_at(&root);
        assert_eq!(is_sound(&root), !is_changed, "{}", sound[which].0.display());
    }
}

/// Whether everything is as it was written.
fn is_sound(root: &Path) -> bool {
    let verified = Archive::at(root).verify(None);
    verified.is_ok_and(|found| found.discrepancies.is_empty() && found.files > 0)
}

/// Shows all there is, and resolves what refers to it.
fn look_at(root: &Path) {
    let archive = Archive::at(root);
    let Ok(releases) = archive.all() else {
        return;
    };
    let baseline = archive.baseline().ok().flatten();
    let baseline = baseline.and_then(|(_, baseline)| Some(baseline.release?.to_string()));
    let list = ArchiveReport::new(&releases, baseline);
    let mut text = Vec::new();
    render::archive_text::list(&list, Some(60), &mut text).expect("memory");
    for release in &releases {
        let report = ReleaseReport::new(release, false, "2026-11-28");
        render::archive_text::show(&report, &mut text).expect("memory");
        serde_json::to_vec(&report).expect("JSON");
        for (_, waiver) in release.waivers() {
            let _ = RowPattern::parse(&waiver.row);
        }
        let reference = Reference::of_release(release.name.as_str()).expect("a reference");
        if let Ok(resolved) = archive.resolve(&reference) {
            assert!(!resolved.runs.is_empty());
        }
    }
    rendered::assert_text(&text);
}

/// Where such a manifest or record belongs, as far as its text tells.
fn place(text: &[u8]) -> PathBuf {
    let json: Value = serde_json::from_slice(text).unwrap_or_default();
    let name = |key: &str| {
        let name = json[key].as_str().unwrap_or("v1");
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if name.chars().all(is_plain) && !name.is_empty() {
            name.to_owned()
        } else {
            "v1".to_owned()
        }
    };
    let hash = sha256_of(text);
    let release = PathBuf::from(format!("release={}", name("release")));
    match json["kind"].as_str() {
        Some("baseline") => PathBuf::from(format!("records/baseline-{hash}.json")),
        Some(kind @ ("discard" | "waiver" | "tombstone")) => {
            release.join(format!("records/{kind}-{hash}.json"))
        }
        _ => release.join(format!(
            "scenario={}/run={hash}/manifest.json",
            name("scenario")
        )),
    }
}

/// The files of a sound archive.
static SOUND: LazyLock<Vec<(PathBuf, Vec<u8>)>> = LazyLock::new(|| {
    let samples = b"PAR1 some samples PAR1".to_vec();
    let manifest = json!({
        "schema": RUN_SCHEMA, "release": "v1", "scenario": "a", "content": "c", "ticket": null, "note": null,
        "meta": {}, "commit": null, "ci": null, "environment": { "os": "linux", "arch": "x86_64" },
        "k6_version": null, "started_at": "2026-11-23T08:41:50.000000000Z", "ended_at": null,
        "written_at": null, "duration_ms": 5.0, "samples": 2, "hosts": [], "sources": [], "skipped_lines": 0,
        "validity": { "verdict": "valid", "reasons": [] }, "verdict": "passed", "thresholds": [], "numbers": {},
        "files": [{ "path": "samples.parquet", "bytes": samples.len(), "sha256": sha256_of(&samples) }],
        "left_out": [], "options": { "keep_raw": false, "allow_secrets": false, "merge": false },
        "tool": { "name": "perf-report", "version": "0.1.0" },
    });
    let manifest = manifest.to_string().into_bytes();
    let waiver = json!({
        "schema": RECORD_SCHEMA, "at": "2026-11-24T08:00:00.000000000Z", "by": "a", "reason": "r",
        "kind": "waiver", "release": "v1", "scenario": null, "row": "http_reqs", "until": "2026-12-31",
    });
    let baseline = json!({
        "schema": RECORD_SCHEMA, "at": "2026-11-24T08:00:00.000000000Z", "by": "a", "reason": null,
        "kind": "baseline", "release": "v1", "runs": [sha256_of(&manifest)], "root": null, "forced": false,
    });
    let record = |record: Value| {
        let text = record.to_string().into_bytes();
        (place(&text), text)
    };
    let path = place(&manifest);
    let files = vec![
        (path.with_file_name("samples.parquet"), samples),
        (path, manifest),
        record(waiver),
        record(baseline),
    ];
    let root = files::empty_folder("sound");
    for (path, contents) in &files {
        files::put(&root.join(path), contents);
    }
    assert!(is_sound(&root), "{:?}", Archive::at(&root).verify(None));
    fs::remove_dir_all(&root).expect("it was there");
    files
});
