//! How statistics moved, as one self-contained page.

use std::io::Write;

use serde::Serialize;

use super::html::{self, Assets};
use super::trend_text::cells;
use crate::charts::{self, Width};
use crate::error::Result;
use crate::report::{Movement, Trend, TrendReport};
use crate::units::counted;

const TEMPLATE: &str = include_str!("../../templates/trend.hbs");

#[derive(Serialize)]
struct Context<'a> {
    #[serde(flatten)]
    assets: Assets<'a>,
    reference: &'a str,
    sentence: String,
    tone: &'static str,
    trends: Vec<TrendContext<'a>>,
}

#[derive(Serialize)]
struct TrendContext<'a> {
    scenario: &'a str,
    title: String,
    band: String,
    wide: String,
    narrow: String,
    rows: Vec<RowContext>,
}

#[derive(Serialize)]
struct RowContext {
    release: String,
    runs: String,
    value: String,
    range: String,
    change: String,
    noise: String,
    thresholds: String,
    tone: &'static str,
}

/// Writes the page.
///
/// # Errors
/// When a chart or the template fails, which is a defect, or when it cannot be written.
pub fn page(report: &TrendReport, out: &mut dyn Write) -> Result<()> {
    let moved = report.trends.iter().filter(|trend| latest(trend));
    let moved: Vec<String> = moved.map(Trend::title).collect();
    let (sentence, tone) = match moved.as_slice() {
        [] => (
            format!(
                "Nothing that is followed left the noise of {}.",
                report.reference
            ),
            "plain",
        ),
        [first, others @ ..] => (
            format!(
                "The newest release left the noise of {} in {}{}.",
                report.reference,
                first,
                match others.len() {
                    0 => String::new(),
                    n => format!(
                        ", and in {n} more of {}",
                        counted(report.trends.len() as u64, "statistic")
                    ),
                }
            ),
            "unsure",
        ),
    };
    let trends = report.trends.iter().map(|trend| context(report, trend));
    let context = Context {
        assets: Assets::new(None),
        reference: &report.reference,
        sentence,
        tone,
        trends: trends.collect::<Result<_>>()?,
    };
    html::write(TEMPLATE, &context, out)
}

/// Whether the newest release is beyond noise.
fn latest(trend: &Trend) -> bool {
    let last = trend.releases.last();
    last.is_some_and(|last| matches!(last.verdict, Movement::Above | Movement::Below))
}

fn context<'a>(report: &TrendReport, trend: &'a Trend) -> Result<TrendContext<'a>> {
    let draw = |width| charts::trend(trend, &report.releases, width);
    let rows = trend.releases.iter().map(|release| {
        let mut cells = cells(trend, release).into_iter();
        let mut next = || cells.next().unwrap_or_default();
        RowContext {
            release: next(),
            runs: next(),
            value: next(),
            range: next(),
            change: next(),
            noise: next(),
            thresholds: next(),
            tone: match release.verdict {
                _ if release.failed > 0 => "bad",
                Movement::Above | Movement::Below => "unsure",
                _ => "plain",
            },
        }
    });
    Ok(TrendContext {
        scenario: &trend.scenario,
        title: trend.title(),
        band: trend.band_text(&report.reference),
        wide: draw(Width::Wide)?,
        narrow: draw(Width::Narrow)?,
        rows: rows.collect(),
    })
}
