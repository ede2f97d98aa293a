//! The columns of a packed file, and the bounds that writer and reader share.

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::schema::types::{ColumnDescriptor, SchemaDescPtr, SchemaDescriptor, Type};
use sha2::{Digest, Sha256};

use super::error::{Error, Result};
use crate::formats::checksum::hexadecimal;

/// Most rows of one row group: about four times what a writer should put into one.
pub(crate) const MAX_ROWS: usize = 1 << 22;
/// Most tag keys of one file.
pub(crate) const MAX_KEYS: usize = 4096;
/// Most bytes that the series of one row group may take in a reader's memory.
pub(crate) const MAX_TABLE: usize = 512 << 20;
/// Longest footer: some thousand row groups of twenty columns.
pub(super) const MAX_FOOTER: usize = 16 << 20;
/// What a distinct text costs in memory besides its bytes.
pub(super) const STRING_COST: usize = 48;
/// The magic bytes at both ends of a Parquet file.
pub(super) const MAGIC: &[u8; 4] = b"PAR1";

/// The key under which the metadata holds a checksum of itself. Pages have checksums of their own.
pub(super) const CHECKSUM: &str = "perf-report.sha256";

/// A checksum of what a footer says: the metadata and the names of the columns.
pub(super) fn checksum<'a>(
    metadata: &'a [(String, String)],
    columns: impl Iterator<Item = &'a str>,
) -> String {
    let mut hasher = Sha256::new();
    let pairs = metadata.iter().flat_map(|(key, value)| [&**key, &**value]);
    for text in pairs.chain(columns) {
        hasher.update(text.len().to_le_bytes());
        hasher.update(text);
    }
    hexadecimal(&hasher.finalize())
}

/// What comes before a tag's key in the name of its column, so that no tag can collide with a fixed column.
const TAG_PREFIX: &str = "tag.";

/// Places of the fixed columns; the tag columns follow them.
pub(super) const METRIC: usize = 0;
pub(super) const KIND: usize = 1;
pub(super) const SERIES: usize = 2;
pub(super) const TIME: usize = 3;
pub(super) const VALUE: usize = 4;
/// How many fixed columns there are, and so the place of the first tag column.
pub(crate) const FIXED: usize = 5;

/// The schema of a file with these tag keys.
pub(super) fn schema<'a>(keys: impl Iterator<Item = &'a str>) -> Result<SchemaDescPtr> {
    let text = Some(LogicalType::String);
    let number = Some(LogicalType::integer(32, false));
    let time = Some(LogicalType::timestamp(true, TimeUnit::NANOS));
    let mut fields = vec![
        field(
            "metric",
            Physical::BYTE_ARRAY,
            text.clone(),
            Repetition::REQUIRED,
        )?,
        field(
            "type",
            Physical::BYTE_ARRAY,
            text.clone(),
            Repetition::OPTIONAL,
        )?,
        field("series", Physical::INT32, number, Repetition::REQUIRED)?,
        field("time", Physical::INT64, time, Repetition::REQUIRED)?,
        field("value", Physical::DOUBLE, None, Repetition::REQUIRED)?,
    ];
    for key in keys {
        let name = format!("{TAG_PREFIX}{key}");
        fields.push(field(
            &name,
            Physical::BYTE_ARRAY,
            text.clone(),
            Repetition::OPTIONAL,
        )?);
    }
    let root = Type::group_type_builder("samples")
        .with_fields(fields)
        .build()?;
    Ok(Arc::new(SchemaDescriptor::new(Arc::new(root))))
}

fn field(
    name: &str,
    physical: Physical,
    logical: Option<LogicalType>,
    repetition: Repetition,
) -> Result<Arc<Type>> {
    let builder = Type::primitive_type_builder(name, physical);
    let field = builder
        .with_logical_type(logical)
        .with_repetition(repetition)
        .build()?;
    Ok(Arc::new(field))
}

/// The tag keys of a file, in the order of its columns.
///
/// # Errors
/// When its columns are not those of [`schema`].
pub(super) fn keys(found: &SchemaDescriptor) -> Result<Vec<Box<str>>> {
    let tags = found.columns().iter().skip(FIXED);
    let keys = tags
        .map(|column| column.name().strip_prefix(TAG_PREFIX))
        .collect::<Option<Vec<_>>>();
    let keys =
        keys.ok_or_else(|| Error::Layout("a column is neither one of ours nor a tag".into()))?;
    if keys.len() > MAX_KEYS {
        return Err(Error::Limit(format!("more than {MAX_KEYS} tag keys")));
    }
    let wanted = schema(keys.iter().copied())?;
    for (at, want) in wanted.columns().iter().enumerate() {
        match found.columns().get(at) {
            Some(column) if same(column, want) => {}
            Some(_) => {
                return Err(Error::Layout(format!(
                    "column {at} is not {} as it should be",
                    want.name()
                )));
            }
            None => return Err(Error::Layout(format!("it has no column {}", want.name()))),
        }
    }
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::Layout("a tag has two columns".into()));
    }
    Ok(keys.into_iter().map(Into::into).collect())
}

fn same(found: &ColumnDescriptor, wanted: &ColumnDescriptor) -> bool {
    found.path() == wanted.path()
        && found.physical_type() == wanted.physical_type()
        && found.logical_type_ref() == wanted.logical_type_ref()
        && found.max_def_level() == wanted.max_def_level()
        && found.max_rep_level() == wanted.max_rep_level()
}
