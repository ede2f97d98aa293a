//! k6's files, one module a format. The only place that opens inputs.
//!
//! A file is told by its content, never by its name.

mod about;
mod blocks;
mod csv_stream;
mod decimal;
mod detect;
mod gather;
mod handle_summary;
mod input;
mod json_stream;
mod known;
mod loaded;
mod machine_readable;
mod meter;
mod notes;
mod pack;
mod packed;
mod packing;
mod paths;
mod plan;
mod read;
mod sink;
mod stream;
mod summary_export;
#[cfg(test)]
mod tests;
mod time;
mod unpack;

pub use detect::Format;
pub use gather::{LoadOptions, load, load_watched};
pub use loaded::Loaded;
pub use meter::Meter;
pub use pack::{Packed, pack};
