//! Numbers by hash.

use hashbrown::HashTable;

/// The numbers of things that are kept elsewhere, to be found by the hash of a thing. The hashes
/// are kept, so that a growing table need not look at the things again.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    table: HashTable<Number>,
}

#[derive(Debug, Clone, Copy)]
struct Number {
    hash: u32,
    number: u32,
}

impl Numbers {
    /// The number of the thing with this hash that `is` it.
    #[inline]
    pub(super) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let hash = half(hash);
        let found = self
            .table
            .find(spread(hash), |known| known.hash == hash && is(known.number))?;
        Some(found.number)
    }

    /// Adds a number that is not there yet.
    pub(super) fn insert(&mut self, hash: u64, number: u32) {
        let hash = half(hash);
        let spread_again = |known: &Number| spread(known.hash);
        self.table
            .insert_unique(spread(hash), Number { hash, number }, spread_again);
    }

    /// Forgets all of them, and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.table.clear();
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "half of a hash is one, too"
)]
fn half(hash: u64) -> u32 {
    hash as u32
}

/// A hash for the table of the half that is kept.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
