//! Interned tag sets, and the samples that refer to them.
//!
//! A stream repeats few series millions of times, unless a tag explodes; then there are millions
//! of series. So a series is two numbers, and a tag two more: what is said of it is kept once.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;

use super::lists::Lists;
use super::numbers::Numbers;
use super::pairs::{Pair, Pairs};
use super::strings::Strings;

/// A tag as two numbers of strings: its key and its value.
pub(super) type Tag = (u32, u32);

/// The number of no tag set.
const NO_SET: u32 = u32::MAX;

/// Every metric with every set of tags that it has samples of.
#[derive(Debug, Clone, Default)]
pub struct SeriesTable {
    strings: Strings,
    /// The tag sets, each sorted by key.
    tag_sets: Lists<Tag>,
    /// The sets that brought a new string, by the last of it. A set without new strings can be known;
    /// then it is the one here, or among `sets`.
    by_newest: Vec<u32>,
    /// The sets of strings that were all known.
    sets: Numbers,
    hasher: RandomState,
    series: Pairs,
    /// The tags of the set that was interned last.
    scratch: Vec<Tag>,
}

impl SeriesTable {
    /// The number of series.
    #[must_use]
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.series.len() == 0
    }

    /// The series in the order of their numbers.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Series<'_>> {
        let numbers = 0..u32::try_from(self.series.len()).unwrap_or(u32::MAX);
        numbers.map(|number| self.get(number))
    }

    /// A series by its number, which a sample has.
    ///
    /// # Panics
    /// When there is none of that number.
    #[must_use]
    pub fn get(&self, number: u32) -> Series<'_> {
        Series {
            table: self,
            pair: self.series.get(number),
        }
    }

    /// The bytes that a table of these series takes in so many columns, with the texts of each, at
    /// most two columns sharing one.
    pub(crate) fn weight(&self, columns: usize) -> usize {
        const TEXT: usize = 48;
        let texts = self.strings.bytes() + self.strings.len() * TEXT;
        self.len() * columns * size_of::<u32>() + 2 * texts
    }

    /// The number of tag sets.
    #[must_use]
    pub fn tag_sets(&self) -> usize {
        self.tag_sets.len()
    }

    /// The number of a metric's series of these tags, new or known. Of a key that comes twice the
    /// last value stands.
    pub fn intern<'a>(
        &mut self,
        metric: &str,
        tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> u32 {
        let set = self.intern_tags(tags.into_iter().map(|(k, v)| (k.into(), v.into())));
        let metric = self.intern_metric(metric);
        self.intern_pair(metric, set)
    }

    /// The number of a metric's name.
    pub(crate) fn intern_metric(&mut self, metric: &str) -> u32 {
        self.strings.intern(metric)
    }

    /// The number of a tag set. Of a key that comes twice the last value stands.
    pub(crate) fn intern_tags<'a>(
        &mut self,
        tags: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
    ) -> u32 {
        // Most tags of a set are those of the set before.
        let mut scratch = std::mem::take(&mut self.scratch);
        let before = scratch.len();
        let strings = self.strings.len();
        for (place, (key, value)) in tags.enumerate() {
            let likely = scratch[..before].get(place).copied().unzip();
            let key = self.strings.intern_likely(&key, likely.0);
            let value = self.strings.intern_likely(&value, likely.1);
            scratch.push((key, value));
        }
        // Of the same keys the order is the same, too.
        let (last, set) = scratch.split_at(before);
        let has_same_keys = last.iter().map(|tag| tag.0).eq(set.iter().map(|tag| tag.0));
        scratch.drain(..before);
        let key = |tag: &Tag| self.strings.text(tag.0);
        if !has_same_keys && !scratch.is_sorted_by(|a, b| key(a) < key(b)) {
            // Sorting is stable, so that the last of equal keys comes last.
            scratch.sort_by(|a, b| key(a).cmp(key(b)));
            scratch.reverse();
            scratch.dedup_by_key(|tag| tag.0);
            scratch.reverse();
        }
        let set = self.intern_set(&scratch, strings);
        self.scratch = scratch;
        set
    }

    /// The number of a set; `strings` is how many there were before its own were interned.
    fn intern_set(&mut self, set: &[Tag], strings: usize) -> u32 {
        let newest = set.iter().map(|(key, value)| *key.max(value) as usize);
        let newest = newest.max();
        let number = u32::try_from(self.tag_sets.len()).unwrap_or(u32::MAX);
        if let Some(newest) = newest.filter(|newest| *newest >= strings) {
            self.by_newest.resize(newest, NO_SET);
            self.by_newest.push(number);
        } else {
            let likely = newest.and_then(|newest| self.by_newest.get(newest).copied());
            if let Some(likely) = likely.filter(|likely| *likely != NO_SET)
                && self.set(likely) == set
            {
                return likely;
            }
            let hash = self.hash(set);
            if let Some(known) = self.sets.find(hash, |number| self.set(number) == set) {
                return known;
            }
            self.sets.insert(hash, number);
        }
        self.tag_sets.push(set);
        number
    }

    fn hash(&self, set: &[Tag]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for (key, value) in set {
            hasher.write_u64(u64::from(*key) << 32 | u64::from(*value));
        }
        hasher.finish()
    }

    /// The number of the series of a metric and a tag set, both interned here.
    pub(crate) fn intern_pair(&mut self, metric: u32, set: u32) -> u32 {
        self.series.intern(metric, set)
    }

    /// The keys of tags.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<&str> {
        self.texts(self.tags().iter().map(|(key, _)| *key))
    }

    /// The values of a tag, of all metrics but these.
    pub(super) fn values(&self, key: &str, except: &[&str]) -> BTreeSet<&str> {
        let Some(key) = self.string(key) else {
            return BTreeSet::new();
        };
        let except: Vec<u32> = except.iter().filter_map(|name| self.string(name)).collect();
        let mut looked_at = None;
        let values = self.iter().filter_map(|series| {
            // The series of a tag set mostly follow one another.
            let set = Some(series.pair.set);
            if set == looked_at || except.contains(&series.metric_number()) {
                return None;
            }
            looked_at = set;
            series.value(key)
        });
        self.texts(values)
    }

    /// The texts of strings of which most come many times.
    fn texts(&self, numbers: impl Iterator<Item = u32>) -> BTreeSet<&str> {
        let mut seen = vec![false; self.strings.len()];
        for number in numbers {
            seen[number as usize] = true;
        }
        let numbers = (0..).zip(seen).filter(|(_, seen)| *seen);
        numbers.map(|(number, _)| self.text(number)).collect()
    }

    /// The number of a string, if any metric, key or value is spelled so.
    pub(super) fn string(&self, text: &str) -> Option<u32> {
        self.strings.get(text.as_bytes())
    }

    /// How many strings there are; their numbers are below.
    pub(super) fn strings(&self) -> usize {
        self.strings.len()
    }

    /// The string of a number.
    pub(super) fn text(&self, number: u32) -> &str {
        self.strings.text(number)
    }

    /// The tags of all sets, one after another.
    pub(super) fn tags(&self) -> &[Tag] {
        self.tag_sets.items()
    }

    #[inline]
    fn set(&self, number: u32) -> &[Tag] {
        self.tag_sets.get(number)
    }
}

/// A metric with one set of tags.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    table: &'a SeriesTable,
    pair: Pair,
}

impl<'a> Series<'a> {
    /// The metric's name.
    #[must_use]
    pub fn metric(self) -> &'a str {
        self.table.text(self.pair.metric)
    }

    /// The tags, sorted by key.
    #[must_use]
    pub fn tags(self) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> {
        let text = |number| self.table.text(number);
        let set = self.table.set(self.pair.set);
        set.iter()
            .map(move |(key, value)| (text(*key), text(*value)))
    }

    /// The value of a tag.
    #[must_use]
    pub fn tag(self, key: &str) -> Option<&'a str> {
        let value = self.value(self.table.string(key)?)?;
        Some(self.table.text(value))
    }

    /// The number of the metric's name.
    pub(super) fn metric_number(self) -> u32 {
        self.pair.metric
    }

    /// The number of the value of the tag whose key has this number.
    pub(super) fn value(self, key: u32) -> Option<u32> {
        let set = self.table.set(self.pair.set);
        set.iter().find(|tag| tag.0 == key).map(|tag| tag.1)
    }
}

/// One sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The number of its series.
    pub series: u32,
    /// Nanoseconds since 1970.
    pub time: i64,
    /// The value.
    pub value: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_set_without_tags_is_one_set() {
        let mut table = SeriesTable::default();
        let none = table.intern_tags(std::iter::empty());
        let same = table.intern_tags(std::iter::once(("a".into(), "a".into())));
        assert_ne!(none, same);
        assert_eq!(table.intern_tags(std::iter::empty()), none);
    }

    #[test]
    fn of_a_key_that_comes_twice_the_last_value_stands() {
        let mut table = SeriesTable::default();
        let one = table.intern("m", [("b", "1"), ("a", "2"), ("b", "3")]);
        let same = table.intern("m", [("a", "2"), ("b", "3")]);
        assert_eq!((one, same, table.tag_sets()), (0, 0, 1));
        let tags: Vec<_> = table.get(0).tags().collect();
        assert_eq!(tags, [("a", "2"), ("b", "3")]);
        assert_eq!(table.get(0).tag("c"), None);
    }

    proptest! {
        /// Against a list that is searched from end to end.
        #[test]
        fn a_number_stands_for_one_series(
            asked in prop::collection::vec((0..5u8, prop::collection::btree_map("[ab]", "[xyz]", 0..3)), 0..80),
        ) {
            let mut table = SeriesTable::default();
            let mut known: Vec<(String, std::collections::BTreeMap<String, String>)> = Vec::new();
            for (metric, tags) in asked {
                let metric = format!("m{metric}");
                let number = table.intern(&metric, tags.iter().map(|(k, v)| (k.as_str(), v.as_str())));
                let wanted = (metric, tags);
                let place = known.iter().position(|one| *one == wanted).unwrap_or_else(|| {
                    known.push(wanted);
                    known.len() - 1
                });
                prop_assert_eq!(number as usize, place);
            }
            prop_assert_eq!(table.len(), known.len());
            for (series, (metric, tags)) in table.iter().zip(&known) {
                prop_assert_eq!(series.metric(), metric);
                let tags: Vec<_> = tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
                prop_assert_eq!(series.tags().collect::<Vec<_>>(), tags);
            }
        }
    }
}
