//! k6's files, one module a format. The only place that opens inputs.
//!
//! A file is told by its content, never by its name.

mod about;
mod asked;
mod blocks;
mod checksum;
mod csv_stream;
mod decimal;
mod detect;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod gather;
mod handle_summary;
mod histogram;
mod input;
mod json_stream;
mod known;
mod load_options;
mod loaded;
mod machine_readable;
mod meter;
mod notes;
mod pack;
mod packed;
mod packing;
mod paths;
mod plan;
mod probed;
mod read;
mod recorded;
mod sink;
mod strays;
mod stream;
mod summary_document;
mod summary_export;
mod test_plan;
#[cfg(test)]
mod tests;
mod time;
mod unpack;
#[cfg(any(test, fuzzing))]
mod ways;
mod withheld;
mod write_samples;

pub use asked::{Asked, KnownFiles};
pub(crate) use checksum::sha256_of_all;
pub use checksum::{sha256, sha256_of};
pub use detect::Format;
pub use gather::{load, load_watched};
pub use load_options::LoadOptions;
pub use loaded::Loaded;
pub use meter::Meter;
pub(crate) use pack::PARTIAL;
pub use pack::{Packed, pack};
pub use summary_document::summary_document;
pub use test_plan::{PLAN_SCHEMA, plan_document};
pub use withheld::{Withheld, each_line, withheld};
pub use write_samples::write_samples;
