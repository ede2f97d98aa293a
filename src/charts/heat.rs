//! A heat map: how many requests of which duration ended when.

use super::Width;
use super::axis::{Axis, power_of_ten_millis};
use super::legend::Key;
use super::panel::{Frame, label_room, single_over_time};
use super::strips::end_of;
use super::theme::HEAT;
use crate::error::Result;
use crate::report::page::OverTime;
use crate::run::Heat;
use crate::units;

/// Draws a field for each piece of time and each bin of durations; the more requests, the more colour,
/// on a logarithmic scale, so that a single one is seen.
///
/// # Errors
/// When plotters fails.
pub fn heat(over_time: &OverTime, heat: &Heat, width: Width) -> Result<String> {
    let most = heat.counts.iter().flatten().copied().max().unwrap_or(0);
    let x = Axis::time(end_of(over_time), width.ticks());
    let scale = heat.scale;
    let (low, high) = (scale.edge(0), scale.edge(scale.bins()));
    let y = Axis::logarithmic(low, high, 8, power_of_ten_millis);
    let title = format!("Duration of {}", over_time.unit);
    let legend: Vec<Key> = (1..=HEAT.len())
        .filter_map(|level| Some((level, least_of(level, most)?)))
        .map(|(level, least)| Key::area(least, HEAT[level - 1]))
        .collect();
    let frame = Frame {
        title: &title,
        x: &x,
        y: &y,
        left: label_room(&[&y]),
        right: 16,
        labelled: true,
        legend: &legend,
    };
    let name = format!(
        "Heat map of durations over time: {}",
        over_time.heat_sentence
    );
    let over = (&frame, end_of(over_time));
    single_over_time(width, 340, &name, over, |panel| {
        // Level by level, since fields of one colour that follow one another become one path.
        for (level, ink) in (1..).zip(HEAT) {
            for (moment, counts) in over_time.moments.iter().zip(&heat.counts) {
                let fields = counts.iter().enumerate();
                for (bin, _) in fields.filter(|(_, count)| level_of(**count, most) == level) {
                    let corner = (moment.from, scale.edge(bin).log10());
                    let opposite = (moment.from + moment.seconds, scale.edge(bin + 1).log10());
                    panel.field(corner, opposite, ink)?;
                }
            }
        }
        Ok(())
    })
}

/// The level of a number of requests: none for none, one for one, all for the most.
fn level_of(count: u64, most: u64) -> usize {
    if count == 0 {
        return 0;
    }
    let levels = HEAT.len() as f64;
    let share = (count as f64).ln() / (most.max(2) as f64).ln();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of levels"
    )]
    let level = (share * levels).ceil() as usize;
    level.clamp(1, HEAT.len())
}

/// The least number of requests of a level, as the legend says it; `None` where there is none such.
fn least_of(level: usize, most: u64) -> Option<String> {
    let (mut low, mut high) = (1, most);
    // More requests are never of a lower level.
    while low < high {
        let middle = low + (high - low) / 2;
        if level_of(middle, most) < level {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let is_there = most > 0 && level_of(low, most) == level;
    is_there.then(|| format!("{}+", units::number(low as f64, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::tests::{moments, over_time};
    use crate::stats::histogram::LogScale;

    #[test]
    fn levels_grow_with_the_number() {
        assert_eq!(level_of(0, 100), 0);
        assert_eq!(level_of(1, 100), 1);
        assert_eq!(level_of(100, 100), HEAT.len());
        assert_eq!(level_of(1, 1), 1);
        assert!((1..100).all(|count| level_of(count, 100) <= level_of(count + 1, 100)));
    }

    #[test]
    fn a_lone_slow_request_stands_where_it_was() {
        let mut counts = vec![vec![0; 4]; 10];
        for piece in &mut counts {
            piece[0] = 50;
        }
        counts[6][3] = 1;
        let scale = LogScale::new(1.0, 10_000.0, 4).expect("a scale");
        let data = over_time(moments(10));
        let svg = heat(&data, &Heat { scale, counts }, Width::Wide).expect("draws");
        let fields = |class: &str| -> Vec<(f64, f64)> {
            let path = svg.lines().rfind(|line| line.contains(class));
            let fields = path.expect("fields").split('M').skip(1);
            let corner = |field: &str| {
                let (x, rest) = field.split_once(' ').expect("x");
                let y = rest.split('h').next().expect("y");
                (x.parse().expect("x"), y.parse().expect("y"))
            };
            fields.map(corner).collect()
        };
        let (many, one) = (fields("fill-heat-6"), fields("fill-heat-1"));
        assert_eq!(many.len(), 10);
        assert_eq!(one.len(), 1);
        assert!((one[0].0 - many[6].0).abs() < 1.0, "in the seventh piece");
        assert!(one[0].1 < many[6].1, "above the fast ones");
    }
}
