//! Holding an archive against what it says of itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::layout::{self, ASIDE, Archive, Kind, MANIFEST, RAW, RECORDS, open};
use super::manifest::ArchivedRun;
use super::name::Name;
use super::record::{self, Decision, Recorded};
use super::release::{Release, read_run};
use crate::error::{Error, Result};
use crate::formats::sha256_of_all;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Discrepancy {
    /// The file or folder, within the archive or bundle.
    pub path: String,
    /// What is wrong.
    pub problem: String,
}

/// What a verification found.
#[derive(Debug, Default)]
pub struct Verification {
    /// The number of files that were read.
    pub files: u64,
    /// The number of runs.
    pub runs: u64,
    /// The number of records.
    pub records: u64,
    /// The root hashes of the releases that could be read.
    pub roots: Vec<(Name, String)>,
    /// What is not as it was written.
    pub discrepancies: Vec<Discrepancy>,
}

impl Archive {
    /// Reads and hashes everything, or everything of one release.
    ///
    /// # Errors
    /// When there is no archive or no such release, or it cannot be read at all.
    pub fn verify(&self, release: Option<&Name>) -> Result<Verification> {
        self.must_exist()?;
        let mut walk = Walk {
            archive: self,
            found: Verification::default(),
        };
        let releases = match release {
            Some(release) => {
                let folder = self.release_folder(release);
                if !folder.exists() {
                    // Says which there are.
                    self.release(release)?;
                }
                vec![(release.clone(), folder)]
            }
            None => walk.root()?,
        };
        let mut known: Vec<Release> = Vec::new();
        for (name, folder) in releases {
            known.push(walk.release(name, &folder)?);
        }
        walk.baselines(&known, release)?;
        walk.found.discrepancies.sort();
        walk.found.discrepancies.dedup();
        Ok(walk.found)
    }
}

/// What of a run's folder is not what its manifest says.
pub(super) fn run(archive: &Archive, run: &ArchivedRun) -> Result<Vec<Discrepancy>> {
    let mut found = Vec::new();
    let mut wrong = |path: &Path, problem: &str| {
        found.push(Discrepancy {
            path: archive.shown(path),
            problem: problem.to_owned(),
        });
    };
    let mut expected: BTreeSet<PathBuf> = BTreeSet::from([run.folder.join(MANIFEST)]);
    for file in &run.manifest.files {
        let mut parts = Path::new(&file.path).components();
        if !parts.all(|part| matches!(part, Component::Normal(_))) || file.path.contains('\\') {
            wrong(
                &run.folder.join(MANIFEST),
                "it names a file outside of its folder",
            );
            continue;
        }
        let path = run.folder.join(&file.path);
        match fs::symlink_metadata(&path) {
            Err(_) => wrong(&path, "the file is missing"),
            Ok(meta) if !meta.is_file() => wrong(&path, "this is no plain file"),
            Ok(meta) if meta.len() != file.bytes => {
                wrong(&path, "the file is changed: its size differs");
            }
            Ok(_) => {
                if sha256_of_all(&path, open(&path)?)? != file.sha256 {
                    wrong(&path, "the file is changed: its hash differs");
                }
            }
        }
        expected.insert(path);
    }
    for folder in [run.folder.clone(), run.folder.join(RAW)] {
        if folder.is_symlink() {
            continue;
        }
        for (name, kind) in layout::entries(&folder)? {
            let path = folder.join(&name);
            let is_raw = kind == Kind::Folder && name == RAW && folder == run.folder;
            if !is_raw && !expected.contains(&path) {
                wrong(&path, "this is unexpected here");
            }
        }
    }
    Ok(found)
}

struct Walk<'a> {
    archive: &'a Archive,
    found: Verification,
}

impl Walk<'_> {
    fn wrong(&mut self, path: &Path, problem: impl Into<String>) {
        self.found.discrepancies.push(Discrepancy {
            path: self.archive.shown(path),
            problem: problem.into(),
        });
    }

    /// Takes what does not verify as found, and passes other errors on.
    fn note<T>(&mut self, read: Result<T>) -> Result<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(Error::Unverified { path, problem, .. }) => {
                self.wrong(&path, problem);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The folders of releases, and what else lies at the root.
    fn root(&mut self) -> Result<Vec<(Name, PathBuf)>> {
        let root = self.archive.root();
        let releases = layout::partitions(root, "release")?;
        for (name, kind) in layout::entries(root)? {
            let path = root.join(&name);
            let is_ours = kind == Kind::Folder
                && (name == RECORDS || name == ASIDE || releases.iter().any(|(_, of)| *of == path));
            // A version control system, or notes of people, have their place beside the releases.
            let is_beside = name.starts_with('.') || !name.contains('=') && name != RECORDS;
            if !is_ours && (kind == Kind::Other || !is_beside) {
                self.wrong(&path, "this is unexpected here");
            }
        }
        self.records(&root.join(RECORDS), None)?;
        Ok(releases)
    }

    fn records(&mut self, folder: &Path, release: Option<&Name>) -> Result<Vec<Recorded>> {
        let mut records = Vec::new();
        if folder.is_symlink() {
            self.wrong(folder, "this is a link");
            return Ok(records);
        }
        for (name, kind) in layout::entries(folder)? {
            let path = folder.join(&name);
            if kind != Kind::File {
                self.wrong(&path, "this is unexpected here");
                continue;
            }
            self.found.files += 1;
            let record = record::read(&path, release);
            records.extend(self.note(record)?);
        }
        self.found.records += records.len() as u64;
        records.sort_by(|a, b| (&a.record.at, &a.hash).cmp(&(&b.record.at, &b.hash)));
        Ok(records)
    }

    fn release(&mut self, name: Name, folder: &Path) -> Result<Release> {
        let mut runs = Vec::new();
        let before = self.found.discrepancies.len();
        let scenarios = layout::partitions(folder, "scenario")?;
        for (entry, kind) in layout::entries(folder)? {
            let path = folder.join(&entry);
            let is_scenario = scenarios.iter().any(|(_, of)| *of == path);
            if !(is_scenario || kind == Kind::Folder && entry == RECORDS) {
                self.wrong(&path, "this is unexpected here");
            }
        }
        for (scenario, folder) in scenarios {
            for (entry, kind) in layout::entries(&folder)? {
                let path = folder.join(&entry);
                let hash = entry.strip_prefix("run=");
                let (Some(hash), Kind::Folder) = (hash, kind) else {
                    self.wrong(&path, "this is unexpected here");
                    continue;
                };
                self.found.files += 1;
                let read = read_run(&path, &name, &scenario, hash);
                if let Some(read) = self.note(read)? {
                    self.found.runs += 1;
                    self.found.files += read.manifest.files.len() as u64;
                    let wrong = run(self.archive, &read)?;
                    self.found.discrepancies.extend(wrong);
                    runs.push(read);
                }
            }
        }
        let records = self.records(&folder.join(RECORDS), Some(&name))?;
        let release = Release {
            name: name.clone(),
            runs,
            records,
        };
        if self.found.discrepancies.len() == before {
            self.found.roots.push((name, release.root()));
        }
        Ok(release)
    }

    /// Runs that were there when their release became the baseline have to be there still, or to have
    /// left a tombstone.
    fn baselines(&mut self, releases: &[Release], only: Option<&Name>) -> Result<()> {
        let records = self.archive.records(None);
        let Some(records) = self.note(records)? else {
            return Ok(());
        };
        for recorded in records {
            let Decision::Baseline(baseline) = recorded.record.decision else {
                continue;
            };
            let Some(name) = baseline.release else {
                continue;
            };
            if only.is_some_and(|only| *only != name) {
                continue;
            }
            let release = releases.iter().find(|release| release.name == name);
            for run in baseline.runs {
                let is_known = release.is_some_and(|release| {
                    release.runs.iter().any(|known| known.hash == run)
                        || release.tombstones().any(|gone| gone.run == run)
                });
                if !is_known {
                    let folder = self
                        .archive
                        .release_folder(&name)
                        .join(format!("…/run={run}"));
                    self.wrong(&folder, "the run is missing or changed, and was a baseline");
                }
            }
        }
        Ok(())
    }
}
