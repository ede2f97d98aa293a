//! Files and folders on their way: under names of their own until they are whole, and gone when writing
//! them fails, or when a signal ends the process.
//!
//! What is left of a process that had no time for that is known by its age.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// What is unfinished for longer is left of a process that was killed.
const ABANDONED: Duration = Duration::from_hours(24);

/// Whether something is of use although it is unfinished.
pub(crate) type IsOfUse = fn(&Path) -> bool;

/// All that this process has begun. Whoever holds it lets nothing begin, get its name or be removed.
static ALL: Mutex<BTreeMap<PathBuf, IsOfUse>> = Mutex::new(BTreeMap::new());

/// A file or a folder on its way; gone unless it gets its name.
#[derive(Debug)]
pub(crate) struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    /// Begins something at a path, which `make` makes, as nothing else may be there.
    pub(crate) fn begin<T>(
        path: PathBuf,
        make: impl FnOnce(&Path) -> io::Result<T>,
    ) -> io::Result<(Self, T)> {
        let mut all = all();
        let made = make(&path)?;
        all.insert(path.clone(), |_| false);
        Ok((Self { path }, made))
    }

    /// Begins a file beside the one that it is to become. What killed processes left of that one goes.
    pub(crate) fn beside(target: &Path) -> io::Result<(Self, File)> {
        let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(".");
        if let Some(beginning) = hidden.to_str() {
            let is_its = |left: &str| {
                let unique = left.strip_prefix(beginning);
                let unique = unique.and_then(|rest| rest.strip_suffix(ENDING));
                unique.is_some_and(|it| it.chars().all(|c| c.is_ascii_digit() || c == '-'))
            };
            remove_abandoned(target, is_its, |_| false);
        }
        hidden.push(unique());
        hidden.push(ENDING);
        Self::begin(target.with_file_name(hidden), |path| File::create_new(path))
    }

    /// Leaves it where it is, as it is, if it is of use.
    pub(crate) fn unless(self, is_of_use: IsOfUse) -> Self {
        all().insert(self.path.clone(), is_of_use);
        self
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, now that it is whole.
    pub(crate) fn finish(self, name: &Path) -> io::Result<()> {
        let mut all = all();
        fs::rename(&self.path, name)?;
        all.remove(&self.path);
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let mut all = all();
        if let Some(is_of_use) = all.remove(&self.path) {
            remove_unless(&self.path, is_of_use);
        }
    }
}

/// Removes all that is unfinished, and ends the process.
pub(crate) fn abandon_all(end: impl FnOnce()) {
    // Other threads wait at their next file until the end.
    let all = all();
    for (path, is_of_use) in &*all {
        remove_unless(path, *is_of_use);
    }
    end();
}

/// Whether something unfinished is so old that no process can be at it.
pub(crate) fn is_abandoned(path: &Path) -> bool {
    let modified = fs::symlink_metadata(path).and_then(|meta| meta.modified());
    let age = modified.map(|modified| SystemTime::now().duration_since(modified));
    matches!(age, Ok(Ok(age)) if age > ABANDONED)
}

/// What is to be written where a path leads: a link stays one, also one to what is not there yet.
pub(crate) fn follow_links(path: &Path) -> io::Result<PathBuf> {
    const MOST: usize = 40;
    if path.is_symlink() && path.exists() {
        // What is no file, such as the pipe behind /dev/stdout, has no path of its own.
        return Ok(fs::canonicalize(path).unwrap_or(path.to_owned()));
    }
    let mut path = path.to_owned();
    for _ in 0..MOST {
        let Ok(leads_to) = fs::read_link(&path) else {
            return Ok(path);
        };
        path.pop();
        path.push(leads_to);
    }
    // A loop, as the system says.
    fs::canonicalize(path)
}

/// A name that nothing else has: machines that share a folder can have processes of one number.
pub(crate) fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    format!(
        "{}-{}-{}",
        std::process::id(),
        now.unwrap_or_default().as_nanos(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

/// The ending of files beside those that they are to become, which no command reads.
const ENDING: &str = ".tmp";

/// Removes what killed processes left in the folder of a file that they were to write, under names that
/// are theirs, unless it is of use.
pub(crate) fn remove_abandoned(
    target: &Path,
    is_theirs: impl Fn(&str) -> bool,
    is_of_use: IsOfUse,
) {
    let folder = target.parent().filter(|path| !path.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new(".")));
    for entry in entries.into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name().to_str().is_some_and(&is_theirs) && is_abandoned(&path) {
            remove_unless(&path, is_of_use);
        }
    }
}

fn remove_unless(path: &Path, is_of_use: IsOfUse) {
    // While a folder is being removed, another thread can still put a file into it.
    const TRIES: usize = 10;
    if is_of_use(path) {
        return;
    }
    for _ in 0..TRIES {
        let removed = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
        if removed.is_ok() || fs::symlink_metadata(path).is_err() {
            return;
        }
    }
}

fn all() -> MutexGuard<'static, BTreeMap<PathBuf, IsOfUse>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn it_gets_its_name_or_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.html");
        let (given_up, _) = Unfinished::beside(&target).unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        drop(given_up);
        assert!(names(folder.path()).is_empty());
        let (whole, _) = Unfinished::beside(&target).unwrap();
        whole.finish(&target).unwrap();
        assert_eq!(names(folder.path()), ["x.html"]);
        let (of_use, _) = Unfinished::beside(&target).unwrap();
        drop(of_use.unless(|_| true));
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[test]
    fn what_killed_processes_left_of_a_file_goes_after_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, hours: u64| {
            let file = File::create(folder.path().join(name)).unwrap();
            let then = SystemTime::now() - Duration::from_hours(hours);
            file.set_modified(then).unwrap();
        };
        put(".x.html.12-34-0.tmp", 25);
        put(".x.html.12-35-0.tmp", 23);
        put(".y.html.12-34-0.tmp", 25);
        put(".x.html.mine.tmp", 25);
        let target = folder.path().join("x.html");
        let (file, _) = Unfinished::beside(&target).unwrap();
        file.finish(&target).unwrap();
        assert_eq!(
            names(folder.path()),
            [
                ".x.html.12-35-0.tmp",
                ".x.html.mine.tmp",
                ".y.html.12-34-0.tmp",
                "x.html"
            ]
        );
    }
}
