//! What a parser has seen before, so that it need not be parsed again.

use crate::run::{Lists, Pairs, Strings};

use super::sink::{Sink, Tag};

/// More text than this is not kept: a stream in which nearly every request has tags of its own
/// would fill the memory with what never comes again.
const MOST_BYTES: usize = 4 << 20;

/// Nor are more series than this.
const MOST_SERIES: usize = 1 << 18;

const NONE: u32 = u32::MAX;

/// Metrics and tag sets by the bytes with which a stream spells them, and the numbers that they
/// have for this parser. One spelling stands for one series; one series can have several spellings,
/// which [`Numbers`] brings together.
#[derive(Default)]
pub(super) struct Known {
    metrics: Strings,
    /// The metric of the last sample, and for every metric the one that came after it when it came last:
    /// k6 writes a request's metrics one after another and always in the same order.
    last_metric: usize,
    next_metrics: Vec<u32>,
    tags: Strings,
    /// Where the parts of each spelling of tags stand, as far as that was noted.
    marks: Lists<u32>,
    series: Pairs,
    /// The tags of the last sample; those of the next are nearly always the same.
    last: Option<u32>,
    numbers: Numbers,
}

/// The numbers of metrics, tag sets and series in the sink; `NONE` until they are asked for.
#[derive(Default)]
struct Numbers {
    generation: u64,
    metrics: Vec<u32>,
    tags: Vec<u32>,
    series: Vec<u32>,
}

impl Numbers {
    fn clear(&mut self) {
        self.metrics.clear();
        self.tags.clear();
        self.series.clear();
    }
}

/// How the spellings of a stream are read.
pub(super) trait Spelling {
    /// The metric that is spelled so.
    fn metric<'a>(&self, spelled: &'a str) -> &'a str;

    /// The tags that are spelled so, which were read before without a mistake. `marks` is what was
    /// noted then, if anything was.
    fn tags<'a>(&'a self, spelled: &'a str, marks: &'a [u32]) -> impl Iterator<Item = Tag<'a>>;
}

impl Known {
    /// The metric that likely comes next: its number and its spelling.
    pub(super) fn likely_metric(&self) -> Option<(u32, &[u8])> {
        let likely = *self.next_metrics.get(self.last_metric)?;
        Some((likely, self.metrics.text(likely).as_bytes()))
    }

    /// The number of a metric's spelling, if it was seen before or `check` says that it can be read.
    pub(super) fn metric<'a>(
        &mut self,
        spelled: &'a [u8],
        check: impl FnOnce(&'a [u8]) -> Option<&'a str>,
    ) -> Option<u32> {
        let number = self.metrics.intern_checked(spelled, check)?;
        self.followed_by(number);
        Some(number)
    }

    /// Notes which metric a sample has.
    pub(super) fn followed_by(&mut self, number: u32) {
        self.next_metrics.resize(self.metrics.len(), number);
        self.next_metrics[self.last_metric] = number;
        self.last_metric = number as usize;
    }

    /// The number of a metric's spelling.
    pub(super) fn learn_metric(&mut self, spelled: &str) -> u32 {
        self.metrics.intern(spelled)
    }

    /// The tags of the last sample: their number and their spelling.
    pub(super) fn last_tags(&self) -> Option<(u32, &[u8])> {
        let last = self.last?;
        Some((last, self.tags.text(last).as_bytes()))
    }

    /// The number of the spelling of tags, if it was seen before or `check` says that it can be
    /// read. `check` may note where the parts of the spelling stand, so that nobody has to look for
    /// them again.
    pub(super) fn tags<'a>(
        &mut self,
        spelled: &'a [u8],
        check: impl FnOnce(&'a [u8], &mut Vec<u32>) -> Option<&'a str>,
    ) -> Option<u32> {
        let marks = &mut self.marks;
        let number = self.tags.intern_checked(spelled, |spelled| {
            marks.push_written(|marks| check(spelled, marks))
        })?;
        self.last = Some(number);
        Some(number)
    }

    /// The number of the spelling of tags, of which the caller knows that it can be read, and has the
    /// marks.
    pub(super) fn learn_tags(&mut self, spelled: &str, marks: &[u32]) -> u32 {
        let number = self.tags.intern(spelled);
        if self.marks.len() < self.tags.len() {
            self.marks.push(marks);
        }
        self.last = Some(number);
        number
    }

    /// The number of the series of a metric and tags.
    pub(super) fn series(&mut self, metric: u32, tags: u32) -> u32 {
        self.series.intern(metric, tags)
    }

    /// Begins anew if there is too much of it.
    pub(super) fn forget_if_full(&mut self) {
        let bytes = self.tags.bytes() + self.metrics.bytes();
        if bytes > MOST_BYTES || self.series.len() > MOST_SERIES {
            self.forget();
        }
    }

    /// Begins anew.
    pub(super) fn forget(&mut self) {
        self.metrics.clear();
        self.next_metrics.clear();
        self.last_metric = 0;
        self.tags.clear();
        self.marks.clear();
        self.series.clear();
        self.last = None;
        self.numbers.clear();
    }

    /// Gives samples, which have this parser's numbers of series, those of the sink. New series are
    /// made known to the sink in the order of the samples.
    pub(super) fn number(
        &mut self,
        series: &mut [u32],
        spelling: &impl Spelling,
        sink: &mut impl Sink,
    ) {
        if self.numbers.generation != sink.generation() {
            self.numbers.clear();
            self.numbers.generation = sink.generation();
        }
        self.numbers.series.resize(self.series.len(), NONE);
        for number in series {
            let local = *number;
            *number = self.numbers.series[local as usize];
            if *number == NONE {
                *number = self.ask(local, spelling, sink);
                self.numbers.series[local as usize] = *number;
            }
        }
    }

    fn ask(&mut self, series: u32, spelling: &impl Spelling, sink: &mut impl Sink) -> u32 {
        let pair = self.series.get(series);
        let numbers = &mut self.numbers;
        numbers.metrics.resize(self.metrics.len(), NONE);
        numbers.tags.resize(self.tags.len(), NONE);
        let metric = &mut numbers.metrics[pair.metric as usize];
        if *metric == NONE {
            *metric = sink.metric(spelling.metric(self.metrics.text(pair.metric)));
        }
        let tags = &mut numbers.tags[pair.set as usize];
        if *tags == NONE {
            let (spelled, marks) = (self.tags.text(pair.set), self.marks.get(pair.set));
            *tags = sink.tags(spelling.tags(spelled, marks));
        }
        sink.series(*metric, *tags)
    }
}
