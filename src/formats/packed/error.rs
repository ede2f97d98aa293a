//! What can go wrong with a packed file.

use std::path::Path;

use parquet::errors::ParquetError;

/// Why a packed file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file or stream underneath failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The file does not even begin like Parquet.
    #[error("this is not a Parquet file")]
    NotParquet,
    /// It begins like Parquet but has no usable footer: cut before its first checkpoint, or damaged.
    #[error("no complete footer: the file was cut before its first checkpoint, or it is damaged")]
    NoFooter,
    /// The footer does not say what was written there.
    #[error("damaged data in the footer")]
    Footer,
    /// A sound Parquet file of somebody else.
    #[error("this Parquet file does not hold packed samples: {0}")]
    Layout(String),
    /// The footer is sound, but the data under it is not.
    #[error("damaged data in column {column} of row group {group}: {reason}")]
    Damaged {
        /// Number of the row group, from 0.
        group: usize,
        /// Name of the column.
        column: String,
        /// What does not hold.
        reason: &'static str,
    },
    /// More than fits into the bounds that keep a reader's memory small.
    #[error("{0}")]
    Limit(String),
    /// The caller's samples contradict themselves.
    #[error("{0}")]
    Input(&'static str),
    /// An earlier write failed, so the file can only be given up.
    #[error("an earlier write to this file failed")]
    Broken,
    /// The Parquet library refused what it was given.
    #[error(transparent)]
    Parquet(ParquetError),
}

impl From<ParquetError> for Error {
    fn from(error: ParquetError) -> Self {
        match error {
            // What the file underneath said.
            ParquetError::External(cause) => match cause.downcast() {
                Ok(error) => Self::Io(*error),
                Err(cause) => Self::Parquet(ParquetError::External(cause)),
            },
            other => Self::Parquet(other),
        }
    }
}

/// A result of this module.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Says why a file cannot be written.
pub(crate) fn unwritable(path: &Path, error: Error) -> crate::error::Error {
    match error {
        Error::Io(error) => crate::error::Error::write(path, error),
        other => crate::error::Error::write(path, std::io::Error::other(other)),
    }
}
