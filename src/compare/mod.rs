//! Whether a run can be judged, and what changed between runs.
//!
//! Runs are paired by name. Of each pair, every metric, submetric, endpoint and check that both
//! sides have is judged: is the change beyond what noise does, and beyond what anybody cares about?
//! Where samples are at hand, the noise of endpoints is measured by resampling, each endpoint is
//! held against the others, and what they have in common is judged by itself; elsewhere noise is
//! assumed; see [`Noise`]. `docs/statistics.md` has the method and its error rates.

mod calibration;
mod checks;
mod comparability;
mod context;
mod difference;
mod direction;
mod disparity;
mod endpoints;
mod environment;
mod family;
mod figure;
mod findings;
mod floors;
mod limit;
mod limit_check;
mod load;
mod moved;
mod noise;
mod options;
mod pair;
mod pairing;
mod resample;
mod row;
mod rows;
mod run_endpoints;
mod share_noise;
mod shift;
mod side;
mod subject;
mod subject_rows;
mod validity;
mod verdict;
mod waiver;

pub use calibration::{BASELINE_RUNS, Calibration, FEWEST_RUNS, NoiseRow, calibrate};
pub use comparability::{Comparability, Comparable};
pub use disparity::{Aspect, Disparity};
pub use figure::Figure;
pub use findings::{Finding, FindingKind};
pub use floors::Floors;
pub use limit::Limit;
pub use limit_check::LimitCheck;
pub use noise::Noise;
pub use options::{CompareOptions, DEFAULT_ALPHA, GATES, Gate, Gates};
pub use pair::{Comparison, Pair, compare};
pub use row::Row;
pub use side::Side;
pub use validity::{Validity, ValidityVerdict, judge_validity};
pub use verdict::{Change, Direction, Judgement, Own, Scale};
pub use waiver::{RowPattern, Waived, Waiver};
