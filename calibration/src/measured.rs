//! What `diff` says of runs whose truth is known.

use perf_report::compare::{Change, CompareOptions, Figure, Row, compare};
use perf_report::run::Run;

/// What came of one comparison.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What the gating rows come to.
    pub verdict: Change,
    /// Every row.
    pub rows: Vec<Row>,
}

impl Outcome {
    /// Compares runs of one name; `None` when they cannot be.
    #[must_use]
    pub fn of(baseline: &[Run], candidate: &[Run]) -> Option<Self> {
        let options = CompareOptions::default();
        let comparison = compare(baseline, candidate, &options).ok()?;
        let pair = comparison.pairs.into_iter().next()?;
        Some(Self {
            verdict: pair.verdict,
            rows: pair.rows,
        })
    }

    /// Whether a regression was called.
    #[must_use]
    pub fn alarms(&self) -> bool {
        self.verdict == Change::Regressed
    }

    /// Whether what all endpoints share was called one.
    #[must_use]
    pub fn alarms_of_all(&self) -> bool {
        let called = |row: &Row| row.gate && row.judged.verdict == Change::Regressed;
        self.rows
            .iter()
            .any(|row| row.figure == Figure::Common && called(row))
    }
}
