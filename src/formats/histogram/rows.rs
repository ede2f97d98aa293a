//! The rows of a histogram file, a few thousand at a time.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::str;

use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::errors::Result as ParquetResult;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::SchemaDescriptor;
use sha2::{Digest as _, Sha256};

use super::error::{damaged, other_layout, unreadable};
use super::layout::{self, TAG_PREFIX, place};
use crate::error::Result;
use crate::run::Cell;

/// So many rows are held at a time, so that memory does not depend on how an engine cut its row groups.
const BATCH: usize = 4096;

/// A row as it stands in the file.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) version: &'a str,
    pub(super) error: f64,
    /// Files that were counted, that were copies, and rows that were no samples.
    pub(super) lake: [i64; 3],
    pub(super) metric: &'a str,
    pub(super) kind: Option<&'a str>,
    pub(super) pod: Option<&'a str>,
    pub(super) tags: &'a [(&'a str, &'a str)],
    /// Second, first and last time, number of samples.
    pub(super) whole: [i64; 4],
    /// Sum, minimum, maximum and the value at the last time.
    pub(super) numbers: [f64; 4],
    pub(super) buckets: &'a [f64],
    pub(super) counts: &'a [i64],
}

impl<'a> Row<'a> {
    /// The samples of the row, as those of a series; `counts` are those of its buckets.
    pub(super) fn cell(&self, series: u32, counts: &'a [u32]) -> Cell<'a> {
        let [_, first, last, count] = self.whole;
        let [sum, min, max, latest] = self.numbers;
        Cell {
            series,
            first,
            last,
            count: u64::try_from(count).unwrap_or(0),
            sum,
            min,
            max,
            latest,
            values: self.buckets,
            counts,
        }
    }

    /// Adds all that the row says to a checksum.
    pub(super) fn sum_up(&self, checksum: &mut Sha256) {
        let mut text = |text: &str| {
            checksum.update(text.len().to_le_bytes());
            checksum.update(text);
        };
        let optional = [self.kind, self.pod].map(Option::unwrap_or_default);
        [self.version, self.metric].into_iter().for_each(&mut text);
        optional.into_iter().for_each(&mut text);
        for (key, value) in self.tags {
            text(key);
            text(value);
        }
        for number in self.lake.iter().chain(&self.whole).chain(self.counts) {
            checksum.update(number.to_le_bytes());
        }
        for length in [self.tags.len(), self.buckets.len()] {
            checksum.update(length.to_le_bytes());
        }
        let numbers = self.numbers.iter().chain(self.buckets);
        for number in numbers.chain([&self.error]) {
            checksum.update(number.to_le_bytes());
        }
    }
}

/// A histogram file, open for reading.
pub(super) struct Rows {
    path: PathBuf,
    reader: SerializedFileReader<File>,
    places: Places,
}

/// Where the columns stand among the leaves.
struct Places {
    /// Version, metric.
    required: [usize; 2],
    /// Type, pod.
    optional: [usize; 2],
    tags: Vec<(String, usize)>,
    lake: [usize; 3],
    whole: [usize; 4],
    error: usize,
    numbers: [usize; 4],
    buckets: usize,
    counts: usize,
}

impl Rows {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| crate::error::Error::read(path, error))?;
        let reader = SerializedFileReader::new(file).map_err(|error| unreadable(path, error))?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let places = Places::of(schema)
            .map_err(|name| other_layout(path, format!("it has no column {name}")))?;
        Ok(Self {
            path: path.to_owned(),
            reader,
            places,
        })
    }

    /// Whether there is no row.
    pub(super) fn is_empty(&self) -> bool {
        self.reader.metadata().file_metadata().num_rows() == 0
    }

    /// What the writer noted beside the rows, by key.
    pub(super) fn metadata(&self) -> Vec<(String, String)> {
        let pairs = self.reader.metadata().file_metadata().key_value_metadata();
        let pairs = pairs.into_iter().flatten();
        pairs
            .map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default()))
            .collect()
    }

    /// Gives all rows to `take`, with their numbers from 1.
    pub(super) fn read(&self, mut take: impl FnMut(u64, &Row<'_>) -> Result<()>) -> Result<()> {
        let mut number = 0;
        for group in 0..self.reader.num_row_groups() {
            let metadata = self.reader.metadata().row_group(group);
            let mut left = usize::try_from(metadata.num_rows()).unwrap_or(0);
            let mut columns = Columns::open(self, group)?;
            while left > 0 {
                let rows = left.min(BATCH);
                columns.read(self, rows)?;
                for row in 0..rows {
                    number += 1;
                    columns.with_row(
                        &self.places,
                        row,
                        &mut |row| take(number, row),
                        &|problem| damaged(&self.path, format!("row {number}: {problem}")),
                    )?;
                }
                left -= rows;
            }
        }
        Ok(())
    }
}

impl Places {
    /// The places of all columns, or the name of the first that is missing.
    fn of(schema: &SchemaDescriptor) -> std::result::Result<Self, &'static str> {
        let at = |name: &'static str| place(schema, name).ok_or(name);
        let tags = schema
            .columns()
            .iter()
            .enumerate()
            .filter_map(|(at, column)| {
                let [root] = column.path().parts() else {
                    return None;
                };
                Some((root.strip_prefix(TAG_PREFIX)?.to_owned(), at))
            });
        Ok(Self {
            required: [at(layout::VERSION_COLUMN)?, at(layout::METRIC)?],
            optional: [at(layout::KIND)?, at(layout::POD)?],
            tags: tags.collect(),
            lake: [at(layout::PODS)?, at(layout::COPIES)?, at(layout::STRAYS)?],
            whole: [
                at(layout::SECOND)?,
                at(layout::FIRST)?,
                at(layout::LAST)?,
                at(layout::COUNT)?,
            ],
            error: at(layout::ERROR)?,
            numbers: [
                at(layout::SUM)?,
                at(layout::MIN)?,
                at(layout::MAX)?,
                at(layout::FINAL)?,
            ],
            buckets: at(layout::BUCKETS)?,
            counts: at(layout::COUNTS)?,
        })
    }
}

/// The columns of a row group, and a batch of rows of each.
struct Columns {
    texts: Vec<Leaf<ByteArray>>,
    whole: Vec<Leaf<i64>>,
    numbers: Vec<Leaf<f64>>,
    buckets: Leaf<f64>,
    counts: Leaf<i64>,
}

/// A column with a batch of its rows.
struct Leaf<T> {
    reader: ColumnReader,
    /// The level from which on there is a value.
    present: i16,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    values: Vec<T>,
    /// Where the values of each row end.
    ends: Vec<usize>,
}

impl<T> Leaf<T> {
    fn of((reader, present): (ColumnReader, i16)) -> Self {
        Self {
            reader,
            present,
            definitions: Vec::new(),
            repetitions: Vec::new(),
            values: Vec::new(),
            ends: Vec::new(),
        }
    }

    fn of_row(&self, row: usize) -> &[T] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.values[start..self.ends[row]]
    }
}

/// Values that a column can hold.
trait Value: Sized {
    /// Reads so many rows of a column; how many there were, or nothing where the column holds something
    /// else.
    fn read(leaf: &mut Leaf<Self>, rows: usize) -> Option<ParquetResult<usize>>;
}

macro_rules! records {
    ($reader:expr, $leaf:expr, $rows:expr, $values:expr) => {
        $reader
            .read_records(
                $rows,
                Some(&mut $leaf.definitions),
                Some(&mut $leaf.repetitions),
                $values,
            )
            .map(|(records, _, _)| records)
    };
}

impl Value for ByteArray {
    fn read(leaf: &mut Leaf<Self>, rows: usize) -> Option<ParquetResult<usize>> {
        match &mut leaf.reader {
            ColumnReader::ByteArrayColumnReader(reader) => {
                Some(records!(reader, leaf, rows, &mut leaf.values))
            }
            _ => None,
        }
    }
}

impl Value for f64 {
    fn read(leaf: &mut Leaf<Self>, rows: usize) -> Option<ParquetResult<usize>> {
        match &mut leaf.reader {
            ColumnReader::DoubleColumnReader(reader) => {
                Some(records!(reader, leaf, rows, &mut leaf.values))
            }
            _ => None,
        }
    }
}

impl Value for i64 {
    fn read(leaf: &mut Leaf<Self>, rows: usize) -> Option<ParquetResult<usize>> {
        match &mut leaf.reader {
            ColumnReader::Int64ColumnReader(reader) => {
                Some(records!(reader, leaf, rows, &mut leaf.values))
            }
            ColumnReader::Int32ColumnReader(reader) => {
                let mut narrow = Vec::new();
                let read = records!(reader, leaf, rows, &mut narrow);
                leaf.values.extend(narrow.into_iter().map(i64::from));
                Some(read)
            }
            _ => None,
        }
    }
}

impl Columns {
    fn open(rows: &Rows, group: usize) -> Result<Self> {
        let unreadable = |error| unreadable(&rows.path, error);
        let group = rows.reader.get_row_group(group).map_err(unreadable)?;
        let schema = rows.reader.metadata().file_metadata().schema_descr();
        let open = |at: usize| -> ParquetResult<(ColumnReader, i16)> {
            let reader = group.get_column_reader(at)?;
            Ok((reader, schema.column(at).max_def_level()))
        };
        let places = &rows.places;
        let texts = places.required.iter().chain(&places.optional);
        let texts = texts.chain(places.tags.iter().map(|(_, at)| at));
        let whole = places.lake.iter().chain(&places.whole);
        let numbers = [places.error].into_iter().chain(places.numbers);
        let all = || -> ParquetResult<Self> {
            Ok(Self {
                texts: texts
                    .map(|at| Ok(Leaf::of(open(*at)?)))
                    .collect::<ParquetResult<_>>()?,
                whole: whole
                    .map(|at| Ok(Leaf::of(open(*at)?)))
                    .collect::<ParquetResult<_>>()?,
                numbers: numbers
                    .map(|at| Ok(Leaf::of(open(at)?)))
                    .collect::<ParquetResult<_>>()?,
                buckets: Leaf::of(open(places.buckets)?),
                counts: Leaf::of(open(places.counts)?),
            })
        };
        all().map_err(unreadable)
    }

    /// Reads the next so many rows of every column.
    fn read(&mut self, of: &Rows, rows: usize) -> Result<()> {
        for leaf in &mut self.texts {
            fill(leaf, of, rows)?;
        }
        for leaf in &mut self.whole {
            fill(leaf, of, rows)?;
        }
        for leaf in &mut self.numbers {
            fill(leaf, of, rows)?;
        }
        fill(&mut self.buckets, of, rows)?;
        fill(&mut self.counts, of, rows)
    }

    /// Gives a row to `take`.
    fn with_row(
        &self,
        places: &Places,
        row: usize,
        take: &mut dyn FnMut(&Row<'_>) -> Result<()>,
        broken: &dyn Fn(&str) -> crate::error::Error,
    ) -> Result<()> {
        let [version, metric, kind, pod, tags @ ..] = &self.texts[..] else {
            return Err(broken("columns are missing"));
        };
        let missing = |name: &str| broken(&format!("there is no {name}"));
        let mut some_tags = Vec::with_capacity(tags.len());
        for ((key, _), leaf) in places.tags.iter().zip(tags) {
            if let Some(value) = text(leaf, row, broken)? {
                some_tags.push((key.as_str(), value));
            }
        }
        let whole = |at: usize| {
            let value = self.whole.get(at).and_then(|leaf| leaf.of_row(row).first());
            value
                .copied()
                .ok_or_else(|| missing("time or number of samples"))
        };
        let number = |at: usize| {
            let value = self
                .numbers
                .get(at)
                .and_then(|leaf| leaf.of_row(row).first());
            value.copied().ok_or_else(|| missing("sum or error"))
        };
        take(&Row {
            version: text(version, row, broken)?.ok_or_else(|| missing("version"))?,
            error: number(0)?,
            lake: [whole(0)?, whole(1)?, whole(2)?],
            metric: text(metric, row, broken)?.ok_or_else(|| missing("metric"))?,
            kind: text(kind, row, broken)?,
            pod: text(pod, row, broken)?,
            tags: &some_tags,
            whole: [whole(3)?, whole(4)?, whole(5)?, whole(6)?],
            numbers: [number(1)?, number(2)?, number(3)?, number(4)?],
            buckets: self.buckets.of_row(row),
            counts: self.counts.of_row(row),
        })
    }
}

/// The text of a row, if it has one.
fn text<'a>(
    leaf: &'a Leaf<ByteArray>,
    row: usize,
    broken: &dyn Fn(&str) -> crate::error::Error,
) -> Result<Option<&'a str>> {
    let Some(bytes) = leaf.of_row(row).first() else {
        return Ok(None);
    };
    let text = str::from_utf8(bytes.data());
    text.map(Some).map_err(|_| broken("a text is not UTF-8"))
}

/// Reads the next so many rows of a column.
fn fill<T: Value>(leaf: &mut Leaf<T>, of: &Rows, rows: usize) -> Result<()> {
    leaf.definitions.clear();
    leaf.repetitions.clear();
    leaf.values.clear();
    leaf.ends.clear();
    let mut read = 0;
    while read < rows {
        let some = T::read(leaf, rows - read)
            .ok_or_else(|| other_layout(&of.path, "a column has another type"))?
            .map_err(|error| unreadable(&of.path, error))?;
        if some == 0 {
            return Err(damaged(&of.path, "a column ends too early"));
        }
        read += some;
    }
    // Without levels each row has its value.
    if leaf.present == 0 {
        leaf.ends.extend(1..=leaf.values.len());
    }
    let mut values = 0;
    for (level, definition) in leaf.definitions.iter().enumerate() {
        let goes_on = leaf.repetitions.get(level).is_some_and(|level| *level > 0);
        values += usize::from(*definition == leaf.present);
        match leaf.ends.last_mut() {
            Some(end) if goes_on => *end = values,
            _ => leaf.ends.push(values),
        }
    }
    if leaf.ends.len() != rows || leaf.ends.last().is_none_or(|end| *end != leaf.values.len()) {
        return Err(damaged(&of.path, "a column has another number of rows"));
    }
    Ok(())
}
