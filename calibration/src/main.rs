//! Prints the tables of `docs/statistics.md`: how often `diff` alarms without reason, and what it
//! finds, beside the rules in common use.
//!
//!     cargo run --release -p calibration [-- --recordings FOLDER] [--comparisons N] [--only TABLE]
//!
//! The tables are recorded, unchanged, changed and repeated.
//! Other recorded runs than those that are kept here have to lie in folders of the same names.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program that prints"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use calibration::recorded;
use calibration::simulator::change::{Change, FailureChange, Slowdown};
use calibration::simulator::noise::Noise;
use calibration::simulator::workload::Workload;
use calibration::table::{Table, cell};
use calibration::trial::{Alarms, Trial};
use perf_report::error::Result;

/// The floor of p(95), by which slowdowns are measured.
const FLOOR: f64 = 0.05;

struct Options {
    recordings: PathBuf,
    comparisons: u64,
    /// The table to print; all of them unless it is named.
    only: Option<String>,
}

impl Options {
    fn shows(&self, table: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == table)
    }
}

fn main() -> ExitCode {
    let Some(options) = arguments() else {
        eprintln!("usage: calibration [--recordings FOLDER] [--comparisons N] [--only TABLE]");
        return ExitCode::from(2);
    };
    if options.shows("recorded")
        && let Err(error) = recordings(&options.recordings)
    {
        eprintln!("{error}");
        return ExitCode::from(2);
    }
    if options.shows("unchanged") {
        false_alarms(&options);
    }
    if options.shows("changed") {
        slowdowns(&options);
    }
    if options.shows("repeated") {
        repeated(&options);
    }
    ExitCode::SUCCESS
}

fn arguments() -> Option<Options> {
    let mut options = Options {
        recordings: recorded::kept(),
        comparisons: 400,
        only: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next()?;
        match argument.as_str() {
            "--recordings" => options.recordings = value.into(),
            "--only" => options.only = Some(value),
            "--comparisons" => options.comparisons = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(options)
}

fn show(title: &str, table: &Table) {
    println!("### {title}\n\n{}", table.text());
}

/// Real runs of one server: quiet ones, and noisy ones.
fn recordings(folder: &std::path::Path) -> Result<()> {
    let read = |path: &str| recorded::runs(&folder.join(path));
    let quiet = read("journeys/v2025.10")?;
    let quiet_slower = read("journeys/v2025.11")?;
    let noisy = read("noisy/unchanged")?;
    let noisy_slower = read("noisy/documents-30-slower")?;
    let slow = |runs: &[perf_report::run::Run], factor| -> Vec<_> {
        runs.iter()
            .map(|run| recorded::slowed(run, factor))
            .collect()
    };
    let mut table = Table::new(&["recorded runs", "quiet", "noisy"]);
    table.row(
        "unchanged, single pairs: `diff` alarms",
        &[
            cell(recorded::false_alarms(&quiet)),
            cell(recorded::false_alarms(&noisy)),
        ],
    );
    let rivals = [&quiet, &noisy].map(|runs| recorded::false_alarms_of_rivals(runs));
    for (at, rule) in ["p(95) up by 10%", "Mann–Whitney, Holm"]
        .into_iter()
        .enumerate()
    {
        let cells = rivals.map(|rates| cell(rates[at]));
        table.row(&format!("the same: {rule} alarms"), &cells);
    }
    table.row(
        "one endpoint slower (quiet 15%, noisy 30%): found",
        &[
            cell(recorded::found(&quiet, &quiet_slower)),
            cell(recorded::found(&noisy, &noisy_slower)),
        ],
    );
    table.row(
        "everything 30% slower: found",
        &[
            cell(recorded::found(&quiet, &slow(&quiet, 1.3))),
            cell(recorded::found(&noisy, &slow(&noisy, 1.3))),
        ],
    );
    table.row(
        "everything slower (quiet 5%, noisy 30%), all other runs as baseline: found",
        &[
            cell(recorded::found_with_all_others(&quiet, 1.05)),
            cell(recorded::found_with_all_others(&noisy, 1.3)),
        ],
    );
    show("Recorded runs", &table);
    Ok(())
}

/// Settings in which nothing changed.
fn false_alarms(options: &Options) {
    let (quiet, noisy) = (Noise::quiet(), Noise::noisy());
    let open = Workload::open();
    let endpoints = |endpoints: usize| Workload { endpoints, ..open };
    let few = options.comparisons / 4;
    let settings = [
        ("quiet, 4 endpoints", open, quiet, options.comparisons),
        (
            "quiet, closed model",
            Workload::closed(),
            quiet,
            options.comparisons,
        ),
        ("quiet, 50 endpoints", endpoints(50), quiet, few),
        (
            "quiet, 500 endpoints of unequal popularity",
            Workload::many_endpoints(),
            quiet,
            few,
        ),
        ("noisy, 4 endpoints", open, noisy, options.comparisons),
        (
            "noisy, closed model",
            Workload::closed(),
            noisy,
            options.comparisons,
        ),
        ("noisy, 50 endpoints", endpoints(50), noisy, few),
        (
            "quiet, runs differ by 3%",
            open,
            quiet.with_run_effect(0.03),
            options.comparisons,
        ),
        (
            "quiet, runs differ by 8%",
            open,
            quiet.with_run_effect(0.08),
            options.comparisons,
        ),
        (
            "quiet, runs differ by 15%",
            open,
            quiet.with_run_effect(0.15),
            options.comparisons,
        ),
        (
            "noisy, runs differ by 8%",
            open,
            noisy.with_run_effect(0.08),
            options.comparisons,
        ),
        (
            "quiet, endpoints differ by 3% a run",
            open,
            quiet.with_endpoint_run_effect(0.03),
            options.comparisons,
        ),
    ];
    let mut table = Table::new(&[
        "nothing changed, single pairs",
        "`diff`",
        "p(95) up by 10%",
        "Mann–Whitney, Holm",
        "iid bootstrap, Holm",
        "intervals hold",
        "against the others",
    ]);
    for (title, workload, noise, comparisons) in settings {
        let trial = Trial {
            comparisons,
            ..Trial::single(workload, noise, Change::none())
        };
        let (alarms, rivals) = (trial.alarms(), trial.rivals());
        let cells = [
            cell(alarms.map(|a| a.diff)),
            cell(rivals.map(|r| r.flat)),
            cell(rivals.map(|r| r.mann_whitney)),
            cell(rivals.map(|r| r.bootstrap)),
            cell(alarms.and_then(|a| a.coverage)),
            cell(alarms.and_then(|a| a.own_coverage)),
        ];
        table.row(title, &cells);
    }
    show("False alarms, single pairs", &table);
}

/// Settings in which something did.
fn slowdowns(options: &Options) {
    let tail = |factor: f64| Change {
        slowdown: Some(Slowdown {
            endpoint: Some(1),
            factor,
            tail_only: Some(0.02),
        }),
        failures: None,
    };
    let failing = |rate: f64| Change {
        slowdown: None,
        failures: Some(FailureChange {
            endpoint: None,
            rate,
        }),
    };
    let mut changes: Vec<(String, Change)> = Vec::new();
    for times in [0.5, 1.0, 2.0, 4.0] {
        let slower = 1.0 + times * FLOOR;
        let title = format!("one endpoint {}% slower", times * FLOOR * 100.0);
        changes.push((title, Change::slower(Some(1), slower)));
    }
    changes.push((
        "one endpoint 15% slower".to_owned(),
        Change::slower(Some(1), 1.15),
    ));
    changes.push((
        "one endpoint 30% slower".to_owned(),
        Change::slower(Some(1), 1.3),
    ));
    for percent in [5, 10, 20, 30] {
        let factor = 1.0 + f64::from(percent) / 100.0;
        changes.push((
            format!("everything {percent}% slower"),
            Change::slower(None, factor),
        ));
    }
    changes.push((
        "2% of one endpoint's requests 5 times slower".to_owned(),
        tail(5.0),
    ));
    changes.push((
        "2% of one endpoint's requests 20 times slower".to_owned(),
        tail(20.0),
    ));
    changes.push(("2% of requests fail".to_owned(), failing(0.02)));
    changes.push(("5% of requests fail".to_owned(), failing(0.05)));
    let mut table = Table::new(&[
        "found, single pairs",
        "`diff`, quiet",
        "`diff`, noisy",
        "p(95) up by 10%, quiet",
        "noisy",
    ]);
    for (title, change) in changes {
        let trials = [Noise::quiet(), Noise::noisy()].map(|noise| Trial {
            comparisons: options.comparisons,
            ..Trial::single(Workload::open(), noise, change)
        });
        let found = trials.map(|trial| cell(trial.alarms().map(|a| a.diff)));
        let flat = trials.map(|trial| cell(trial.rivals().map(|r| r.flat)));
        table.row(&title, &[found, flat].concat());
    }
    show("What is found", &table);
}

/// Several baseline runs.
fn repeated(options: &Options) {
    let (quiet, noisy) = (Noise::quiet(), Noise::noisy());
    let nothing = Change::none();
    let all = |factor: f64| Change::slower(None, factor);
    let settings = [
        ("quiet, nothing changed", quiet, nothing),
        ("noisy, nothing changed", noisy, nothing),
        (
            "quiet, runs differ by 8%, nothing changed",
            quiet.with_run_effect(0.08),
            nothing,
        ),
        (
            "quiet, runs differ by 15%, nothing changed",
            quiet.with_run_effect(0.15),
            nothing,
        ),
        (
            "quiet, endpoints differ by 8% a run, nothing changed",
            quiet.with_endpoint_run_effect(0.08),
            nothing,
        ),
        (
            "quiet, one endpoint 10% slower",
            quiet,
            Change::slower(Some(1), 1.1),
        ),
        (
            "noisy, one endpoint 15% slower",
            noisy,
            Change::slower(Some(1), 1.15),
        ),
        ("quiet, everything 5% slower", quiet, all(1.05)),
        ("quiet, everything 10% slower", quiet, all(1.1)),
        ("noisy, everything 30% slower", noisy, all(1.3)),
    ];
    let counts = [1, 2, 3, 5, 10];
    let mut titles = vec!["alarms, by the number of baseline runs".to_owned()];
    titles.extend(counts.map(|count| count.to_string()));
    titles.push("intervals hold with 5".to_owned());
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let mut table = Table::new(&titles);
    for (title, noise, change) in settings {
        let alarms: Vec<Option<Alarms>> = counts
            .iter()
            .map(|baseline_runs| {
                let trial = Trial {
                    baseline_runs: *baseline_runs,
                    comparisons: options.comparisons,
                    ..Trial::single(Workload::open(), noise, change)
                };
                trial.alarms()
            })
            .collect();
        let mut cells: Vec<String> = alarms.iter().map(|a| cell(a.map(|a| a.diff))).collect();
        cells.push(cell(alarms[3].and_then(|a| a.coverage)));
        table.row(title, &cells);
    }
    show("Several baseline runs", &table);
}
