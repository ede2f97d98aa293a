//! Every sample of a run, as polars frames with interned tag sets.

use std::collections::HashMap;

use polars::frame::DataFrame;

use super::declaration::MetricDeclaration;
use super::frames;
use super::measure::Tally;
use super::metric::MetricType;
use super::name::MetricName;
use super::series::{Point, Series};
use crate::error::Result;

/// Every sample of a run, in file order.
#[derive(Debug, Clone)]
pub struct Samples {
    points: DataFrame,
    series: Vec<Series>,
    declarations: Vec<MetricDeclaration>,
    points_read: u64,
}

impl Samples {
    /// The samples as a frame: `series` u32, `time` datetime\[ns, UTC\], `value` f64.
    #[must_use]
    pub fn points(&self) -> &DataFrame {
        &self.points
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
        frames::metrics(&self.declarations)
    }

    /// The series; a point's `series` is an index into them.
    #[must_use]
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// The metrics in the order in which the stream shows them.
    #[must_use]
    pub fn declarations(&self) -> &[MetricDeclaration] {
        &self.declarations
    }

    /// A metric's declaration.
    #[must_use]
    pub fn declaration(&self, metric: &str) -> Option<&MetricDeclaration> {
        self.declarations
            .iter()
            .find(|declaration| declaration.name == metric)
    }

    /// The number of samples that were read.
    #[must_use]
    pub fn points_read(&self) -> u64 {
        self.points_read
    }

    /// The samples in file order.
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

    /// The first and the last time; samples are not in the order of time.
    #[must_use]
    pub fn span(&self) -> Option<(i64, i64)> {
        let (_, times, _) = self.slices();
        Some((*times.iter().min()?, *times.iter().max()?))
    }

    /// Adds up the samples of each of these metrics and submetrics, in one pass.
    #[must_use]
    pub fn tallies(&self, names: &[(MetricName, MetricType)]) -> Vec<Tally> {
        let members = self.members(names);
        let kinds: Vec<MetricType> = names.iter().map(|(_, kind)| *kind).collect();
        self.tally_groups(&kinds, |point| {
            members[point.series as usize].iter().copied()
        })
    }

    /// Adds up samples by groups: `groups_of` says to which a sample belongs.
    pub(super) fn tally_groups<G: IntoIterator<Item = usize>>(
        &self,
        kinds: &[MetricType],
        groups_of: impl Fn(Point) -> G,
    ) -> Vec<Tally> {
        let mut tallies: Vec<Tally> = kinds.iter().map(|_| Tally::default()).collect();
        for point in self.iter() {
            for group in groups_of(point) {
                tallies[group].add(kinds[group], point.value);
            }
        }
        tallies
    }

    /// For every series, the names that its samples belong to.
    fn members(&self, names: &[(MetricName, MetricType)]) -> Vec<Vec<usize>> {
        type FirstTag<'a> = Option<(&'a str, &'a str)>;
        // Many names can ask for one tag's values, so they are found by their first tag.
        let mut by_tag: HashMap<(&str, FirstTag<'_>), Vec<usize>> = HashMap::new();
        for (i, (name, _)) in names.iter().enumerate() {
            let tag = name
                .tags()
                .first()
                .map(|(key, value)| (key.as_str(), value.as_str()));
            by_tag.entry((name.metric(), tag)).or_default().push(i);
        }
        self.series
            .iter()
            .map(|series| {
                let tags = series
                    .tags()
                    .iter()
                    .map(|(key, value)| Some((key.as_str(), value.as_str())));
                let found = std::iter::once(None)
                    .chain(tags)
                    .filter_map(|tag| by_tag.get(&(series.metric.as_str(), tag)));
                found
                    .flatten()
                    .copied()
                    .filter(|&i| series.belongs_to(&names[i].0))
                    .collect()
            })
            .collect()
    }

    fn slices(&self) -> (&[u32], &[i64], &[f64]) {
        // The builder made these columns in one piece and without nulls.
        frames::point_slices(&self.points).unwrap_or_default()
    }
}

/// Samples being read.
#[derive(Debug, Default)]
pub struct SamplesBuilder {
    series: Vec<Series>,
    ids: HashMap<Series, u32>,
    declarations: Vec<MetricDeclaration>,
    declared: HashMap<String, usize>,
    point_series: Vec<u32>,
    point_times: Vec<i64>,
    point_values: Vec<f64>,
}

impl SamplesBuilder {
    /// The number of a series, new or known.
    pub fn series(&mut self, series: Series) -> u32 {
        if let Some(id) = self.ids.get(&series) {
            return *id;
        }
        if !self.declared.contains_key(&series.metric) {
            self.declare(MetricDeclaration::undeclared(&series.metric));
        }
        // 2^32 different tag sets do not fit into memory before they run out here.
        let id = u32::try_from(self.series.len()).unwrap_or(u32::MAX);
        self.series.push(series.clone());
        self.ids.insert(series, id);
        id
    }

    /// Adds a metric's declaration. Of two, as appended streams have them, the first type stands, and
    /// the thresholds of both.
    pub fn declare(&mut self, declaration: MetricDeclaration) {
        if let Some(&known) = self.declared.get(&declaration.name) {
            let known = &mut self.declarations[known];
            known.kind = known.kind.or(declaration.kind);
            known.contains = known.contains.or(declaration.contains);
            for threshold in declaration.thresholds {
                if known
                    .thresholds
                    .iter()
                    .all(|t| t.expression != threshold.expression)
                {
                    known.thresholds.push(threshold);
                }
            }
            for submetric in declaration.submetrics {
                if !known.submetrics.contains(&submetric) {
                    known.submetrics.push(submetric);
                }
            }
        } else {
            self.declared
                .insert(declaration.name.clone(), self.declarations.len());
            self.declarations.push(declaration);
        }
    }

    /// Adds a sample: a series' number, nanoseconds since 1970, and the value.
    pub fn push(&mut self, point: Point) {
        self.point_series.push(point.series);
        self.point_times.push(point.time);
        self.point_values.push(point.value);
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
        let points = frames::points(self.point_series, self.point_times, self.point_values)?;
        Ok(Samples {
            points,
            series: self.series,
            declarations: self.declarations,
            points_read,
        })
    }
}

impl Samples {
    /// States how many samples were read where some were replaced by fewer.
    pub(super) fn with_points_read(mut self, points_read: u64) -> Self {
        self.points_read = points_read;
        self
    }
}
