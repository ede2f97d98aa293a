//! Ctrl-C while k6 runs: k6 is to end its test, and what it wrote is to be reported.

use std::io;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::error::{Error, Result};

/// How often it is looked whether k6 has ended, or somebody wants it to.
const TICK: Duration = Duration::from_millis(50);

/// The exit code of a process that Ctrl-C ends.
const INTERRUPTED: i32 = 130;

/// The signals that ask to stop. While k6 runs they are passed on to it, each once: k6 is in a process
/// group of its own, as a second one makes it drop everything. Else they end this process.
pub(super) struct Signals {
    interrupt: Arc<AtomicBool>,
    terminate: Arc<AtomicBool>,
    is_idle: Arc<AtomicBool>,
    were_sent: AtomicBool,
}

impl Signals {
    pub(super) fn watch() -> Result<Self> {
        let signals = Self {
            interrupt: Arc::default(),
            terminate: Arc::default(),
            is_idle: Arc::new(AtomicBool::new(true)),
            were_sent: AtomicBool::new(false),
        };
        let watched = [(SIGINT, &signals.interrupt), (SIGTERM, &signals.terminate)];
        for (signal, flag) in watched {
            let register = || -> io::Result<()> {
                let is_idle = Arc::clone(&signals.is_idle);
                flag::register_conditional_shutdown(signal, INTERRUPTED, is_idle)?;
                flag::register(signal, Arc::clone(flag))?;
                Ok(())
            };
            register().map_err(Error::Output)?;
        }
        Ok(signals)
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
