//! The HTML page of a run of any content, with its charts.

use perf_report::formats::{LoadOptions, load};

use crate::{files, rendered};

pub(super) fn run(data: &[u8]) {
    let path = files::file("a.stream", data);
    for run in rendered::runs(load(&[path], LoadOptions::default())) {
        rendered::page(&run);
    }
}
