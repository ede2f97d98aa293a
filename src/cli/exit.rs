//! What the exit code says.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// All is well.
    Success = 0,
    /// `diff` found a regression.
    Regression = 1,
    /// Wrong usage, or an input that cannot be read.
    Usage = 2,
    /// `diff` could not decide, or had nothing to compare with, and was asked to fail on that.
    Undecided = 3,
    /// An archive or a bundle does not verify.
    Unverified = 4,
    /// A threshold was crossed; the code is k6's own.
    ThresholdCrossed = 99,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}
