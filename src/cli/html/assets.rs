//! Style and script as files beside the pages.

use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::cli::output::write_whole;
use crate::error::{Error, Result};
use crate::render;

/// A folder that holds style and script.
pub(super) struct Assets {
    folder: PathBuf,
}

impl Assets {
    /// Writes both, and makes the folder where it is missing.
    pub(super) fn write(folder: &Path) -> Result<Self> {
        let fail = |error| Error::write(folder, error);
        fs::create_dir_all(folder).map_err(fail)?;
        write_whole(&folder.join("report.css"), render::html::style().as_bytes())?;
        write_whole(&folder.join("report.js"), render::html::SCRIPT.as_bytes())?;
        let folder = fs::canonicalize(folder).map_err(fail)?;
        Ok(Self { folder })
    }

    /// The folder as a page in `from` links to it, with a slash at its end.
    pub(super) fn link(&self, from: &Path) -> Result<String> {
        let from = fs::canonicalize(from).map_err(|error| Error::read(from, error))?;
        Ok(relative(&from, &self.folder))
    }
}

/// The way from one folder to another, both whole, as a URL with a slash at its end.
fn relative(from: &Path, to: &Path) -> String {
    let parts = |path: &Path| -> Vec<String> {
        let names = path.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        });
        names.collect()
    };
    let (from, to) = (parts(from), parts(to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[shared..].iter().map(|_| "../".to_owned());
    let down = to[shared..].iter().map(|name| format!("{}/", url(name)));
    up.chain(down).collect()
}

/// A name as a part of a URL.
pub(super) fn url(name: &str) -> String {
    let mut url = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_goes_up_and_down() {
        let link = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(link("/a/b", "/a/b"), "");
        assert_eq!(link("/a/b", "/a/b/static"), "static/");
        assert_eq!(link("/a/b/c", "/a/x y"), "../../x%20y/");
        assert_eq!(url("a:b#c?.html"), "a%3Ab%23c%3F.html");
    }
}
