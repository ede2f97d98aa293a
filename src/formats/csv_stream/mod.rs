//! `--out csv=`: one sample a row, columns by name.
//!
//! Columns change with k6's version and `--system-tags`; every column that is not one of k6's own
//! five is a tag, and an empty cell is a tag that the sample does not have. `extra_tags` holds more
//! tags as `k=v&k=v`, in random order and unescaped.

#[cfg(any(test, fuzzing))]
pub(super) mod both;
mod cells;
mod header;
mod rows;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use memchr::{memchr, memchr2, memrchr};

use super::decimal;
use super::detect::is_csv_header;
use super::known::{Known, Spelling};
use super::sink::Tag;
use super::stream::{Found, Parser};
use super::time::{self, Clock};
use cells::{cells, spelled};
use header::Header;
use rows::{Rows, row_end};

/// Reads rows in k6's own order of columns and without quotes by hand, and every other row with a
/// full CSV parser. Both spell the tags of a row as the cells that make them.
#[derive(Default)]
pub(super) struct CsvStream {
    /// `None` before the first header.
    header: Option<Arc<Header>>,
    clock: Clock,
}

/// A sample, and the length of its row with its end.
struct Sample {
    series: u32,
    time: i64,
    value: f64,
    length: usize,
}

impl Parser for CsvStream {
    type Cut = Rows;

    fn parse(
        &mut self,
        text: &[u8],
        header: &Option<Arc<Header>>,
        known: &mut Known,
        found: &mut Found,
    ) {
        if self.header != *header {
            // The same cells stand for other tags now.
            self.header.clone_from(header);
            known.forget();
        }
        let is_usual = header.as_ref().is_some_and(|header| header.is_usual());
        let mut rest = text;
        while !rest.is_empty() {
            if is_usual && let Some(sample) = self.fast(rest, known) {
                found.lines += 1;
                found.sample(sample.series, sample.time, sample.value);
                rest = &rest[sample.length..];
                continue;
            }
            // Blocks hold whole rows, so that one goes on to the end at most.
            let length = row_end(rest, true).unwrap_or(rest.len());
            let (row, after) = rest.split_at(length);
            rest = after;
            self.row(row, known, found);
        }
    }
}

impl CsvStream {
    /// Reads the row at the beginning of a text, if there is nothing unusual about it.
    fn fast(&mut self, text: &[u8], known: &mut Known) -> Option<Sample> {
        let Self { header, clock } = self;
        let header = header.as_deref()?;
        let (metric, rest) = cell(text)?;
        let (time, rest) = cell(rest)?;
        let (value, rest) = cell(rest)?;
        let end = memchr2(b'\n', b'"', rest).filter(|end| rest[*end] == b'\n')?;
        let row = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        let tags = if header.ends_with_metadata() {
            &row[..memrchr(b',', row)?]
        } else {
            row
        };
        let time = match clock.read(time) {
            Some((at, length)) if length == time.len() => at,
            _ => time::csv(std::str::from_utf8(time).ok()?)?,
        };
        let (value, _) = decimal::read(value).filter(|(_, length)| *length == value.len())?;
        let metric = known.metric(metric, |metric| {
            let metric = std::str::from_utf8(metric).ok()?;
            (!metric.is_empty()).then_some(metric)
        })?;
        let tags = known.tags(tags, |tags, _| {
            let columns = memchr::memchr_iter(b',', tags).count() + 1;
            let tags = std::str::from_utf8(tags).ok()?;
            (columns == header.tag_columns()).then_some(tags)
        })?;
        Some(Sample {
            series: known.series(metric, tags),
            time,
            value,
            length: text.len() - rest.len() + end + 1,
        })
    }

    /// Reads a row of any spelling, and counts its lines.
    fn row(&self, row: &[u8], known: &mut Known, found: &mut Found) {
        // A row is told by its first line.
        found.lines += 1;
        if let Err(reason) = self.take(row, known, found) {
            if !self.is_row(row) {
                found.strays.extend_from_slice(row);
            }
            found.skip(row.ends_with(b"\n"), reason);
        }
        let more = row.strip_suffix(b"\n").unwrap_or(row);
        found.lines += memchr::memchr_iter(b'\n', more).count() as u64;
    }

    /// Whether a row has as many cells as the header.
    fn is_row(&self, row: &[u8]) -> bool {
        let columns = self.header.as_ref().map(|header| header.columns());
        columns == Some(cells(row.trim_ascii_end()).len())
    }

    /// Takes the sample of a row of any spelling.
    fn take(&self, row: &[u8], known: &mut Known, found: &mut Found) -> Result<(), String> {
        let row = row.strip_suffix(b"\n").unwrap_or(row);
        let row = row.strip_suffix(b"\r").unwrap_or(row);
        let line = row.trim_ascii();
        if line.is_empty() || (is_csv_header(line) && memchr(b'\n', line).is_none()) {
            return Ok(());
        }
        let header = self.header.as_ref().ok_or("a line before the header")?;
        let row = header.row(row)?;
        let time = time::csv(&row.time).ok_or_else(|| format!("{:?} is no time", row.time))?;
        let value = number(&row.value).ok_or_else(|| format!("{:?} is no value", row.value))?;
        let metric = known.learn_metric(&row.metric);
        let tags = known.learn_tags(&spelled(&row.tags), &[]);
        found.sample(known.series(metric, tags), time, value);
        Ok(())
    }
}

impl Spelling for CsvStream {
    fn metric<'a>(&self, spelled: &'a str) -> &'a str {
        spelled
    }

    fn tags<'a>(&'a self, spelled: &'a str, _: &'a [u32]) -> impl Iterator<Item = Tag<'a>> {
        let tags = self.header.as_ref().map(|header| {
            if spelled.contains('"') {
                header.tags(cells(spelled.as_bytes()).into_iter().map(Cow::Owned))
            } else {
                header.tags(spelled.split(',').map(Cow::Borrowed))
            }
        });
        tags.into_iter().flatten()
    }
}

/// A cell without quotes, and what follows its comma.
fn cell(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b',', text)?;
    let plain = memchr2(b'"', b'\n', &text[..end]).is_none();
    plain.then(|| (&text[..end], &text[end + 1..]))
}

/// A value: a decimal number, or an infinity, which k6 writes as `+Inf`.
fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        _ => text.parse().ok().filter(|value: &f64| value.is_finite()),
    }
}
