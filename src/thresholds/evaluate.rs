//! What thresholds say of a run: passed, failed, or no data.

use std::collections::HashSet;

use serde::Serialize;

use super::expression::Threshold;
use crate::error::{Error, ExpressionError, Result};
use crate::run::{Measure, MetricName, MetricType, RecordedThreshold, Run, Stat, builtin};
use crate::units;

/// What a threshold says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Passed,
    /// It is crossed.
    Failed,
    /// Nothing was measured that it could be held against.
    NoData,
}

/// Where a threshold comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ThresholdSource {
    /// k6's script, as its files tell.
    K6,
    /// A configuration file.
    Config,
    /// The command line.
    Cli,
}

/// A threshold that is asked for beside k6's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// The metric or submetric.
    pub name: MetricName,
    /// The expression as written.
    pub expression: String,
    /// The expression, taken apart.
    pub threshold: Threshold,
    /// Where it comes from.
    pub source: ThresholdSource,
}

impl Demand {
    /// A threshold on a metric of this name.
    ///
    /// # Errors
    /// When name or expression does not follow k6's grammar.
    pub fn new(
        name: &str,
        expression: &str,
        source: ThresholdSource,
    ) -> Result<Self, ExpressionError> {
        let name = MetricName::parse_strictly(name.trim())?;
        let threshold: Threshold = expression.parse()?;
        if let Some((kind, _)) = builtin(name.metric()) {
            threshold.check_fits(expression, name.metric(), kind)?;
        }
        Ok(Self {
            name,
            expression: expression.trim().to_owned(),
            threshold,
            source,
        })
    }

    /// A threshold as one argument, `http_req_duration{label:x}:p(95)<500`.
    ///
    /// The metric ends at the first `:` after its closing brace, or at the first `:`.
    ///
    /// # Errors
    /// When it does not follow that grammar.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let (name, expression) = split_argument(text, "threshold")?;
        Self::new(name, expression, ThresholdSource::Cli)
    }
}

/// Cuts `metric:rest` or `metric{tag:value}:rest` in two.
pub(crate) fn split_argument<'a>(
    text: &'a str,
    what: &'static str,
) -> Result<(&'a str, &'a str), ExpressionError> {
    let cut = if text.contains('{') {
        // A value can hold `}:`, so that the right one is that with a statistic behind it.
        let cuts = || {
            text.match_indices('}').filter_map(|(at, _)| {
                let rest = text[at + 1..].trim_start();
                rest.starts_with(':').then(|| text.len() - rest.len())
            })
        };
        let is_stat = |cut: &usize| {
            let rest = text[cut + 1..].trim_start();
            let end = rest.find(|c: char| "<>=!".contains(c) || c.is_whitespace());
            rest[..end.unwrap_or(rest.len())].parse::<Stat>().is_ok()
        };
        cuts().find(is_stat).or_else(|| cuts().next())
    } else {
        text.find(':')
    };
    let cut = cut.ok_or_else(|| ExpressionError {
        what,
        text: text.to_owned(),
        at: text.len(),
        problem: if text.contains('{') {
            "expected } and a colon after the metric's tags".to_owned()
        } else {
            "expected a metric, a colon and an expression".to_owned()
        },
        hint: "write it like http_req_duration{label:tasks-list}:p(95)<500",
    })?;
    Ok((&text[..cut], &text[cut + 1..]))
}

/// A threshold with what it says of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// The metric or submetric, as written.
    pub name: MetricName,
    /// The expression, as written.
    pub expression: String,
    /// The expression taken apart; `None` where a file holds one that is no threshold.
    pub threshold: Option<Threshold>,
    /// What was measured.
    pub observed: Option<f64>,
    /// How far the exact value can be from it, relative to it, where it is from histograms.
    pub error: Option<f64>,
    /// Whether the limit lies within that error, so that only the samples can tell.
    pub is_undecided: bool,
    /// What follows.
    pub verdict: Verdict,
    /// What k6 said, where that is recorded.
    pub k6_verdict: Option<Verdict>,
    /// Where the threshold comes from.
    pub source: ThresholdSource,
    /// Why there is no observed value, or where it comes from.
    pub note: Option<String>,
    /// Whether crossing it ended the run early.
    pub abort_on_fail: bool,
}

/// Evaluates k6's own thresholds, and then those asked for beside them.
///
/// # Errors
/// When one that is asked for does not fit its metric's type.
pub fn evaluate(run: &Run, demands: &[Demand]) -> Result<Vec<Evaluated>> {
    let mut evaluated: Vec<Evaluated> = Vec::new();
    for metric in run.metrics() {
        for recorded in &metric.thresholds {
            evaluated.push(evaluate_recorded(run, &metric.name, recorded));
        }
    }
    let key = |e: &Evaluated| Some((e.name.selection(), e.threshold?.to_string()));
    let mut known: HashSet<(String, String)> = evaluated.iter().filter_map(key).collect();
    for (name, recorded) in &run.recorded().thresholds {
        let planned = evaluate_recorded(run, name, recorded);
        if key(&planned).is_none_or(|key| known.insert(key)) {
            evaluated.push(planned);
        }
    }
    for demand in demands {
        if let Some((kind, _)) = run.kind_of(demand.name.metric()) {
            let Demand {
                threshold,
                expression,
                name,
                ..
            } = demand;
            threshold
                .check_fits(expression, name.metric(), kind)
                .map_err(Error::from)?;
        }
        // k6's own, or one that is asked for twice, is not shown again.
        if known.insert((demand.name.selection(), demand.threshold.to_string())) {
            evaluated.push(Evaluated {
                source: demand.source,
                ..judge(
                    run,
                    &demand.name,
                    &demand.expression,
                    demand.threshold,
                    None,
                )
            });
        }
    }
    Ok(evaluated)
}

fn evaluate_recorded(run: &Run, name: &MetricName, recorded: &RecordedThreshold) -> Evaluated {
    let k6_verdict = recorded.passed.map(|passed| {
        if passed {
            Verdict::Passed
        } else {
            Verdict::Failed
        }
    });
    let evaluated = match recorded.expression.parse::<Threshold>() {
        Ok(threshold) => judge(run, name, &recorded.expression, threshold, k6_verdict),
        // k6 accepted it, so that a newer k6 may know more than we do.
        Err(error) => Evaluated {
            name: name.clone(),
            expression: recorded.expression.clone(),
            threshold: None,
            observed: None,
            error: None,
            is_undecided: false,
            verdict: k6_verdict.unwrap_or(Verdict::NoData),
            k6_verdict,
            source: ThresholdSource::K6,
            note: Some(format!("not understood: {}", error.problem)),
            abort_on_fail: false,
        },
    };
    Evaluated {
        abort_on_fail: recorded.abort_on_fail,
        ..evaluated
    }
}

fn judge(
    run: &Run,
    name: &MetricName,
    expression: &str,
    threshold: Threshold,
    k6_verdict: Option<Verdict>,
) -> Evaluated {
    let found = observe(run, name, threshold.stat);
    let observed = found
        .as_ref()
        .ok()
        .map(|o| o.value)
        .filter(|value| value.is_finite());
    let error = found.as_ref().ok().and_then(|found| found.error);
    let range = found.as_ref().ok().map(|found| found.range);
    let is_undecided = range.is_some_and(|range| !is_decided(threshold, range));
    let (verdict, note) = match found {
        Ok(Observed { range, .. }) if is_undecided => {
            let why = format!(
                "the limit lies within the error of the histogram, from {} to {}",
                units::number(range[0], 3),
                units::number(range[1], 3)
            );
            match k6_verdict {
                Some(k6) => (k6, Some(format!("{why}; k6's own verdict stands"))),
                None => (
                    Verdict::NoData,
                    Some(format!("{why}: perf-report sql --exact asks the samples")),
                ),
            }
        }
        Ok(Observed { value, note, .. }) => {
            let holds = threshold.operator.holds(value, threshold.limit);
            (
                if holds {
                    Verdict::Passed
                } else {
                    Verdict::Failed
                },
                note,
            )
        }
        Err(Missing::NoSamples(why)) => (Verdict::NoData, Some(why)),
        Err(Missing::NotReported(why)) => match k6_verdict {
            Some(k6) => (k6, Some(format!("{why}; k6's own verdict stands"))),
            None => (Verdict::NoData, Some(why)),
        },
    };
    Evaluated {
        name: name.clone(),
        expression: expression.to_owned(),
        threshold: Some(threshold),
        observed,
        error,
        is_undecided,
        verdict,
        k6_verdict,
        source: ThresholdSource::K6,
        note,
        abort_on_fail: false,
    }
}

struct Observed {
    value: f64,
    /// Where the exact value lies.
    range: [f64; 2],
    error: Option<f64>,
    note: Option<String>,
}

impl Observed {
    fn exact(value: f64, note: Option<String>) -> Self {
        Self {
            value,
            range: [value, value],
            error: None,
            note,
        }
    }
}

/// Whether a threshold says the same of all values of a range.
fn is_decided(threshold: Threshold, [least, most]: [f64; 2]) -> bool {
    let holds = |value| threshold.operator.holds(value, threshold.limit);
    let is_inside = least < threshold.limit && threshold.limit < most;
    // Of an order the ends tell; equality can hold between them.
    let is_order = threshold.operator.smaller_is_better().is_some();
    holds(least) == holds(most) && (is_order || !is_inside)
}

enum Missing {
    /// Nothing was measured.
    NoSamples(String),
    /// Something may have been measured, but the files at hand do not say this.
    NotReported(String),
}

fn observe(run: &Run, name: &MetricName, stat: Stat) -> Result<Observed, Missing> {
    let Some(measure) = run.measure(name) else {
        return observe_unknown(run, name, stat);
    };
    if measure.kind() != MetricType::Counter && measure.is_empty() {
        return Err(Missing::NoSamples("no samples".to_owned()));
    }
    let value = measure
        .get_or_infinite(stat)
        .ok_or_else(|| Missing::NotReported(why_missing(&measure, stat)))?;
    let note = value.is_infinite().then(|| format!("{stat} is infinite"));
    let error = measure.error(stat).filter(|_| value.is_finite());
    Ok(match error {
        Some(error) => {
            let ends = [value / (1.0 + error), value / (1.0 - error)];
            // No quantile lies beyond all samples, whose ends are exact.
            let least = measure.get(Stat::Min).unwrap_or(f64::NEG_INFINITY);
            let most = measure.get(Stat::Max).unwrap_or(f64::INFINITY);
            Observed {
                value,
                range: [
                    ends[0].min(ends[1]).max(least),
                    ends[0].max(ends[1]).min(most),
                ],
                error: Some(error),
                note,
            }
        }
        None => Observed::exact(value, note),
    })
}

/// A metric that the run does not list. k6 lists those that had samples or thresholds.
fn observe_unknown(run: &Run, name: &MetricName, stat: Stat) -> Result<Observed, Missing> {
    if run.lists(name.metric()) {
        return Err(Missing::NotReported(
            "the summary does not list this submetric; only the stream can tell".to_owned(),
        ));
    }
    // A counter without samples is 0, as in k6; `dropped_iterations` mostly is.
    if builtin(name.metric()).is_some_and(|(kind, _)| kind == MetricType::Counter) {
        return Ok(Observed::exact(0.0, None));
    }
    if let Some(meant) = near(run, name.metric()) {
        return Err(Missing::NoSamples(format!(
            "the run has no such metric; is it {meant}?"
        )));
    }
    // Only counters have a count, and a custom one that never counted is in no file.
    if stat == Stat::Count {
        let note = "no sample of this metric in the run, which counts as 0".to_owned();
        return Ok(Observed::exact(0.0, Some(note)));
    }
    Err(Missing::NoSamples("the run has no such metric".to_owned()))
}

/// A metric of the run, or of k6's, that is written almost like this one.
fn near<'a>(run: &'a Run, metric: &str) -> Option<&'a str> {
    const SLIPS: usize = 2;
    let listed = run.metrics().iter().map(|metric| metric.name.metric());
    let known = [
        "http_reqs",
        "iterations",
        "dropped_iterations",
        "checks",
        "data_received",
    ];
    listed
        .chain(known)
        .map(|known| (strsim::damerau_levenshtein(known, metric), known))
        .filter(|(slips, _)| *slips <= SLIPS)
        .min()
        .map(|(_, known)| known)
}

fn why_missing(measure: &Measure, stat: Stat) -> String {
    if measure.is_of_samples() {
        return "the run's duration is zero or not known".to_owned();
    }
    let wanted = match stat {
        Stat::P(_) | Stat::Med | Stat::Avg => ", or add it to summaryTrendStats",
        _ => "",
    };
    format!("{stat} is not in the summary; keep the stream{wanted}")
}
