//! Which samples are added up together.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::name::MetricName;
use super::series::{Series, SeriesTable, Tag};

/// A map by the numbers of strings, which nobody from outside chooses.
pub(super) type NumberMap<K, V> = HashMap<K, V, RandomState>;

/// A set of such numbers.
pub(super) type NumberSet<K> = HashSet<K, RandomState>;

/// For every series the groups that its samples belong to. Most series belong to the same few, so
/// that each set of groups is kept once.
pub(super) struct Groups {
    sets: Vec<Vec<u32>>,
    of_series: Vec<u32>,
}

impl Groups {
    /// Groups of which `groups_of` pushes those of a series.
    pub(super) fn new<'a>(
        table: &'a SeriesTable,
        mut groups_of: impl FnMut(Series<'a>, &mut Vec<u32>),
    ) -> Self {
        let mut sets = GroupSets::default();
        let mut groups = Vec::new();
        let of_series = table
            .iter()
            .map(|series| {
                groups.clear();
                groups_of(series, &mut groups);
                sets.number(&groups)
            })
            .collect();
        Self {
            sets: sets.list,
            of_series,
        }
    }

    /// A group for each of these metrics and submetrics.
    pub(super) fn of_names(table: &SeriesTable, names: &[MetricName]) -> Self {
        let mut metrics: NumberMap<u32, Names> = NumberMap::default();
        for (group, name) in (0..).zip(names) {
            // What no sample is tagged with has no number, and a name that asks for it no samples.
            let tags = name.tags().iter();
            let tags: Option<Vec<Tag>> = tags
                .map(|(key, value)| Some((table.string(key)?, table.string(value)?)))
                .collect();
            if let (Some(metric), Some(tags)) = (table.string(name.metric()), tags) {
                metrics.entry(metric).or_default().add(group, tags);
            }
        }
        if metrics.is_empty() {
            return Self {
                sets: GroupSets::default().list,
                of_series: vec![0; table.len()],
            };
        }
        let mut sets = GroupSets::default();
        // Of most metrics only the whole is asked for, and then its series need no look.
        let mut whole: Vec<Option<u32>> = vec![None; table.strings()];
        for (metric, names) in &metrics {
            let is_whole = names.first_keys.is_empty();
            whole[*metric as usize] = is_whole.then(|| sets.number(&names.whole));
        }
        let mut groups = Vec::new();
        let of_series = table
            .iter()
            .map(|series| {
                let metric = series.metric_number();
                if let Some(set) = whole[metric as usize] {
                    return set;
                }
                groups.clear();
                if let Some(names) = metrics.get(&metric) {
                    names.find(series, &mut groups);
                }
                sets.number(&groups)
            })
            .collect();
        Self {
            sets: sets.list,
            of_series,
        }
    }

    /// The set of groups of every series, for [`Groups::sets`].
    pub(super) fn of_series(&self) -> &[u32] {
        &self.of_series
    }

    /// The distinct sets of groups.
    pub(super) fn sets(&self) -> &[Vec<u32>] {
        &self.sets
    }
}

/// Sets of groups, each once; number 0 is the empty one.
struct GroupSets {
    list: Vec<Vec<u32>>,
    known: NumberMap<Vec<u32>, u32>,
    /// The last set that began with each group: most sets are told by that.
    recent: Vec<u32>,
}

impl Default for GroupSets {
    fn default() -> Self {
        Self {
            list: vec![Vec::new()],
            known: NumberMap::default(),
            recent: Vec::new(),
        }
    }
}

impl GroupSets {
    fn number(&mut self, groups: &[u32]) -> u32 {
        let Some(&first) = groups.first() else {
            return 0;
        };
        if self.recent.len() <= first as usize {
            self.recent.resize(first as usize + 1, 0);
        }
        let recent = &mut self.recent[first as usize];
        if self.list[*recent as usize] != groups {
            *recent = self.known.get(groups).copied().unwrap_or_else(|| {
                let set = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
                self.list.push(groups.to_vec());
                self.known.insert(groups.to_vec(), set);
                set
            });
        }
        *recent
    }
}

/// The names that stand for samples of one metric. Many can ask for one tag's values, so they are
/// found by their first tag.
#[derive(Default)]
struct Names {
    whole: Vec<u32>,
    first_keys: Vec<u32>,
    by_first_tag: NumberMap<Tag, Vec<(u32, Vec<Tag>)>>,
}

impl Names {
    fn add(&mut self, group: u32, mut tags: Vec<Tag>) {
        if tags.is_empty() {
            self.whole.push(group);
            return;
        }
        let first = tags.remove(0);
        if !self.first_keys.contains(&first.0) {
            self.first_keys.push(first.0);
        }
        let same = self.by_first_tag.entry(first).or_default();
        same.push((group, tags));
    }

    fn find(&self, series: Series<'_>, groups: &mut Vec<u32>) {
        groups.extend(&self.whole);
        for &key in &self.first_keys {
            let Some(value) = series.value(key) else {
                continue;
            };
            let found = self.by_first_tag.get(&(key, value)).into_iter().flatten();
            let fits = |tags: &[Tag]| tags.iter().all(|tag| series.value(tag.0) == Some(tag.1));
            groups.extend(found.filter(|(_, more)| fits(more)).map(|(group, _)| group));
        }
    }
}
