//! Evidence for a ticket: a ZIP that can be verified without this program.
//!
//! Its files are stored and not compressed, in the order of their names and without times, so that
//! the same files give the same bytes on every machine.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::bundle_manifest::BundleManifest;
use super::layout;
use super::manifest::FileEntry;
use super::record::document;
use super::signature::Signer;
use super::{readme, sums};
use crate::error::{Error, Result};
use crate::formats::{sha256_of, sha256_of_all};
use crate::unfinished::{self, Unfinished};

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const ROOT: &str = "root.txt";
pub(super) const SUMS: &str = "SHA256SUMS";
pub(super) const SIGNATURE: &str = "SHA256SUMS.sig";
const README: &str = "README.txt";

/// A file on its way into a bundle.
#[derive(Debug)]
enum Content {
    Bytes(Vec<u8>),
    File(PathBuf),
}

/// The files of a bundle.
#[derive(Debug, Default)]
pub struct Bundle {
    files: BTreeMap<String, Content>,
}

impl Bundle {
    /// Adds a file.
    pub fn add(&mut self, path: impl Into<String>, contents: Vec<u8>) {
        self.files.insert(path.into(), Content::Bytes(contents));
    }

    /// Adds a file of the archive.
    pub fn add_file(&mut self, path: impl Into<String>, file: PathBuf) {
        self.files.insert(path.into(), Content::File(file));
    }

    /// Writes the bundle, which appears whole or not at all. The files of `manifest` are filled in.
    ///
    /// # Errors
    /// When a file cannot be read, the key does not sign, or the bundle cannot be written.
    pub fn write(
        mut self,
        mut manifest: BundleManifest,
        signer: Option<&Signer>,
        to: &Path,
    ) -> Result<()> {
        let text = readme::text(&manifest, signer.is_some());
        self.add(README, text.into_bytes());
        for (path, content) in &self.files {
            manifest.files.push(content.entry(path)?);
        }
        let mut sums: BTreeMap<String, String> = manifest
            .files
            .iter()
            .map(|file| (file.path.clone(), file.sha256.clone()))
            .collect();
        let manifest = document(&manifest)?;
        sums.insert(MANIFEST.to_owned(), sha256_of(&manifest));
        self.add(MANIFEST, manifest);
        let sums = sums::write(&sums).into_bytes();
        if let Some(signer) = signer {
            self.add(SIGNATURE, signer.sign(&sums)?.into_bytes());
        }
        self.add(SUMS, sums);
        self.write_zip(to)
    }

    fn write_zip(&self, to: &Path) -> Result<()> {
        let failed = |error: io::Error| Error::write(to, error);
        let to = &unfinished::follow_links(to).map_err(failed)?;
        let (aside, file) = Unfinished::beside(to).map_err(failed)?;
        let mut zip = begin(BufWriter::new(file));
        for (path, content) in &self.files {
            start(&mut zip, path).map_err(failed)?;
            match content {
                Content::Bytes(bytes) => zip.write_all(bytes).map_err(failed)?,
                Content::File(file) => {
                    let mut file = layout::open(file)?;
                    io::copy(&mut file, &mut zip).map_err(failed)?;
                }
            }
        }
        let mut out = finish(zip).map_err(failed)?;
        out.flush().map_err(failed)?;
        out.get_ref().sync_all().map_err(failed)?;
        aside.finish(to).map_err(failed)
    }
}

impl Content {
    fn entry(&self, path: &str) -> Result<FileEntry> {
        let (bytes, sha256) = match self {
            Self::Bytes(bytes) => (bytes.len() as u64, sha256_of(bytes)),
            Self::File(file) => {
                let opened = layout::open(file)?;
                let meta = opened
                    .metadata()
                    .map_err(|error| Error::read(file, error))?;
                (meta.len(), sha256_of_all(file, opened)?)
            }
        };
        Ok(FileEntry {
            path: path.to_owned(),
            bytes,
            sha256,
        })
    }
}

/// A ZIP that is written from its beginning to its end.
pub(super) type Zip<W> = ZipWriter<zip::write::StreamWriter<W>>;

pub(super) fn begin<W: Write>(out: W) -> Zip<W> {
    ZipWriter::new_stream(out)
}

/// Begins a file of a ZIP.
pub(super) fn start<W: Write>(zip: &mut Zip<W>, path: &str) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        // Sizes are not known yet, and recordings can be larger than 4 GiB.
        .large_file(true);
    zip.start_file(path, options).map_err(io::Error::other)
}

pub(super) fn finish<W: Write>(zip: Zip<W>) -> io::Result<W> {
    let stream = zip.finish().map_err(io::Error::other)?;
    Ok(stream.into_inner())
}
