//! One file an output format, each writing to a passed writer.

pub mod calibration_text;
pub mod card;
pub mod csv;
pub mod diff_markdown;
pub mod diff_text;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod openmetrics;
pub mod text;

mod table;
