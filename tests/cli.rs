//! The command line: output, exit codes, and what it says of bad input.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod cli {
    mod archive;
    mod archive_decisions;
    mod archive_fixture;
    mod archive_secrets;
    mod archive_verify;
    mod archive_writers;
    mod bad_input;
    mod bounds;
    mod bundle;
    mod calibrate;
    mod check;
    mod comparable;
    mod config;
    mod faults;
    mod histogram;
    mod hostile;
    mod json;
    mod long_life;
    mod pack;
    mod reports;
    mod run;
    mod runner;
    mod selecting;
    mod shell;
    mod sql;
    mod summary;
    mod terminal;
    mod trend;
}
