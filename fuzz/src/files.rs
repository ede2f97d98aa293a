//! Files for parsers that take paths. `fuzz/run` sets the temporary folder to one that lies in memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    folder
});

/// The folder of this process.
pub(crate) fn folder() -> &'static Path {
    &FOLDER
}

/// A file of this content in that folder.
pub(crate) fn file(name: &str, contents: &[u8]) -> PathBuf {
    let path = FOLDER.join(name);
    put(&path, contents);
    path
}

/// Writes a file, and the folders that it lies in.
pub(crate) fn put(path: &Path, contents: &[u8]) {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).expect("a folder");
    }
    fs::write(path, contents).expect("a file");
}

/// An empty folder within that folder.
pub(crate) fn empty_folder(name: &str) -> PathBuf {
    let path = FOLDER.join(name);
    // It need not be there.
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a folder");
    path
}
