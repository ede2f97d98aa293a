//! How long the load rose at the beginning of a run, and fell at its end.

use super::Run;

/// Rising to this share of the most VUs ends the rise: the last of many steps can come late.
const NEARLY: f64 = 0.9;
/// A load that begins above this share of the most does not rise.
const LOW: f64 = 0.5;
/// k6 itself needs a moment to start and to stop, in seconds.
const MOMENT: f64 = 2.0;
/// A run that rises and falls for more than this share of its time has no plateau.
const MOST: f64 = 0.5;

const NANOSECONDS: f64 = 1e9;

/// What lies before and after the plateau of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ramps {
    /// The seconds at the beginning in which the number of VUs rose.
    pub up: f64,
    /// The seconds at the end in which it fell.
    pub down: f64,
}

impl Ramps {
    /// What of two runs lies outside of either plateau.
    #[must_use]
    pub fn longest(self, other: Self) -> Self {
        Self {
            up: self.up.max(other.up),
            down: self.down.max(other.down),
        }
    }

    /// None, if a run of so many seconds would be ramps for the most part.
    #[must_use]
    pub fn of_a_run(self, seconds: f64) -> Self {
        if self.up + self.down > MOST * seconds {
            Self::default()
        } else {
            self
        }
    }
}

impl Run {
    /// The ramps of the load, by the VUs that k6 writes down each second; none where it is level,
    /// or moves all the time.
    #[must_use]
    pub fn ramps(&self) -> Ramps {
        let Some((samples, (start, end))) = self.samples().zip(self.span()) else {
            return Ramps::default();
        };
        let Some(metric) = samples.series().string("vus") else {
            return Ramps::default();
        };
        let is_vus: Vec<bool> = samples
            .series()
            .iter()
            .map(|series| series.metric_number() == metric)
            .collect();
        let mut users: Vec<(i64, f64)> = Vec::new();
        samples.for_each(|cell| {
            if is_vus[cell.series as usize] {
                users.push((cell.last, cell.latest));
            }
        });
        users.sort_by_key(|(time, _)| *time);
        let seconds = end.saturating_sub(start) as f64 / NANOSECONDS;
        let ramps = Ramps {
            up: rise(users.iter().copied(), start),
            down: rise(users.iter().rev().copied(), end),
        };
        ramps.of_a_run(seconds)
    }
}

/// The seconds from `origin` in which the number of users only rose, to nearly its most.
fn rise(users: impl Iterator<Item = (i64, f64)> + Clone, origin: i64) -> f64 {
    let most = users.clone().map(|(_, users)| users).fold(0.0, f64::max);
    let mut last = 0.0;
    let mut rising = users.take_while(|(_, users)| {
        let rises = *users >= last;
        last = *users;
        rises
    });
    let Some((_, first)) = rising.next() else {
        return 0.0;
    };
    let full = rising.find(|(_, users)| *users >= NEARLY * most);
    let seconds = full.map_or(0.0, |(time, _)| time.abs_diff(origin) as f64 / NANOSECONDS);
    if first <= LOW * most && seconds > MOMENT {
        seconds
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(users: &[f64]) -> f64 {
        let at = |(second, users): (i64, &f64)| (second * 1_000_000_000, *users);
        rise((0..).zip(users).map(at), 0)
    }

    #[test]
    fn a_rise_ends_where_nearly_all_users_are_there() {
        assert_eq!(seconds(&[1.0, 3.0, 5.0, 7.0, 9.0, 10.0, 10.0, 10.0]), 4.0);
    }

    #[test]
    fn what_is_level_or_wavers_does_not_rise() {
        assert_eq!(seconds(&[10.0, 10.0, 10.0, 10.0]), 0.0);
        assert_eq!(seconds(&[1.0, 4.0, 2.0, 9.0, 10.0]), 0.0);
        assert_eq!(seconds(&[6.0, 7.0, 8.0, 9.0, 10.0]), 0.0);
        // k6 starts its VUs within a moment.
        assert_eq!(seconds(&[0.0, 5.0, 10.0, 10.0]), 0.0);
        assert_eq!(seconds(&[]), 0.0);
    }
}
