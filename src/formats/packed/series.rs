//! The series of a row group: every distinct metric and tag set, once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::error::{Error, Result};
use super::layout::STRING_COST;

/// One series: a metric, its type where that is known, and its tags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SeriesRow<'a> {
    /// Name of the metric.
    pub(crate) metric: &'a str,
    /// `counter`, `gauge`, `rate` or `trend`, or nothing where no one said.
    pub(crate) kind: Option<&'a str>,
    /// Tag keys and values; any order when pushed, sorted by key when read.
    pub(crate) tags: Vec<(&'a str, &'a str)>,
}

/// The code that stands for "no value".
const ABSENT: u32 = u32::MAX;

/// A text per series, or none: each distinct text once, and a code a series.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strings {
    values: Vec<Arc<str>>,
    /// May be shorter than the table: the series behind its end have no value.
    codes: Vec<u32>,
    lookup: HashMap<Arc<str>, u32>,
}

impl Strings {
    /// The text of series `id`.
    #[must_use]
    pub(crate) fn get(&self, id: usize) -> Option<&str> {
        self.code(id).map(|code| &*self.values[code as usize])
    }

    /// The place in [`values`](Self::values) of the text of series `id`.
    #[must_use]
    pub(crate) fn code(&self, id: usize) -> Option<u32> {
        self.codes.get(id).copied().filter(|&code| code != ABSENT)
    }

    /// The distinct texts, by first appearance.
    #[must_use]
    pub(crate) fn values(&self) -> &[Arc<str>] {
        &self.values
    }

    /// Takes over what a reader decoded; `codes` point into `values`.
    pub(super) fn decoded(values: Vec<Arc<str>>, codes: Vec<Option<u32>>) -> Self {
        let codes = codes
            .into_iter()
            .map(|code| code.unwrap_or(ABSENT))
            .collect();
        Self {
            values,
            codes,
            lookup: HashMap::new(),
        }
    }

    fn set(&mut self, id: usize, value: &str) -> Result<()> {
        if self.codes.len() > id {
            return Err(Error::Input("a series has the same tag twice"));
        }
        self.codes.resize(id, ABSENT);
        // Series are met in the order of the samples, so most share most tags with the one before.
        let last = self.codes.last().filter(|&&code| code != ABSENT).copied();
        let code = match last {
            Some(code) if &*self.values[code as usize] == value => code,
            _ => self.intern(value)?,
        };
        self.codes.push(code);
        Ok(())
    }

    fn intern(&mut self, value: &str) -> Result<u32> {
        if let Some(&code) = self.lookup.get(value) {
            return Ok(code);
        }
        let code = u32::try_from(self.values.len())
            .ok()
            .filter(|&code| code != ABSENT);
        let code = code.ok_or(Error::Input("too many distinct texts"))?;
        let value: Arc<str> = value.into();
        self.values.push(Arc::clone(&value));
        self.lookup.insert(value, code);
        Ok(code)
    }

    /// Bytes that the texts take when read back.
    fn weight(&self) -> usize {
        self.values
            .iter()
            .map(|value| STRING_COST + value.len())
            .sum()
    }
}

/// The series of one row group, by columns: row `id` is the series with that number.
///
/// Columns, because a tag value is shared by many series: a million distinct series (a script that does not
/// group its URLs) are 4 bytes a tag each, not a text each.
#[derive(Debug, Clone, Default)]
pub(crate) struct GroupSeries {
    len: usize,
    pub(super) metric: Strings,
    pub(super) kind: Strings,
    pub(super) tags: BTreeMap<Box<str>, Strings>,
}

impl GroupSeries {
    /// Takes over what a reader decoded.
    pub(super) fn decoded(
        len: usize,
        metric: Strings,
        kind: Strings,
        tags: BTreeMap<Box<str>, Strings>,
    ) -> Self {
        Self {
            len,
            metric,
            kind,
            tags,
        }
    }

    /// How many series there are.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Appends a series and returns its number. Whether it is new is for the caller to know.
    ///
    /// # Errors
    /// When a tag key comes twice; the table is then of no use.
    pub(crate) fn push(&mut self, row: &SeriesRow<'_>) -> Result<u32> {
        let id = u32::try_from(self.len).map_err(|_| Error::Input("too many series"))?;
        self.metric.set(self.len, row.metric)?;
        if let Some(kind) = row.kind {
            self.kind.set(self.len, kind)?;
        }
        for &(key, value) in &row.tags {
            if let Some(column) = self.tags.get_mut(key) {
                column.set(self.len, value)?;
            } else {
                let mut column = Strings::default();
                column.set(self.len, value)?;
                self.tags.insert(key.into(), column);
            }
        }
        self.len += 1;
        Ok(id)
    }

    /// Whether a series has the tags of the one before, as those of one request have.
    pub(crate) fn has_tags_of_last(&self, id: usize) -> bool {
        let mut columns = self.tags.values();
        id > 0 && columns.all(|column| column.code(id) == column.code(id - 1))
    }

    /// The series with number `id`.
    #[cfg(test)]
    pub(super) fn row(&self, id: usize) -> Option<SeriesRow<'_>> {
        Some(SeriesRow {
            metric: self.metric(id)?,
            kind: self.kind.get(id),
            tags: self.tags_of(id).collect(),
        })
    }

    /// The metric of series `id`.
    pub(crate) fn metric(&self, id: usize) -> Option<&str> {
        self.metric.get(id)
    }

    /// The tags of series `id`, sorted by key.
    pub(crate) fn tags_of(&self, id: usize) -> impl Iterator<Item = (&str, &str)> {
        self.tags()
            .filter_map(move |(key, column)| Some((key, column.get(id)?)))
    }

    /// The tag columns, sorted by key.
    pub(crate) fn tags(&self) -> impl Iterator<Item = (&str, &Strings)> {
        self.tags.iter().map(|(key, column)| (&**key, column))
    }

    /// Bytes that a reader needs for this table.
    pub(super) fn weight(&self, columns: usize) -> usize {
        let texts: usize = self
            .tags
            .values()
            .chain([&self.metric, &self.kind])
            .map(Strings::weight)
            .sum();
        texts.saturating_add(table_weight(self.len, columns))
    }
}

/// Bytes that the codes of a series table take.
pub(super) fn table_weight(series: usize, columns: usize) -> usize {
    series
        .saturating_mul(columns)
        .saturating_mul(size_of::<u32>())
}
