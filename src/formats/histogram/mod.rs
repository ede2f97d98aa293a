//! Runs that were reduced to histograms, as `perf-report sql` has an engine leave them behind and
//! `pack --histogram` writes them: Parquet with one row a series and second.
//!
//! The layout is described in `docs/scale.md`. Files come from engines that lay out Parquet each in their
//! own way, so that they are read by the `parquet` crate and checked row by row.

mod error;
mod layout;
mod read;
mod reduce;
mod rows;
#[cfg(test)]
mod tests;
mod write;
mod write_run;

pub(super) use layout::{is_histogram, run_of};
pub(super) use read::read;
pub(super) use reduce::Reducing;
pub(super) use write_run::write;
