//! The samples of a run with interned tag sets: every one of them as polars frames, or histograms.

use polars::frame::DataFrame;

use super::declaration::{Declarations, MetricDeclaration};
use super::frames;
use super::groups::Groups;
use super::histograms::{Cell, Histograms, beginning_of_second};
use super::measure::{Measure, Tally};
use super::metric::MetricType;
use super::name::MetricName;
use super::series::{Point, SeriesTable};
use crate::error::Result;
use crate::threads;

/// Fewer samples than this are added up before another thread has begun.
const FEW: u64 = 50_000;

/// The samples of a run, in file order.
#[derive(Debug, Clone)]
pub struct Samples {
    body: Body,
    series: SeriesTable,
    declarations: Declarations,
    points_read: u64,
    span: Option<(i64, i64)>,
}

#[derive(Debug, Clone)]
enum Body {
    /// Every sample, and how many there are of every series.
    Points(DataFrame, Vec<u32>),
    /// The same of histograms.
    Histograms(Histograms, Vec<u64>),
}

impl Samples {
    /// The samples as a frame: `series` u32, `time` datetime\[ns, UTC\], `value` f64; `None` of
    /// histograms.
    #[must_use]
    pub fn points(&self) -> Option<&DataFrame> {
        match &self.body {
            Body::Points(points, _) => Some(points),
            Body::Histograms(..) => None,
        }
    }

    /// The samples as histograms, where they are known so.
    #[must_use]
    pub fn histograms(&self) -> Option<&Histograms> {
        match &self.body {
            Body::Points(..) => None,
            Body::Histograms(histograms, _) => Some(histograms),
        }
    }

    /// The relative error of quantiles of histograms; `None` where every sample is at hand.
    #[must_use]
    pub fn error(&self) -> Option<f64> {
        self.histograms().map(|histograms| histograms.error)
    }

    /// The series as a frame: `id`, `metric`, and a column `tag.<key>` for every tag key.
    ///
    /// # Errors
    /// When polars cannot build it.
    pub fn series_frame(&self) -> Result<DataFrame> {
        frames::series(&self.series)
    }

    /// The metrics as a frame: `name`, `type`, `contains`, `thresholds`, `submetrics`.
    ///
    /// # Errors
    /// When polars cannot build it.
    pub fn metrics_frame(&self) -> Result<DataFrame> {
        frames::metrics(self.declarations.list())
    }

    /// The series; a point's `series` is the number of one.
    #[must_use]
    pub fn series(&self) -> &SeriesTable {
        &self.series
    }

    /// The metrics in the order in which the stream shows them.
    #[must_use]
    pub fn declarations(&self) -> &[MetricDeclaration] {
        self.declarations.list()
    }

    /// A metric's declaration.
    #[must_use]
    pub fn declaration(&self, metric: &str) -> Option<&MetricDeclaration> {
        self.declarations.get(metric)
    }

    /// The number of samples that were read.
    #[must_use]
    pub fn points_read(&self) -> u64 {
        self.points_read
    }

    /// The samples in file order; none of histograms, which [`Samples::histograms`] has.
    pub fn iter(&self) -> impl Iterator<Item = Point> + '_ {
        let (series, times, values) = self.slices();
        series
            .iter()
            .zip(times)
            .zip(values)
            .map(|((&series, &time), &value)| Point {
                series,
                time,
                value,
            })
    }

    /// Visits all samples in file order: one by one, or those of a histogram together.
    pub(super) fn for_each(&self, mut visit: impl FnMut(&Cell<'_>)) {
        if let Body::Histograms(histograms, _) = &self.body {
            histograms.iter().for_each(|cell| visit(&cell));
            return;
        }
        for Point {
            series,
            time,
            value,
        } in self.iter()
        {
            visit(&Cell::single(series, time, &value));
        }
    }

    /// The first and the last time; samples are not in the order of time.
    #[must_use]
    pub fn span(&self) -> Option<(i64, i64)> {
        self.span
    }

    /// From where pieces of time are counted, and the last time: from the first sample, or from the
    /// beginning of its second, where the samples of a second are known together.
    pub(super) fn pieces(&self) -> Option<(i64, i64)> {
        let (first, last) = self.span?;
        let start = match &self.body {
            Body::Points(..) => first,
            Body::Histograms(..) => beginning_of_second(first),
        };
        Some((start, last))
    }

    /// The numbers of each of these metrics and submetrics, which have these types. `seconds` is the run's duration, for
    /// rates per second.
    #[must_use]
    pub fn measure(
        &self,
        names: &[MetricName],
        kinds: &[MetricType],
        seconds: Option<f64>,
    ) -> Vec<Measure> {
        self.measure_groups(&Groups::of_names(&self.series, names), kinds, seconds)
    }

    /// The numbers of groups of series. Each thread goes over all samples, in file order, and adds
    /// up its share of the groups.
    pub(super) fn measure_groups(
        &self,
        groups: &Groups,
        kinds: &[MetricType],
        seconds: Option<f64>,
    ) -> Vec<Measure> {
        if groups.sets().iter().all(Vec::is_empty) {
            let nothing = |kind: &MetricType| {
                Measure::of_samples(*kind, Tally::of_error(self.error()), seconds)
            };
            return kinds.iter().map(nothing).collect();
        }
        let mut of_sets = vec![0; groups.sets().len()];
        match &self.body {
            Body::Points(_, counts) => add_counts(groups, counts, &mut of_sets),
            Body::Histograms(_, counts) => add_counts(groups, counts, &mut of_sets),
        }
        let mut sizes = vec![0_usize; kinds.len()];
        for (groups, count) in groups.sets().iter().zip(of_sets) {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            for group in groups {
                let size = &mut sizes[*group as usize];
                *size = size.saturating_add(count);
            }
        }
        let threads = if self.points_read < FEW {
            1
        } else {
            threads::available()
        };
        let shares = even_shares(&sizes, threads);
        let measured: Vec<Vec<(usize, Measure)>> = threads::each(shares, |share| {
            let tally = |&group: &usize| match self.error() {
                None => Tally::with_capacity(kinds[group], sizes[group]),
                error => Tally::of_error(error),
            };
            let tallies = share.iter().map(tally).collect();
            let tallies = self.tally(groups, kinds, &share, tallies);
            let measure =
                |(group, tally)| (group, Measure::of_samples(kinds[group], tally, seconds));
            share.into_iter().zip(tallies).map(measure).collect()
        });
        let mut measured: Vec<(usize, Measure)> = measured.into_iter().flatten().collect();
        measured.sort_by_key(|(group, _)| *group);
        measured.into_iter().map(|(_, measure)| measure).collect()
    }

    /// Adds the samples of some groups to their tallies.
    fn tally(
        &self,
        groups: &Groups,
        kinds: &[MetricType],
        share: &[usize],
        mut tallies: Vec<Tally>,
    ) -> Vec<Tally> {
        let mut places = vec![None; kinds.len()];
        for (place, &group) in share.iter().enumerate() {
            places[group] = Some(place);
        }
        // For every set of groups where those of this share stand, and their types.
        let sets: Vec<Vec<(usize, MetricType)>> = groups
            .sets()
            .iter()
            .map(|set| {
                let place = |group: &u32| {
                    let group = *group as usize;
                    Some((places[group]?, kinds[group]))
                };
                set.iter().filter_map(place).collect()
            })
            .collect();
        let places_of = |series: u32| &sets[groups.of_series()[series as usize] as usize];
        if let Some(histograms) = self.histograms() {
            for cell in histograms.iter() {
                for (place, kind) in places_of(cell.series) {
                    tallies[*place].add_cell(*kind, &cell);
                }
            }
        }
        let (series, _, values) = self.slices();
        for (series, value) in series.iter().zip(values) {
            for (place, kind) in places_of(*series) {
                tallies[*place].add(*kind, *value);
            }
        }
        tallies
    }

    /// The sum and the number of the samples of each of so many groups.
    pub(super) fn sum_groups(&self, groups: &Groups, count: usize) -> Vec<(f64, u64)> {
        let mut sums = vec![(0.0, 0); count];
        self.for_each(|cell| {
            let set = groups.of_series()[cell.series as usize];
            for group in &groups.sets()[set as usize] {
                let (sum, number) = &mut sums[*group as usize];
                *sum += cell.sum;
                *number += cell.count;
            }
        });
        sums
    }

    /// The number of samples of a series.
    pub(super) fn count(&self, series: usize) -> u64 {
        match &self.body {
            Body::Points(_, counts) => counts.get(series).map_or(0, |count| u64::from(*count)),
            Body::Histograms(_, counts) => counts.get(series).copied().unwrap_or(0),
        }
    }

    fn slices(&self) -> (&[u32], &[i64], &[f64]) {
        match &self.body {
            // The builder made these columns in one piece and without nulls.
            Body::Points(points, _) => frames::point_slices(points).unwrap_or_default(),
            Body::Histograms(..) => Default::default(),
        }
    }
}

/// Adds the number of samples of every series to that of its set of groups.
fn add_counts<T: Copy + Into<u64>>(groups: &Groups, counts: &[T], of_sets: &mut [u64]) {
    for (set, count) in groups.of_series().iter().zip(counts) {
        let sum = &mut of_sets[*set as usize];
        *sum = sum.saturating_add((*count).into());
    }
}

/// Deals out groups so that each share has about as many samples, the largest groups first.
fn even_shares(sizes: &[usize], shares: usize) -> Vec<Vec<usize>> {
    let mut by_size: Vec<usize> = (0..sizes.len()).collect();
    by_size.sort_by_key(|group| std::cmp::Reverse(sizes[*group]));
    let mut dealt = vec![(0, Vec::new()); shares.max(1)];
    for group in by_size {
        if let Some((size, share)) = dealt.iter_mut().min_by_key(|(size, _)| *size) {
            *size += sizes[group];
            share.push(group);
        }
    }
    dealt.into_iter().map(|(_, share)| share).collect()
}

/// Samples being read.
#[derive(Debug, Default)]
pub struct SamplesBuilder {
    series: SeriesTable,
    counts: Vec<u32>,
    span: Option<(i64, i64)>,
    declarations: Declarations,
    point_series: Vec<u32>,
    point_times: Vec<i64>,
    point_values: Vec<f64>,
}

impl SamplesBuilder {
    /// The number of a metric's series of these tags, new or known.
    pub fn series<'a>(
        &mut self,
        metric: &str,
        tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> u32 {
        self.declarations.know(metric);
        self.series.intern(metric, tags)
    }

    /// The metrics, and the series, so far.
    pub(crate) fn tables(&mut self) -> (&mut Declarations, &mut SeriesTable) {
        (&mut self.declarations, &mut self.series)
    }

    /// Adds a metric's declaration. Of two, as appended streams have them, the first type stands, and
    /// the thresholds of both.
    pub fn declare(&mut self, declaration: MetricDeclaration) {
        self.declarations.add(declaration);
    }

    /// Adds a sample: a series' number, nanoseconds since 1970, and the value.
    pub fn push(&mut self, point: Point) {
        self.extend(&[point.series], &[point.time], &[point.value]);
    }

    /// Adds samples, whose three parts are equally long.
    pub(crate) fn extend(&mut self, series: &[u32], times: &[i64], values: &[f64]) {
        self.point_series.extend_from_slice(series);
        self.point_times.extend_from_slice(times);
        self.point_values.extend_from_slice(values);
        // What is counted here is still in the processor's cache.
        self.counts.resize(self.series.len(), 0);
        for series in series {
            self.counts[*series as usize] += 1;
        }
        let first = times.iter().copied().min();
        let last = times.iter().copied().max();
        if let (Some(first), Some(last)) = (first, last) {
            let span = self.span.get_or_insert((first, last));
            *span = (span.0.min(first), span.1.max(last));
        }
    }

    /// The number of samples so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.point_values.len()
    }

    /// Whether there is no sample yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.point_values.is_empty()
    }

    /// The samples as frames.
    ///
    /// # Errors
    /// When polars cannot build the frame.
    pub fn finish(self) -> Result<Samples> {
        let points_read = self.point_values.len() as u64;
        let mut counts = self.counts;
        counts.resize(self.series.len(), 0);
        let points = frames::points(self.point_series, self.point_times, self.point_values)?;
        Ok(Samples {
            body: Body::Points(points, counts),
            series: self.series,
            declarations: self.declarations,
            points_read,
            span: self.span,
        })
    }

    /// These series with histograms of them in the place of samples.
    #[must_use]
    pub fn finish_with(self, histograms: Histograms) -> Samples {
        let mut counts = vec![0_u64; self.series.len()];
        let mut span: Option<(i64, i64)> = None;
        for cell in histograms.iter() {
            counts[cell.series as usize] += cell.count;
            let (first, last) = span.unwrap_or((cell.first, cell.last));
            span = Some((first.min(cell.first), last.max(cell.last)));
        }
        Samples {
            points_read: counts.iter().sum(),
            body: Body::Histograms(histograms, counts),
            series: self.series,
            declarations: self.declarations,
            span,
        }
    }
}

impl Samples {
    /// States how many samples were read where some were replaced by fewer.
    #[must_use]
    pub fn with_points_read(mut self, points_read: u64) -> Self {
        self.points_read = points_read;
        self
    }
}
