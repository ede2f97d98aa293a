//! Where the samples of a stream go, in the order of the file.

use std::borrow::Cow;

use super::detect::Format;
use crate::error::Result;
use crate::run::{Declarations, MetricDeclaration, SamplesBuilder, SeriesTable, Skipped};

/// A tag of a sample: key and value.
pub(super) type Tag<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Takes the samples of a stream, and says which numbers their series have.
pub(super) trait Sink: Send {
    /// Changes when the numbers that it gave are no longer valid.
    fn generation(&self) -> u64;

    /// The metrics and the series so far.
    fn tables(&mut self) -> (&mut Declarations, &mut SeriesTable);

    /// The number of a metric.
    fn metric(&mut self, name: &str) -> u32 {
        let (declarations, series) = self.tables();
        declarations.know(name);
        series.intern_metric(name)
    }

    /// The number of a tag set.
    fn tags<'a>(&mut self, tags: impl Iterator<Item = Tag<'a>>) -> u32 {
        self.tables().1.intern_tags(tags)
    }

    /// The number of the series of a metric and a tag set.
    fn series(&mut self, metric: u32, tags: u32) -> u32 {
        self.tables().1.intern_pair(metric, tags)
    }

    /// A metric's declaration.
    fn declare(&mut self, declaration: MetricDeclaration) {
        self.tables().0.add(declaration);
    }

    /// Samples, whose three parts are equally long; `skipped` is what was not used up to them.
    fn append(
        &mut self,
        series: &[u32],
        times: &[i64],
        values: &[f64],
        skipped: &Skipped,
    ) -> Result<()>;

    /// Lines that are none of k6's stream.
    fn strays(&mut self, lines: &[u8]);
}

/// A stream that was read to its end, or to where it is cut.
pub(super) struct StreamRead<S> {
    pub(super) sink: S,
    /// What was not used.
    pub(super) skipped: Skipped,
    /// The format in which k6 wrote it.
    pub(super) origin: Format,
    /// The bytes of its text, if it was text.
    pub(super) text: Option<u64>,
}

impl Sink for SamplesBuilder {
    fn generation(&self) -> u64 {
        0
    }

    fn tables(&mut self) -> (&mut Declarations, &mut SeriesTable) {
        Self::tables(self)
    }

    fn append(&mut self, series: &[u32], times: &[i64], values: &[f64], _: &Skipped) -> Result<()> {
        self.extend(series, times, values);
        Ok(())
    }

    fn strays(&mut self, _: &[u8]) {}
}
