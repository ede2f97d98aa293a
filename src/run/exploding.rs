//! Tags in which nearly every request has a value of its own.

use super::series::SeriesTable;
use crate::threads;

/// Of how many keys values are counted at the same time, for each of which all strings are marked.
const KEYS_AT_ONCE: usize = 16;

impl SeriesTable {
    /// The keys of tags that have more values than `many`, and at least half as many as there are
    /// tag sets; and the number of those values.
    pub(crate) fn exploding(&self, many: usize) -> Vec<(&str, usize)> {
        let half = self.tag_sets().div_ceil(2);
        let keys = self.tags().iter().map(|(key, _)| *key as usize + 1).max();
        let mut sets = vec![0; keys.unwrap_or(0)];
        for (key, _) in self.tags() {
            sets[*key as usize] += 1;
        }
        // Only a key of half of all sets can have so many values.
        let can = |(_, sets): &(u32, usize)| *sets > many && *sets >= half;
        let keys: Vec<u32> = (0..).zip(sets).filter(can).map(|(key, _)| key).collect();
        let counts = keys
            .chunks(KEYS_AT_ONCE)
            .flat_map(|keys| keys.iter().zip(self.count_values(keys)));
        counts
            .filter(|(_, values)| *values > many && *values >= half)
            .map(|(key, values)| (self.text(*key), values))
            .collect()
    }

    /// How many values each of these keys has.
    fn count_values(&self, keys: &[u32]) -> Vec<usize> {
        let largest = keys.iter().max().map_or(0, |key| *key as usize);
        let mut places = vec![None; largest + 1];
        for (place, key) in keys.iter().enumerate() {
            places[*key as usize] = Some(place);
        }
        let none = || -> Vec<Seen> {
            let none = |_| Seen::none(self.strings());
            keys.iter().map(none).collect()
        };
        let part = self.tags().len().div_ceil(threads::available()).max(1);
        let parts = threads::each(self.tags().chunks(part).collect(), |tags| {
            let mut seen = none();
            for (key, value) in tags {
                if let Some(Some(place)) = places.get(*key as usize) {
                    seen[*place].add(*value);
                }
            }
            seen
        });
        let mut seen = none();
        for part in parts {
            let both = seen.iter_mut().zip(&part);
            both.for_each(|(seen, part)| seen.add_all(part));
        }
        seen.iter().map(Seen::count).collect()
    }
}

/// Strings that came, by number.
struct Seen(Vec<bool>);

impl Seen {
    fn none(strings: usize) -> Self {
        Self(vec![false; strings])
    }

    fn add(&mut self, string: u32) {
        self.0[string as usize] = true;
    }

    fn add_all(&mut self, other: &Self) {
        let both = self.0.iter_mut().zip(&other.0);
        both.for_each(|(seen, other)| *seen |= other);
    }

    fn count(&self) -> usize {
        self.0.iter().filter(|seen| **seen).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_keys_explode_than_are_counted_at_once() {
        let mut table = SeriesTable::default();
        let keys: Vec<String> = (0..3 * KEYS_AT_ONCE).map(|key| format!("k{key}")).collect();
        for request in 0..40 {
            let value = format!("{request}");
            let tags = keys.iter().map(|key| (key.as_str(), value.as_str()));
            table.intern("m", tags.chain([("constant", "c")]));
        }
        let exploding = table.exploding(10);
        assert_eq!(exploding.len(), keys.len());
        assert!(exploding.iter().all(|(_, values)| *values == 40));
        assert_eq!(table.exploding(40), []);
    }
}
