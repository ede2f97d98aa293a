//! Ctrl-C and SIGTERM: what is unfinished goes, and then the signal does what it always does.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level;

use crate::error::{Error, Result};
use crate::unfinished;

/// Takes a signal in the place of this process; `false` if it does not want it.
type Taker = Box<dyn FnMut(i32) -> bool + Send>;

static TAKER: Mutex<Option<Taker>> = Mutex::new(None);

/// Looks after signals from now on, in a thread of its own.
pub(super) fn watch() -> Result<()> {
    let act = |signal| {
        if !is_taken(signal) {
            unfinished::abandon_all(|| end(signal));
        }
    };
    each([SIGINT, SIGTERM], act).map_err(Error::Output)
}

/// Ends the process by a signal.
fn end(signal: i32) {
    if std::process::id() == 1 {
        // The first process of a container ends by no signal: this is what a shell shows of one.
        low_level::exit(128 + signal);
    }
    // It does not return.
    let _ = low_level::emulate_default_handler(signal);
}

/// Offers signals to somebody else first.
pub(super) fn give_to(taker: impl FnMut(i32) -> bool + Send + 'static) {
    *TAKER.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(taker));
}

fn is_taken(signal: i32) -> bool {
    let mut taker = TAKER.lock().unwrap_or_else(PoisonError::into_inner);
    taker.as_mut().is_some_and(|take| take(signal))
}

/// Does something at each signal that comes.
#[cfg(unix)]
fn each(signals: [i32; 2], act: impl Fn(i32) + Send + 'static) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new(signals)?;
    let wait = move || signals.forever().for_each(act);
    thread::Builder::new().spawn(wait).map(drop)
}

/// Windows has nothing to wait for.
#[cfg(not(unix))]
fn each(signals: [i32; 2], act: impl Fn(i32) + Send + 'static) -> io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let signals = signals.map(|signal| (signal, Arc::new(AtomicBool::new(false))));
    for (signal, came) in &signals {
        signal_hook::flag::register(*signal, Arc::clone(came))?;
    }
    let look = move || loop {
        for (signal, came) in &signals {
            if came.swap(false, Ordering::Relaxed) {
                act(*signal);
            }
        }
        thread::sleep(std::time::Duration::from_millis(50));
    };
    thread::Builder::new().spawn(look).map(drop)
}
