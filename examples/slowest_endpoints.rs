//! The library at work: reads runs, selects, and asks for the slowest endpoints.
//!
//!     cargo run --example slowest_endpoints -- samples/journeys/v2025.10

use std::io::Write as _;

use perf_report::error::Result;
use perf_report::formats::{LoadOptions, load};
use perf_report::run::{Measure, Selection, Stat};

fn main() -> Result<()> {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    if names.is_empty() {
        names.push("samples/journeys/v2025.10".to_owned());
    }
    // All but the first five seconds, while connections are opened.
    let options = LoadOptions {
        selection: Selection {
            from: "5s".parse().ok(),
            ..Selection::default()
        },
        ..LoadOptions::default()
    };
    let mut out = std::io::stdout().lock();
    for run in load(&names, options)?.runs {
        writeln!(out, "{}", run.name())?;
        let p95 = |measure: &Measure| measure.get(Stat::p(95)).unwrap_or(0.0);
        let mut endpoints = run.endpoints();
        endpoints.sort_by(|a, b| p95(&b.duration).total_cmp(&p95(&a.duration)));
        for endpoint in endpoints.iter().take(5) {
            let (p95, title) = (p95(&endpoint.duration), endpoint.id.title());
            writeln!(out, "  {p95:9.2} ms  {title}")?;
        }
    }
    Ok(())
}
