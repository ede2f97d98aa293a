//! What a stream does not say, and what makes it hard to read.

use std::collections::BTreeSet;

use super::detect::Format;
use super::load_options::LoadOptions;
use crate::run::{MetricName, Recorded, Samples, Summary, Vocabulary, builtin};
use crate::units::counted;

/// A tag of more values than this, and of as many as half of all tag sets, tells requests apart
/// that should be told together.
const MANY_VALUES: usize = 1000;

/// Remarks on the samples of a stream that k6 wrote in this format.
pub(super) fn of(
    samples: &Samples,
    origin: Format,
    summary: Option<&Summary>,
    recorded: &Recorded,
    options: &LoadOptions,
) -> Vec<String> {
    // Whatever k6 inspect told is all that there is.
    let are_known = summary.is_some() || !recorded.thresholds.is_empty();
    let thresholds = if are_known {
        None
    } else {
        unknown_thresholds(samples, origin, &options.thresholds_on)
    };
    let notes = [
        untyped(samples, summary, &options.vocabulary),
        thresholds,
        exploding(samples),
    ];
    notes.into_iter().flatten().collect()
}

/// A tag in which nearly every request has a value of its own costs k6 memory and makes statistics
/// by it useless.
fn exploding(samples: &Samples) -> Option<String> {
    let table = samples.series();
    if table.tag_sets() <= MANY_VALUES {
        return None;
    }
    let exploding = table.exploding(MANY_VALUES);
    // Without a name of their own, requests are named by their URL.
    let is_url = |key: &str| matches!(key, "name" | "url");
    let url = exploding.iter().find(|(key, _)| is_url(key));
    let (key, values) = url.or(exploding.first())?;
    let advice = if is_url(key) {
        "group the URLs in the script, as in http.get(url, { tags: { name: 'GET /items/:id' } }) \
         (URL grouping in k6's documentation)"
    } else {
        "leave it out of k6's --system-tags, or let the script set it as metadata, which k6 does \
         not index"
    };
    let values = counted(*values as u64, "different value");
    Some(format!(
        "the tag {key} has {values}, so that nearly every request is a series of its own: {advice}"
    ))
}

/// A CSV stream has no types, and a JSON stream whose head is missing lacks some.
fn untyped(
    samples: &Samples,
    summary: Option<&Summary>,
    vocabulary: &Vocabulary,
) -> Option<String> {
    let listed: BTreeSet<&str> = summary
        .iter()
        .flat_map(|s| &s.metrics)
        .map(|m| m.name.metric())
        .collect();
    let declarations = samples.declarations().iter();
    let untyped: Vec<&str> = declarations
        .filter(|declaration| declaration.kind.is_none())
        .map(|declaration| declaration.name.as_str())
        .filter(|name| builtin(name).is_none() && !listed.contains(name))
        .filter(|name| !vocabulary.kinds.contains_key(*name))
        .collect();
    let (be, what) = if untyped.len() == 1 {
        ("is", "a trend")
    } else {
        ("are", "trends")
    };
    (!untyped.is_empty()).then(|| {
        format!(
            "the stream does not say what type {} {be}: taken as {what}; put the run's summary \
             beside it, or state it in perf-report.toml ([metrics])",
            few(&untyped)
        )
    })
}

/// A JSON stream names the submetrics that thresholds stand on, but not those thresholds; CSV
/// names none. Without a summary they cannot be evaluated, and that must not look like a pass.
fn unknown_thresholds(
    samples: &Samples,
    origin: Format,
    thresholds_on: &[MetricName],
) -> Option<String> {
    if origin == Format::CsvStream && thresholds_on.is_empty() {
        return Some(
            "a CSV stream holds no thresholds: put the run's summary beside it to check them"
                .to_owned(),
        );
    }
    let submetrics: Vec<&str> = samples
        .declarations()
        .iter()
        .flat_map(|declaration| &declaration.submetrics)
        .filter(|name| name.text() != "http_req_duration{expected_response:true}")
        .filter(|name| {
            let is_it = |known: &MetricName| known.selection() == name.selection();
            !thresholds_on.iter().any(is_it)
        })
        .map(MetricName::text)
        .collect();
    (!submetrics.is_empty()).then(|| {
        format!(
            "the stream does not hold the thresholds on {}: put the run's summary beside it to \
             check them",
            few(&submetrics)
        )
    })
}

/// Some names, and how many more there are.
fn few(names: &[&str]) -> String {
    const FEW: usize = 5;
    let shown = names[..names.len().min(FEW)].join(", ");
    if names.len() > FEW {
        format!("{shown} and {} more", names.len() - FEW)
    } else {
        shown
    }
}
