//! The columns of a histogram file.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::errors::Result;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};

use sha2::{Digest as _, Sha256};

use super::error::unless_it_panics;
use crate::formats::checksum::hexadecimal;

/// The version of the layout: what each row holds in the column [`VERSION_COLUMN`].
pub(super) const VERSION: &str = "perf-report.histogram/1";
pub(super) const VERSION_COLUMN: &str = "perf_report";

/// The key under which a file that is written here holds a checksum of its rows and of what else it says, in
/// hexadecimal. What engines write has none.
pub(super) const CHECKSUM: &str = "perf-report.rows.sha256";

/// The checksum of rows, which are added up already, and of what else a file says.
pub(super) fn checksum(mut rows: Sha256, metadata: &[(String, String)]) -> String {
    for text in metadata.iter().flat_map(|(key, value)| [key, value]) {
        rows.update(text.len().to_le_bytes());
        rows.update(text);
    }
    hexadecimal(&rows.finalize())
}

/// What comes before a tag's key in the name of its column.
pub(super) const TAG_PREFIX: &str = "tag.";

/// The columns before the tags: texts that every row has.
pub(super) const RUN: &str = "run";
pub(super) const METRIC: &str = "metric";
/// Texts that can be missing.
pub(super) const KIND: &str = "type";
pub(super) const POD: &str = "pod";
/// Whole numbers.
pub(super) const PODS: &str = "pods";
pub(super) const COPIES: &str = "copies";
pub(super) const STRAYS: &str = "strays";
pub(super) const SECOND: &str = "second";
pub(super) const FIRST: &str = "first";
pub(super) const LAST: &str = "last";
pub(super) const COUNT: &str = "count";
/// Numbers.
pub(super) const ERROR: &str = "error";
pub(super) const SUM: &str = "sum";
pub(super) const MIN: &str = "min";
pub(super) const MAX: &str = "max";
pub(super) const FINAL: &str = "final";
/// Lists of numbers and of whole numbers.
pub(super) const BUCKETS: &str = "buckets";
pub(super) const COUNTS: &str = "counts";

/// Whether a Parquet file says of itself that it is a histogram, of whatever version.
pub(crate) fn is_histogram(file: &File) -> bool {
    let open = || {
        let reader = SerializedFileReader::new(file.try_clone().ok()?).ok()?;
        let schema = reader.metadata().file_metadata().schema_descr();
        place(schema, VERSION_COLUMN)
    };
    unless_it_panics(open).flatten().is_some()
}

/// The run of a histogram file, by its first row; `None` where it has no row, or cannot be read.
pub(crate) fn run_of(path: &Path) -> Option<String> {
    unless_it_panics(|| {
        let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let run = schema.columns().get(place(schema, RUN)?)?.self_type_ptr();
        let only_run = Type::group_type_builder(schema.name()).with_fields(vec![run]);
        let only_run = only_run.build().ok()?;
        let mut rows = reader.get_row_iter(Some(only_run)).ok()?;
        let first = rows.next()?.ok()?;
        let (_, field) = first.get_column_iter().next()?;
        match field {
            Field::Str(run) => Some(run.clone()),
            Field::Bytes(run) => Some(String::from_utf8_lossy(run.data()).into_owned()),
            _ => None,
        }
    })?
}

/// The place of a column among the leaves of the schema.
pub(super) fn place(schema: &SchemaDescriptor, name: &str) -> Option<usize> {
    let is_it = |path: &[String]| path.first().is_some_and(|root| root == name);
    let mut columns = schema.columns().iter();
    columns.position(|column| is_it(column.path().parts()))
}

/// The schema of a file with these tag keys, as it is written here.
pub(super) fn schema<'a>(keys: impl Iterator<Item = &'a str>) -> Result<TypePtr> {
    let text = |name: &str| {
        let is_required = matches!(name, VERSION_COLUMN | RUN | METRIC);
        field(
            name,
            Physical::BYTE_ARRAY,
            Some(LogicalType::String),
            is_required,
        )
    };
    let whole = |name: &str| field(name, Physical::INT64, None, true);
    let number = |name: &str| field(name, Physical::DOUBLE, None, true);
    let mut fields = vec![text(VERSION_COLUMN)?, text(RUN)?, number(ERROR)?];
    for name in [PODS, COPIES, STRAYS] {
        fields.push(whole(name)?);
    }
    fields.extend([text(METRIC)?, text(KIND)?]);
    for key in keys {
        fields.push(text(&format!("{TAG_PREFIX}{key}"))?);
    }
    fields.push(text(POD)?);
    for name in [SECOND, FIRST, LAST, COUNT] {
        fields.push(whole(name)?);
    }
    for name in [SUM, MIN, MAX, FINAL] {
        fields.push(number(name)?);
    }
    fields.push(list(BUCKETS, number("element")?)?);
    fields.push(list(COUNTS, whole("element")?)?);
    let root = Type::group_type_builder("histograms").with_fields(fields);
    Ok(Arc::new(root.build()?))
}

fn field(
    name: &str,
    physical: Physical,
    logical: Option<LogicalType>,
    is_required: bool,
) -> Result<TypePtr> {
    let repetition = if is_required {
        Repetition::REQUIRED
    } else {
        Repetition::OPTIONAL
    };
    let field = Type::primitive_type_builder(name, physical)
        .with_logical_type(logical)
        .with_repetition(repetition);
    Ok(Arc::new(field.build()?))
}

/// A list in Parquet's three levels.
fn list(name: &str, element: TypePtr) -> Result<TypePtr> {
    let items = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![element]);
    let list = Type::group_type_builder(name)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(items.build()?)]);
    Ok(Arc::new(list.build()?))
}
