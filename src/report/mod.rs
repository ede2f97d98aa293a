//! The view models that every renderer takes, with their schema versions.

mod check;
mod diff;
mod diff_sentence;
pub mod page;
mod run;

pub use check::{CHECK_SCHEMA, CheckReport, CheckedRun};
pub use diff::{
    DIFF_SCHEMA, DiffReport, LimitReport, PairReport, RowReport, SideReport, UnpairedReport,
};
pub use run::{
    MetricReport, ReportOptions, RunReport, SUMMARY_SCHEMA, SummaryReport, TREND_STATS,
    ThresholdReport, Unit,
};
