//! The files of a scenario in the results folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};
use crate::units::{counted, moment};

/// Where earlier results of a scenario are kept, a folder a run.
const EARLIER: &str = "earlier";

/// The files of a scenario.
pub(super) struct ResultFiles {
    folder: PathBuf,
    name: String,
}

impl ResultFiles {
    pub(super) fn new(folder: &Path, name: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            name: name.to_owned(),
        }
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }

    /// Where k6 puts its samples.
    pub(super) fn samples(&self) -> PathBuf {
        self.file("ndjson.gz")
    }

    /// The samples, if k6 wrote any.
    pub(super) fn stream(&self) -> Option<PathBuf> {
        let path = self.samples();
        let is_written = fs::metadata(&path).is_ok_and(|meta| meta.len() > 0);
        is_written.then_some(path)
    }

    /// The samples, packed.
    pub(super) fn packed(&self) -> PathBuf {
        self.file("parquet")
    }

    /// Where k6 puts its own summary, whatever the script makes of it.
    pub(super) fn export(&self) -> PathBuf {
        self.file("export.json")
    }

    /// What is known of the script.
    pub(super) fn plan(&self) -> PathBuf {
        self.file("plan.json")
    }

    /// The HTML report.
    pub(super) fn page(&self) -> PathBuf {
        self.file("html")
    }

    /// A script that writes no summary of its own has k6's under the scenario's name.
    pub(super) fn name_summary(&self) -> Result<()> {
        let (export, summary) = (self.export(), self.file("json"));
        if export.is_file() && !summary.exists() {
            fs::rename(&export, &summary).map_err(|e| Error::write(summary, e))?;
        }
        Ok(())
    }

    /// Moves what an earlier run of the scenario left to a folder named by the time of that run.
    pub(super) fn keep_earlier(&self) -> Result<Option<String>> {
        let files = self.of_scenario(&self.folder)?;
        let Some(latest) = files.iter().filter_map(|file| modified(file)).max() else {
            return Ok(None);
        };
        let earlier = self.folder.join(EARLIER);
        let name = folder_name(latest);
        let mut names = (1..).map(|n: u32| match n {
            1 => name.clone(),
            n => format!("{name}-{n}"),
        });
        let is_free =
            |folder: &PathBuf| self.of_scenario(folder).is_ok_and(|files| files.is_empty());
        let to = names.find_map(|name| Some(earlier.join(name)).filter(is_free));
        let to = to.unwrap_or(earlier);
        fs::create_dir_all(&to).map_err(|e| Error::write(&to, e))?;
        for file in &files {
            let to = to.join(file.file_name().unwrap_or_default());
            fs::rename(file, &to).map_err(|e| Error::write(to, e))?;
        }
        Ok(Some(format!(
            "earlier results of {} are in {}",
            self.name,
            to.display()
        )))
    }

    /// Removes what earlier runs of the scenario left.
    pub(super) fn remove_earlier(&self) -> Result<Option<String>> {
        let mut files = self.of_scenario(&self.folder)?;
        let folders = folders(&self.folder.join(EARLIER));
        for folder in &folders {
            files.extend(self.of_scenario(folder)?);
        }
        for file in &files {
            fs::remove_file(file).map_err(|e| Error::write(file, e))?;
        }
        for folder in &folders {
            // Others' results may be in it.
            let _ = fs::remove_dir(folder);
        }
        let removed = counted(files.len() as u64, "earlier file");
        Ok((!files.is_empty()).then(|| format!("removed {removed} of {}", self.name)))
    }

    /// The files of this scenario in a folder: their names begin with its name and a dot.
    fn of_scenario(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(files),
            Err(error) => return Err(Error::read(folder, error)),
        };
        for entry in entries {
            let path = entry.map_err(|e| Error::read(folder, e))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_its = name
                .strip_prefix(&self.name)
                .is_some_and(|rest| rest.starts_with('.'));
            if is_its && path.is_file() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok()?.modified().ok()
}

/// A time as a folder's name on any system: `2026-11-23T08-50-18Z`.
fn folder_name(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let nanoseconds = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
    let second = moment(nanoseconds).replace(':', "-");
    let end = "2026-11-23T08-50-18".len();
    format!("{}Z", second.get(..end).unwrap_or(&second))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_folder_is_named_by_a_time_without_colons() {
        let time = UNIX_EPOCH + Duration::from_nanos(1_795_423_818_005_968_614);
        assert_eq!(folder_name(time), "2026-11-23T08-50-18Z");
    }

    #[test]
    fn earlier_results_are_kept_apart_and_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let files = ResultFiles::new(folder.path(), "a");
        for round in 0..3 {
            fs::write(files.samples(), format!("{round}")).unwrap();
            fs::write(folder.path().join("ab.json"), "another's").unwrap();
            assert!(files.keep_earlier().unwrap().is_some());
        }
        assert!(files.keep_earlier().unwrap().is_none());
        let mut kept: Vec<String> = folders(&folder.path().join(EARLIER))
            .iter()
            .map(|folder| fs::read_to_string(folder.join("a.ndjson.gz")).unwrap())
            .collect();
        kept.sort();
        assert_eq!(kept, ["0", "1", "2"]);
        assert!(files.remove_earlier().unwrap().is_some());
        assert!(folders(&folder.path().join(EARLIER)).is_empty());
        assert!(folder.path().join("ab.json").exists());
    }

    #[test]
    fn a_summary_of_the_script_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let files = ResultFiles::new(folder.path(), "a");
        fs::write(files.export(), "k6's").unwrap();
        files.name_summary().unwrap();
        assert_eq!(fs::read_to_string(files.file("json")).unwrap(), "k6's");
        fs::write(files.export(), "another").unwrap();
        files.name_summary().unwrap();
        assert_eq!(fs::read_to_string(files.file("json")).unwrap(), "k6's");
        assert!(files.export().exists());
    }
}
