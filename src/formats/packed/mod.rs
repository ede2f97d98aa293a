//! A run's samples as one flat Parquet table: what `perf-report pack` writes and every command reads.
//!
//! The table has one row a sample, in the order of the stream, so any engine can query it as it stands.
//! Two things are ours on top of the format:
//!
//! - The column `series` numbers the distinct tag sets of a row group by first appearance. Everything but
//!   the time and the value of a sample follows from its series, so the reader decodes the text columns only
//!   at the few rows where a series first appears, and still gets every sample's tags.
//! - The writer may append a footer whenever it likes ([`Writer::checkpoint`]) and go on behind it. A file
//!   whose writer was killed ends in garbage, but the footer before the garbage still describes everything
//!   up to there, and [`Reader::open`] finds it.
//!
//! The data pages are written and read here rather than by the column writers and readers of the `parquet`
//! crate. To write, those hash every value of every row, although a row's tags follow from its series. To
//! read, they trust the sizes that a page claims and panic on some damaged pages, and these files come from
//! anywhere. The crate does what is hard to get right: schema, footers and page headers.

mod chunk;
mod column;
mod error;
mod footer;
#[cfg(fuzzing)]
mod fuzzing;
mod hybrid;
mod layout;
mod page;
mod read;
mod series;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use error::{Error, unwritable};
#[cfg(fuzzing)]
pub(in crate::formats) use fuzzing::column;
pub(crate) use layout::{FIXED, MAX_TABLE};
pub(crate) use read::Reader;
pub(crate) use series::{GroupSeries, SeriesRow};
pub(crate) use write::Writer;

/// Whether a file of these first bytes is Parquet.
pub(crate) fn is_parquet(head: &[u8]) -> bool {
    head.starts_with(layout::MAGIC)
}
