//! Streams and summaries of any content in every form of output but the page: well-formed, whatever names and values they hold.

use perf_report::formats::{LoadOptions, load};

use crate::{files, rendered};

pub(super) fn run(data: &[u8]) {
    let path = files::file("a.stream", data);
    let runs = rendered::runs(load(&[path], LoadOptions::default()));
    for run in &runs {
        rendered::summary(run);
        rendered::check(run);
    }
    rendered::diff(&runs);
}
