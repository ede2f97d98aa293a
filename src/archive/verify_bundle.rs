//! Holding a bundle against its sums, its signature, and the archive.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use zip::ZipArchive;

use super::bundle::{self, MANIFEST, ROOT, SIGNATURE, SUMS};
use super::bundle_manifest::{BUNDLE_SCHEMA, BundleManifest};
use super::layout::Archive;
use super::manifest::Tool;
use super::signature::{self, Signed};
use super::sums;
use super::verify::Discrepancy;
use super::version;
use crate::error::{Error, Result};
use crate::formats::{sha256_of, sha256_of_all};

/// Nothing that is read into memory is larger.
const LARGEST_TEXT: u64 = 64 << 20;

/// What the verification of a bundle found.
#[derive(Debug, Default)]
pub struct BundleVerification {
    /// What it says of itself, if that can be read.
    pub manifest: Option<BundleManifest>,
    /// The number of files.
    pub files: u64,
    /// Who signed it; `None` where nobody did.
    pub signed: Option<Signed>,
    /// Whether it was held against the archive.
    pub is_archived: bool,
    /// What is not as it was written.
    pub discrepancies: Vec<Discrepancy>,
}

/// Verifies a bundle, also against the archive if that has its release.
///
/// # Errors
/// When the file cannot be read.
pub fn verify_bundle(path: &Path, archive: &Archive) -> Result<BundleVerification> {
    let file = File::open(path).map_err(|error| Error::read(path, error))?;
    let mut found = BundleVerification::default();
    let mut zip = match ZipArchive::new(BufReader::new(file)) {
        Ok(zip) => zip,
        Err(error) => {
            found.wrong("", format!("this is no bundle, or a damaged one ({error})"));
            return Ok(found);
        }
    };
    let texts = found.read_all(&mut zip);
    found.sums(&texts);
    found.signature(&texts);
    found.root(&texts, archive)?;
    if found.discrepancies.is_empty() {
        found.container(path, &mut zip)?;
    }
    found.discrepancies.sort();
    Ok(found)
}

/// A bundle's files: the hash of each, and the text of those that say something of others.
#[derive(Default)]
struct Texts {
    hashes: BTreeMap<String, String>,
    texts: BTreeMap<String, Vec<u8>>,
}

impl BundleVerification {
    fn wrong(&mut self, path: &str, problem: impl Into<String>) {
        self.discrepancies.push(Discrepancy {
            path: if path.is_empty() { "the bundle" } else { path }.to_owned(),
            problem: problem.into(),
        });
    }

    fn read_all(&mut self, zip: &mut ZipArchive<BufReader<File>>) -> Texts {
        let mut read = Texts::default();
        for index in 0..zip.len() {
            let mut entry = match zip.by_index(index) {
                Ok(entry) => entry,
                Err(error) => {
                    self.wrong(
                        "",
                        format!("its file {} cannot be read ({error})", index + 1),
                    );
                    continue;
                }
            };
            let name = match entry.name() {
                Ok(name) => name.into_owned(),
                Err(error) => {
                    self.wrong("", format!("its file {} has no name ({error})", index + 1));
                    continue;
                }
            };
            let mut parts = name.split('/');
            let is_plain = parts.all(|part| !part.is_empty() && part != "." && part != "..");
            if !is_plain || name.contains(['\\', '\n']) || !entry.is_file() {
                self.wrong(&name, "this is no plain file");
                continue;
            }
            self.files += 1;
            let is_text = [MANIFEST, ROOT, SUMS, SIGNATURE].contains(&name.as_str());
            let mut text = Vec::new();
            let hash = if is_text {
                let read = entry.take(LARGEST_TEXT).read_to_end(&mut text);
                read.map(|_| sha256_of(&text))
                    .map_err(|error| error.to_string())
            } else {
                let hash = sha256_of_all(Path::new(&name), &mut entry);
                hash.map_err(|error| error.with_causes())
            };
            match hash {
                Ok(hash) => {
                    if read.hashes.insert(name.clone(), hash).is_some() {
                        self.wrong(&name, "it is there twice");
                    }
                    if is_text {
                        read.texts.insert(name, text);
                    }
                }
                Err(error) => self.wrong(&name, format!("the file is changed ({error})")),
            }
        }
        read
    }

    fn sums(&mut self, read: &Texts) {
        let sums = read.texts.get(SUMS);
        let sums = sums.and_then(|text| sums::read(std::str::from_utf8(text).ok()?));
        let Some(sums) = sums else {
            self.wrong(SUMS, "the sums are missing or cannot be read");
            return;
        };
        let known: BTreeSet<String> = self
            .discrepancies
            .iter()
            .map(|one| one.path.clone())
            .collect();
        for (path, wanted) in &sums {
            match read.hashes.get(path) {
                Some(hash) if hash == wanted => {}
                Some(_) => self.wrong(path, "the file is changed: its hash differs"),
                None if known.contains(path) => {}
                None => self.wrong(path, "the file is missing"),
            }
        }
        for path in read.hashes.keys() {
            if !sums.contains_key(path) && path != SUMS && path != SIGNATURE {
                self.wrong(path, "this is unexpected here");
            }
        }
    }

    fn signature(&mut self, read: &Texts) {
        let (Some(signature), Some(sums)) = (read.texts.get(SIGNATURE), read.texts.get(SUMS))
        else {
            return;
        };
        match signature::check(signature, sums) {
            Ok(signed) => self.signed = Some(signed),
            Err(problem) => self.wrong(SIGNATURE, problem),
        }
    }

    /// Holds the root hash against what it is the hash of, and that against the archive.
    fn root(&mut self, read: &Texts, archive: &Archive) -> Result<()> {
        let manifest = read.texts.get(MANIFEST);
        if let Some(problem) = manifest.and_then(|text| version::problem(text, BUNDLE_SCHEMA)) {
            self.wrong(MANIFEST, problem);
            return Ok(());
        }
        let manifest = manifest.and_then(|text| serde_json::from_slice(text).ok());
        let Some::<BundleManifest>(manifest) = manifest else {
            self.wrong(MANIFEST, "the manifest is missing or cannot be read");
            return Ok(());
        };
        let root = read.texts.get(ROOT).cloned().unwrap_or_default();
        if sha256_of(&root) != manifest.root {
            self.wrong(ROOT, "it is not what the root hash is the hash of");
        }
        let root = String::from_utf8_lossy(&root).into_owned();
        let lines: BTreeSet<&str> = root.lines().collect();
        for (path, hash) in &read.hashes {
            let is_run = path.starts_with("runs/") && path.ends_with("/manifest.json");
            if is_run && !lines.contains(format!("run {hash}").as_str()) {
                self.wrong(path, "the run is not one of root.txt");
            }
        }
        if archive.exists() && archive.releases()?.contains(&manifest.release) {
            self.is_archived = true;
            let now = archive.release(&manifest.release)?.root_text();
            let now: BTreeSet<&str> = now.lines().collect();
            for line in lines.difference(&now) {
                self.wrong(ROOT, format!("the archive no longer has this: {line}"));
            }
        }
        self.manifest = Some(manifest);
        Ok(())
    }

    /// Whether what is around the files is as it was written, too: written again, a bundle of this
    /// version has the same bytes.
    fn container(&mut self, path: &Path, zip: &mut ZipArchive<BufReader<File>>) -> Result<()> {
        let tool = self.manifest.as_ref().map(|manifest| &manifest.tool);
        if tool != Some(&Tool::this()) {
            return Ok(());
        }
        let file = File::open(path).map_err(|error| Error::read(path, error))?;
        let mut again = bundle::begin(Same::with(BufReader::new(file)));
        let mut write = || -> io::Result<bool> {
            for index in 0..zip.len() {
                let mut entry = zip.by_index(index).map_err(io::Error::other)?;
                let name = entry.name().map_err(io::Error::other)?.into_owned();
                bundle::start(&mut again, &name)?;
                io::copy(&mut entry, &mut again)?;
            }
            Ok(true)
        };
        let written = write();
        let same = written.and_then(|_| bundle::finish(again)?.ends_here());
        if !same.unwrap_or(false) {
            self.wrong("", "what lies around its files is changed");
        }
        Ok(())
    }
}

/// Compares what is written with what is there.
struct Same<R> {
    there: R,
}

impl<R: Read> Same<R> {
    fn with(there: R) -> Self {
        Self { there }
    }

    fn ends_here(mut self) -> io::Result<bool> {
        Ok(self.there.read(&mut [0])? == 0)
    }
}

impl<R: Read> Write for Same<R> {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        let mut there = vec![0; written.len()];
        self.there.read_exact(&mut there)?;
        if there == written {
            Ok(written.len())
        } else {
            Err(io::ErrorKind::InvalidData.into())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
