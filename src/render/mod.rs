//! One file an output format, each writing to a passed writer.

pub mod csv;
pub mod html;
pub mod json;
pub mod markdown;
pub mod text;
