//! Numbers for the pairs of a metric and a tag set.

const NONE: u32 = u32::MAX;

/// The pairs of a metric's number and a tag set's number, each with a number of its own.
///
/// Those of one tag set are a ring, in the order in which they came. k6 writes a request's metrics
/// one after another and always in the same order, so that the pair asked for is nearly always the
/// next one in the ring.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pairs {
    pairs: Vec<Pair>,
    /// For every tag set the pair that was asked for last; `NONE` when it has none.
    recent: Vec<u32>,
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
        self.pairs.clear();
        self.recent.clear();
    }

    /// The number of pairs.
    pub(crate) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// A pair by its number.
    pub(crate) fn get(&self, number: u32) -> Pair {
        self.pairs[number as usize]
    }

    /// The number of a pair, new or known.
    pub(crate) fn intern(&mut self, metric: u32, set: u32) -> u32 {
        if self.recent.len() <= set as usize {
            self.recent.resize(set as usize + 1, NONE);
        }
        let recent = self.recent[set as usize];
        // 2^32 pairs do not fit into memory before they run out here.
        let number = u32::try_from(self.pairs.len()).unwrap_or(NONE);
        let mut next = number;
        if recent != NONE {
            let mut at = recent;
            loop {
                at = self.pairs[at as usize].next;
                if self.pairs[at as usize].metric == metric {
                    self.recent[set as usize] = at;
                    return at;
                }
                if at == recent {
                    break;
                }
            }
            next = std::mem::replace(&mut self.pairs[recent as usize].next, number);
        }
        self.pairs.push(Pair { metric, set, next });
        self.recent[set as usize] = number;
        number
    }
}
