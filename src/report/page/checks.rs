//! Checks as a tree of groups, the failing ones first.

use std::cmp::Reverse;

use serde::Serialize;

use super::{MOST_ROWS, Mark, Part, left_out, shown};
use crate::run::Check;
use crate::units;

/// Groups nested deeper than this are shown in one.
const MOST_DEPTH: usize = 6;

/// The checks.
#[derive(Debug, Serialize)]
pub struct Checks {
    /// How many hold, in a sentence.
    pub sentence: String,
    /// The tree, line by line.
    pub rows: Vec<CheckRow>,
    /// What was left out.
    pub more: Option<String>,
    /// Whether the groups are not known.
    pub without_groups: bool,
}

/// A line of the tree: a group or a check.
#[derive(Debug, Serialize)]
pub struct CheckRow {
    /// Whether this is a group, with the sums of its checks.
    pub is_group: bool,
    /// How deep it lies, from 0.
    pub depth: usize,
    /// Its name.
    pub name: String,
    /// How often it held.
    pub passes: String,
    /// How often it did not.
    pub fails: String,
    /// The share that held.
    pub share: String,
    /// What follows.
    pub mark: Mark,
}

#[derive(Default)]
struct Group<'a> {
    name: &'a str,
    checks: Vec<&'a Check>,
    groups: Vec<Group<'a>>,
}

impl Checks {
    pub(super) fn of(checks: &[Check]) -> Part<Self> {
        if checks.is_empty() {
            return Part::missing("The script checks nothing, or the file does not say what.");
        }
        let mut root = Group::default();
        for check in checks {
            root.add(check);
        }
        let mut rows = Vec::new();
        root.rows(0, &mut rows);
        let failing = checks.iter().filter(|check| check.fails > 0).count();
        let never = checks.iter().filter(|c| c.passes + c.fails == 0).count();
        let all = checks.len();
        let of_all = units::counted(all as u64, "check");
        let more = left_out(rows.len(), "row");
        rows.truncate(MOST_ROWS);
        Part::shown(Self {
            sentence: match (failing, all) {
                _ if never > 0 => {
                    let never = format!("{never} of {of_all} never ran");
                    match failing {
                        0 => format!("{never}; the others always held."),
                        _ => format!("{never}, {failing} failed at least once."),
                    }
                }
                (0, 1) => "The only check always held.".to_owned(),
                (0, _) => format!("All {all} checks always held."),
                _ => format!("{failing} of {of_all} failed at least once."),
            },
            rows,
            more,
            without_groups: checks.iter().all(|check| check.group.is_none()),
        })
    }
}

impl<'a> Group<'a> {
    fn add(&mut self, check: &'a Check) {
        let path = check.group.as_deref().unwrap_or("");
        let path = path.strip_prefix("::").unwrap_or(path);
        let mut group = self;
        for name in path
            .splitn(MOST_DEPTH, "::")
            .filter(|name| !name.is_empty())
        {
            let known = group.groups.iter().position(|g| g.name == name);
            let at = known.unwrap_or_else(|| {
                group.groups.push(Group {
                    name,
                    ..Group::default()
                });
                group.groups.len() - 1
            });
            group = &mut group.groups[at];
        }
        group.checks.push(check);
    }

    fn sums(&self) -> (u64, u64) {
        let own = self.checks.iter().map(|check| (check.passes, check.fails));
        let parts = self.groups.iter().map(Group::sums);
        own.chain(parts)
            .fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    }

    /// Whether any check in it never ran.
    fn never_ran(&self) -> bool {
        let own = self.checks.iter().any(|c| c.passes + c.fails == 0);
        own || self.groups.iter().any(Group::never_ran)
    }

    fn rows(&mut self, depth: usize, rows: &mut Vec<CheckRow>) {
        self.checks.sort_by_key(|check| Reverse(check.fails > 0));
        self.groups.sort_by_key(|group| Reverse(group.sums().1 > 0));
        for check in &self.checks {
            let sums = (check.passes, check.fails);
            rows.push(CheckRow::new(false, depth, &check.name, sums));
        }
        for group in &mut self.groups {
            let mut row = CheckRow::new(true, depth, group.name, group.sums());
            if group.never_ran() && row.mark == Mark::PASSED {
                row.mark = Mark::NO_DATA;
            }
            rows.push(row);
            group.rows(depth + 1, rows);
        }
    }
}

impl CheckRow {
    fn new(is_group: bool, depth: usize, name: &str, (passes, fails): (u64, u64)) -> Self {
        let all = passes + fails;
        Self {
            is_group,
            depth,
            name: shown(name),
            passes: units::number(passes as f64, 0),
            fails: units::number(fails as f64, 0),
            share: if all == 0 {
                "never ran".to_owned()
            } else {
                units::percent(passes as f64 / all as f64)
            },
            mark: match (all, fails) {
                (0, _) => Mark::NO_DATA,
                (_, 0) => Mark::PASSED,
                _ => Mark::FAILED,
            },
        }
    }
}
