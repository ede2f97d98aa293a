//! What can go wrong with a histogram file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use parquet::errors::ParquetError;

use crate::error::Error;
use crate::formats::packed;

const HINT: &str = "make it again, with the version of perf-report that reads it: by the statement of \
                    perf-report sql, or by pack --histogram";

/// What the Parquet library gives; `None` where it panics, as it does on some damaged files: it trusts what
/// they say of themselves.
pub(super) fn unless_it_panics<T>(read: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok()
}

/// The file is no sound histogram.
pub(super) fn damaged(path: &Path, problem: impl std::fmt::Display) -> Error {
    Error::damaged(
        path,
        format!("this histogram file cannot be read: {problem}"),
        HINT,
    )
}

/// The file is sound, and not in the layout.
pub(super) fn other_layout(path: &Path, problem: impl std::fmt::Display) -> Error {
    Error::input(
        path,
        format!("this Parquet file is no histogram: {problem}"),
        HINT,
    )
}

/// What the Parquet library, or the file underneath, said.
pub(super) fn unreadable(path: &Path, error: ParquetError) -> Error {
    match packed::Error::from(error) {
        packed::Error::Io(error) => Error::read(path, error),
        error => damaged(path, error),
    }
}

/// Says why a histogram file cannot be written.
pub(super) fn unwritable(path: &Path, error: ParquetError) -> Error {
    packed::unwritable(path, error.into())
}
