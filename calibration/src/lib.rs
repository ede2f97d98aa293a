//! Runs with known truth, the rules in common use, and intervals for how often a rule alarms: what
//! `docs/statistics.md` is measured with.

pub mod intervals;
pub mod measured;
pub mod recorded;
pub mod rivals;
pub mod runs;
pub mod simulator;
pub mod table;
pub mod trial;

mod numbers;
