//! perf-report
pub mod charts;
pub mod cli;
pub mod compare;
pub mod error;
pub mod formats;
pub mod render;
pub mod report;
pub mod run;
pub mod stats;
pub mod thresholds;
pub mod units;
pub use error::{Error, Result};
