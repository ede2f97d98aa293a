//! Files that people write, and that are small: read whole, but not without end.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};

/// No configuration, list of thresholds or key is larger; a device such as /dev/zero has no end.
const LARGEST: u64 = 64 << 20;

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String> {
    let file = File::open(path).map_err(|error| Error::read(path, error))?;
    read_from(path, file)
}

/// The text of what is called `path` in errors.
pub(crate) fn read_from(path: &Path, from: impl Read) -> Result<String> {
    let mut text = String::new();
    let read = from.take(LARGEST + 1).read_to_string(&mut text);
    read.map_err(|error| Error::read(path, error))?;
    if text.len() as u64 > LARGEST {
        return Err(Error::input(
            path,
            format!("this is larger than {} MiB", LARGEST >> 20),
            "nobody writes so much by hand; is it another file that was meant?",
        ));
    }
    Ok(text)
}
