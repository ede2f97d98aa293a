//! Metrics over time.

use super::Run;
use super::groups::Groups;
use super::measure::{Measure, Tally};
use super::metric::MetricType;
use super::name::MetricName;
use super::timeline::Timeline;

impl Run {
    /// The numbers of each of these metrics in pieces of `width` seconds, of which there are `count`;
    /// empty without samples.
    #[must_use]
    pub fn courses(&self, names: &[MetricName], width: f64, count: usize) -> Vec<Vec<Measure>> {
        let pieces = self
            .samples()
            .map(|samples| samples.pieces().map(|span| (samples, span)));
        let Some((samples, (start, _))) = pieces.flatten() else {
            return Vec::new();
        };
        let kind = |name: &MetricName| self.kind_of(name.metric()).map(|(kind, _)| kind);
        let kinds: Vec<MetricType> = names
            .iter()
            .map(|name| kind(name).unwrap_or(MetricType::Trend))
            .collect();
        let groups = Groups::of_names(samples.series(), names);
        let error = samples.error();
        let empty = || {
            (0..count)
                .map(|_| Tally::of_error(error))
                .collect::<Vec<_>>()
        };
        let mut tallies: Vec<Vec<Tally>> = names.iter().map(|_| empty()).collect();
        samples.for_each(|cell| {
            let set = groups.of_series()[cell.series as usize];
            for name in &groups.sets()[set as usize] {
                let name = *name as usize;
                let piece = Timeline::piece(start, width, cell.first);
                if let Some(tally) = tallies[name].get_mut(piece.min(count.saturating_sub(1))) {
                    tally.add_cell(kinds[name], cell);
                }
            }
        });
        let measures = |(tallies, kind): (Vec<Tally>, MetricType)| {
            let measure = |tally| Measure::of_samples(kind, tally, Some(width));
            tallies.into_iter().map(measure).collect()
        };
        tallies.into_iter().zip(kinds).map(measures).collect()
    }
}
