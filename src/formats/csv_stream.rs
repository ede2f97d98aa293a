//! `--out csv=`: one sample a row, columns by name.
//!
//! Columns change with k6's version and `--system-tags`; every column that is not one of k6's own
//! five is a tag, and an empty cell is a tag that the sample does not have. `extra_tags` holds more
//! tags as `k=v&k=v`, in random order and unescaped.

use std::collections::{HashMap, VecDeque};

use super::detect::is_csv_header;
use super::input::Lines;
use super::time;
use crate::error::Result;
use crate::run::{Point, Samples, SamplesBuilder, Series, Skipped};

/// A quoted cell can hold line ends, but not this many: a stray quote must not eat the file.
const MOST_LINES_IN_A_ROW: usize = 16;

/// Reads a stream to its end, or to where it is cut.
pub(super) fn read(lines: Lines) -> Result<(Samples, Skipped)> {
    let mut rows = Rows {
        lines,
        ahead: VecDeque::new(),
    };
    let mut reader: Option<Reader> = None;
    let mut skipped = Skipped::default();
    while let Some(row) = rows.next()? {
        if row.text.trim_ascii().is_empty() {
            continue;
        }
        if is_csv_header(&row.text) {
            // A file of several runs, or of several pods, repeats its header.
            let samples = reader.take().map(|r| r.samples).unwrap_or_default();
            reader = Some(Reader::new(&cells(&row.text), samples));
            continue;
        }
        let taken = match &mut reader {
            Some(reader) => reader.take(&row.text),
            None => Err("a line before the header".to_owned()),
        };
        if let Err(reason) = taken {
            if !row.ended {
                skipped.cut = Some("the last line is cut".to_owned());
            }
            skipped.add(row.number, || reason);
        }
    }
    if let Some(cut) = rows.lines.cut() {
        skipped.cut = Some(cut.to_owned());
    }
    let samples = reader.map(|r| r.samples).unwrap_or_default();
    Ok((samples.finish()?, skipped))
}

struct Row {
    number: u64,
    text: Vec<u8>,
    ended: bool,
}

/// Lines put together where a quoted cell goes over their ends.
struct Rows {
    lines: Lines,
    ahead: VecDeque<Row>,
}

impl Rows {
    fn next(&mut self) -> Result<Option<Row>> {
        let Some(first) = self.line(0)? else {
            return Ok(None);
        };
        if !first.has_open_quote() {
            return Ok(self.ahead.pop_front());
        }
        let (number, mut text) = (first.number, first.text.clone());
        for more in 1..MOST_LINES_IN_A_ROW {
            let Some(line) = self.line(more)? else { break };
            text.push(b'\n');
            text.extend_from_slice(&line.text);
            let joined = Row {
                number,
                ended: line.ended,
                text,
            };
            if !joined.has_open_quote() {
                self.ahead.drain(..=more);
                return Ok(Some(joined));
            }
            text = joined.text;
        }
        Ok(self.ahead.pop_front())
    }

    fn line(&mut self, ahead: usize) -> Result<Option<&Row>> {
        while self.ahead.len() <= ahead {
            let Some(line) = self.lines.next()? else {
                return Ok(None);
            };
            let row = Row {
                number: line.number,
                text: line.bytes.to_vec(),
                ended: line.ended,
            };
            self.ahead.push_back(row);
        }
        Ok(self.ahead.get(ahead))
    }
}

impl Row {
    /// Whether a quoted cell has not ended. A quote opens only at a cell's beginning, so that one
    /// inside a log line does not.
    fn has_open_quote(&self) -> bool {
        let mut quoted = false;
        let mut at_cell_start = true;
        for byte in &self.text {
            match byte {
                b'"' if quoted => quoted = false,
                // Also the second of two quotes, which stand for one.
                b'"' if at_cell_start => quoted = true,
                _ => {}
            }
            at_cell_start = !quoted && (*byte == b',' || *byte == b'"');
        }
        quoted
    }
}

fn cells(row: &[u8]) -> Vec<String> {
    if !row.contains(&b'"') {
        let text = String::from_utf8_lossy(row);
        return text.split(',').map(str::to_owned).collect();
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(row);
    let mut record = csv::ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(true) => record
            .iter()
            .map(|c| String::from_utf8_lossy(c).into_owned())
            .collect(),
        _ => Vec::new(),
    }
}

enum Column {
    Metric,
    Time,
    Value,
    ExtraTags,
    /// Not indexed by k6, and different for nearly every sample.
    Metadata,
    Tag(String),
}

struct Reader {
    columns: Vec<Column>,
    samples: SamplesBuilder,
    /// Series by all cells that make them.
    known: HashMap<Vec<String>, u32>,
}

impl Reader {
    fn new(header: &[String], samples: SamplesBuilder) -> Self {
        let column = |name: &String| match name.trim() {
            "metric_name" => Column::Metric,
            "timestamp" => Column::Time,
            "metric_value" => Column::Value,
            "extra_tags" => Column::ExtraTags,
            "metadata" => Column::Metadata,
            tag => Column::Tag(tag.to_owned()),
        };
        Self {
            columns: header.iter().map(column).collect(),
            samples,
            known: HashMap::new(),
        }
    }

    fn take(&mut self, row: &[u8]) -> Result<(), String> {
        let cells = cells(row);
        if cells.len() != self.columns.len() {
            return Err(format!(
                "{} cells where the header has {}",
                cells.len(),
                self.columns.len()
            ));
        }
        let (mut time, mut value) = (None, None);
        let mut key = Vec::new();
        for (column, cell) in self.columns.iter().zip(cells) {
            match column {
                Column::Time => {
                    time = Some(time::csv(&cell).ok_or_else(|| format!("{cell:?} is no time"))?);
                }
                Column::Value => {
                    value = Some(number(&cell).ok_or_else(|| format!("{cell:?} is no value"))?);
                }
                Column::Metric if cell.is_empty() => {
                    return Err("a row without a metric".to_owned());
                }
                Column::Metadata => {}
                Column::Metric | Column::ExtraTags | Column::Tag(_) => key.push(cell),
            }
        }
        let (Some(time), Some(value)) = (time, value) else {
            return Err("a row without time or value".to_owned());
        };
        let series = self.series(key);
        self.samples.push(Point {
            series,
            time,
            value,
        });
        Ok(())
    }

    fn series(&mut self, key: Vec<String>) -> u32 {
        if let Some(id) = self.known.get(&key) {
            return *id;
        }
        let (mut metric, mut tags) = (String::new(), Vec::new());
        let kept = self
            .columns
            .iter()
            .filter(|c| matches!(c, Column::Metric | Column::ExtraTags | Column::Tag(_)));
        for (column, cell) in kept.zip(&key) {
            match column {
                Column::Metric => metric.clone_from(cell),
                Column::Tag(tag) if !cell.is_empty() => tags.push((tag.clone(), cell.clone())),
                Column::ExtraTags => tags.extend(extra_tags(cell)),
                _ => {}
            }
        }
        let id = self.samples.series(Series::new(metric, tags));
        self.known.insert(key, id);
        id
    }
}

/// A value: a decimal number, or an infinity, which k6 writes as `+Inf`.
fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        _ => text.parse().ok().filter(|value: &f64| value.is_finite()),
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

    fn row(text: &str) -> Row {
        Row {
            number: 1,
            text: text.as_bytes().to_vec(),
            ended: true,
        }
    }

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
    fn a_quote_opens_only_at_a_cells_beginning() {
        assert!(row("m,\"a").has_open_quote());
        assert!(!row("m,\"a \"\"b\"\" c\",1").has_open_quote());
        assert!(!row("time=\"2026\" msg=\"x").has_open_quote());
        assert!(row("m,\"a \"\"b").has_open_quote());
    }

    #[test]
    fn infinities_are_values_and_words_are_not() {
        assert_eq!(number("+Inf"), Some(f64::INFINITY));
        assert_eq!(number("1.500000"), Some(1.5));
        for bad in ["", "NaN", "inf", "1e999", "x"] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }
}
