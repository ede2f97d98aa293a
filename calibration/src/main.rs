//! Prints the tables of `docs/statistics.md`.
fn main() {}
