//! Whether a run can be judged, and what changed between runs.

mod validity;

pub use validity::{Validity, ValidityVerdict, judge_validity};
