//! Reads what k6 wrote, gives exactly k6's numbers, checks thresholds, compares runs and renders
//! reports.
//!
//! ```text
//! k6 files ─▶ formats ─▶ run (polars frames) ─▶ stats · thresholds · compare ─▶ report ─▶ render
//! ```
//!
//! One direction, no way back; `docs/architecture.md` has the whole picture.
//!
//! | module | its one job |
//! |---|---|
//! | [`formats`] | k6's files, one module a format; which of them are one run |
//! | [`run`] | a run: its samples as polars frames, its metrics, endpoints, checks |
//! | [`stats`] | the mathematics: slices in, structs out |
//! | [`thresholds`] | k6's threshold grammar, and what thresholds say of a run |
//! | [`compare`] | whether a run can be judged, and what changed between runs |
//! | [`archive`] | releases kept, verified and bundled |
//! | [`config`] | `perf-report.toml`: what holds, and where each value came from |
//! | [`report`] | the view models that every renderer takes |
//! | [`charts`] | plotters; SVG strings out |
//! | [`render`] | one file an output format |
//! | [`cli`] | the command line, one file a subcommand |
//!
//! # Reading a stream and asking it with polars
//!
//! ```
//! use perf_report::formats::{LoadOptions, load};
//! use perf_report::polars::prelude::*;
//!
//! let loaded = load(&["samples/smoke/v2025.11".to_owned()], LoadOptions::default())?;
//! let run = &loaded.runs[0];
//!
//! // k6's own statistics, to the last bit …
//! let health = run.metric("http_req_duration{label:gateway-health}").ok_or("no such metric")?;
//! assert_eq!(health.measure.get("p(95)".parse().map_err(|_| "no statistic")?), Some(11.218577));
//!
//! // … and every sample as a frame: how many requests took longer than 50 ms?
//! let samples = run.samples().ok_or("a summary has no samples")?;
//! let series = samples.series_frame()?;
//! let durations = series.filter(&series.column("metric")?.str()?.equal("http_req_duration"))?;
//! let ids: Vec<u32> = durations.column("id")?.u32()?.into_no_null_iter().collect();
//! let points = samples.points().ok_or("histograms have no single samples")?;
//! let of_durations: BooleanChunked =
//!     points.column("series")?.u32()?.into_no_null_iter().map(|id| ids.contains(&id)).collect();
//! let slow = points.column("value")?.f64()?.gt(50.0) & of_durations;
//! assert_eq!(points.filter(&slow)?.height(), 21);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod archive;
pub mod charts;
pub mod cli;
pub mod compare;
pub mod config;
pub mod error;
pub mod formats;
mod nearest;
pub mod render;
pub mod report;
pub mod run;
mod small_file;
pub mod stats;
mod threads;
pub mod thresholds;
mod unfinished;
pub mod units;

pub use error::{Error, Result};
/// The polars of this crate's frames, so that a program that asks them needs no other.
pub use polars;
