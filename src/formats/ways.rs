//! What a stream says by each way of reading it, so that tests and fuzzing can hold the ways against each
//! other: by the fast path and by the full parser, in blocks of any size.

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

use super::blocks::Blocks;
use super::input::Input;
use super::known::{Known, Spelling};
use super::stream::{Assembly, Found, Parser, read_blocks};
use super::{Format, Meter};
use crate::error::Result;
use crate::run::{MetricDeclaration, SamplesBuilder, Skipped};

/// A sample: metric, tags, time, and the bits of the value.
type Sample = (String, Vec<(String, String)>, i64, u64);

/// Everything that was found in a text, apart from how it was numbered.
#[derive(Debug, PartialEq)]
pub(super) struct Outcome {
    pub(super) samples: Vec<Sample>,
    pub(super) declarations: Vec<(usize, MetricDeclaration)>,
    pub(super) lines: u64,
    pub(super) skipped: Skipped,
    strays: Vec<u8>,
}

/// What a parser finds, numbered and looked up again.
pub(super) fn outcome<P: Spelling>(
    parser: &mut P,
    parse: impl FnOnce(&mut P, &mut Known, &mut Found),
) -> Outcome {
    let (mut known, mut found) = (Known::default(), Found::default());
    parse(parser, &mut known, &mut found);
    let mut samples = SamplesBuilder::default();
    known.number(&mut found.series, parser, &mut samples);
    let table = samples.tables().1;
    let rows = found.series.iter().zip(&found.times).zip(&found.values);
    let sample = |((series, time), value): ((&u32, &i64), &f64)| {
        let series = table.get(*series);
        let tags = series.tags().map(|(k, v)| (k.to_owned(), v.to_owned()));
        (
            series.metric().to_owned(),
            tags.collect(),
            *time,
            value.to_bits(),
        )
    };
    Outcome {
        samples: rows.map(sample).collect(),
        declarations: found.declarations,
        lines: found.lines,
        skipped: found.skipped,
        strays: found.strays,
    }
}

/// What is kept of a stream.
#[derive(Debug, PartialEq)]
pub(super) struct Kept {
    /// All of it.
    pub(super) text: String,
    /// The number of samples.
    pub(super) samples: usize,
    /// What was not used.
    pub(super) skipped: Skipped,
}

/// Reads a stream in blocks of this size.
pub(super) fn in_blocks<P: Parser>(text: &[u8], size: usize) -> Result<Kept> {
    let input = Input {
        path: PathBuf::from("x"),
        format: Format::JsonStream,
        live: false,
        compressed: false,
        file: None,
        reader: Box::new(Cursor::new(text.to_vec())),
        bytes: Arc::default(),
    };
    let blocks = Blocks::<P::Cut>::of(input).sized(size);
    let read = read_blocks::<P, _>(blocks, SamplesBuilder::default(), &Meter::default())?;
    let Assembly { sink, skipped, .. } = read;
    let samples = sink.finish()?;
    let series = samples.series().iter().map(|series| {
        let tags: Vec<_> = series.tags().collect();
        format!("{} {tags:?}\n", series.metric())
    });
    let series: String = series.collect();
    let points: Vec<_> = samples.iter().collect();
    let metrics = samples.declarations();
    Ok(Kept {
        text: format!("{series}{points:?}\n{metrics:?}\n{skipped:?}"),
        samples: points.len(),
        skipped,
    })
}
