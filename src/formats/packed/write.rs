//! Writing a packed file, row group by row group, in bounded memory.

use std::collections::HashMap;
use std::io::Write;

use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, KeyValue, ParquetMetaData, ParquetMetaDataWriter,
    RowGroupMetaData,
};
use parquet::file::statistics::Statistics;
use parquet::file::writer::TrackedWrite;
use parquet::schema::types::SchemaDescPtr;
use zstd::bulk::Compressor;

use super::chunk::{ChunkWriter, offset, write_ids, write_nothing, write_plain, write_strings};
use super::error::{Error, Result};
use super::layout::{
    self, FIXED, KIND, MAGIC, MAX_FOOTER, MAX_KEYS, MAX_ROWS, MAX_TABLE, METRIC, SERIES, TIME,
    VALUE,
};
use super::series::GroupSeries;

/// Level of zstd. On real runs 6 is a tenth smaller than 3 at twice the time (0.3 s a million samples), 9
/// takes half as long again for another fiftieth.
const LEVEL: i32 = 6;
/// How many bytes of row groups are worth one byte of a footer.
const WORTH: u64 = 4;

/// Writes a packed file.
///
/// A tag key may turn up for the first time when row groups without it are already on the disk. The schema
/// stands only in the footer, so each of those row groups then gets one more column, without a value in it:
/// a few dozen bytes behind everything else, which the format allows.
pub(crate) struct Writer<W: Write + Send> {
    out: TrackedWrite<W>,
    compressor: Compressor<'static>,
    keys: Vec<Box<str>>,
    places: HashMap<Box<str>, usize>,
    schema: SchemaDescPtr,
    groups: Vec<Written>,
    /// Where the last footer ends, and how long it is.
    footer: (u64, u64),
    broken: bool,
}

/// A row group in the file.
struct Written {
    rows: i64,
    start: u64,
    columns: Vec<ColumnChunkMetaData>,
}

impl<W: Write + Send> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub(crate) fn new(out: W) -> Result<Self> {
        let mut out = TrackedWrite::new(out);
        out.write_all(MAGIC)?;
        let mut compressor = Compressor::new(LEVEL)?;
        // Four bytes a page, and whoever reads it notices damage, whatever engine it is.
        compressor.include_checksum(true)?;
        Ok(Self {
            out,
            compressor,
            keys: Vec::new(),
            places: HashMap::new(),
            schema: layout::schema(std::iter::empty())?,
            groups: Vec::new(),
            footer: (0, 0),
            broken: false,
        })
    }

    /// Bytes written so far.
    #[must_use]
    pub(super) fn bytes_written(&self) -> u64 {
        self.out.bytes_written() as u64
    }

    /// Appends one row group: a sample is `ids[i]`, `times[i]` (ns since 1970) and `values[i]`, and its series
    /// is row `ids[i]` of `series`. The ids count up by first appearance, and every series appears.
    ///
    /// # Errors
    /// When the samples are not like that or exceed the bounds ([`MAX_ROWS`], [`MAX_TABLE`], [`MAX_KEYS`]),
    /// in which case nothing was written; or when writing fails, after which the file can only be given up.
    pub(crate) fn write_group(
        &mut self,
        series: &GroupSeries,
        ids: &[u32],
        times: &[i64],
        values: &[f64],
    ) -> Result<()> {
        if self.broken {
            return Err(Error::Broken);
        }
        check(series, ids, times, values)?;
        let new = series
            .tags()
            .map(|(key, _)| key)
            .filter(|key| !self.places.contains_key(*key));
        let new: Vec<Box<str>> = new.map(Into::into).collect();
        let keys = self.keys.len() + new.len();
        if keys > MAX_KEYS {
            return Err(Error::Limit(format!("more than {MAX_KEYS} tag keys")));
        }
        if series.weight(keys + FIXED) > MAX_TABLE {
            return Err(Error::Limit(format!(
                "the series of one row group take more than {MAX_TABLE} bytes"
            )));
        }
        if ids.is_empty() {
            return Ok(());
        }
        self.broken = true;
        self.add_keys(new)?;
        let start = self.bytes_written();
        let columns = self.write_columns(series, ids, times, values)?;
        self.groups.push(Written {
            rows: count(ids.len())?,
            start,
            columns,
        });
        self.broken = false;
        Ok(())
    }

    /// Appends a footer that describes everything so far and flushes: whatever happens to the writer from here
    /// on, a reader finds these row groups. Costs about 100 bytes a column and row group so far.
    ///
    /// # Errors
    /// When the footer becomes too long or writing fails.
    pub(crate) fn checkpoint(&mut self, metadata: &[(String, String)]) -> Result<()> {
        if self.broken {
            return Err(Error::Broken);
        }
        let footer = self.footer(metadata)?;
        self.broken = true;
        self.out.write_all(&footer)?;
        self.out.flush()?;
        self.broken = false;
        self.footer = (self.bytes_written(), footer.len() as u64);
        Ok(())
    }

    /// Whether `bytes` more of row groups are worth a footer. A footer grows with the row groups, so
    /// one behind each, however small, would make the file grow with their square.
    #[must_use]
    pub(crate) fn is_checkpoint_worth(&self, bytes: u64) -> bool {
        let (end, length) = self.footer;
        self.bytes_written() - end + bytes >= WORTH * length
    }

    /// Appends the last footer and gives back what was written to.
    ///
    /// # Errors
    /// As for [`checkpoint`](Self::checkpoint).
    pub(crate) fn finish(mut self, metadata: &[(String, String)]) -> Result<W> {
        self.checkpoint(metadata)?;
        Ok(self.out.into_inner()?)
    }

    /// Takes new keys into the schema and gives the row groups before them their empty columns.
    fn add_keys(&mut self, new: Vec<Box<str>>) -> Result<()> {
        if new.is_empty() {
            return Ok(());
        }
        let from = self.keys.len();
        for key in new {
            self.places.insert(key.clone(), self.keys.len());
            self.keys.push(key);
        }
        self.schema = layout::schema(self.keys.iter().map(|key| &**key))?;
        for group in &mut self.groups {
            for place in from..self.keys.len() {
                let column = self.schema.column(FIXED + place);
                let chunk = ChunkWriter::new(&mut self.out, None, column);
                group.columns.push(write_nothing(chunk, group.rows)?);
            }
        }
        Ok(())
    }

    fn write_columns(
        &mut self,
        series: &GroupSeries,
        ids: &[u32],
        times: &[i64],
        values: &[f64],
    ) -> Result<Vec<ColumnChunkMetaData>> {
        let span = Statistics::int64(
            times.iter().min().copied(),
            times.iter().max().copied(),
            None,
            Some(0),
            false,
        );
        let unknown = Statistics::double(None, None, None, Some(0), false);
        let mut columns = vec![
            write_strings(self.chunk(METRIC), &series.metric, ids, true)?,
            write_strings(self.chunk(KIND), &series.kind, ids, false)?,
            write_ids(self.chunk(SERIES), ids, series.len())?,
            write_plain(self.chunk(TIME), times, span, i64::to_le_bytes)?,
            write_plain(self.chunk(VALUE), values, unknown, f64::to_le_bytes)?,
        ];
        for place in 0..self.keys.len() {
            columns.push(if let Some(strings) = series.tags.get(&self.keys[place]) {
                write_strings(self.chunk(FIXED + place), strings, ids, false)?
            } else {
                let column = self.schema.column(FIXED + place);
                write_nothing(
                    ChunkWriter::new(&mut self.out, None, column),
                    count(ids.len())?,
                )?
            });
        }
        Ok(columns)
    }

    /// Begins the column at place `at` of the schema.
    fn chunk(&mut self, at: usize) -> ChunkWriter<'_, W> {
        ChunkWriter::new(
            &mut self.out,
            Some(&mut self.compressor),
            self.schema.column(at),
        )
    }

    fn footer(&self, metadata: &[(String, String)]) -> Result<Vec<u8>> {
        let columns = self.schema.columns();
        let sum = layout::checksum(metadata, columns.iter().map(|column| column.name()));
        let pairs = metadata
            .iter()
            .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
            .chain([KeyValue::new(layout::CHECKSUM.to_owned(), sum)]);
        let rows = self.groups.iter().map(|group| group.rows).sum();
        let by = concat!("perf-report version ", env!("CARGO_PKG_VERSION")).to_owned();
        let about = FileMetaData::new(
            2,
            rows,
            Some(by),
            Some(pairs.collect()),
            self.schema.clone(),
            None,
        );
        let groups = self.groups.iter().enumerate().map(|(at, group)| {
            let bytes = group
                .columns
                .iter()
                .map(ColumnChunkMetaData::uncompressed_size)
                .sum();
            let described = RowGroupMetaData::builder(self.schema.clone())
                .set_column_metadata(group.columns.clone())
                .set_num_rows(group.rows)
                .set_total_byte_size(bytes)
                .set_file_offset(offset(group.start)?);
            let described = match i32::try_from(at) {
                Ok(at) => described.set_ordinal(at),
                Err(_) => described,
            };
            Ok(described.build()?)
        });
        let about = ParquetMetaData::new(about, groups.collect::<Result<_>>()?);
        let mut footer = Vec::new();
        ParquetMetaDataWriter::new(&mut footer, &about).finish()?;
        if footer.len() > MAX_FOOTER {
            return Err(Error::Limit(format!(
                "the footer takes more than {MAX_FOOTER} bytes"
            )));
        }
        Ok(footer)
    }
}

fn count(rows: usize) -> Result<i64> {
    i64::try_from(rows).map_err(|_| Error::Input("too many rows"))
}

/// Whether the samples keep the contract of [`Writer::write_group`].
fn check(series: &GroupSeries, ids: &[u32], times: &[i64], values: &[f64]) -> Result<()> {
    if ids.len() != times.len() || ids.len() != values.len() {
        return Err(Error::Input("as many ids, times and values are needed"));
    }
    if ids.len() > MAX_ROWS {
        return Err(Error::Limit(format!(
            "more than {MAX_ROWS} rows in one row group"
        )));
    }
    let mut next = 0;
    for &id in ids {
        if id > next {
            return Err(Error::Input("series must be numbered by first appearance"));
        }
        next += u32::from(id == next);
    }
    if next as usize == series.len() {
        Ok(())
    } else {
        Err(Error::Input("every series must have a sample"))
    }
}
