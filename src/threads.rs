//! Work on several processors.

use std::sync::{Mutex, PoisonError};
use std::thread;

/// More threads than this are no faster: they wait for memory, or for one another.
const MOST: usize = 8;

/// The number of threads that this machine works on at once.
pub(crate) fn available() -> usize {
    thread::available_parallelism().map_or(1, |n| n.get().min(MOST))
}

/// The results of one call for each part, of which as many run at the same time as serves. A thread that cannot be had
/// is done without.
pub(crate) fn each<P: Send, R: Send>(parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
    let threads = available().min(parts.len());
    let parts = Mutex::new(parts.into_iter().enumerate());
    let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
    let some = || {
        let mut done = Vec::new();
        while let Some((place, part)) = next() {
            done.push((place, work(part)));
        }
        done
    };
    let mut done = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, some).ok();
        let others: Vec<_> = (1..threads).filter_map(spawn).collect();
        let mut done = some();
        for other in others {
            done.extend(
                other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            );
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The results of two calls, which run at the same time.
pub(crate) fn both<A: Send, B>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        let one = one
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (one, other)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_parts_keep_their_places() {
        for many in [0, 1, 2, 7, 200_000] {
            let doubled = each((0..many).collect(), |part: u64| part * 2);
            assert!(doubled.into_iter().eq((0..many).map(|part| part * 2)));
        }
    }
}
