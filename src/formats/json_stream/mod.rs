//! `--out json=`: one JSON object a line, metrics' declarations and samples.

#[cfg(any(test, fuzzing))]
pub(super) mod both;
mod fast;
mod tags;
#[cfg(test)]
mod tests;
mod whole;

use super::blocks::Lines;
use super::known::{Known, Spelling};
use super::sink::Tag;
use super::stream::{Found, Parser};
use super::time::Clock;

use whole::Line;

/// Reads samples in k6's own spelling by [`fast`], and every other line by [`whole`].
#[derive(Default)]
pub(super) struct JsonStream {
    clock: Clock,
}

/// Stands before the name of a metric that k6 does not spell as it is, so that the bytes of a line
/// are never taken for it.
const ESCAPED: char = '"';

impl Parser for JsonStream {
    type Cut = Lines;

    fn parse(&mut self, text: &[u8], (): &(), known: &mut Known, found: &mut Found) {
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(sample) = fast::read(rest, &mut self.clock, known) {
                found.lines += 1;
                found.sample(sample.series, sample.time, sample.value);
                rest = &rest[sample.length..];
                continue;
            }
            let end = memchr::memchr(b'\n', rest);
            let (line, after) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
            rest = after;
            found.lines += 1;
            take(line, known, found);
        }
    }
}

/// Reads a line of any spelling.
fn take(line: &[u8], known: &mut Known, found: &mut Found) {
    let text = line.trim_ascii();
    if text.is_empty() {
        found.strays.extend_from_slice(line);
        return;
    }
    match whole::read(text) {
        Ok(Line::Declaration(declaration)) => found.declaration(declaration),
        Ok(Line::Sample {
            metric,
            tags,
            quotes,
            time,
            value,
        }) => {
            let metric = if fast::is_plain(&metric) {
                known.learn_metric(&metric)
            } else {
                known.learn_metric(&format!("{ESCAPED}{metric}"))
            };
            let tags = known.learn_tags(tags, &quotes);
            found.sample(known.series(metric, tags), time, value);
        }
        Err(reason) => {
            if !whole::is_object(text) {
                found.strays.extend_from_slice(line);
            }
            found.skip(line.ends_with(b"\n"), reason);
        }
    }
}

impl Spelling for JsonStream {
    fn metric<'a>(&self, spelled: &'a str) -> &'a str {
        spelled.strip_prefix(ESCAPED).unwrap_or(spelled)
    }

    fn tags<'a>(&'a self, spelled: &'a str, marks: &'a [u32]) -> impl Iterator<Item = Tag<'a>> {
        tags::read(spelled, marks)
    }
}
