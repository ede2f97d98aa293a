//! OpenMetrics text, for Prometheus, GitLab's metrics reports and dashboards.
//!
//! Every number is a gauge, as these are results of a run that is over and not a process to scrape.
//! Times are in seconds, as is the custom there; k6's tags become labels.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::compare::Change;
use crate::report::{
    CheckReport, DiffReport, MetricReport, RowReport, SummaryReport, ThresholdReport,
};
use crate::run::{Check, Contains, K6Exit, MetricType, Stat};
use crate::thresholds::Verdict;

/// Writes the statistics of every metric, the thresholds and the checks of every run.
///
/// # Errors
/// When it cannot be written.
pub fn summary(report: &SummaryReport, out: &mut dyn Write) -> io::Result<()> {
    let mut families = Families::default();
    for run in &report.runs {
        for metric in &run.metrics {
            families.metric(&run.title, metric);
        }
        families.end(&run.title, run.k6_exit);
        families.thresholds(&run.title, &run.thresholds);
        families.checks(&run.title, &run.checks);
    }
    families.write(out)
}

/// Writes the thresholds and the checks of every run.
///
/// # Errors
/// When it cannot be written.
pub fn check(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let mut families = Families::default();
    for run in &report.runs {
        families.end(&run.title, run.k6_exit);
        families.thresholds(&run.title, &run.thresholds);
        families.checks(&run.title, &run.checks);
    }
    families.write(out)
}

/// Writes both values of every row, its change, and the verdicts of rows and pairs.
///
/// # Errors
/// When it cannot be written.
pub fn diff(report: &DiffReport, out: &mut dyn Write) -> io::Result<()> {
    let mut families = Families::default();
    for pair in &report.pairs {
        let labels = vec![("run".to_owned(), pair.name.clone())];
        let help = "Whether a pair of runs is regressed";
        let regressed = f64::from(u8::from(pair.verdict == Change::Regressed));
        families.add("perf_report_regressed", "", help, labels, regressed);
        for row in pair.rows.iter().filter(|row| !row.repeats) {
            families.row(&pair.name, row);
        }
    }
    families.write(out)
}

type Labels = Vec<(String, String)>;

/// Samples of one name.
struct Family {
    unit: &'static str,
    help: &'static str,
    /// By their labels, each of which stands for one.
    samples: BTreeMap<Labels, f64>,
}

#[derive(Default)]
struct Families(BTreeMap<String, Family>);

impl Families {
    fn add(
        &mut self,
        name: &str,
        unit: &'static str,
        help: &'static str,
        labels: Labels,
        value: f64,
    ) {
        let name = sanitized(name);
        let name = if unit.is_empty() {
            name
        } else {
            format!("{name}_{unit}")
        };
        let family = self.0.entry(name).or_insert_with(|| Family {
            unit,
            help,
            samples: BTreeMap::new(),
        });
        family.samples.insert(labels, value);
    }

    /// The statistics of a metric: `k6_http_req_duration_seconds{run="…",stat="p(95)",label="…"}`.
    fn metric(&mut self, run: &str, metric: &MetricReport) {
        let name = format!("k6_{}", metric.metric);
        for (stat, value) in &metric.values {
            let (Ok(stat), Some(value)) = (stat.parse::<Stat>(), value.as_f64()) else {
                continue;
            };
            let mut labels = vec![("run".to_owned(), run.to_owned())];
            labels.push(("stat".to_owned(), stat.to_string()));
            // The name says which metric it is, unless it had to be changed.
            if sanitized(&metric.metric) != metric.metric {
                labels.push(("metric".to_owned(), metric.metric.clone()));
            }
            labels.extend(metric.id.tags().iter().cloned());
            let is_number = |stat| matches!(stat, Stat::Count | Stat::Passes | Stat::Fails);
            let help = "A statistic of a metric of k6";
            match (metric.kind, stat) {
                (MetricType::Counter, Stat::Rate) => {
                    let name = match metric.contains {
                        Some(Contains::Data) => format!("{name}_bytes"),
                        _ => name.clone(),
                    };
                    self.add(&name, "per_second", help, labels, value);
                }
                (MetricType::Rate, Stat::Rate) => self.add(&name, "ratio", help, labels, value),
                (MetricType::Rate | MetricType::Trend, stat) if is_number(stat) => {
                    self.add(&format!("{name}_samples"), "", help, labels, value);
                }
                _ => match metric.contains {
                    Some(Contains::Time) => self.add(&name, "seconds", help, labels, value / 1e3),
                    Some(Contains::Data) => self.add(&name, "bytes", help, labels, value),
                    _ => self.add(&name, "", help, labels, value),
                },
            }
        }
    }

    fn end(&mut self, run: &str, k6_exit: Option<K6Exit>) {
        if let Some(exit) = k6_exit {
            let labels = vec![("run".to_owned(), run.to_owned())];
            let finished = f64::from(u8::from(exit.is_finished()));
            let help = "Whether the test came to its end";
            self.add("perf_report_finished", "", help, labels, finished);
        }
    }

    fn thresholds(&mut self, run: &str, thresholds: &[ThresholdReport]) {
        for threshold in thresholds {
            let labels = || {
                vec![
                    ("run".to_owned(), run.to_owned()),
                    ("metric".to_owned(), threshold.name.clone()),
                    ("expression".to_owned(), threshold.expression.clone()),
                ]
            };
            let passed = f64::from(u8::from(threshold.verdict == Verdict::Passed));
            let help = "Whether a threshold holds";
            self.add("perf_report_threshold_passed", "", help, labels(), passed);
            if let Some(observed) = threshold.observed {
                let help = "What was measured, in the metric's own unit";
                self.add(
                    "perf_report_threshold_observed",
                    "",
                    help,
                    labels(),
                    observed,
                );
            }
            if let Some(limit) = threshold.limit {
                let help = "What a threshold is held against, in the metric's own unit";
                self.add("perf_report_threshold_limit", "", help, labels(), limit);
            }
        }
    }

    fn checks(&mut self, run: &str, checks: &[Check]) {
        for check in checks {
            let Some(rate) = check.pass_rate() else {
                continue;
            };
            let labels = vec![
                ("run".to_owned(), run.to_owned()),
                ("group".to_owned(), check.group.clone().unwrap_or_default()),
                ("check".to_owned(), check.name.clone()),
            ];
            let help = "The share of a check's runs that passed";
            self.add("perf_report_check", "ratio", help, labels, rate);
        }
    }

    fn row(&mut self, pair: &str, row: &RowReport) {
        let labels = |side: Option<&str>| {
            let mut labels = vec![
                ("run".to_owned(), pair.to_owned()),
                ("metric".to_owned(), row.name.clone()),
                ("stat".to_owned(), row.stat.clone()),
            ];
            labels.extend(side.map(|side| ("side".to_owned(), side.to_owned())));
            labels
        };
        let help = "A value of a comparison, in the metric's own unit";
        for (side, value) in [("baseline", row.baseline), ("candidate", row.candidate)] {
            if let Some(value) = value {
                self.add("perf_report_value", "", help, labels(Some(side)), value);
            }
        }
        if let Some(change) = row.change {
            let mut labels = labels(None);
            let scale = match row.scale {
                crate::compare::Scale::Relative => "relative",
                crate::compare::Scale::Absolute => "absolute",
            };
            labels.push(("scale".to_owned(), scale.to_owned()));
            let help = "A change, as a fraction of the baseline, or as a difference where scale is absolute";
            self.add("perf_report_change", "", help, labels, change);
        }
        if row.gate {
            let regressed = f64::from(u8::from(row.verdict == Change::Regressed));
            let help = "Whether a row that decides is regressed";
            self.add(
                "perf_report_row_regressed",
                "",
                help,
                labels(None),
                regressed,
            );
        }
    }

    fn write(self, out: &mut dyn Write) -> io::Result<()> {
        for (name, family) in self.0 {
            writeln!(out, "# TYPE {name} gauge")?;
            if !family.unit.is_empty() {
                writeln!(out, "# UNIT {name} {}", family.unit)?;
            }
            writeln!(out, "# HELP {name} {}", family.help)?;
            for (labels, value) in family.samples {
                let labels = labels_text(labels);
                writeln!(out, "{name}{{{labels}}} {value}")?;
            }
        }
        writeln!(out, "# EOF")
    }
}

/// A name of letters, digits and `_`, as k6's own are.
fn sanitized(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars()
        .map(|c| if fits(c) { c } else { '_' })
        .collect()
}

fn labels_text(labels: Labels) -> String {
    let mut taken = BTreeSet::new();
    let mut texts = Vec::new();
    for (key, value) in labels {
        let mut key = sanitized(&key);
        if !key.starts_with(|c: char| c.is_ascii_alphabetic()) {
            key.insert_str(0, "tag_");
        }
        // A tag can be called as one of our own labels, or be spelled like another.
        while !taken.insert(key.clone()) {
            key.insert_str(0, "tag_");
        }
        let value = value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        texts.push(format!("{key}=\"{value}\""));
    }
    texts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_told_apart_and_escaped() {
        let labels = [
            ("run", "a"),
            ("run", "b"),
            ("a-b", "\"\\\n"),
            ("a.b", "ü"),
            ("1", ""),
        ];
        let labels = labels.map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(
            labels_text(labels.to_vec()),
            "run=\"a\",tag_run=\"b\",a_b=\"\\\"\\\\\\n\",tag_a_b=\"ü\",tag_1=\"\""
        );
    }
}
