//! JSON: the view models as they are.

use std::io::{self, Write};

use serde::Serialize;

/// Writes a document, indented, with a line end.
///
/// # Errors
/// When it cannot be written.
pub fn document(report: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}
