//! k6's thresholds: their grammar, where they come from, and what they say of a run.

mod evaluate;
mod expression;
mod file;

pub(crate) use evaluate::split_argument;
pub use evaluate::{Demand, Evaluated, ThresholdSource, Verdict, evaluate};
pub use expression::{Operator, Threshold};
pub use file::parse_file;
