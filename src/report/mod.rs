//! The view models that every renderer takes, with their schema versions.

mod check;
pub mod page;
mod run;

pub use check::{CHECK_SCHEMA, CheckReport, CheckedRun};
pub use run::{
    MetricReport, ReportOptions, RunReport, SUMMARY_SCHEMA, SummaryReport, TREND_STATS,
    ThresholdReport, Unit,
};
