//! What several test binaries share.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test binary uses its part"
)]

use std::path::{Path, PathBuf};

use perf_report::formats::{LoadOptions, load};
use perf_report::run::Run;

/// A file or folder of the samples.
pub(crate) fn sample(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(path)
        .display()
        .to_string()
}

/// The one run that these inputs make.
pub(crate) fn run_of(inputs: &[&str], options: LoadOptions) -> Run {
    let inputs: Vec<String> = inputs.iter().map(ToString::to_string).collect();
    let loaded = load(&inputs, options).unwrap_or_else(|error| panic!("{inputs:?}: {error}"));
    assert_eq!(loaded.runs.len(), 1, "{inputs:?} are one run");
    loaded.runs.into_iter().next().unwrap()
}

/// A file read by itself.
pub(crate) fn alone(path: &str) -> Run {
    run_of(
        &[path],
        LoadOptions {
            alone: true,
            ..LoadOptions::default()
        },
    )
}

/// Every JSON or CSV stream with a summary of its stem beside it, below a folder.
pub(crate) fn streams_with_summaries(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.file_name().unwrap().to_str().unwrap();
            let stem = name.split('.').next().unwrap();
            let plain = [".ndjson.gz", ".ndjson.zst"].map(|ending| format!("{stem}{ending}"));
            let summary = folder.join(format!("{stem}.json"));
            if plain.iter().any(|plain| plain == name) && summary.exists() {
                found.push((path, summary));
            }
        }
    }
    found.sort();
    found
}

/// Asserts that every statistic that a summary holds comes out of the samples to the last bit, and
/// gives their number. Rates per second need k6's own duration, so they are taken from a run that
/// has both files.
pub(crate) fn assert_equal_to_the_bit(stream: &Path, summary: &Path) -> usize {
    let (stream, summary) = (stream.to_str().unwrap(), summary.to_str().unwrap());
    let sampled = run_of(&[stream, summary], LoadOptions::default());
    let reported = alone(summary);
    let mut compared = 0;
    for metric in &reported.summary().unwrap().metrics {
        let name = metric.name.text();
        let measure = &sampled
            .metric(name)
            .unwrap_or_else(|| panic!("{stream}: {name}"))
            .measure;
        assert!(measure.is_of_samples(), "{stream}: {name}");
        for (stat, k6s) in &metric.values {
            let ours = measure
                .get(*stat)
                .unwrap_or_else(|| panic!("{stream}: {name} {stat}"));
            assert_eq!(
                ours.to_bits(),
                k6s.to_bits(),
                "{stream}: {name} {stat}: {ours} is not {k6s}"
            );
            compared += 1;
        }
    }
    compared
}
