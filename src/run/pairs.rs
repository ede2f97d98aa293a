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
/// next one in the ring. Where tags explode most pairs are new, and that is told without a search.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pairs {
    list: Vec<Pair>,
    /// The ring of every tag set.
    rings: Vec<Ring>,
    /// The pairs of tag sets with very many metrics, by set and metric.
    far: HashMap<(u32, u32), u32, RandomState>,
}

/// The pairs of a tag set.
#[derive(Debug, Clone, Copy)]
struct Ring {
    /// The pair that was asked for last; `NONE` when there is none.
    recent: u32,
    /// A bit for every metric, which it shares with few.
    metrics: u32,
}

const NO_RING: Ring = Ring {
    recent: NONE,
    metrics: 0,
};

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
        self.rings.clear();
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
        if self.rings.len() <= set as usize {
            self.rings.resize(set as usize + 1, NO_RING);
        }
        let Ring { recent, metrics } = self.rings[set as usize];
        let bit = 1 << (metric % u32::BITS);
        // 2^32 pairs do not fit into memory before they run out here.
        let number = u32::try_from(self.list.len()).unwrap_or(NONE);
        let found = match metrics & bit {
            0 => Found::Nowhere,
            _ => self.find(recent, metric),
        };
        match found {
            Found::At(at) => {
                self.rings[set as usize].recent = at;
                return at;
            }
            Found::Nowhere => {}
            Found::NotNear => {
                if let Some(&at) = self.far.get(&(set, metric)) {
                    self.rings[set as usize].recent = at;
                    return at;
                }
                self.far.insert((set, metric), number);
            }
        }
        let next = match self.list.get_mut(recent as usize) {
            Some(recent) => std::mem::replace(&mut recent.next, number),
            None => number,
        };
        self.list.push(Pair { metric, set, next });
        let ring = &mut self.rings[set as usize];
        ring.recent = number;
        ring.metrics |= bit;
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
            // The ring has just become too long to be searched. From now on all of it is in
            // `far`, where every metric has to be looked for.
            self.rings[set as usize].metrics = u32::MAX;
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
