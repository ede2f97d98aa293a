//! What k6's files hold beside measurements, and reading them as text.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::checksum::sha256_of;
use super::detect;
use super::input;
use crate::error::{Error, Result};

/// What a summary holds that is none of its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withheld {
    /// What `setup()` gave to the script.
    SetupData,
    /// The script's whole text, with its SHA-256 in hexadecimal.
    Script(String),
}

/// What a summary file of k6 holds that is none of its numbers.
///
/// # Errors
/// When it cannot be read or is no summary.
pub fn withheld(path: &Path) -> Result<Vec<Withheld>> {
    let input = input::open(path, &Arc::default())?;
    if input.format.is_stream() {
        return Ok(Vec::new());
    }
    let text = input.into_summary_text()?;
    let json = detect::summary_json(path, &text)?;
    let mut found = Vec::new();
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    if json.get("setup_data").is_some_and(|data| !is_empty(data)) {
        found.push(Withheld::SetupData);
    }
    let script = json.pointer("/config/script").and_then(Value::as_str);
    if let Some(script) = script.filter(|script| !script.is_empty()) {
        found.push(Withheld::Script(sha256_of(script.as_bytes())));
    }
    Ok(found)
}

/// Goes through the lines of a text file, inflated where it is compressed, with their numbers from
/// 1; a packed file has none. Bytes that are no text are replaced. Ends at the first error of
/// `look`.
///
/// # Errors
/// When the file cannot be read, or what `look` gives.
pub fn each_line(path: &Path, mut look: impl FnMut(u64, &str) -> Result<()>) -> Result<()> {
    let input = input::open(path, &Arc::default())?;
    if input.format == detect::Format::Packed {
        return Ok(());
    }
    let mut reader = BufReader::new(input.reader);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => look(number, &String::from_utf8_lossy(&line))?,
            // A cut file ends here; what could be read was looked at.
            Err(error) if error.raw_os_error().is_none() => break,
            Err(error) => return Err(Error::read(path, error)),
        }
    }
    Ok(())
}
