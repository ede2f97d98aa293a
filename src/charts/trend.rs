//! A statistic over releases: a point a run, and where unchanged runs lie.

use plotters::style::text_anchor::{HPos, VPos};

use super::Width;
use super::axis::Axis;
use super::panel::{Frame, Panel, label_room, pixels, single, text_width};
use super::theme::{FAILED, GRID, MARK, RATE, SCALE, TEXT, USERS};
use crate::error::Result;
use crate::report::{Trend, TrendPoint, Unit};
use crate::units;

/// The share of a release's room over which its runs are spread.
const SPREAD: f64 = 0.5;

/// Draws the runs of every release, their means, and the noise band.
///
/// # Errors
/// When plotters fails.
pub fn trend(trend: &Trend, releases: &[String], width: Width) -> Result<String> {
    let highest = trend.points.iter().map(|point| point.value);
    let highest = highest
        .chain(trend.band.map(|band| band.high))
        .fold(0.0, f64::max);
    let y = Axis::from_zero(highest * 1.05, 5, label_of(trend.shown));
    let mut x = Axis::from_zero(releases.len() as f64, 1, |_| String::new());
    x.high = releases.len().max(1) as f64;
    x.ticks.clear();
    let title = trend.title();
    let frame = Frame {
        title: &title,
        x: &x,
        y: &y,
        left: label_room(&[&y]),
        right: 16,
        labelled: true,
        legend: &[],
    };
    let name = format!("{title} of {} over releases", trend.scenario);
    single(width, 280, &name, &frame, |panel| {
        band(panel, trend)?;
        let place = |release: &str| releases.iter().position(|it| it == release);
        let means = trend.releases.iter().filter_map(|release| {
            Some(Some((place(&release.release)? as f64 + 0.5, release.value)))
        });
        panel.line(means, MARK, 1)?;
        for runs in trend.points.chunk_by(|a, b| a.release == b.release) {
            if let Some(at) = runs.first().and_then(|run| place(&run.release)) {
                points(panel, at as f64, runs)?;
            }
        }
        names(panel, releases, width)
    })
}

fn label_of(unit: Unit) -> fn(f64) -> String {
    match unit {
        Unit::Millis => units::millis,
        Unit::Share => units::percent,
        Unit::Bytes | Unit::BytesPerSecond => units::bytes,
        _ => |value| units::number(value, 2),
    }
}

/// The noise band, as a broad line.
fn band(panel: &Panel<'_>, trend: &Trend) -> Result<()> {
    let Some(band) = trend.band else {
        return Ok(());
    };
    let (left, right, top, bottom) = panel.bounds();
    let [high, low] = [band.high, band.low].map(|y| panel.place(0.0, y).1.clamp(top, bottom));
    let height = u32::try_from(low - high).unwrap_or(0) / SCALE;
    let middle = i32::midpoint(high, low);
    panel.rule((left, middle), (right, middle), GRID, height.max(1))
}

/// The runs of a release beside each other. What failed is marked, and not by its colour alone.
fn points(panel: &Panel<'_>, release: f64, runs: &[TrendPoint]) -> Result<()> {
    for (number, run) in runs.iter().enumerate() {
        let share = (number as f64 + 0.5) / runs.len() as f64;
        let at = (release + 0.5 + (share - 0.5) * SPREAD, run.value);
        let (ink, sign) = match (run.validity.as_str(), run.thresholds.as_str()) {
            ("invalid", _) => (USERS, Some("?")),
            (_, "failed") => (FAILED, Some("✗")),
            _ => (RATE, None),
        };
        panel.line([Some(at)], ink, 4)?;
        if let Some(sign) = sign {
            let (x, y) = panel.place(at.0, at.1);
            panel.write(
                sign,
                (x, y - pixels(6 * SCALE)),
                ink,
                HPos::Center,
                VPos::Bottom,
            )?;
        }
    }
    Ok(())
}

/// The releases' names below, as many as find room.
fn names(panel: &Panel<'_>, releases: &[String], width: Width) -> Result<()> {
    let (left, right, _, bottom) = panel.bounds();
    let short = |name: &String| -> String { name.chars().take(16).collect() };
    let widest = releases.iter().map(|name| text_width(&short(name))).max();
    let room = (right - left) / (widest.unwrap_or(1) + pixels(8 * SCALE)).max(1);
    let room = usize::try_from(room).unwrap_or(1).clamp(1, width.ticks());
    let step = releases.len().div_ceil(room).max(1);
    // The newest is always named.
    for (at, name) in releases.iter().enumerate().rev().step_by(step) {
        let (x, _) = panel.place(at as f64 + 0.5, 0.0);
        let below = (x, bottom + pixels(8 * SCALE));
        panel.write(&short(name), below, TEXT, HPos::Center, VPos::Top)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::tests::polylines;
    use crate::report::{Band, Movement, TrendRelease};

    fn point(release: &str, value: f64, thresholds: &str) -> TrendPoint {
        TrendPoint {
            release: release.to_owned(),
            reference: String::new(),
            started_at: None,
            value,
            validity: "valid".to_owned(),
            thresholds: thresholds.to_owned(),
        }
    }

    fn data(band: Option<Band>) -> Trend {
        let release = |name: &str, value| TrendRelease {
            release: name.to_owned(),
            runs: 1,
            value,
            range: [value, value],
            change: None,
            verdict: Movement::Unknown,
            failed: 0,
        };
        Trend {
            scenario: "s".to_owned(),
            name: "http_req_duration{label:\"><script>}".to_owned(),
            stat: "p(95)".to_owned(),
            unit: "ms",
            band,
            points: vec![point("a", 10.0, "passed"), point("c", 20.0, "failed")],
            releases: vec![release("a", 10.0), release("c", 20.0)],
            shown: Unit::Millis,
        }
    }

    const RELEASES: [&str; 3] = ["a", "b", "c"];

    #[test]
    fn a_run_is_a_point_at_its_release_and_height_and_a_failed_one_is_marked() {
        let band = Band {
            low: 8.0,
            high: 12.0,
            degrees: 4,
        };
        let releases = RELEASES.map(str::to_owned);
        let svg = trend(&data(Some(band)), &releases, Width::Wide).expect("draws");
        assert_eq!(svg.matches("<circle").count(), 2);
        assert_eq!(svg.matches('✗').count(), 1);
        assert!(
            RELEASES
                .iter()
                .all(|name| svg.contains(&format!("\n{name}\n")))
        );
        assert!(!svg.contains("<script"));
        // The means: from the first to the third release, and up.
        let means = polylines(&svg, "line-mark").remove(0);
        let [first, last] = means[..] else {
            panic!("{means:?}")
        };
        assert!(first.0 < last.0 && first.1 > last.1);
        // The band lies around the first of them, and is as broad as its values.
        let bands = polylines(&svg, "line-grid");
        let around = bands.iter().filter(|line| line[0].1 == first.1);
        assert_eq!(around.count(), 1, "{bands:?}");
    }

    #[test]
    fn without_a_band_and_with_many_releases() {
        let releases: Vec<String> = (0..60)
            .map(|n| format!("release-with-a-name-{n}"))
            .collect();
        let svg = trend(&data(None), &releases, Width::Narrow).expect("draws");
        // The names of releases are cut, and few.
        let shown = svg.matches("release-with-a-n").count();
        assert!((1..5).contains(&shown), "{shown}");
    }
}
