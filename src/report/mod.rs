//! The view models that every renderer takes, with their schema versions.

mod archived;
mod calibration;
mod check;
mod comparison;
mod diff;
mod diff_sentence;
mod metric;
pub mod page;
mod run;
mod threshold;
mod trend;
mod unit;

pub use archived::{
    ArchiveReport, DiscardEntry, FactsEntry, LIST_SCHEMA, ReleaseLine, ReleaseReport, RemovedEntry,
    RunEntry, SHOW_SCHEMA, WaiverEntry,
};
pub use calibration::{CALIBRATION_SCHEMA, CalibrationReport, NameReport, NoiseReport};
pub use check::{CHECK_SCHEMA, CheckReport, CheckedRun};
pub use diff::{
    DIFF_SCHEMA, DiffReport, LimitReport, PairReport, RowReport, SideReport, UnpairedReport,
    WaiverReport, endpoint_title,
};
pub use metric::{MetricReport, TREND_STATS};
pub use run::{LoadReport, ReportOptions, RunReport, SUMMARY_SCHEMA, SummaryReport};
pub(crate) use run::{verdict_word, with_end};
pub use threshold::ThresholdReport;
pub(crate) use threshold::thresholds_in_words;
pub use trend::{
    Band, Followed, Measured, Movement, TREND_SCHEMA, Trend, TrendPoint, TrendRelease, TrendReport,
};
pub use unit::Unit;
