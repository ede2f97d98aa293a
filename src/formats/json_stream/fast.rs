//! Samples in exactly the spelling that k6 writes, read without a JSON parser.
//!
//! A line is compared with k6's shape piece by piece; time and value are parsed by hand, and metric
//! and tags are looked up by their bytes. The bytes of tags that were not seen before go through the
//! same function as in any other line, so that nothing is taken here which a JSON parser would
//! refuse. For every line that is different in anything, the answer is `None`.

use memchr::{memchr, memchr2, memmem, memrchr};
use serde::de::IgnoredAny;

use super::tags;
use crate::formats::decimal;
use crate::formats::known::Known;
use crate::formats::time::Clock;

/// A sample, and the length of its line with its end.
pub(super) struct Sample {
    pub(super) series: u32,
    pub(super) time: i64,
    pub(super) value: f64,
    pub(super) length: usize,
}

/// Reads the sample at the beginning of a text.
pub(super) fn read(text: &[u8], clock: &mut Clock, known: &mut Known) -> Option<Sample> {
    // k6 of today, and of 2022.
    let (metric, data) = match text.strip_prefix(b"{\"metric\":\"") {
        Some(rest) => {
            let (metric, rest) = metric_to_time(rest, known)?;
            (Some(metric), rest)
        }
        None => (
            None,
            text.strip_prefix(b"{\"type\":\"Point\",\"data\":{\"time\":\"")?,
        ),
    };
    let (time, length) = clock.read(data)?;
    let rest = data[length..].strip_prefix(b"\",\"value\":")?;
    let (value, length) = decimal::read(rest)?;
    let rest = rest[length..].strip_prefix(b",\"tags\":")?;
    let (metric, tags, rest) = match metric {
        Some(metric) => {
            let (tags, rest) = tags_to_end(rest, known)?;
            (metric, tags, rest)
        }
        None => tags_and_metric(rest, known)?,
    };
    Some(Sample {
        series: known.series(metric, tags),
        time,
        value,
        length: text.len() - rest.len(),
    })
}

/// The metric and what stands before the time; the metric's number, and what follows.
fn metric_to_time<'a>(text: &'a [u8], known: &mut Known) -> Option<(u32, &'a [u8])> {
    const BETWEEN: &[u8] = b",\"type\":\"Point\",\"data\":{\"time\":\"";
    if let Some((metric, spelled)) = known.likely_metric()
        && let Some(rest) = text.strip_prefix(spelled)
        && let Some(rest) = rest.strip_prefix(b"\"")
        && let Some(rest) = rest.strip_prefix(BETWEEN)
    {
        known.followed_by(metric);
        return Some((metric, rest));
    }
    let (metric, rest) = string(text)?;
    let rest = rest.strip_prefix(BETWEEN)?;
    Some((known.metric(metric, plain_name)?, rest))
}

/// The tags, up to the end of the line; their number, and what follows.
fn tags_to_end<'a>(text: &'a [u8], known: &mut Known) -> Option<(u32, &'a [u8])> {
    if let Some((tags, spelled)) = known.last_tags()
        && let Some(rest) = text.strip_prefix(spelled)
        && let Some(rest) = rest.strip_prefix(b"}}\n")
    {
        return Some((tags, rest));
    }
    let (line, rest) = line(text)?;
    let spelled = line.strip_suffix(b"}}")?;
    if let Some(tags) = known.tags(spelled, plain) {
        return Some((tags, rest));
    }
    // Metadata is different for nearly every sample, and read by nobody.
    let spelled = match memmem::find(spelled, b",\"metadata\":") {
        Some(at) => {
            let metadata = std::str::from_utf8(&spelled[at + b",\"metadata\":".len()..]).ok()?;
            serde_json::from_str::<IgnoredAny>(metadata).ok()?;
            &spelled[..at]
        }
        None => spelled,
    };
    Some((known.tags(spelled, readable)?, rest))
}

/// The tags and, after them, the metric, up to the end of the line; their numbers, and what follows.
fn tags_and_metric<'a>(text: &'a [u8], known: &mut Known) -> Option<(u32, u32, &'a [u8])> {
    const BETWEEN: &[u8] = b"},\"metric\":\"";
    if let Some((tags, spelled)) = known.last_tags()
        && let Some(rest) = text.strip_prefix(spelled)
        && let Some(rest) = rest.strip_prefix(BETWEEN)
        && let Some((metric, rest)) = string(rest)
        && let Some(rest) = rest.strip_prefix(b"}\n")
    {
        return Some((known.metric(metric, plain_name)?, tags, rest));
    }
    let (line, rest) = line(text)?;
    let before = line.strip_suffix(b"\"}")?;
    let metric = memrchr(b'"', before)? + 1;
    let spelled = before[..metric].strip_suffix(BETWEEN)?;
    let metric = &before[metric..];
    let tags = known.tags(spelled, readable)?;
    Some((known.metric(metric, plain_name)?, tags, rest))
}

/// Tags in the plainest spelling.
fn plain<'a>(spelled: &'a [u8], marks: &mut Vec<u32>) -> Option<&'a str> {
    let spelled = std::str::from_utf8(spelled).ok()?;
    tags::plain(spelled, marks).then_some(spelled)
}

/// Tags in any spelling.
fn readable<'a>(spelled: &'a [u8], marks: &mut Vec<u32>) -> Option<&'a str> {
    let spelled = std::str::from_utf8(spelled).ok()?;
    tags::check(spelled, marks).ok()?;
    Some(spelled)
}

/// A string up to its closing quote, and what follows; `None` when there is an escape in it.
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr2(b'"', b'\\', text)?;
    let rest = text[end..].strip_prefix(b"\"")?;
    Some((&text[..end], rest))
}

/// A line without its end, and what follows; `None` when it does not end.
fn line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b'\n', text)?;
    let line = &text[..end];
    Some((line.strip_suffix(b"\r").unwrap_or(line), &text[end + 1..]))
}

/// A metric's name that is spelled as it is.
fn plain_name(name: &[u8]) -> Option<&str> {
    std::str::from_utf8(name).ok().filter(|name| is_plain(name))
}

/// Whether a metric's name is spelled as it is, and may be one.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte >= b' ' && !b"\"\\".contains(&byte))
}
