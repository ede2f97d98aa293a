//! Names of files: stems, and what a RUN given on the command line stands for.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::input::STDIN;
use crate::error::{Error, Result};

/// What a RUN stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A file, or stdin.
    File(PathBuf),
    /// A file that a glob found, among others that may be no k6 output.
    Found(PathBuf),
    /// A folder.
    Folder(PathBuf),
    /// A folder that a glob found.
    FoundFolder(PathBuf),
}

/// The files and folders that a RUN names.
pub(super) fn expand(run: &Path) -> Result<Vec<Named>> {
    if run.as_os_str() == STDIN {
        return Ok(vec![Named::File(run.to_owned())]);
    }
    // A file may well have a name that reads like a glob.
    let missing = match fs::metadata(run) {
        Ok(found) if found.is_dir() => return Ok(vec![Named::Folder(run.to_owned())]),
        Ok(_) => return Ok(vec![Named::File(run.to_owned())]),
        Err(error) => error,
    };
    let text = run.to_string_lossy();
    if text.starts_with('@') {
        return Err(Error::usage(
            format!("{text}: this names a release of an archive, and there is none here"),
            "name the run's file or folder",
        ));
    }
    if missing.kind() != ErrorKind::NotFound || !text.contains(['*', '?', '[']) {
        return Err(Error::read(run, missing));
    }
    let bad =
        |problem: String| Error::usage(problem, "put the pattern in quotes: 'results/*.json'");
    let matches = glob::glob(&text).map_err(|e| bad(format!("{text}: not a pattern ({e})")))?;
    let mut found = Vec::new();
    for path in matches {
        let path = path.map_err(|e| Error::read(e.path().to_owned(), e.into()))?;
        found.push(if path.is_dir() {
            Named::FoundFolder(path)
        } else {
            Named::Found(path)
        });
    }
    if found.is_empty() {
        return Err(bad(format!("{text}: nothing matches this pattern")));
    }
    Ok(found)
}

/// The name of a file up to its first dot, by which files of one run are known. A leading dot
/// belongs to the name.
pub(super) fn stem(path: &Path) -> String {
    if path.as_os_str() == STDIN {
        return "stdin".to_owned();
    }
    let name = file_name(path);
    let start = usize::from(name.starts_with('.'));
    let end = name[start..]
        .find('.')
        .map_or(name.len(), |dot| start + dot);
    name[..end].to_owned()
}

/// The folder and the stem of a file.
pub(super) fn place(path: &Path) -> (PathBuf, String) {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    (folder.unwrap_or(Path::new(".")).to_owned(), stem(path))
}

/// The name of a file without the endings that its format gave it: `storefront.k6-2022`.
pub(super) fn label(path: &Path) -> String {
    let name = file_name(path);
    let name = without_compression(&name);
    let endings = ENDINGS
        .iter()
        .find_map(|ending| name.strip_suffix(ending)?.strip_suffix('.'));
    endings
        .filter(|rest| !rest.is_empty())
        .unwrap_or(name)
        .to_owned()
}

const ENDINGS: [&str; 5] = ["ndjson", "jsonl", "json", "csv", "parquet"];

fn without_compression(name: &str) -> &str {
    name.strip_suffix(".gz")
        .or_else(|| name.strip_suffix(".zst"))
        .unwrap_or(name)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// What `perf-report run` leaves beside k6's files: what the test was to do, and how k6 ended.
pub(super) const PLAN: &str = ".plan.json";

/// Whether a file in a folder may be k6's, by its ending; scripts, reports and the like are not
/// looked into.
pub(super) fn may_be_k6(path: &Path) -> bool {
    let name = file_name(path);
    if name.ends_with(PLAN) {
        return false;
    }
    let name = without_compression(&name);
    ENDINGS.iter().any(|ending| {
        name.strip_suffix(ending)
            .is_some_and(|rest| rest.ends_with('.'))
    })
}

/// Whether a file is left of packing that was stopped.
pub(super) fn is_unfinished(path: &Path) -> bool {
    file_name(path).ends_with(".parquet.partial")
}

/// The files and the folders of a folder, each sorted by name, hidden ones left out.
pub(super) fn list(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let read = |e| Error::read(folder, e);
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        // A link to a file is read like one; one to a folder is not followed, as it may lead back. One that
        // leads nowhere is not passed by: a run may have been there.
        let kind = entry.file_type().map_err(read)?;
        if kind.is_dir() {
            folders.push(path);
        } else if path.is_file() || (kind.is_symlink() && !path.exists()) {
            files.push(path);
        }
    }
    files.sort();
    folders.sort();
    Ok((files, folders))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_ends_at_the_first_dot() {
        assert_eq!(
            stem(Path::new("results/api-smoke.export.json")),
            "api-smoke"
        );
        assert_eq!(stem(Path::new("api-smoke")), "api-smoke");
        assert_eq!(stem(Path::new(".hidden.json")), ".hidden");
        assert_eq!(stem(Path::new("-")), "stdin");
    }

    #[test]
    fn a_label_keeps_what_tells_runs_apart() {
        assert_eq!(
            label(Path::new("a/storefront.k6-2022.ndjson.gz")),
            "storefront.k6-2022"
        );
        assert_eq!(label(Path::new("x.json")), "x");
        assert_eq!(label(Path::new(".json")), ".json");
    }

    #[test]
    fn only_some_endings_may_be_k6() {
        for (name, expected) in [
            ("a.json", true),
            ("a.csv.gz", true),
            ("a.ndjson.zst", true),
            ("a.js", false),
            ("a.html", false),
            ("a.plan.json", false),
            ("json", false),
        ] {
            assert_eq!(may_be_k6(Path::new(name)), expected, "{name}");
        }
    }
}
