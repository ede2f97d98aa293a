//! `perf-report pack`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use signal_hook::consts::SIGINT;

use super::exit::ExitStatus;
use super::output::stdout;
use super::progress::Progress;
use super::{remark, signals};
use crate::error::{Error, Result};
use crate::formats::{self, Packed};
use crate::stats::buckets::LogBuckets;
use crate::units::{self, counted};

/// Pack a stream into Parquet, as it comes
///
/// The file is some fifty times smaller than the JSON stream, every command reads it with the same
/// numbers, and so do other tools that know Parquet. From a pipe, k6's own output passes on to stderr:
///
///   k6 run --out json=- script.js | perf-report pack - -o results/script.parquet
///
/// Ctrl-C stops k6, and packing ends with it; a second one ends packing at once. Until the stream
/// ends the file is called FILE.partial, which can be read, too.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// A stream of --out json= or --out csv=; - is stdin
    #[arg(value_name = "STREAM")]
    stream: PathBuf,

    /// Write to this file
    #[arg(short, long, value_name = "FILE.parquet")]
    output: PathBuf,

    /// Keep histograms of each second in the place of samples
    #[arg(long)]
    histogram: bool,

    /// The relative error of their medians and percentiles [default: 0.5%]
    #[arg(long, value_name = "PERCENT", value_parser = log_buckets, requires = "histogram")]
    error: Option<LogBuckets>,

    /// Write over a file that is there
    #[arg(short, long)]
    force: bool,
}

impl Args {
    pub(super) fn run(self) -> Result<ExitStatus> {
        let is_stdin = self.stream.as_os_str() == "-";
        if self.output.as_os_str() == "-" {
            return Err(Error::usage(
                "a packed file cannot go to stdout, since it is written under another name first",
                "give -o a file",
            ));
        }
        // What came through a pipe is nowhere else.
        if self.output.is_file() && !self.force {
            return Err(Error::usage(
                format!("{} is there already", self.output.display()),
                "--force writes over it, -o writes elsewhere",
            ));
        }
        if is_stdin {
            leave_ctrl_c_to_k6();
        }
        let progress = Progress::new();
        let mut strays = |lines: &[u8]| {
            if is_stdin {
                progress.write_above(lines)
            } else {
                Ok(())
            }
        };
        let histogram = self.histogram.then(|| self.error.unwrap_or_default());
        let packed = progress.watch(|| {
            let (from, to) = (&self.stream, &self.output);
            formats::pack(from, to, histogram, &mut strays, progress.meter())
        });
        let packed = packed.inspect_err(say_what_is_left)?;
        let passed_on = if is_stdin { packed.strays } else { 0 };
        say(&self.stream, &packed, passed_on);
        let from = packed.text.map_or_else(String::new, |text| {
            format!(", of {} of text", units::bytes(text as f64))
        });
        writeln!(
            stdout(),
            "wrote {}: {} in {}{from}",
            self.output.display(),
            counted(packed.samples, "sample"),
            units::bytes(packed.bytes as f64),
        )?;
        Ok(ExitStatus::Success)
    }
}

/// The buckets of a relative error in percent.
pub(super) fn log_buckets(text: &str) -> std::result::Result<LogBuckets, String> {
    let percent: f64 = text
        .strip_suffix('%')
        .unwrap_or(text)
        .trim()
        .parse()
        .map_err(|_| format!("{text:?} is no number of percent"))?;
    LogBuckets::new(percent / 100.0)
        .ok_or_else(|| "an error is above 0.0001% and at most 10%".to_owned())
}

/// Says what could not be used, apart from lines that were passed on.
fn say(stream: &Path, packed: &Packed, passed_on: u64) {
    let path = stream.display();
    if packed.skipped.lines > passed_on
        && let Some(sentence) = packed.skipped.sentence()
    {
        remark(&format!("{path}: {sentence}"));
    }
    if let Some(cut) = &packed.skipped.cut {
        remark(&format!("{path}: {cut}; everything before it was packed"));
    }
    if packed.changed {
        remark(&format!(
            "{path}: the file was changed while it was packed, so the samples may be of two states: pack it \
             again when k6 has ended"
        ));
    }
    if packed.samples == 0 {
        remark(&format!("{path}: the stream holds no sample"));
    }
}

/// Says that a file that could not be written to its end holds samples all the same; else it is gone.
fn say_what_is_left(error: &Error) {
    if let Error::Write { path, .. } = error
        && path.extension().is_some_and(|end| end == formats::PARTIAL)
        && path.is_file()
    {
        remark(&format!(
            "what was packed until then is in {}, which is read like any packed file",
            path.display()
        ));
    }
}

/// On a terminal Ctrl-C reaches k6 as well, which then ends its test and the stream: everything
/// until there is packed. The second one ends this process, too.
fn leave_ctrl_c_to_k6() {
    let mut is_first = true;
    signals::give_to(move |signal| signal == SIGINT && std::mem::replace(&mut is_first, false));
}
