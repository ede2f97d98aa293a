//! k6's three summaries: whatever is taken for one can be shown, and kept in an archive.

use std::collections::BTreeMap;

use perf_report::formats::{LoadOptions, load, summary_document};
use perf_report::run::Summary;

use crate::{files, rendered};

pub(super) fn run(data: &[u8]) {
    let path = files::file("a.json", data);
    for run in rendered::runs(load(&[path], LoadOptions::default())) {
        rendered::summary(&run);
        rendered::check(&run);
        let Some(summary) = run.summary() else {
            continue;
        };
        let kept = summary_document(summary).to_string();
        let path = files::file("kept.json", kept.as_bytes());
        let again = load(&[path], LoadOptions::default()).unwrap_or_else(|e| panic!("{e}: {kept}"));
        let again = again.runs[0].summary().expect("a summary");
        assert_eq!(sorted(again), sorted(summary), "{kept}");
    }
}

/// A summary without what JSON does not keep: the order of its metrics, and all but the last of one name.
fn sorted(summary: &Summary) -> Summary {
    let by_name: BTreeMap<_, _> = summary.by_name().into_iter().collect();
    Summary {
        metrics: by_name.into_values().cloned().collect(),
        ..summary.clone()
    }
}
