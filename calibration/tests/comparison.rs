//! Error rates of the comparison, on recorded and on simulated runs. `docs/statistics.md` has the
//! same of many more; these few would notice a change for the worse.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use calibration::measured::Outcome;
use calibration::recorded::{self, kept, runs, slowed};
use calibration::simulator::change::{Change, FailureChange, Slowdown};
use calibration::simulator::noise::Noise;
use calibration::simulator::workload::Workload;
use calibration::trial::{Alarms, Trial};
use perf_report::compare::Change as Verdict;
use perf_report::run::Run;

fn recordings(folder: &str) -> Vec<Run> {
    runs(&kept().join(folder)).unwrap()
}

/// The number of pairs in which a regression is called, of a run of each side.
fn called(before: &[Run], after: &[Run]) -> usize {
    let pairs = before
        .iter()
        .flat_map(|a| after.iter().map(move |b| (a, b)));
    let alarms = pairs.filter(|(a, b)| {
        let outcome = Outcome::of(std::slice::from_ref(a), std::slice::from_ref(b));
        outcome.unwrap().alarms()
    });
    alarms.count()
}

#[test]
fn unchanged_recordings_are_not_called_regressed() {
    for (folder, pairs) in [("journeys/v2025.10", 20), ("noisy/unchanged", 30)] {
        let runs = recordings(folder);
        assert_eq!(runs.len() * (runs.len() - 1), pairs);
        // Each with itself is among them, and never alarms.
        assert_eq!(called(&runs, &runs), 0, "{folder}");
    }
}

#[test]
fn a_slower_route_is_found_every_time() {
    for (before, after) in [
        ("journeys/v2025.10", "journeys/v2025.11"),
        ("noisy/unchanged", "noisy/documents-30-slower"),
    ] {
        let (before, after) = (recordings(before), recordings(after));
        assert_eq!(called(&before, &after), before.len() * after.len());
        // And nothing but that route is called.
        let outcome = Outcome::of(&before[..1], &after[..1]).unwrap();
        for row in outcome
            .rows
            .iter()
            .filter(|row| row.gate && row.judged.verdict == Verdict::Regressed)
        {
            assert!(
                row.name.text().contains("/v1/storage/documents"),
                "{}",
                row.name.text()
            );
        }
    }
}

#[test]
fn everything_slower_is_found_by_half_of_the_noisy_pairs_and_most_histories() {
    let noisy = recordings("noisy/unchanged");
    let slower: Vec<Run> = noisy.iter().map(|run| slowed(run, 1.3)).collect();
    let found = called(&noisy, &slower);
    assert!(found * 2 >= noisy.len() * noisy.len(), "{found} of 36");
    let rate = |folder: &str, factor| recorded::found_with_all_others(&recordings(folder), factor);
    assert!(rate("noisy/unchanged", 1.3).unwrap().rate >= 0.8);
    assert!(rate("journeys/v2025.10", 1.05).unwrap().rate >= 0.5);
}

#[test]
fn exchanging_the_sides_mirrors_the_verdicts() {
    let (before, after) = (
        recordings("journeys/v2025.10"),
        recordings("journeys/v2025.11"),
    );
    let there = Outcome::of(&before[..2], &after[..1]).unwrap();
    let back = Outcome::of(&after[..1], &before[..2]).unwrap();
    for row in &there.rows {
        let mut same = back
            .rows
            .iter()
            .filter(|r| (&r.name, r.figure) == (&row.name, row.figure));
        let mirrored = match row.judged.verdict {
            Verdict::Regressed => Verdict::Improved,
            Verdict::Improved => Verdict::Regressed,
            verdict => verdict,
        };
        let found = same.next().unwrap().judged.verdict;
        assert_eq!(found, mirrored, "{} {}", row.name.text(), row.figure);
    }
}

fn alarms(noise: Noise, change: Change, baseline_runs: u64) -> Alarms {
    let trial = Trial {
        comparisons: 60,
        baseline_runs,
        ..Trial::single(Workload::open(), noise, change)
    };
    trial.alarms().unwrap()
}

/// Of 60 comparisons with 5% of alarms, more than 7 come by chance in 1% of all cases; the seeds are
/// fixed.
const FEW: f64 = 7.0 / 60.0;

#[test]
fn simulated_runs_without_a_change_seldom_alarm() {
    for noise in [Noise::quiet(), Noise::noisy()] {
        for baseline_runs in [1, 3] {
            let found = alarms(noise, Change::none(), baseline_runs);
            assert!(found.diff.rate <= FEW, "{:?}", found.diff);
            let held = found.own_coverage.unwrap();
            assert!((0.92..=0.995).contains(&held.rate), "{held:?}");
        }
    }
}

#[test]
fn a_history_shows_how_much_runs_differ() {
    let wavering = Noise::quiet().with_run_effect(0.15);
    let (single, history) = (
        alarms(wavering, Change::none(), 1),
        alarms(wavering, Change::none(), 5),
    );
    assert!(
        single.diff.rate > FEW,
        "one pair cannot know: {:?}",
        single.diff
    );
    assert!(history.diff.rate <= FEW, "{:?}", history.diff);
}

#[test]
fn simulated_changes_are_found() {
    let tail = Change {
        slowdown: Some(Slowdown {
            endpoint: None,
            factor: 5.0,
            tail_only: Some(0.08),
        }),
        failures: None,
    };
    let failing = Change {
        slowdown: None,
        failures: Some(FailureChange {
            endpoint: None,
            rate: 0.05,
        }),
    };
    for (noise, change, least) in [
        (Noise::quiet(), Change::slower(Some(1), 1.15), 0.95),
        (Noise::noisy(), Change::slower(Some(1), 1.3), 0.95),
        (Noise::noisy(), Change::slower(None, 1.3), 0.5),
        (Noise::quiet(), tail, 0.95),
        (Noise::quiet(), failing, 0.95),
    ] {
        let found = alarms(noise, change, 1).diff;
        assert!(found.rate >= least, "{change:?}: {found:?}");
    }
}
