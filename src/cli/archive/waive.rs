//! `perf-report archive waive`

use std::io::Write as _;

use chrono::NaiveDate;

use super::named_release;
use crate::archive::{Archive, Decision, Waiver, today};
use crate::cli::exit::ExitStatus;
use crate::compare::RowPattern;
use crate::error::{Error, Result};

/// Accept a known regression of a release for a while
///
/// It is shown with its reason in every comparison with a run of the release as candidate, and does not
/// fail diff until the day after.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The release that has it, or RELEASE/SCENARIO
    #[arg(value_name = "RELEASE")]
    release: String,

    /// The row of diff, such as `http_req_duration{label:x}` or `http_req_duration{label:x}:p(95)`
    #[arg(value_name = "ROW")]
    row: String,

    /// Why
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,

    /// The last day on which it is accepted, such as 2026-12-31 (UTC)
    #[arg(long, value_name = "DATE")]
    until: String,
}

/// A reason is a line of text.
pub(super) fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_control) || text.len() > 2000 {
        return Err("it is a line of text".to_owned());
    }
    Ok(text.to_owned())
}

impl Args {
    pub(super) fn run(self, archive: &Archive) -> Result<ExitStatus> {
        let until = NaiveDate::parse_from_str(&self.until, "%Y-%m-%d").map_err(|_| {
            Error::usage(
                format!("--until {}: this is no date", self.until),
                "write a day as 2026-12-31",
            )
        })?;
        if until < today() {
            return Err(Error::usage(
                format!("--until {until}: this day is over"),
                "name a day from today on",
            ));
        }
        RowPattern::parse(&self.row)?;
        let (release, scenario) = named_release(archive, &self.release)?;
        let waiver = Waiver {
            release: release.name.clone(),
            scenario,
            row: self.row.clone(),
            until: until.to_string(),
        };
        archive.record(Decision::Waiver(waiver), Some(self.reason.clone()))?;
        writeln!(
            anstream::stdout(),
            "{} of {} is accepted until {until}: {}",
            self.row,
            release.name,
            self.reason
        )?;
        Ok(ExitStatus::Success)
    }
}
