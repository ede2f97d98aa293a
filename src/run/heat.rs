//! How many requests of which duration ended when.

use super::Run;
use super::metric::Stat;
use super::timeline::Timeline;
use crate::stats::histogram::LogScale;

/// Requests by piece of time and by duration.
#[derive(Debug, Clone)]
pub struct Heat {
    /// The bins of durations, in milliseconds.
    pub scale: LogScale,
    /// For each piece of time the number of requests of each bin.
    pub counts: Vec<Vec<u64>>,
}

impl Run {
    /// The scale on which all positive durations of requests have a place; `None` where there are
    /// none, or all are equal.
    #[must_use]
    pub fn duration_scale(&self, bins: usize) -> Option<LogScale> {
        let measure = &self.metric(self.duration_metric())?.measure;
        let highest = measure.get(Stat::Max)?;
        let lowest = measure.get(Stat::Min).filter(|lowest| *lowest > 0.0);
        // Zeros have no place on it.
        let positive = || {
            let ranked = measure.ranked()?;
            ranked.get(ranked.up_to(0.0))
        };
        LogScale::new(lowest.or_else(positive)?, highest, bins)
    }

    /// The durations of requests by the pieces of a timeline of this run alone; `None` without
    /// samples.
    #[must_use]
    pub fn heat(&self, timeline: &Timeline, scale: LogScale) -> Option<Heat> {
        let samples = self.samples()?;
        let (start, _) = samples.pieces()?;
        let metric = samples.series().string(self.duration_metric())?;
        let is_duration: Vec<bool> = samples
            .series()
            .iter()
            .map(|series| series.metric_number() == metric)
            .collect();
        let pieces = timeline.buckets.len();
        let mut counts = vec![vec![0_u64; scale.bins()]; pieces];
        samples.for_each(|cell| {
            if !is_duration[cell.series as usize] {
                return;
            }
            let piece = Timeline::piece(start, timeline.width, cell.first).min(pieces - 1);
            for (value, count) in cell.buckets() {
                if let Some(bin) = scale.bin(value) {
                    counts[piece][bin] += u64::from(count);
                }
            }
        });
        Some(Heat { scale, counts })
    }
}
