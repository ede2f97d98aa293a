//! The command line: output, exit codes, and what it says of bad input.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod cli {
    mod bad_input;
    mod calibrate;
    mod check;
    mod config;
    mod json;
    mod pack;
    mod reports;
    mod run;
    mod runner;
    mod selecting;
    mod shell;
    mod summary;
}
