//! What every subcommand knows: the configuration, and how much is said beside results.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};

use clap::Args;

use crate::config::{Setting, Settings};
use crate::error::Result;

/// Flags that stand before or behind any subcommand.
#[derive(Debug, Args)]
pub(super) struct GlobalArgs {
    /// Read this configuration instead of the nearest perf-report.toml
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub(super) config: Option<PathBuf>,

    /// Use the archive in this folder
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    archive: Option<PathBuf>,

    /// Print what is configured and where each value came from, and do nothing else
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(super) show_config: bool,

    /// Say nothing but results and errors
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Everywhere"
    )]
    quiet: bool,

    /// Tell on stderr what is read and run
    #[arg(short, long, global = true, help_heading = "Everywhere")]
    verbose: bool,
}

/// How much is said beside results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Talk {
    Quiet,
    Usual,
    Verbose,
}

/// Set once, before anything is said.
static TALK: AtomicU8 = AtomicU8::new(Talk::Usual as u8);

impl GlobalArgs {
    /// From now on as much is said as is asked for.
    pub(super) fn set_talk(&self) {
        let talk = match (self.quiet, self.verbose) {
            (true, _) => Talk::Quiet,
            (_, true) => Talk::Verbose,
            _ => Talk::Usual,
        };
        TALK.store(talk as u8, Ordering::Relaxed);
    }

    pub(super) fn settings(&self) -> Result<Settings> {
        let mut settings = Settings::load(self.config.as_deref())?;
        if let Some(archive) = &self.archive {
            settings.archive = Setting::flag(archive.clone(), "--archive");
        }
        if let Some(file) = &settings.file {
            super::detail(&format!("configuration: {}", file.display()));
        }
        Ok(settings)
    }
}

/// Whether this much is said.
pub(super) fn says(talk: Talk) -> bool {
    TALK.load(Ordering::Relaxed) >= talk as u8
}
