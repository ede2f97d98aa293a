//! A run: what one k6 process (or several, merged) left behind, ready to be asked.

mod assemble;
mod binned;
mod by_tag;
mod checks;
mod contradiction;
mod courses;
mod declaration;
mod duration;
mod endpoint;
mod endpoint_name;
mod endpoint_names;
mod exploding;
mod frames;
mod gauges;
mod groups;
mod heat;
mod histograms;
mod hosts;
mod lanes;
mod lists;
mod measure;
mod merge;
mod metric;
mod name;
mod numbers;
mod outcomes;
mod pairs;
mod phases;
mod plan_text;
mod planned;
mod ramps;
mod recorded;
mod responses;
mod samples;
mod selection;
mod series;
mod source;
mod strings;
mod summary;
mod test_plan;
mod timeline;
mod vocabulary;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use assemble::Kinds;
pub use assemble::RunParts;
pub use binned::{BinnedDurations, BinnedValues};
pub use contradiction::Contradiction;
pub(crate) use declaration::Declarations;
pub use declaration::{MetricDeclaration, RecordedThreshold};
pub(crate) use duration::{parse_duration, show_duration};
pub use endpoint::{Endpoint, EndpointId};
pub use endpoint_name::{ENDPOINT_TAG, endpoint_name};
use endpoint_names::EndpointNames;
pub use gauges::Gauges;
pub use heat::Heat;
pub(crate) use histograms::second_of;
pub use histograms::{Cell, Histograms, Reduction};
pub use lanes::Lane;
pub(crate) use lists::Lists;
pub use measure::{Measure, Tally};
pub use merge::merge;
pub use metric::{Contains, MetricType, Percent, Stat, UnknownStat, builtin};
pub use name::MetricName;
pub use outcomes::EndpointOutcomes;
pub(crate) use pairs::Pairs;
pub use phases::{EndpointPhases, Phase};
pub use planned::Achieved;
pub use ramps::Ramps;
pub use recorded::{K6Exit, Recorded};
pub use responses::Response;
pub use samples::{Samples, SamplesBuilder};
pub use selection::{Moment, Selection};
pub use series::{Point, Series, SeriesTable};
pub use source::{Filed, Part, Skipped, Source};
pub(crate) use strings::Strings;
pub use summary::{Check, MOST_COUNTED, Summary, SummaryMetric};
pub use test_plan::{Executor, PlannedScenario, Stage, TestPlan};
pub use timeline::{OTHER_STATUS, Timeline, TimelineBucket};
pub use vocabulary::{Rename, Vocabulary};

/// A metric or submetric of a run, with all that is known of it.
#[derive(Debug, Clone)]
pub struct Metric {
    /// Its name.
    pub name: MetricName,
    /// What its values are, where known.
    pub contains: Option<Contains>,
    /// Its numbers, from the best data at hand.
    pub measure: Measure,
    /// The thresholds that k6 had on it.
    pub thresholds: Vec<RecordedThreshold>,
}

/// A run: one scenario file's execution, from its samples, its summary, or both.
#[derive(Debug, Clone)]
pub struct Run {
    name: String,
    label: String,
    filed: Option<Filed>,
    plan: Option<TestPlan>,
    recorded: Recorded,
    sources: Vec<Source>,
    skipped: Skipped,
    samples: Option<Samples>,
    summary: Option<Summary>,
    points: Option<u64>,
    duration_ms: Option<f64>,
    kinds: Kinds,
    metrics: Vec<Metric>,
    by_name: HashMap<String, usize>,
    by_selection: HashMap<String, usize>,
    checks: Vec<Check>,
    contradictions: Vec<Contradiction>,
    notes: Vec<String>,
    vocabulary: Arc<Vocabulary>,
    endpoint_names: OnceLock<EndpointNames>,
    selected_ms: Option<f64>,
}

impl Run {
    /// The name by which runs are paired: the stem of its files.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What tells this run from others of the same name, for output files.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Where an archive has it, if it came from one.
    #[must_use]
    pub fn filed(&self) -> Option<&Filed> {
        self.filed.as_ref()
    }

    /// What was written down beside k6's files.
    #[must_use]
    pub fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    /// The files that it was read from.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What of those files was not used.
    #[must_use]
    pub fn skipped(&self) -> &Skipped {
        &self.skipped
    }

    /// Every sample, unless the run is known from its summary alone.
    #[must_use]
    pub fn samples(&self) -> Option<&Samples> {
        self.samples.as_ref()
    }

    /// The relative error of medians and percentiles, where they are from histograms.
    #[must_use]
    pub fn error(&self) -> Option<f64> {
        self.samples.as_ref()?.error()
    }

    /// What k6's summary said, if there is one.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }

    /// The number of samples read.
    #[must_use]
    pub fn points(&self) -> Option<u64> {
        self.points
    }

    /// The version of k6, where a file says it.
    #[must_use]
    pub fn k6_version(&self) -> Option<&str> {
        self.summary.as_ref()?.k6_version.as_deref()
    }

    /// The duration in milliseconds: of the selection, k6's own, or from the first to the last sample.
    #[must_use]
    pub fn duration_ms(&self) -> Option<f64> {
        self.duration_ms
    }

    /// Whether the duration is k6's own.
    #[must_use]
    pub fn duration_is_k6s(&self) -> bool {
        self.selected_ms.is_none()
            && self
                .summary
                .as_ref()
                .is_some_and(|summary| summary.duration_ms.is_some())
    }

    /// Whether the samples are a selection from a run, and the duration is the selection's.
    #[must_use]
    pub fn is_selection(&self) -> bool {
        self.selected_ms.is_some()
    }

    /// What the project says beyond k6's files.
    #[must_use]
    pub fn vocabulary(&self) -> &Arc<Vocabulary> {
        &self.vocabulary
    }

    /// The times of the first and the last sample, in nanoseconds since 1970.
    #[must_use]
    pub fn span(&self) -> Option<(i64, i64)> {
        self.samples.as_ref()?.span()
    }

    /// Metrics by name, each followed by its submetrics.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// A metric or submetric by its name as written.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.by_name.get(name).map(|&i| &self.metrics[i])
    }

    /// The scenarios that the samples name. Those of VUs belong to the whole test, and can carry a
    /// tag of that key which the script gave it.
    #[must_use]
    pub fn scenarios(&self) -> BTreeSet<&str> {
        let tables = self.samples.iter().map(Samples::series);
        tables
            .flat_map(|table| table.values("scenario", &["vus", "vus_max"]))
            .collect()
    }

    /// Numbers that the stream and the summary give differently.
    #[must_use]
    pub fn contradictions(&self) -> &[Contradiction] {
        &self.contradictions
    }

    /// Remarks for whoever reads the numbers.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The numbers of any metric or submetric, also one that k6 did not list. `None` when the run
    /// has no such metric, or knows only the summary's.
    #[must_use]
    pub fn measure(&self, name: &MetricName) -> Option<Cow<'_, Measure>> {
        let listed = self
            .by_name
            .get(name.text())
            .or_else(|| self.by_selection.get(&name.selection()));
        if let Some(&listed) = listed {
            return Some(Cow::Borrowed(&self.metrics[listed].measure));
        }
        let (kind, _) = self.kind_of(name.metric())?;
        let mut measured = self.measure_samples(std::slice::from_ref(name), &[kind]);
        measured.pop().map(Cow::Owned)
    }

    /// Whether a file of the run lists this metric.
    #[must_use]
    pub fn lists(&self, metric: &str) -> bool {
        self.kinds.contains_key(metric)
    }

    /// A run's metric type and unit: as the stream declares, as the summary says, or as k6's own
    /// metric of that name has it. `None` for a metric that is in neither.
    #[must_use]
    pub fn kind_of(&self, metric: &str) -> Option<(MetricType, Option<Contains>)> {
        let known = self.kinds.get(metric).copied();
        known.or_else(|| builtin(metric).map(|(kind, contains)| (kind, Some(contains))))
    }
}
