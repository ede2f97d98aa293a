//! What can go wrong, said so that the reader knows where and what to do.

use std::io;
use std::path::{Path, PathBuf};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error with its place, its cause and, through [`Error::hint`], a way out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// An input is not what it should be.
    #[error("{}: {problem}", place(path, *line))]
    Input {
        /// The file.
        path: PathBuf,
        /// The line (from 1), where one is to blame.
        line: Option<u64>,
        /// What it looked like, and what was expected.
        problem: String,
        /// What to do.
        hint: String,
    },
    /// An input is k6's, but cut, broken or empty, so that something is lost.
    #[error("{}: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it looked like, and what was expected.
        problem: String,
        /// What to do.
        hint: String,
    },
    /// A configuration file is not what it should be.
    #[error("{}:{line}:{column}: {problem}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The character in it, from 1.
        column: u64,
        /// What it looked like, and what was expected.
        problem: String,
        /// What to do.
        hint: String,
    },
    /// Something of an archive or a bundle is not what it was when it was written.
    #[error("{}: {problem}", path.display())]
    Unverified {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        hint: String,
    },
    /// A threshold, a limit or a metric name does not follow its grammar.
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    /// The command cannot be carried out as given.
    #[error("{problem}")]
    Usage {
        /// What is wrong.
        problem: String,
        /// What to do.
        hint: String,
    },
    /// A frame could not be built; a defect of this crate.
    #[error("a frame could not be built")]
    Frame(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A template could not be rendered; a defect of this crate.
    #[error("the report's template could not be rendered")]
    Template(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A chart could not be drawn; a defect of this crate.
    #[error("a chart could not be drawn: {0}")]
    Chart(String),
    /// The output could not be written.
    #[error("cannot write the output")]
    Output(#[from] io::Error),
}

impl Error {
    /// An unreadable path.
    pub fn read(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Read {
            path: path.into(),
            source,
        }
    }

    /// An unwritable path.
    pub fn write(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Write {
            path: path.into(),
            source,
        }
    }

    /// An input that is not what it should be.
    pub fn input(
        path: impl Into<PathBuf>,
        problem: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::Input {
            path: path.into(),
            line: None,
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    /// An input of k6's that is cut, broken or empty.
    pub fn damaged(
        path: impl Into<PathBuf>,
        problem: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::Damaged {
            path: path.into(),
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    /// Something of an archive or a bundle that does not verify.
    pub fn unverified(
        path: impl Into<PathBuf>,
        problem: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::Unverified {
            path: path.into(),
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    /// Whether something of k6's is lost, other than a file that was never k6's.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Read { .. })
    }

    /// The error with its causes, in one line.
    #[must_use]
    pub fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(because) = cause {
            text.push_str(": ");
            text.push_str(&because.to_string());
            cause = because.source();
        }
        text
    }

    /// A command that cannot be carried out.
    pub fn usage(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage {
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    /// What to do about it, where there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("check the path; a RUN is a file, a folder, a glob or - for stdin")
            }
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::FileTooLarge => Some("make room on the disk, and try again"),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    Some("write to a folder that you may write to")
                }
                _ => None,
            },
            Self::Input { hint, .. }
            | Self::Damaged { hint, .. }
            | Self::Unverified { hint, .. }
            | Self::Config { hint, .. }
            | Self::Usage { hint, .. } => Some(hint),
            Self::Expression(error) => Some(error.hint),
            Self::Frame(_) | Self::Template(_) | Self::Chart(_) => {
                Some("this is a defect in perf-report; please report it with the input")
            }
            _ => None,
        }
    }
}

fn place(path: &Path, line: Option<u64>) -> String {
    match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    }
}

/// Text that does not follow the grammar of thresholds, limits or metric names.
///
/// Shown with a caret under the place:
///
/// ```text
/// bad threshold: expected a number
///   p(95)<fast
///         ^
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// What the text should have been: `threshold`, `limit`, `metric name`.
    pub what: &'static str,
    /// The text as given.
    pub text: String,
    /// The byte at which it went wrong.
    pub at: usize,
    /// What was expected there.
    pub problem: String,
    /// What a right one looks like.
    pub hint: &'static str,
}

impl std::error::Error for ExpressionError {}

impl std::fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use unicode_width::UnicodeWidthStr;
        // A long text is shown around the place, so that the caret stays in sight.
        const AROUND: usize = 60;
        let shown: String = crate::units::printable(&self.text).into_owned();
        let at = floor_boundary(&self.text, self.at);
        let before = crate::units::printable(&self.text[..at]).into_owned();
        let from = before
            .char_indices()
            .rev()
            .nth(AROUND)
            .map_or(0, |(i, _)| i);
        let until = shown[before.len()..]
            .char_indices()
            .nth(AROUND)
            .map_or(shown.len(), |(i, _)| before.len() + i);
        writeln!(f, "bad {}: {}", self.what, self.problem)?;
        writeln!(f, "  {}", &shown[from..until])?;
        write!(f, "  {}^", " ".repeat(before[from..].width()))
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(0)
}
