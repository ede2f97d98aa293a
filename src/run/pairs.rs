//! Numbers for the pairs of a metric and a tag set.

use std::collections::HashMap;

use foldhash::fast::RandomState;

const NONE: u32 = u32::MAX;

/// How far a ring is searched.
const NEAR: usize = 24;

/// The pairs of a metric's number and a tag set's number, each with a number of its own.
///
/// Those of one tag set are a ring, in the order in which they came. k6 writes a request's metrics
/// one after another and always in the same order, so that the pair asked for is nearly always the
/// next one in the ring.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pairs {
    list: Vec<Pair>,
    /// For every tag set the pair that was asked for last; `NONE` when it has none.
    recent: Vec<u32>,
    /// The pairs of tag sets with very many metrics, by set and metric.
    far: HashMap<(u32, u32), u32, RandomState>,
}

/// A metric with a tag set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) metric: u32,
    pub(crate) set: u32,
    next: u32,
}

impl Pairs {
    /// Forgets all of them, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.recent.clear();
        self.far.clear();
    }

    /// The number of pairs.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// A pair by its number.
    pub(crate) fn get(&self, number: u32) -> Pair {
        self.list[number as usize]
    }

    /// The number of a pair, new or known.
    pub(crate) fn intern(&mut self, metric: u32, set: u32) -> u32 {
        if self.recent.len() <= set as usize {
            self.recent.resize(set as usize + 1, NONE);
        }
        let recent = self.recent[set as usize];
        // 2^32 pairs do not fit into memory before they run out here.
        let number = u32::try_from(self.list.len()).unwrap_or(NONE);
        let mut next = number;
        if recent != NONE {
            match self.find(recent, metric) {
                Found::At(at) => {
                    self.recent[set as usize] = at;
                    return at;
                }
                Found::Nowhere => {}
                Found::NotNear => {
                    if let Some(&at) = self.far.get(&(set, metric)) {
                        self.recent[set as usize] = at;
                        return at;
                    }
                    self.far.insert((set, metric), number);
                }
            }
            next = std::mem::replace(&mut self.list[recent as usize].next, number);
        }
        self.list.push(Pair { metric, set, next });
        self.recent[set as usize] = number;
        number
    }

    /// Looks for a metric's pair in the ring, after the pair that was asked for last.
    fn find(&mut self, recent: u32, metric: u32) -> Found {
        let mut at = recent;
        for _ in 0..NEAR {
            let pair = self.list[at as usize];
            at = pair.next;
            if self.list[at as usize].metric == metric {
                return Found::At(at);
            }
            if at == recent {
                return Found::Nowhere;
            }
        }
        let Pair { metric, set, .. } = self.list[recent as usize];
        if !self.far.contains_key(&(set, metric)) {
            // The ring has just become too long to be searched.
            let mut at = recent;
            loop {
                let pair = self.list[at as usize];
                self.far.insert((set, pair.metric), at);
                at = pair.next;
                if at == recent {
                    break;
                }
            }
        }
        Found::NotNear
    }
}

/// Where in a ring a pair is.
enum Found {
    At(u32),
    /// The ring has been searched to its end.
    Nowhere,
    /// The ring is longer than what is searched; all of it is in `far`.
    NotNear,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against a list that is searched from end to end, with rings shorter and longer than what
        /// is searched of them.
        #[test]
        fn a_number_stands_for_one_pair(asked in prop::collection::vec((0..60u32, 0..2u32), 0..300)) {
            let mut pairs = Pairs::default();
            let mut known: Vec<(u32, u32)> = Vec::new();
            for wanted in asked {
                let place = known.iter().position(|pair| *pair == wanted).unwrap_or_else(|| {
                    known.push(wanted);
                    known.len() - 1
                });
                prop_assert_eq!(pairs.intern(wanted.0, wanted.1) as usize, place);
            }
            prop_assert_eq!(pairs.len(), known.len());
        }
    }
}
