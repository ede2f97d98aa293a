//! k6's three summaries: whatever is taken for one can be shown, and kept in an archive.

use perf_report::formats::{LoadOptions, load, summary_document};

use crate::{files, rendered};

pub(super) fn run(data: &[u8]) {
    let path = files::file("a.json", data);
    for run in rendered::runs(load(&[path], LoadOptions::default())) {
        rendered::summary(&run);
        rendered::check(&run);
        if data.len().is_multiple_of(8) {
            rendered::page(&run);
        }
        let Some(summary) = run.summary() else {
            continue;
        };
        let kept = summary_document(summary).to_string();
        let path = files::file("kept.json", kept.as_bytes());
        let again = load(&[path], LoadOptions::default()).unwrap_or_else(|e| panic!("{e}: {kept}"));
        assert_eq!(again.runs[0].summary(), Some(summary), "{kept}");
    }
}
