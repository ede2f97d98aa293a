//! Texts that repeat, each kept once.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use super::numbers::Numbers;

/// Texts by number, and numbers by text. The first is number 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strings {
    text: String,
    ends: Vec<usize>,
    numbers: Numbers,
    hasher: RandomState,
}

impl Strings {
    /// The number of a text, if it is known. Bytes that are no UTF-8 are not.
    pub(crate) fn get(&self, text: &[u8]) -> Option<u32> {
        self.find(text, self.hasher.hash_one(text))
    }

    /// The number of a text, new or known.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        let hash = self.hasher.hash_one(text.as_bytes());
        match self.find(text.as_bytes(), hash) {
            Some(known) => known,
            None => self.add(text, hash),
        }
    }

    /// The number of a text, known or, if `check` gives it as one that may be added, new.
    pub(crate) fn intern_checked<'a>(
        &mut self,
        text: &'a [u8],
        check: impl FnOnce(&'a [u8]) -> Option<&'a str>,
    ) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        match self.find(text, hash) {
            Some(known) => Some(known),
            None => Some(self.add(check(text)?, hash)),
        }
    }

    fn add(&mut self, text: &str, hash: u64) -> u32 {
        // 2^32 texts do not fit into memory before they run out here.
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.numbers.insert(hash, number);
        number
    }

    /// The number of a text that is likely this one.
    pub(crate) fn intern_likely(&mut self, text: &str, likely: Option<u32>) -> u32 {
        match likely {
            Some(number) if self.text(number) == text => number,
            _ => self.intern(text),
        }
    }

    fn find(&self, text: &[u8], hash: u64) -> Option<u32> {
        let is_text = |number| self.text(number).as_bytes() == text;
        self.numbers.find(hash, is_text)
    }

    /// The text of a number.
    #[inline]
    pub(crate) fn text(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[number]]
    }

    /// Forgets all of them, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.numbers.clear();
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
