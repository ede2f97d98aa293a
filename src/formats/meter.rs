//! How far reading has come.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what is read, for whoever shows progress meanwhile.
#[derive(Debug, Default)]
pub struct Meter {
    total: AtomicU64,
    bytes: AtomicU64,
    samples: AtomicU64,
}

impl Meter {
    /// The size of the streams to be read; 0 when it is not known.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// The bytes that were read, as they lie on the disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The samples that were found.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples.load(Ordering::Relaxed)
    }

    pub(super) fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn add_bytes(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn add_samples(&self, samples: usize) {
        self.samples.fetch_add(samples as u64, Ordering::Relaxed);
    }
}
