//! The crate's only numeric casts.

/// A count as a float. Counts here are far below 2^53, so nothing is rounded.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of requests, runs and endpoints stay far below 2^53"
)]
pub(crate) fn float(count: usize) -> f64 {
    count as f64
}

/// The whole part of `position`; 0 for a negative or not-a-number position.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, which is the documented result"
)]
pub(crate) fn whole(position: f64) -> usize {
    position as usize
}

/// A hash as a number in [0, 1), from its upper 53 bits.
#[expect(
    clippy::cast_precision_loss,
    reason = "the shift leaves 53 bits, which a float holds exactly"
)]
pub(crate) fn unit(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// An index as a hash or random-stream number.
pub(crate) fn wide(index: usize) -> u64 {
    index as u64
}

/// An endpoint's index as a request stores it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a workload has nowhere near 2^32 endpoints"
)]
pub(crate) fn stored(endpoint: usize) -> u32 {
    endpoint as u32
}

/// A request's stored endpoint as an index.
pub(crate) fn index(endpoint: u32) -> usize {
    endpoint as usize
}

/// Seconds as whole nanoseconds.
#[expect(clippy::cast_possible_truncation, reason = "seconds of a run")]
pub(crate) fn nanoseconds(seconds: f64) -> i64 {
    (seconds * 1e9).round() as i64
}
