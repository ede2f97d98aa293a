//! libFuzzer over every parser of perf-report: one target a file in `targets/`, and one program for all of
//! them, so that polars is linked once. `FUZZ_TARGET` names the target.

#![no_main]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a target says what it found"
)]

mod edits;
mod files;
mod rendered;
mod streams;
mod targets;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<targets::Target> = LazyLock::new(targets::chosen);

fuzz_target!(init: { LazyLock::force(&TARGET); }, |data: &[u8]| TARGET(data));
