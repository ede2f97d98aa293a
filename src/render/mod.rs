//! One file an output format, each writing to a passed writer.

pub mod archive_text;
pub mod calibration_text;
pub mod card;
pub mod csv;
pub mod diff_html;
pub mod diff_markdown;
pub mod diff_text;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod openmetrics;
pub mod sql;
pub mod text;
pub mod trend_html;
pub mod trend_text;

mod table;
