//! Placeholder, written next.
use crate::report::{CheckReport, SummaryReport};
use std::io::{self, Write};
/// .
/// # Errors
/// .
pub fn summary(_: &SummaryReport, _: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
/// .
/// # Errors
/// .
pub fn check(_: &CheckReport, _: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
