//! Writing a histogram file.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};

use sha2::{Digest as _, Sha256};

use super::layout::{self, VERSION};
use super::rows::Row;
use crate::run::{Histograms, MetricType, SeriesTable, second_of};

/// One stream was reduced, and nothing left out.
const LAKE: [i64; 3] = [1, 0, 0];

/// A histogram file being written.
pub(super) struct Writer<W: Write + Send> {
    file: SerializedFileWriter<W>,
    pub(super) version: &'static str,
    run: ByteArray,
    error: f64,
    keys: Vec<String>,
    checksum: Sha256,
}

/// What a row group is made of.
pub(super) struct Group<'a> {
    pub(super) histograms: &'a Histograms,
    pub(super) table: &'a SeriesTable,
    /// The type of a metric, where it is known.
    pub(super) kind: &'a dyn Fn(&str) -> Option<MetricType>,
}

impl<W: Write + Send> Writer<W> {
    /// Begins a file of a run with these tag keys.
    pub(super) fn new(file: W, run: &str, error: f64, keys: Vec<String>) -> Result<Self> {
        let schema = layout::schema(keys.iter().map(String::as_str))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_statistics_enabled(EnabledStatistics::None)
            .set_created_by(concat!("perf-report ", env!("CARGO_PKG_VERSION")).to_owned());
        Ok(Self {
            file: SerializedFileWriter::new(file, schema, Arc::new(properties.build()))?,
            version: VERSION,
            run: ByteArray::from(run),
            error,
            keys,
            checksum: Sha256::new(),
        })
    }

    /// Whether there is a column for a tag.
    pub(super) fn has_key(&self, key: &str) -> bool {
        self.keys.iter().any(|known| known == key)
    }

    /// Writes a row group of cells.
    pub(super) fn write(&mut self, group: &Group<'_>) -> Result<()> {
        let cells = || group.histograms.iter();
        let series = |number| group.table.get(number);
        let rows = group.histograms.len();
        self.sum_up(group);
        let mut writer = self.file.next_row_group()?;
        let version = ByteArray::from(self.version);
        texts(&mut writer, std::iter::repeat_n(Some(version), rows))?;
        texts(
            &mut writer,
            std::iter::repeat_n(Some(self.run.clone()), rows),
        )?;
        numbers(&mut writer, std::iter::repeat_n(self.error, rows))?;
        for fact in LAKE {
            whole(&mut writer, std::iter::repeat_n(fact, rows))?;
        }
        let metric = |number| series(number).metric();
        texts(
            &mut writer,
            cells().map(|cell| Some(ByteArray::from(metric(cell.series)))),
        )?;
        let kind = |number| (group.kind)(metric(number)).map(|kind| kind.to_string());
        texts(
            &mut writer,
            cells().map(|cell| kind(cell.series).map(|kind| ByteArray::from(kind.as_str()))),
        )?;
        for key in &self.keys {
            let tags = cells().map(|cell| series(cell.series).tag(key).map(ByteArray::from));
            texts(&mut writer, tags)?;
        }
        texts(&mut writer, std::iter::repeat_n(None, rows))?;
        whole(&mut writer, cells().map(|cell| second_of(cell.first)))?;
        whole(&mut writer, cells().map(|cell| cell.first))?;
        whole(&mut writer, cells().map(|cell| cell.last))?;
        whole(
            &mut writer,
            cells().map(|cell| i64::try_from(cell.count).unwrap_or(i64::MAX)),
        )?;
        numbers(&mut writer, cells().map(|cell| cell.sum))?;
        numbers(&mut writer, cells().map(|cell| cell.min))?;
        numbers(&mut writer, cells().map(|cell| cell.max))?;
        numbers(&mut writer, cells().map(|cell| cell.latest))?;
        let repetitions: Vec<i16> = cells()
            .flat_map(|cell| (0..cell.values.len()).map(|at| i16::from(at > 0)))
            .collect();
        let definitions = vec![1; repetitions.len()];
        let values: Vec<f64> = cells()
            .flat_map(|cell| cell.values.iter().copied())
            .collect();
        let counts: Vec<i64> = cells()
            .flat_map(|cell| cell.counts.iter().map(|count| i64::from(*count)))
            .collect();
        column(&mut writer, |column| match column {
            ColumnWriter::DoubleColumnWriter(column) => {
                column.write_batch(&values, Some(&definitions), Some(&repetitions))
            }
            _ => Err(other_schema()),
        })?;
        column(&mut writer, |column| match column {
            ColumnWriter::Int64ColumnWriter(column) => {
                column.write_batch(&counts, Some(&definitions), Some(&repetitions))
            }
            _ => Err(other_schema()),
        })?;
        writer.close()?;
        Ok(())
    }

    /// Adds rows to the checksum, as they will be read.
    fn sum_up(&mut self, group: &Group<'_>) {
        let mut counts = Vec::new();
        for cell in group.histograms.iter() {
            let series = group.table.get(cell.series);
            let kind = (group.kind)(series.metric()).map(|kind| kind.to_string());
            let keys = self.keys.iter();
            let tags = keys.filter_map(|key| Some((key.as_str(), series.tag(key)?)));
            let tags: Vec<(&str, &str)> = tags.collect();
            counts.clear();
            counts.extend(cell.counts.iter().map(|count| i64::from(*count)));
            let count = i64::try_from(cell.count).unwrap_or(i64::MAX);
            let row = Row {
                version: self.version,
                error: self.error,
                lake: LAKE,
                metric: series.metric(),
                kind: kind.as_deref(),
                pod: None,
                tags: &tags,
                whole: [second_of(cell.first), cell.first, cell.last, count],
                numbers: [cell.sum, cell.min, cell.max, cell.latest],
                buckets: cell.values,
                counts: &counts,
            };
            row.sum_up(&mut self.checksum);
        }
    }

    /// Ends the file, with what else there is to say under these keys.
    pub(super) fn finish(
        mut self,
        metadata: impl IntoIterator<Item = (String, String)>,
    ) -> Result<W> {
        let metadata: Vec<(String, String)> = metadata.into_iter().collect();
        let checksum = layout::checksum(self.checksum, &metadata);
        let checksum = (layout::CHECKSUM.to_owned(), checksum);
        for (key, value) in metadata.into_iter().chain([checksum]) {
            self.file
                .append_key_value_metadata(KeyValue::new(key, value));
        }
        self.file.into_inner()
    }
}

type RowGroup<'a, W> = SerializedRowGroupWriter<'a, W>;

fn texts<W: Write + Send>(
    group: &mut RowGroup<'_, W>,
    rows: impl Iterator<Item = Option<ByteArray>>,
) -> Result<()> {
    let rows: Vec<Option<ByteArray>> = rows.collect();
    let definitions: Vec<i16> = rows.iter().map(|row| i16::from(row.is_some())).collect();
    let values: Vec<ByteArray> = rows.into_iter().flatten().collect();
    column(group, |column| match column {
        ColumnWriter::ByteArrayColumnWriter(column) => {
            column.write_batch(&values, Some(&definitions), None)
        }
        _ => Err(other_schema()),
    })
}

fn whole<W: Write + Send>(
    group: &mut RowGroup<'_, W>,
    rows: impl Iterator<Item = i64>,
) -> Result<()> {
    let values: Vec<i64> = rows.collect();
    column(group, |column| match column {
        ColumnWriter::Int64ColumnWriter(column) => column.write_batch(&values, None, None),
        _ => Err(other_schema()),
    })
}

fn numbers<W: Write + Send>(
    group: &mut RowGroup<'_, W>,
    rows: impl Iterator<Item = f64>,
) -> Result<()> {
    let values: Vec<f64> = rows.collect();
    column(group, |column| match column {
        ColumnWriter::DoubleColumnWriter(column) => column.write_batch(&values, None, None),
        _ => Err(other_schema()),
    })
}

/// Writes the next column of a row group.
fn column<W: Write + Send>(
    group: &mut RowGroup<'_, W>,
    write: impl FnOnce(&mut ColumnWriter<'_>) -> Result<usize>,
) -> Result<()> {
    let mut next = group.next_column()?.ok_or_else(other_schema)?;
    write(next.untyped())?;
    next.close()
}

fn other_schema() -> ParquetError {
    ParquetError::General("the columns are not those of the schema".to_owned())
}
