//! Markdown tables of rates.

use std::fmt::Write as _;

use crate::intervals::Rate;

/// A table in the making.
#[derive(Debug)]
pub struct Table(String);

impl Table {
    /// A table with these column titles, of which the first stands left.
    #[must_use]
    pub fn new(titles: &[&str]) -> Self {
        let mut text = format!("| {} |\n|---|", titles.join(" | "));
        text.push_str(&"--:|".repeat(titles.len().saturating_sub(1)));
        text.push('\n');
        Self(text)
    }

    /// Adds a row.
    pub fn row(&mut self, title: &str, cells: &[String]) {
        // A String takes all that is written.
        let _ = writeln!(self.0, "| {title} | {} |", cells.join(" | "));
    }

    /// The table as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A rate with its interval, in percent; a dash where there is none.
#[must_use]
pub fn cell(rate: Option<Rate>) -> String {
    let percent = |share: f64| format!("{:.0}", share * 100.0);
    rate.map_or_else(
        || "–".to_owned(),
        |rate| {
            let whole = format!("{:.1}", rate.rate * 100.0);
            let whole = whole.strip_suffix(".0").unwrap_or(&whole);
            format!("{whole} ({}–{})", percent(rate.low), percent(rate.high))
        },
    )
}
