//! The `perf-report` command. All of it is in the library's `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    perf_report::cli::main(std::env::args_os())
}
