//! What is lost when something goes wrong beneath a command: nothing.
//!
//! `docs/reliability.md` says what is promised, and gives the figures of a long run of these tests.
#![cfg(unix)]

mod closed_streams;
mod commands;
mod figures;
mod forbidden;
mod full_disk;
mod input_that_changes;
mod interrupted;
mod killed;
mod scene;
mod strange_input;

use std::io::Write as _;

/// Says that a test could not be done here, so loudly that no test runner keeps it to itself.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}
