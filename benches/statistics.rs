//! What follows parsing: interning, quantiles, a page with its charts.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::path::Path;

use divan::{Bencher, black_box};
use perf_report::formats::{LoadOptions, load};
use perf_report::render;
use perf_report::report::page::Page;
use perf_report::report::{ReportOptions, RunReport};
use perf_report::run::SeriesTable;
use perf_report::stats::order::Ordered;
use perf_report::stats::quantile::quantile;

const SHARES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

/// A million durations with a tail, in no order.
fn durations() -> Vec<f64> {
    let mut state: u64 = 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as f64 / f64::from(1 << 24)
    };
    (0..1_000_000)
        .map(|_| 20.0 * (4.0 * next() * next()).exp())
        .collect()
}

#[divan::bench]
fn quantiles_selected(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(durations).bench_values(|values| {
        let ordered = Ordered::new(values, &SHARES);
        SHARES.map(|share| ordered.quantile(share))
    });
}

#[divan::bench]
fn quantiles_sorted(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(durations).bench_values(|mut values| {
        values.sort_unstable_by(f64::total_cmp);
        SHARES.map(|share| quantile(&values, share))
    });
}

/// Nine metrics of ten thousand requests with eight tags, of which `urls` are different.
fn intern(urls: usize) -> SeriesTable {
    let names: Vec<String> = (0..urls)
        .map(|i| format!("http://shop.test/items?u={i}"))
        .collect();
    let mut table = SeriesTable::default();
    for request in 0..10_000 {
        let name = &names[request % urls];
        for metric in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
            let tags = [
                ("expected_response", "true"),
                ("group", "::items"),
                ("method", "GET"),
                ("name", name),
                ("proto", "HTTP/1.1"),
                ("scenario", "browse"),
                ("status", "200"),
                ("url", name),
            ];
            black_box(table.intern(metric, tags));
        }
    }
    table
}

#[divan::bench(args = [20, 10_000])]
fn interning(urls: usize) -> SeriesTable {
    intern(urls)
}

#[divan::bench]
fn page_with_charts(bencher: Bencher<'_, '_>) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/storefront");
    let loaded = load(&[sample], LoadOptions::default()).unwrap();
    let run = &loaded.runs[0];
    let report = RunReport::new(run, &ReportOptions::default()).unwrap();
    bencher.bench(|| {
        let mut html = Vec::new();
        render::html::page(&Page::new(run, &report, None), None, &mut html).unwrap();
        html
    });
}

fn main() {
    divan::main();
}
