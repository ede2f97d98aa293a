//! Writing aside: whatever is in an archive appears under its name whole or not at all.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::layout::{self, Archive};
use crate::error::{Error, Result};

/// What lies aside for longer is left of a process that was killed.
const ABANDONED: Duration = Duration::from_hours(24);

/// A folder aside; gone with its content unless it is put in its place.
pub(super) struct Aside {
    path: PathBuf,
}

impl Aside {
    /// A new folder aside.
    pub(super) fn new(archive: &Archive) -> Result<Self> {
        let path = unused(archive)?;
        fs::create_dir(&path).map_err(|error| Error::write(&path, error))?;
        Ok(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file of the folder.
    pub(super) fn write(&self, name: &str, contents: &[u8]) -> Result<()> {
        write_synced(&self.path.join(name), contents)
    }

    /// Puts the folder in its place. Gives false when that is taken; folders are named by their
    /// content, so that what is there is the same.
    pub(super) fn place(self, archive: &Archive, target: &Path) -> Result<bool> {
        for (name, kind) in layout::entries(&self.path)? {
            if kind == layout::Kind::Folder {
                sync_folder(&self.path.join(name))?;
            }
        }
        sync_folder(&self.path)?;
        prepare(archive, target)?;
        match fs::rename(&self.path, target) {
            Ok(()) => {}
            Err(_) if target.is_dir() => return Ok(false),
            Err(error) => return Err(Error::write(target, error)),
        }
        target.parent().map_or(Ok(()), sync_folder)?;
        Ok(true)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // In its place it is no longer here, which is as good.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Writes a file that is named by its content.
pub(super) fn write_file(archive: &Archive, target: &Path, contents: &[u8]) -> Result<()> {
    let aside = unused(archive)?;
    let written = write_synced(&aside, contents)
        .and_then(|()| prepare(archive, target))
        .and_then(|()| fs::rename(&aside, target).map_err(|error| Error::write(target, error)));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&aside);
    }
    written?;
    target.parent().map_or(Ok(()), sync_folder)
}

/// Takes a folder out of the archive, and removes it when it is no longer seen.
pub(super) fn remove(archive: &Archive, folder: &Path) -> Result<()> {
    let aside = unused(archive)?;
    fs::rename(folder, &aside).map_err(|error| Error::write(folder, error))?;
    folder.parent().map_or(Ok(()), sync_folder)?;
    fs::remove_dir_all(&aside).map_err(|error| Error::write(&aside, error))
}

/// Removes what killed processes left aside, and gives how much it was.
pub(super) fn clear_abandoned(archive: &Archive) -> Result<usize> {
    let folder = archive.aside_folder();
    let mut removed = 0;
    for (name, _) in layout::entries(&folder)? {
        let path = folder.join(name);
        let age = fs::symlink_metadata(&path)
            .and_then(|meta| meta.modified())
            .ok()
            .and_then(|modified| SystemTime::now().duration_since(modified).ok());
        if age.is_some_and(|age| age > ABANDONED) {
            let gone = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
            gone.map_err(|error| Error::write(&path, error))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// A path aside that nothing else uses, on the disk of the archive.
fn unused(archive: &Archive) -> Result<PathBuf> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let folder = archive.aside_folder();
    archive.refuse_links(&folder)?;
    fs::create_dir_all(&folder).map_err(|error| Error::write(&folder, error))?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    // Machines that share a folder can have processes of one number.
    let name = format!(
        "{}-{}-{}",
        std::process::id(),
        now.unwrap_or_default().as_nanos(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    Ok(folder.join(name))
}

/// Makes the folders in which something gets its place.
fn prepare(archive: &Archive, target: &Path) -> Result<()> {
    let Some(folder) = target.parent() else {
        return Ok(());
    };
    archive.refuse_links(folder)?;
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|error| Error::write(folder, error))?;
    // A new folder is on the disk when the folder that holds it is.
    let inside = folder
        .ancestors()
        .skip(1)
        .take_while(|path| path.starts_with(archive.root()));
    inside.into_iter().try_for_each(sync_folder)
}

fn write_synced(path: &Path, contents: &[u8]) -> Result<()> {
    let write = || {
        let mut file = File::create_new(path)?;
        file.write_all(contents)?;
        file.sync_all()
    };
    write().map_err(|error| Error::write(path, error))
}

/// Puts a folder's list of files on the disk, where the system knows how.
fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        Err(error) if error.kind() != ErrorKind::InvalidInput => Err(Error::write(folder, error)),
        _ => Ok(()),
    }
}

impl Archive {
    /// Refuses to write through a link within the archive.
    pub(super) fn refuse_links(&self, path: &Path) -> Result<()> {
        let inside = path
            .ancestors()
            .take_while(|part| part.starts_with(self.root()) && *part != self.root());
        for part in inside {
            if part.is_symlink() {
                return Err(Error::unverified(part, "this is a link", layout::LINKS));
            }
        }
        Ok(())
    }
}
