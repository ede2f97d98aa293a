//! `perf-report.toml`: what a project says once, so that nobody has to say it each time.
//!
//! The file is looked for in the working folder and above. What it says is overridden by environment
//! variables, and those by flags; each value remembers where it came from.

mod dotenv;
mod find;
mod load;
mod read;
mod settings;
mod show;
mod table;

pub use dotenv::parse as parse_dotenv;
pub use find::FILE;
pub use settings::{MetricSetting, Origin, Scenario, Setting, Settings};

/// A configuration file with every key, and what it is for.
pub const TEMPLATE: &str = include_str!("template.toml");
