//! Putting a run together from what was read of it, and computing its metrics.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::declaration::{MetricDeclaration, RecordedThreshold};
use super::measure::Measure;
use super::metric::{Contains, MetricType, builtin};
use super::name::MetricName;
use super::recorded::Recorded;
use super::samples::Samples;
use super::source::{Filed, Skipped, Source};
use super::summary::{Summary, SummaryMetric};
use super::test_plan::TestPlan;
use super::vocabulary::Vocabulary;
use super::{Metric, Run};
use crate::threads;

/// Types and units by metric.
pub(super) type Kinds = HashMap<String, (MetricType, Option<Contains>)>;

/// The parts that a run is put together from.
#[derive(Debug, Default)]
pub struct RunParts {
    /// The stem of its files, by which runs are paired.
    pub name: String,
    /// What tells it from other runs of that name: the file's name without its format.
    pub label: String,
    /// Where an archive has it.
    pub filed: Option<Filed>,
    /// What the test was to do.
    pub plan: Option<TestPlan>,
    /// What was written down beside k6's files.
    pub recorded: Recorded,
    /// Its files.
    pub sources: Vec<Source>,
    /// What was not used of them.
    pub skipped: Skipped,
    /// The samples.
    pub samples: Option<Samples>,
    /// The summary.
    pub summary: Option<Summary>,
    /// Remarks for whoever reads the numbers.
    pub notes: Vec<String>,
    /// What the project says beyond k6's files.
    pub vocabulary: Arc<Vocabulary>,
    /// The duration in milliseconds, where the samples are a selection from a run.
    pub selected_ms: Option<f64>,
}

impl Run {
    /// Puts a run together and computes its metrics.
    #[must_use]
    pub fn new(parts: RunParts) -> Self {
        let RunParts {
            name,
            label,
            filed,
            plan,
            recorded,
            sources,
            skipped,
            samples,
            summary,
            notes,
            vocabulary,
            selected_ms,
        } = parts;
        let mut run = Self {
            name,
            label,
            filed,
            plan,
            recorded,
            sources,
            skipped,
            points: samples.as_ref().map(Samples::points_read),
            duration_ms: None,
            samples,
            summary,
            kinds: Kinds::new(),
            metrics: Vec::new(),
            by_name: HashMap::new(),
            by_selection: HashMap::new(),
            checks: Vec::new(),
            contradictions: Vec::new(),
            notes,
            vocabulary,
            endpoint_names: OnceLock::new(),
            selected_ms,
        };
        run.duration_ms = run.find_duration();
        run.kinds = run.find_kinds();
        let (metrics, checks) = threads::both(|| run.compute_metrics(), || run.count_checks());
        run.checks = checks;
        run.list(metrics);
        run.contradictions = run.find_contradictions();
        run.forget_other_plan();
        run
    }

    fn find_kinds(&self) -> Kinds {
        let mut kinds = Kinds::new();
        let declarations = || self.samples.iter().flat_map(Samples::declarations);
        for declaration in declarations() {
            // A stream without types: a trend shows most. A note says so.
            let known = builtin(&declaration.name).map(|(kind, contains)| (kind, Some(contains)));
            let stated = self.vocabulary.kinds.get(&declaration.name).copied();
            let known = known.or(stated).unwrap_or((MetricType::Trend, None));
            kinds.insert(declaration.name.clone(), known);
        }
        for metric in self.summary.iter().flat_map(|summary| &summary.metrics) {
            kinds.insert(
                metric.name.metric().to_owned(),
                (metric.kind, metric.contains),
            );
        }
        for declaration in declarations() {
            if let Some(kind) = declaration.kind {
                let known = || builtin(&declaration.name).map(|(_, contains)| contains);
                let contains = declaration.contains.or_else(known);
                kinds.insert(declaration.name.clone(), (kind, contains));
            }
        }
        kinds
    }

    fn find_duration(&self) -> Option<f64> {
        let k6s = self
            .summary
            .as_ref()
            .and_then(|summary| summary.duration_ms);
        self.selected_ms.or(k6s).or_else(|| {
            let (first, last) = self.span()?;
            Some(last.saturating_sub(first) as f64 / 1e6)
        })
    }

    /// Seconds as k6 divides by them: nanoseconds rounded to whole ones first.
    fn seconds(&self) -> Option<f64> {
        self.duration_ms.map(|ms| (ms * 1e6).round() / 1e9)
    }

    pub(super) fn measure_samples(
        &self,
        names: &[MetricName],
        kinds: &[MetricType],
    ) -> Vec<Measure> {
        let Some(samples) = &self.samples else {
            return Vec::new();
        };
        samples.measure(names, kinds, self.seconds())
    }

    fn compute_metrics(&self) -> Vec<Metric> {
        let (names, kinds): (Vec<_>, Vec<_>) = self.metric_names().into_iter().unzip();
        let mut measured = self.measure_samples(&names, &kinds).into_iter();
        let reported = self
            .summary
            .as_ref()
            .map(Summary::by_name)
            .unwrap_or_default();
        let declared: HashMap<&str, &MetricDeclaration> = self
            .samples
            .iter()
            .flat_map(Samples::declarations)
            .map(|declaration| (declaration.name.as_str(), declaration))
            .collect();
        names
            .into_iter()
            .zip(kinds)
            .map(|(name, kind)| {
                let reported = reported.get(name.text()).copied();
                let measure = measured.next().unwrap_or_else(|| {
                    let values = reported.map(|m| m.values.clone()).unwrap_or_default();
                    Measure::reported(kind, values)
                });
                let declared = declared.get(name.text()).copied();
                Metric {
                    contains: self
                        .kind_of(name.metric())
                        .and_then(|(_, contains)| contains),
                    thresholds: recorded_thresholds(reported, declared),
                    measure,
                    name,
                }
            })
            .collect()
    }

    fn list(&mut self, metrics: Vec<Metric>) {
        for (i, metric) in metrics.iter().enumerate() {
            self.by_name.insert(metric.name.text().to_owned(), i);
            self.by_selection
                .entry(metric.name.selection())
                .or_insert(i);
        }
        self.metrics = metrics;
    }

    /// Every metric and submetric that the files list, sorted: a parent, then its parts.
    fn metric_names(&self) -> Vec<(MetricName, MetricType)> {
        let mut names: Vec<MetricName> = Vec::new();
        if let Some(samples) = &self.samples {
            for declaration in samples.declarations() {
                names.push(MetricName::plain(declaration.name.clone()));
                names.extend(declaration.submetrics.iter().cloned());
                if declaration.name == "http_req_duration" {
                    // k6 always lists this one, even without samples.
                    let tags = vec![("expected_response".to_owned(), "true".to_owned())];
                    names.push(MetricName::with_tags("http_req_duration", tags));
                }
            }
        }
        names.extend(
            self.summary
                .iter()
                .flat_map(|s| &s.metrics)
                .map(|m| m.name.clone()),
        );
        names.sort_by(|a, b| {
            (a.metric(), a.is_submetric(), a.text()).cmp(&(b.metric(), b.is_submetric(), b.text()))
        });
        names.dedup_by(|a, b| a.text() == b.text());
        names
            .into_iter()
            .map(|name| {
                let kind = self
                    .kind_of(name.metric())
                    .map_or(MetricType::Trend, |(kind, _)| kind);
                (name, kind)
            })
            .collect()
    }
}

/// The thresholds on a metric: those of the summary, and those of the stream that it lacks.
fn recorded_thresholds(
    reported: Option<&SummaryMetric>,
    declared: Option<&MetricDeclaration>,
) -> Vec<RecordedThreshold> {
    let mut thresholds = reported
        .map(|metric| metric.thresholds.clone())
        .unwrap_or_default();
    for threshold in declared
        .into_iter()
        .flat_map(|declaration| &declaration.thresholds)
    {
        match thresholds
            .iter_mut()
            .find(|t| t.expression == threshold.expression)
        {
            Some(known) => known.abort_on_fail |= threshold.abort_on_fail,
            None => thresholds.push(threshold.clone()),
        }
    }
    thresholds
}
