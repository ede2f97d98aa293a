//! Reading a packed file, row group by row group, by as many threads as wanted.

use std::io::{Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

use parquet::basic::CompressionCodec;
use parquet::file::metadata::ParquetMetaData;

use super::column::{Column, Fault, Firsts, numbers, series, strings};
use super::error::{Error, Result};
use super::footer::{self, Footer};
use super::layout::{self, FIXED, KIND, MAX_TABLE, METRIC, SERIES, TIME, VALUE};
use super::series::{GroupSeries, table_weight};

/// Longest column chunk, compressed: what [`MAX_TABLE`] allows, and zstd makes little longer at worst.
const MAX_CHUNK: u64 = 2 * MAX_TABLE as u64;

/// The samples of one row group.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    /// Every metric and tag set that occurs.
    pub(crate) series: GroupSeries,
    /// The series of every sample; they count up by first appearance.
    pub(crate) ids: Vec<u32>,
    /// The time of every sample, in ns since 1970.
    pub(crate) times: Vec<i64>,
    /// The value of every sample.
    pub(crate) values: Vec<f64>,
}

/// A packed file, open for reading.
pub(crate) struct Reader<R> {
    /// Locked while one column's bytes are read, not while they are decoded.
    file: Mutex<R>,
    about: ParquetMetaData,
    /// The tag keys of the whole file, in the order of their first appearance.
    pub(super) keys: Vec<Box<str>>,
    metadata: Vec<(String, String)>,
    unusable: u64,
}

impl<R: Read + Seek> Reader<R> {
    /// Finds the last complete footer. Bytes behind it, of a writer that was killed, are passed over and
    /// counted ([`unusable_bytes`](Self::unusable_bytes)).
    ///
    /// # Errors
    /// When this is not Parquet, has no complete footer, or other columns than packed samples have.
    pub(crate) fn open(mut file: R) -> Result<Self> {
        let size = file.seek(SeekFrom::End(0))?;
        let Footer { about, unusable } = footer::find(&mut file, size)?;
        let keys = layout::keys(about.file_metadata().schema_descr())?;
        let pairs = about
            .file_metadata()
            .key_value_metadata()
            .into_iter()
            .flatten();
        let mut metadata: Vec<(String, String)> = pairs
            .map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default()))
            .collect();
        let sum = metadata.pop_if(|(key, _)| key == layout::CHECKSUM);
        let columns = about.file_metadata().schema_descr().columns();
        let columns = columns.iter().map(|column| column.name());
        if sum.is_none_or(|(_, sum)| sum != layout::checksum(&metadata, columns)) {
            return Err(Error::Footer);
        }
        Ok(Self {
            file: Mutex::new(file),
            about,
            keys,
            metadata,
            unusable,
        })
    }

    /// What the writer noted beside the samples, in its order.
    #[must_use]
    pub(crate) fn metadata(&self) -> &[(String, String)] {
        &self.metadata
    }

    /// Bytes at the end that could not be used, because their footer was never written; 0 in a whole file.
    #[must_use]
    pub(crate) fn unusable_bytes(&self) -> u64 {
        self.unusable
    }

    /// How many row groups there are.
    #[must_use]
    pub(crate) fn groups(&self) -> usize {
        self.about.num_row_groups()
    }

    /// How many samples row group `group` has.
    #[must_use]
    pub(crate) fn rows(&self, group: usize) -> usize {
        let group = self.about.row_groups().get(group);
        group
            .and_then(|group| usize::try_from(group.num_rows()).ok())
            .unwrap_or_default()
    }

    /// Reads one row group: in full what differs from sample to sample, and the texts once a series.
    ///
    /// # Errors
    /// When the data does not keep the contract of this format, or reading fails.
    pub(crate) fn read_group(&self, group: usize) -> Result<Group> {
        let rows = self.rows(group);
        let (ids, firsts) = self.column(group, SERIES, |column| series(column, rows))?;
        let times = self.column(group, TIME, |column| {
            numbers(column, rows, i64::from_le_bytes)
        })?;
        let values = self.column(group, VALUE, |column| {
            numbers(column, rows, f64::from_le_bytes)
        })?;
        let series = self.read_series(group, &firsts)?;
        Ok(Group {
            series,
            ids,
            times,
            values,
        })
    }

    fn read_series(&self, group: usize, firsts: &Firsts) -> Result<GroupSeries> {
        let count = firsts.rows.len();
        let codes = table_weight(count, FIXED + self.keys.len());
        let too_large = || {
            Error::Limit(format!(
                "the series of row group {group} take more than {MAX_TABLE} bytes"
            ))
        };
        let mut budget = MAX_TABLE.checked_sub(codes).ok_or_else(too_large)?;
        let mut read = |at, required| {
            self.column(group, at, |column| {
                strings(column, firsts, required, &mut budget)
            })
        };
        let (metric, kind) = (read(METRIC, true)?, read(KIND, false)?);
        let tags = self
            .keys
            .iter()
            .enumerate()
            .map(|(place, key)| Ok((key.clone(), read(FIXED + place, false)?)));
        let tags = tags.collect::<Result<_>>()?;
        Ok(GroupSeries::decoded(count, metric, kind, tags))
    }

    /// Reads the bytes of one column of one row group and decodes them.
    fn column<T>(
        &self,
        group: usize,
        at: usize,
        decode: impl FnOnce(&Column<'_>) -> std::result::Result<T, Fault>,
    ) -> Result<T> {
        let damaged = |reason| {
            let columns = self.about.file_metadata().schema_descr().columns();
            let column = columns
                .get(at)
                .map_or(String::new(), |column| column.name().to_owned());
            Error::Damaged {
                group,
                column,
                reason,
            }
        };
        let chunk = self
            .about
            .row_groups()
            .get(group)
            .and_then(|group| group.columns().get(at));
        let chunk = chunk.ok_or(Error::Input("there is no such row group"))?;
        let is_zstd = match chunk.compression_codec() {
            CompressionCodec::ZSTD => true,
            CompressionCodec::UNCOMPRESSED => false,
            _ => {
                return Err(Error::Layout(
                    "it was rewritten with another compression".to_owned(),
                ));
            }
        };
        let (start, length) = footer::range(chunk).ok_or_else(|| damaged("it has no place"))?;
        if length > MAX_CHUNK {
            return Err(damaged("more bytes than a column can have"));
        }
        let mut bytes = Vec::new();
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(start))?;
            // The file was long enough when it was opened, but it may be another by now.
            bytes.reserve_exact(usize::try_from(length).unwrap_or_default());
            file.by_ref().take(length).read_to_end(&mut bytes)?;
        }
        if bytes.len() as u64 != length {
            return Err(damaged("it ends too early"));
        }
        decode(&Column {
            bytes: &bytes,
            is_zstd,
        })
        .map_err(|fault| match fault {
            Fault::Damaged(reason) => damaged(reason),
            Fault::Io(error) => Error::Io(error),
        })
    }
}
