//! A command that writes, in a folder with what it reads; and what lies there before and after.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// Files below a folder with their content, by path.
pub(super) type Contents = BTreeMap<PathBuf, Vec<u8>>;

/// A command in its folder.
pub(super) struct Scene {
    pub(super) name: &'static str,
    folder: tempfile::TempDir,
    args: Vec<String>,
    stdin: Option<PathBuf>,
    variables: Vec<(&'static str, String)>,
    /// Whether content of a file that is neither what was there nor what comes of it is right, too.
    is_right: fn(&Path, &[u8]) -> bool,
    before: Contents,
    /// What an undisturbed run leaves.
    after: Contents,
    /// When it writes something first, and when it ends.
    first: Duration,
    end: Duration,
}

impl Scene {
    /// Runs the command undisturbed, to know what comes of it, and when.
    pub(super) fn new(name: &'static str, folder: tempfile::TempDir, args: &[&str]) -> Self {
        Self {
            name,
            before: contents(folder.path()),
            folder,
            args: args.iter().map(|&arg| arg.to_owned()).collect(),
            stdin: None,
            variables: Vec::new(),
            is_right: |_, _| false,
            after: Contents::new(),
            first: Duration::ZERO,
            end: Duration::ZERO,
        }
    }

    /// Feeds a file through a pipe.
    pub(super) fn fed(self, stdin: PathBuf) -> Self {
        let stdin = Some(stdin);
        Self { stdin, ..self }
    }

    pub(super) fn with(self, variables: Vec<(&'static str, String)>) -> Self {
        Self { variables, ..self }
    }

    /// Takes other content of some files for right, too.
    pub(super) fn right(self, is_right: fn(&Path, &[u8]) -> bool) -> Self {
        Self { is_right, ..self }
    }

    /// Runs it once undisturbed.
    pub(super) fn rehearsed(mut self) -> Self {
        let started = Instant::now();
        let mut child = self.start();
        let first = self.wait_for_a_change(&mut child);
        self.first = first.map_or(Duration::ZERO, |()| started.elapsed());
        let status = child.wait().unwrap();
        self.end = started.elapsed();
        assert_ne!(status.code(), Some(2), "{}: {status}", self.name);
        self.after = contents(self.path());
        assert!(self.after.keys().all(|path| !is_temporary(path)));
        assert_ne!(self.after, self.before, "{} writes nothing", self.name);
        self.reset();
        self
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perf-report"));
        command
            .args(&self.args)
            .current_dir(self.path())
            .env_remove("GITHUB_STEP_SUMMARY")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    pub(super) fn start(&self) -> Child {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let Some(stdin) = &self.stdin else {
            return command.spawn().unwrap();
        };
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let (mut from, mut to) = (File::open(stdin).unwrap(), child.stdin.take().unwrap());
        // The command may end before it has read everything.
        std::thread::spawn(move || std::io::copy(&mut from, &mut to).and_then(|_| to.flush()));
        child
    }

    /// Runs it, and gives a signal at some moment; the points of many are spread over its life: half of
    /// them by the time since its start, half by the time since it wrote something first.
    pub(super) fn disturb(&self, point: u32, of: u32, disturb: impl Fn(&mut Child)) -> Hit {
        let (before, names_before) = (self.files(), names(self.path()));
        let started = Instant::now();
        let mut child = self.start();
        let part = f64::from(point / 2) / f64::from((of / 2).max(2) - 1);
        if point.is_multiple_of(2) {
            wait(&mut child, started, self.end.mul_f64(1.05 * part));
        } else if self.wait_for_a_change(&mut child).is_some() {
            let writing = self.end.saturating_sub(self.first);
            wait(&mut child, Instant::now(), writing.mul_f64(part));
        }
        // Whoever is interrupted takes it away.
        let wrote = names(self.path()) != names_before;
        disturb(&mut child);
        let status = child.wait().unwrap();
        let wrote = wrote || self.files() != before;
        Hit { status, wrote }
    }

    /// Spins until something is there that was not; `None` if the command ends without.
    pub(super) fn wait_for_a_change(&self, child: &mut Child) -> Option<()> {
        let before = names(self.path());
        while names(self.path()) == before {
            if child.try_wait().unwrap().is_some() {
                return None;
            }
        }
        Some(())
    }

    /// Everything that lies there, also what is unfinished.
    pub(super) fn files(&self) -> Contents {
        contents(self.path())
    }

    /// Whether every file under a final name is as it was before, or as it is to be; what is not says so.
    pub(super) fn assert_nothing_half(&self, what: &str) {
        for (path, bytes) in self.files() {
            let is_known = |known: &Contents| known.get(&path) == Some(&bytes);
            assert!(
                is_temporary(&path)
                    || is_known(&self.before)
                    || is_known(&self.after)
                    || (self.is_right)(&path, &bytes),
                "{what}: {} is half, or unexpected: {} bytes",
                path.display(),
                bytes.len()
            );
        }
        let files = self.files();
        let mut lost = self.before.keys().filter(|path| !files.contains_key(*path));
        let is_lost = |path: &&PathBuf| self.after.contains_key(*path);
        let lost = lost.find(is_lost);
        assert!(lost.is_none(), "{what}: {lost:?} is lost");
    }

    /// Whether everything is there that an undisturbed run leaves, and nothing else.
    pub(super) fn is_done(&self) -> bool {
        let mut files = self.files();
        files.retain(|path, _| !is_temporary(path));
        let mut both = self.after.iter();
        shape(&files) == shape(&self.after)
            && both.all(|(path, bytes)| {
                let found = files.get(path);
                found.is_none_or(|found| found == bytes || (self.is_right)(path, found))
            })
    }

    /// What is there under a name that is no final one.
    pub(super) fn left(&self) -> Vec<PathBuf> {
        let below = names(self.path()).into_iter();
        below.filter(|path| is_temporary(path)).collect()
    }

    /// Makes all that is unfinished as old as what nobody can be at.
    pub(super) fn age_what_is_left(&self) {
        let long_ago = SystemTime::now() - Duration::from_hours(25);
        for path in self.left() {
            let file = File::open(self.path().join(path)).unwrap();
            file.set_modified(long_ago).unwrap();
        }
    }

    /// Puts everything back as it was before; what is unfinished stays.
    pub(super) fn reset(&self) {
        for (path, bytes) in self.files() {
            let is_same = self.before.get(&path) == Some(&bytes);
            if !is_temporary(&path) && !is_same {
                fs::remove_file(self.path().join(path)).unwrap();
            }
        }
        for (path, bytes) in &self.before {
            let path = self.path().join(path);
            if !path.exists() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
        }
        remove_empty_folders(self.path());
    }

    /// Removes what is unfinished.
    pub(super) fn clear(&self) {
        for path in self.left() {
            let path = self.path().join(path);
            // What lies in a folder went with it.
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
        }
    }
}

/// What became of a command that was disturbed.
pub(super) struct Hit {
    pub(super) status: ExitStatus,
    /// Whether it had written something.
    pub(super) wrote: bool,
}

fn wait(child: &mut Child, since: Instant, time: Duration) {
    while since.elapsed() < time && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// Whether a path is that of something unfinished, which no command takes for a result.
pub(super) fn is_temporary(path: &Path) -> bool {
    let mut parts = path.iter().map(|part| part.to_string_lossy().into_owned());
    parts.any(|part| {
        let is_hidden = part.starts_with('.') && part.contains(".tmp");
        let is_aside =
            path.starts_with("perf-archive/.aside") && part != ".aside" && part != "perf-archive";
        is_hidden || is_aside || part.contains(".partial")
    })
}

/// The paths of files, without the hashes of tombstones, which tell their time.
fn shape(contents: &Contents) -> Vec<String> {
    let paths = contents.keys().map(|path| path.to_string_lossy());
    let without = paths.map(|path| match path.split_once("/tombstone-") {
        Some((folder, _)) => format!("{folder}/tombstone"),
        None => path.into_owned(),
    });
    without.collect()
}

fn contents(folder: &Path) -> Contents {
    let names = names(folder).into_iter();
    // It may get another name meanwhile.
    let read = names.filter_map(|path| Some((fs::read(folder.join(&path)).ok()?, path)));
    read.map(|(bytes, path)| (path, bytes)).collect()
}

/// Every file and folder below a folder.
fn names(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path.clone());
            }
            found.push(path.strip_prefix(folder).unwrap().to_owned());
        }
    }
    found.sort();
    found
}

fn remove_empty_folders(folder: &Path) {
    let names = names(folder).into_iter().rev();
    for path in names.filter(|path| !is_temporary(path)) {
        // Others are not empty, or no folders.
        let _ = fs::remove_dir(folder.join(path));
    }
}
