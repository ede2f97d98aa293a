//! Charts as SVG for embedding in HTML: numbers in, text out.
//!
//! Every chart comes in two widths, since text in a picture that shrinks becomes unreadable.

mod against_load;
mod axis;
mod card;
mod distribution;
mod heat;
mod legend;
mod overview;
mod panel;
mod percentiles;
mod spark;
mod strips;
mod tail;
pub mod theme;
mod trend;

pub use against_load::against_load;
pub use card::{SIZE as CARD_SIZE, card};
pub use distribution::distribution;
pub use heat::heat;
pub use overview::overview;
pub use percentiles::percentiles;
pub use spark::{spark, spread};
pub use strips::{data, load};
pub use tail::tail;
pub use trend::trend;

/// For which width of a page a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// A desk or a sheet of paper.
    Wide,
    /// A phone.
    Narrow,
}

impl Width {
    /// The width in the page's pixels at which text has its size.
    #[must_use]
    pub fn pixels(self) -> u32 {
        match self {
            Self::Wide => 960,
            Self::Narrow => 340,
        }
    }

    /// How many labels find room on the horizontal axis.
    fn ticks(self) -> usize {
        match self {
            Self::Wide => 10,
            Self::Narrow => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::report::page::{Moment, OverTime};

    /// Quiet pieces of a second each.
    pub(super) fn moments(count: u32) -> Vec<Moment> {
        let moment = |i| Moment {
            from: f64::from(i),
            seconds: 1.0,
            rate: 10.0,
            percentiles: Some([1.0, 2.0, 3.0, 4.0]),
            ..Moment::default()
        };
        (0..count).map(moment).collect()
    }

    pub(super) fn over_time(moments: Vec<Moment>) -> OverTime {
        OverTime {
            unit: "requests",
            scale: String::new(),
            rate_sentence: String::new(),
            percentile_sentence: String::new(),
            heat_sentence: String::new(),
            data_sentence: None,
            any_dropped: false,
            statuses: Vec::new(),
            rows: Vec::new(),
            baseline_name: None,
            baseline: Vec::new(),
            lanes: Vec::new(),
            heat: None,
            heat_table: None,
            moments,
            duration_limits: Vec::new(),
            failure_limits: Vec::new(),
        }
    }

    /// The corners of the lines of a class.
    pub(super) fn polylines(svg: &str, class: &str) -> Vec<Vec<(i32, i32)>> {
        let marked = format!("class=\"{class}\"");
        let corner = |pair: &str| {
            let (x, y) = pair.split_once(',').expect("a pair");
            (x.parse().expect("a number"), y.parse().expect("a number"))
        };
        svg.lines()
            .filter(|line| line.starts_with("<polyline") && line.contains(&marked))
            .map(|line| {
                let points = line.split("points=\"").nth(1).expect("points");
                let points = points.split('"').next().expect("an end");
                points.split_whitespace().map(corner).collect()
            })
            .collect()
    }
}
