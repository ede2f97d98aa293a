//! Where the time of requests goes, by endpoint.

use serde::Serialize;

use super::{Baseline, MOST_ROWS, Part, left_out, prose, shown};
use crate::run::{EndpointPhases, Phase, Run};
use crate::units;

/// The length of the longest bar.
const LENGTH: f64 = 100.0;

/// Where the time of requests goes.
#[derive(Debug, Serialize)]
pub struct Phases {
    /// The phases by name, in the order of time.
    pub names: Vec<&'static str>,
    /// The most costly endpoint's largest phase, in a sentence.
    pub sentence: String,
    /// The endpoints, the slowest first.
    pub rows: Vec<PhaseRow>,
    /// What was left out.
    pub more: Option<String>,
    /// Whether the bars of a baseline stand below.
    pub with_baseline: bool,
}

/// An endpoint's phases.
#[derive(Debug, Serialize)]
pub struct PhaseRow {
    /// Method and name.
    pub title: String,
    /// The means, in the order of the names.
    pub means: Vec<String>,
    /// All together.
    pub total: String,
    /// The same as a bar of parts.
    pub bar: Vec<Piece>,
    /// The baseline's bar.
    pub baseline: Vec<Piece>,
}

/// A part of a bar of 100.
#[derive(Debug, Serialize)]
pub struct Piece {
    /// The place of its phase among the names.
    pub index: usize,
    /// Where it begins.
    pub from: String,
    /// How long it is.
    pub width: String,
}

impl Phases {
    pub(super) fn of(run: &Run, baseline: Option<Baseline<'_>>) -> Part<Self> {
        if run.samples().is_none() {
            return Part::missing(super::NO_SAMPLES);
        }
        let phases = run.phases();
        let before: Vec<EndpointPhases> = baseline
            .and_then(|baseline| baseline.with_samples()?.last().copied())
            .map(Run::phases)
            .unwrap_or_default();
        let longest = phases.iter().chain(&before).map(EndpointPhases::total);
        let longest = longest.fold(0.0, f64::max);
        let Some(slowest) = phases.first().filter(|_| longest > 0.0) else {
            return Part::missing("k6 recorded no phases of HTTP requests here.");
        };
        let row = |endpoint: &EndpointPhases| {
            let known = before.iter().find(|before| before.id == endpoint.id);
            PhaseRow {
                title: shown(&endpoint.id.title()),
                means: endpoint.means.iter().map(|m| units::duration(*m)).collect(),
                total: units::duration(endpoint.total()),
                bar: pieces(endpoint, longest),
                baseline: known.map(|b| pieces(b, longest)).unwrap_or_default(),
            }
        };
        let largest = Phase::ALL.into_iter().zip(slowest.means);
        let largest = largest.reduce(|most, next| if next.1 > most.1 { next } else { most });
        let sentence = largest.map_or_else(String::new, |(phase, mean)| {
            format!(
                "{} spends {} of its {} {}.",
                slowest.id.title(),
                units::percent((mean / slowest.total() * 1e3).floor() / 1e3),
                units::duration(slowest.total()),
                phase.name()
            )
        });
        Part::shown(Self {
            names: Phase::ALL.map(Phase::name).to_vec(),
            sentence: prose(&sentence),
            rows: phases.iter().take(MOST_ROWS).map(row).collect(),
            more: left_out(phases.len(), "faster endpoint"),
            with_baseline: !before.is_empty(),
        })
    }
}

fn pieces(phases: &EndpointPhases, longest: f64) -> Vec<Piece> {
    let mut from = 0.0;
    let pieces = phases.means.iter().enumerate().map(|(i, mean)| {
        let width = mean / longest * LENGTH;
        let piece = Piece {
            index: i,
            from: format!("{from:.2}"),
            width: format!("{width:.2}"),
        };
        from += width;
        (width, piece)
    });
    // What is thinner than a hair is not drawn.
    let seen = pieces.filter(|(width, _)| *width >= 0.05);
    seen.map(|(_, piece)| piece).collect()
}
