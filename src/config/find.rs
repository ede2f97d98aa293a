//! Where the configuration is.

use std::path::{Path, PathBuf};

use crate::error::Result;

/// The file's name.
pub const FILE: &str = "perf-report.toml";

/// The file in the working folder, or in the nearest folder above that has one. Its path begins with
/// as many `..` as it lies above.
pub(super) fn upwards() -> Result<Option<PathBuf>> {
    let working = std::env::current_dir()?;
    let mut path = PathBuf::new();
    for folder in working.ancestors() {
        if folder.join(FILE).is_file() {
            return Ok(Some(path.join(FILE)));
        }
        path.push("..");
    }
    Ok(None)
}

/// The folder of a file, so that joining it with a path of that folder leads there.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    file.parent().map(Path::to_owned).unwrap_or_default()
}
