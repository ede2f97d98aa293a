//! The mathematics: slices in, structs out. No files, no frames, no output.

pub mod blocks;
pub mod buckets;
pub mod histogram;
pub mod normal;
pub mod order;
pub mod proportion;
pub mod quantile;
pub mod ranked;
pub mod student;
