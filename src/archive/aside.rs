//! Writing aside: whatever is in an archive appears under its name whole or not at all.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use super::layout::{self, Archive};
use crate::error::{Error, Result};
use crate::unfinished::{self, Unfinished};

/// A folder aside; gone with its content unless it is put in its place.
pub(super) struct Aside(Unfinished);

impl Aside {
    /// A new folder aside.
    pub(super) fn new(archive: &Archive) -> Result<Self> {
        let (folder, ()) = begin(archive, |path| fs::create_dir(path))?;
        clear_abandoned(archive)?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file of the folder.
    pub(super) fn write(&self, name: &str, contents: &[u8]) -> Result<()> {
        let path = self.path().join(name);
        File::create_new(&path)
            .and_then(|file| write_synced(file, contents))
            .map_err(|error| Error::write(path, error))
    }

    /// Puts the folder in its place. Gives false when that is taken; folders are named by their
    /// content, so that what is there is the same.
    pub(super) fn place(self, archive: &Archive, target: &Path) -> Result<bool> {
        let path = self.path();
        for (name, kind) in layout::entries(path)? {
            if kind == layout::Kind::Folder {
                sync_folder(&path.join(name))?;
            }
        }
        sync_folder(path)?;
        prepare(archive, target)?;
        match self.0.finish(target) {
            Ok(()) => {}
            Err(_) if target.is_dir() => return Ok(false),
            Err(error) => return Err(Error::write(target, error)),
        }
        target.parent().map_or(Ok(()), sync_folder)?;
        Ok(true)
    }
}

/// Writes a file that is named by its content.
pub(super) fn write_file(archive: &Archive, target: &Path, contents: &[u8]) -> Result<()> {
    let (aside, file) = begin(archive, |path| File::create_new(path))?;
    write_synced(file, contents).map_err(|error| Error::write(aside.path(), error))?;
    prepare(archive, target)?;
    aside
        .finish(target)
        .map_err(|error| Error::write(target, error))?;
    target.parent().map_or(Ok(()), sync_folder)
}

/// Takes a folder out of the archive, and removes it when it is no longer seen.
pub(super) fn remove(archive: &Archive, folder: &Path) -> Result<()> {
    let (aside, ()) = begin(archive, |path| fs::rename(folder, path))?;
    folder.parent().map_or(Ok(()), sync_folder)?;
    match fs::remove_dir_all(aside.path()) {
        // It is as old as the run that it was, so that another process may have taken it for abandoned.
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::write(aside.path(), error)),
        _ => Ok(()),
    }
}

/// Removes what killed processes left aside.
pub(super) fn clear_abandoned(archive: &Archive) -> Result<()> {
    let folder = archive.aside_folder();
    for (name, _) in layout::entries(&folder)? {
        let path = folder.join(name);
        if unfinished::is_abandoned(&path) {
            // Another process may be at it, too; what stays is met again by the next.
            let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
        }
    }
    Ok(())
}

/// Begins something at a path aside that nothing else uses, on the disk of the archive.
fn begin<T>(
    archive: &Archive,
    make: impl FnOnce(&Path) -> io::Result<T>,
) -> Result<(Unfinished, T)> {
    let folder = archive.aside_folder();
    archive.refuse_links(&folder)?;
    fs::create_dir_all(&folder).map_err(|error| Error::write(&folder, error))?;
    let path = folder.join(unfinished::unique());
    Unfinished::begin(path.clone(), make).map_err(|error| Error::write(path, error))
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

fn write_synced(mut file: File, contents: &[u8]) -> io::Result<()> {
    file.write_all(contents)?;
    file.sync_all()
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
