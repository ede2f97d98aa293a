//! Which run is compared with which: by name.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::run::Run;

/// The runs of both sides, paired.
#[derive(Debug)]
pub(super) struct Pairing<'a> {
    /// Baseline and candidate, each one or more runs.
    pub(super) pairs: Vec<(Vec<&'a Run>, Vec<&'a Run>)>,
    /// Runs of the baseline without a partner, by name.
    pub(super) removed: Vec<Vec<&'a Run>>,
    /// Runs of the candidate without a partner, by name.
    pub(super) added: Vec<Vec<&'a Run>>,
}

/// Pairs runs by name; runs of one name on one side are repetitions. Where each side has exactly
/// one name, they are partners whatever their names.
pub(super) fn pair<'a>(baseline: &'a [Run], candidate: &'a [Run]) -> Result<Pairing<'a>> {
    let mut before = by_name(baseline);
    let mut after = by_name(candidate);
    let mut pairing = Pairing {
        pairs: Vec::new(),
        removed: Vec::new(),
        added: Vec::new(),
    };
    if before.len() == 1 && after.len() == 1 {
        let both = before.into_values().zip(after.into_values());
        pairing.pairs.extend(both);
        return Ok(pairing);
    }
    let names = |side: &BTreeMap<&str, Vec<&Run>>| {
        let names: Vec<&str> = side.keys().copied().collect();
        names.join(", ")
    };
    let no_partner = Error::usage(
        format!(
            "no run has a partner: the baseline has {}, the candidate {}",
            names(&before),
            names(&after)
        ),
        "runs pair by the file name up to its first dot; name one run on each side to compare them \
         whatever their names",
    );
    let shared: Vec<&str> = before
        .keys()
        .copied()
        .filter(|name| after.contains_key(name))
        .collect();
    if shared.is_empty() {
        return Err(no_partner);
    }
    for name in shared {
        pairing
            .pairs
            .extend(before.remove(name).zip(after.remove(name)));
    }
    pairing.removed.extend(before.into_values());
    pairing.added.extend(after.into_values());
    Ok(pairing)
}

fn by_name(runs: &[Run]) -> BTreeMap<&str, Vec<&Run>> {
    let mut groups: BTreeMap<&str, Vec<&Run>> = BTreeMap::new();
    for run in runs {
        groups.entry(run.name()).or_default().push(run);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::RunParts;

    fn runs(names: &[&str]) -> Vec<Run> {
        let run = |name: &&str| {
            Run::new(RunParts {
                name: (*name).to_owned(),
                ..RunParts::default()
            })
        };
        names.iter().map(run).collect()
    }

    /// The numbers of runs of each pair, and the numbers of names removed and added.
    type Shape = (Vec<(usize, usize)>, usize, usize);

    fn shape(baseline: &[&str], candidate: &[&str]) -> Option<Shape> {
        let (baseline, candidate) = (runs(baseline), runs(candidate));
        let pairing = pair(&baseline, &candidate).ok()?;
        let pairs = pairing.pairs.iter().map(|(b, c)| (b.len(), c.len()));
        Some((pairs.collect(), pairing.removed.len(), pairing.added.len()))
    }

    #[test]
    fn by_name_with_repetitions() {
        assert_eq!(
            shape(&["a", "a", "b"], &["b", "a", "c"]),
            Some((vec![(2, 1), (1, 1)], 0, 1))
        );
    }

    #[test]
    fn two_single_names_are_partners() {
        assert_eq!(shape(&["old"], &["new"]), Some((vec![(1, 1)], 0, 0)));
        assert_eq!(shape(&["old"], &["new", "new"]), Some((vec![(1, 2)], 0, 0)));
    }

    #[test]
    fn nothing_in_common_is_an_error() {
        assert_eq!(shape(&["a", "b"], &["c"]), None);
    }
}
