//! Packed runs and histograms as files: whatever they claim, there is no panic and no run that cannot be shown.

use std::panic;
use std::process::abort;
use std::sync::Once;

use perf_report::formats::{LoadOptions, load};

use crate::{files, rendered};

pub(super) fn run(data: &[u8]) {
    static HOOK: Once = Once::new();
    HOOK.call_once(abort_on_own_panics);
    let path = files::file("a.parquet", data);
    for run in rendered::runs(load(&[path], LoadOptions::default())) {
        rendered::summary(&run);
    }
}

/// The `parquet` crate panics on some damaged pages, which is caught where it is called. A panic of our own is
/// a finding wherever it is, and not all of them may be hidden by that.
fn abort_on_own_panics() {
    let tell = panic::take_hook();
    // That one aborts.
    panic::set_hook(Box::new(move |panic| {
        let is_foreign = panic
            .location()
            .is_some_and(|place| place.file().contains("/registry/"));
        if !is_foreign {
            tell(panic);
            abort();
        }
    }));
}
