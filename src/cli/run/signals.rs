//! Ctrl-C while k6 runs: k6 is to end its test, and what it wrote is to be reported.

use std::io;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::SIGINT;

use crate::cli::signals;

/// How often it is looked whether k6 has ended, or somebody wants it to.
const TICK: Duration = Duration::from_millis(50);

/// The signals that ask to stop. While k6 runs they are passed on to it, each once: k6 is in a process
/// group of its own, as a second one makes it drop everything. Else they end this process.
pub(super) struct Signals {
    interrupt: Arc<AtomicBool>,
    terminate: Arc<AtomicBool>,
    is_idle: Arc<AtomicBool>,
    were_sent: AtomicBool,
}

impl Signals {
    pub(super) fn watch() -> Self {
        let watched = Self {
            interrupt: Arc::default(),
            terminate: Arc::default(),
            is_idle: Arc::new(AtomicBool::new(true)),
            were_sent: AtomicBool::new(false),
        };
        let interrupt = Arc::clone(&watched.interrupt);
        let terminate = Arc::clone(&watched.terminate);
        let is_idle = Arc::clone(&watched.is_idle);
        signals::give_to(move |signal| {
            let is_taken = !is_idle.load(Ordering::Relaxed);
            let flag = if signal == SIGINT {
                &interrupt
            } else {
                &terminate
            };
            flag.fetch_or(is_taken, Ordering::Relaxed);
            is_taken
        });
        watched
    }

    /// Whether k6 was asked to stop.
    pub(super) fn were_sent(&self) -> bool {
        self.were_sent.load(Ordering::Relaxed)
    }

    /// Waits for k6, and passes on what asks it to stop.
    pub(super) fn wait(&self, child: &mut Child) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = child.try_wait()? {
                self.is_idle.store(true, Ordering::Relaxed);
                return Ok(status);
            }
            for flag in [&self.interrupt, &self.terminate] {
                if flag.swap(false, Ordering::Relaxed) {
                    self.were_sent.store(true, Ordering::Relaxed);
                    interrupt(child);
                }
            }
            thread::sleep(TICK);
        }
    }

    /// From now on k6 is the one to stop.
    pub(super) fn begin(&self) {
        self.is_idle.store(false, Ordering::Relaxed);
    }
}

/// Asks k6 to end its test.
#[cfg(unix)]
fn interrupt(child: &Child) {
    use rustix::process::{Pid, Signal, kill_process};
    // It may just have ended.
    let _ = kill_process(Pid::from_child(child), Signal::INT);
}

/// On Windows Ctrl-C reaches every process of the console by itself.
#[cfg(not(unix))]
fn interrupt(_: &Child) {}
