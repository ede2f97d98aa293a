//! Files that people and this program write, other than k6's: small texts, which are read whole.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Result};

/// The most bytes of such a file; larger ones are refused, so that none fills the memory.
const LARGEST: u64 = 16 << 20;

/// What is in a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(|error| Error::read(path, error))?;
    read_from(path, file)
}

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    text_of(path, read(path)?)
}

/// The text of stdin, which `path` names in errors.
pub(crate) fn read_stdin(path: &Path) -> Result<String> {
    text_of(path, read_from(path, io::stdin().lock())?)
}

fn read_from(path: &Path, reader: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| Error::read(path, error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::input(
            path,
            format!("this has more than {} MiB", LARGEST >> 20),
            "such a file is small; was another one meant?",
        ));
    }
    Ok(bytes)
}

fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = memchr::memchr_iter(b'\n', valid).count() + 1;
        Error::input(
            path,
            format!("line {line} is no UTF-8"),
            "save it as UTF-8 text",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("more than 16 MiB"), "{error}");
        std::fs::write(&path, b"fine\n\xff\n").unwrap();
        let error = read_text(&path).unwrap_err().to_string();
        assert!(error.contains("line 2 is no UTF-8"), "{error}");
        assert_eq!(read(&path).unwrap(), b"fine\n\xff\n");
    }
}
