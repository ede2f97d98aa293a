//! The header of a CSV stream: what its columns are.

use std::borrow::Cow;

use super::cells::cells;
use crate::formats::sink::Tag;

/// The columns of a CSV stream by their places.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    columns: Vec<Column>,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    Metric,
    Time,
    Value,
    ExtraTags,
    /// Not indexed by k6, and different for nearly every sample.
    Metadata,
    Tag(String),
}

/// A row taken apart. Time and value are as written.
pub(super) struct Row {
    pub(super) metric: String,
    pub(super) time: String,
    pub(super) value: String,
    /// The cells that make the tags.
    pub(super) tags: Vec<String>,
}

impl Header {
    /// The columns of a header line.
    pub(super) fn parse(line: &[u8]) -> Self {
        let column = |name: &String| match name.trim() {
            "metric_name" => Column::Metric,
            "timestamp" => Column::Time,
            "metric_value" => Column::Value,
            "extra_tags" => Column::ExtraTags,
            "metadata" => Column::Metadata,
            tag => Column::Tag(tag.to_owned()),
        };
        Self {
            columns: cells(line).iter().map(column).collect(),
        }
    }

    /// Whether the columns stand as in every k6: metric, time and value first, then those that
    /// make the tags; and, if there is metadata, it is last.
    pub(super) fn is_usual(&self) -> bool {
        let [Column::Metric, Column::Time, Column::Value, tags @ ..] = &*self.columns else {
            return false;
        };
        let tags = tags.strip_suffix(&[Column::Metadata]).unwrap_or(tags);
        !tags.is_empty()
            && tags
                .iter()
                .all(|column| matches!(column, Column::ExtraTags | Column::Tag(_)))
    }

    /// Whether the last column is metadata.
    pub(super) fn ends_with_metadata(&self) -> bool {
        self.columns.last() == Some(&Column::Metadata)
    }

    /// The number of columns.
    pub(super) fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The number of columns that make the tags.
    pub(super) fn tag_columns(&self) -> usize {
        self.of_tags().count()
    }

    /// Takes a row apart.
    pub(super) fn row(&self, row: &[u8]) -> Result<Row, String> {
        let cells = cells(row);
        if cells.len() != self.columns.len() {
            return Err(format!(
                "{} cells where the header has {}",
                cells.len(),
                self.columns.len()
            ));
        }
        let (mut metric, mut time, mut value) = (None, None, None);
        let mut tags = Vec::new();
        for (column, cell) in self.columns.iter().zip(cells) {
            match column {
                Column::Metric => metric = Some(cell),
                Column::Time => time = Some(cell),
                Column::Value => value = Some(cell),
                Column::Metadata => {}
                Column::ExtraTags | Column::Tag(_) => tags.push(cell),
            }
        }
        match (metric, time, value) {
            (Some(metric), Some(time), Some(value)) if !metric.is_empty() => Ok(Row {
                metric,
                time,
                value,
                tags,
            }),
            _ => Err("a row without a metric".to_owned()),
        }
    }

    /// The tags that these cells make.
    pub(super) fn tags<'a>(&'a self, cells: impl Iterator<Item = Cow<'a, str>>) -> Vec<Tag<'a>> {
        let mut tags = Vec::new();
        for (column, cell) in self.of_tags().zip(cells) {
            match column {
                Column::Tag(key) if !cell.is_empty() => tags.push((key.into(), cell)),
                Column::ExtraTags => tags.extend(
                    extra_tags(&cell)
                        .into_iter()
                        .map(|(key, value)| (key.into(), value.into())),
                ),
                _ => {}
            }
        }
        tags
    }

    fn of_tags(&self) -> impl Iterator<Item = &Column> {
        let columns = self.columns.iter();
        columns.filter(|column| matches!(column, Column::ExtraTags | Column::Tag(_)))
    }
}

/// Tags of the form `k=v&k=v`. Nothing in them is escaped, so a part without `=` is taken to
/// belong to the value before it.
fn extra_tags(cell: &str) -> Vec<(String, String)> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for part in cell.split('&') {
        match (part.split_once('='), tags.last_mut()) {
            (Some((key, value)), _) => tags.push((key.to_owned(), value.to_owned())),
            (None, Some((_, value))) => {
                value.push('&');
                value.push_str(part);
            }
            (None, None) => {}
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_tags_are_not_escaped() {
        assert_eq!(extra_tags(""), []);
        assert_eq!(
            extra_tags("label=a&environment=b&c"),
            [
                ("label".to_owned(), "a".to_owned()),
                ("environment".to_owned(), "b&c".to_owned())
            ]
        );
    }

    #[test]
    fn only_k6s_order_of_columns_is_usual() {
        for (header, usual) in [
            (
                "metric_name,timestamp,metric_value,check,extra_tags,metadata",
                true,
            ),
            ("metric_name,timestamp,metric_value,check", true),
            ("metric_name,timestamp,metric_value", false),
            ("timestamp,metric_name,metric_value,check", false),
            ("metric_name,timestamp,metric_value,metadata,check", false),
            ("metric_name,timestamp,metric_value,check,timestamp", false),
        ] {
            assert_eq!(
                Header::parse(header.as_bytes()).is_usual(),
                usual,
                "{header}"
            );
        }
    }
}
