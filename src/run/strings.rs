//! Texts that repeat, each kept once.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Texts by number, and numbers by text. The first is number 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strings {
    text: String,
    ends: Vec<usize>,
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl Strings {
    /// The number of a text, if it is known. Bytes that are no UTF-8 are not.
    pub(crate) fn get(&self, text: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        let is_text = |number: &u32| self.text(*number).as_bytes() == text;
        self.numbers.find(hash, is_text).copied()
    }

    /// The number of a text, new or known.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if let Some(known) = self.get(text.as_bytes()) {
            return known;
        }
        // 2^32 texts do not fit into memory before they run out here.
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(text);
        self.ends.push(self.text.len());
        let Self {
            text: all,
            ends,
            numbers,
            hasher,
        } = self;
        let hash_of = |number: &u32| hasher.hash_one(slice(all, ends, *number).as_bytes());
        numbers.insert_unique(hasher.hash_one(text.as_bytes()), number, hash_of);
        number
    }

    /// The text of a number.
    pub(crate) fn text(&self, number: u32) -> &str {
        slice(&self.text, &self.ends, number)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many bytes the texts have together.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }
}

fn slice<'a>(text: &'a str, ends: &[usize], number: u32) -> &'a str {
    let number = number as usize;
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    &text[start..ends[number]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_stands_for_one_text(texts in prop::collection::vec("[ab\u{e4}]{0,3}", 0..60)) {
            let mut strings = Strings::default();
            let numbers: Vec<u32> = texts.iter().map(|text| strings.intern(text)).collect();
            let mut distinct = texts.clone();
            distinct.sort();
            distinct.dedup();
            prop_assert_eq!(strings.len(), distinct.len());
            for (text, number) in texts.iter().zip(numbers) {
                prop_assert_eq!(strings.text(number), text);
                prop_assert_eq!(strings.get(text.as_bytes()), Some(number));
            }
            prop_assert_eq!(strings.get(b"never"), None);
            prop_assert_eq!(strings.get(b"\xff"), None);
        }
    }
}
