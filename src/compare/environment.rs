//! What the runs of two sides ran on, where they tell.

use std::collections::{BTreeMap, BTreeSet};

use super::disparity::Disparity;
use super::side::Side;

/// What is known of a key of the environment.
pub(super) enum Known {
    /// Both sides have the same values.
    Same,
    /// They have other values.
    Differs(Disparity),
    /// A side does not tell, or not of every run.
    OnOneSide,
}

/// Every key that some run tells. What none tells is not asked for: k6's files alone never say
/// where k6 ran.
pub(super) fn compare(baseline: &Side<'_>, candidate: &Side<'_>) -> BTreeMap<String, Known> {
    let sides = [baseline, candidate];
    let runs = sides.iter().flat_map(|side| side.runs());
    let keys: BTreeSet<&str> = runs.flat_map(|run| run.environment().into_keys()).collect();
    let known = |key: &str| match values(baseline, key).zip(values(candidate, key)) {
        None => Known::OnOneSide,
        Some((before, after)) if before == after => Known::Same,
        Some((before, after)) => Known::Differs(Disparity {
            key: key.to_owned(),
            text: format!(
                "{key} differs: {} before, {} now",
                list(&before),
                list(&after)
            ),
            decisive: true,
        }),
    };
    keys.into_iter()
        .map(|key| (key.to_owned(), known(key)))
        .collect()
}

/// The values of a key over the runs of a side; `None` if one run does not tell.
fn values<'a>(side: &Side<'a>, key: &str) -> Option<BTreeSet<&'a str>> {
    let values = side.runs().iter();
    values
        .map(|run| run.environment().get(key).copied())
        .collect()
}

fn list(values: &BTreeSet<&str>) -> String {
    let values: Vec<&str> = values.iter().copied().collect();
    values.join(" and ")
}
