//! `perf-report sql`

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::exit::ExitStatus;
use super::inputs::{GatherArgs, ThresholdArgs};
use super::output::OutputArgs;
use super::pack::log_buckets;
use super::remark;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::render::sql::{self, Dialect, Reduction};
use crate::run::Run;
use crate::stats::buckets::LogBuckets;
use crate::thresholds::{Demand, Evaluated, evaluate};

/// The tags that k6 gives samples, for an engine that has to be told them.
const TAGS: [&str; 14] = [
    "check",
    "error",
    "error_code",
    "expected_response",
    "group",
    "label",
    "method",
    "name",
    "proto",
    "scenario",
    "status",
    "subproto",
    "tls_version",
    "url",
];

/// Print the statement that reduces packed samples on an engine
///
/// A run that outgrows one machine stays where it lies: an engine reduces what `perf-report pack` made
/// of it, one file a pod, to histograms of each second, and every command takes the result as a run.
/// Counts, sums and means stay exact; medians and percentiles have the error that is asked for.
///
/// With --exact, prints the statement that asks the samples about the thresholds whose limits lie
/// within that error.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  perf-report sql --dialect duckdb --from pods/ --to checkout.parquet | duckdb
  perf-report sql --dialect spark --from /lake/pods --to /lake/checkout | spark-sql -f /dev/stdin
  perf-report html checkout.parquet
  perf-report sql --dialect duckdb --from pods/ --exact checkout.parquet --thresholds limits.toml | duckdb")]
pub(super) struct Args {
    /// The engine
    #[arg(long, value_name = "DIALECT", value_parser = dialects())]
    dialect: Dialect,

    /// Where the packed files lie: a folder, a glob or a URI, as the engine reaches it
    #[arg(long, value_name = "URI")]
    from: String,

    /// Where the engine leaves the result; its name is the run's
    #[arg(long, value_name = "URI", required_unless_present = "exact")]
    to: Option<String>,

    /// The relative error of medians and percentiles [default: 0.5%]
    #[arg(long, value_name = "PERCENT", value_parser = log_buckets)]
    error: Option<LogBuckets>,

    /// A tag of the samples, for Trino, which has to be told them [default: those that k6 gives]
    #[arg(long = "tag", value_name = "KEY")]
    tags: Vec<String>,

    /// Settle the thresholds that this result leaves open
    #[arg(long, value_name = "RUN", conflicts_with_all = ["to", "error"])]
    exact: Option<PathBuf>,

    #[command(flatten)]
    thresholds: ThresholdArgs,

    #[command(flatten)]
    gather: GatherArgs,

    #[command(flatten)]
    output: OutputArgs,
}

impl Args {
    pub(super) fn settle(&self, settings: &mut Settings) -> Result<()> {
        self.thresholds.settle(settings)
    }

    pub(super) fn run(self, settings: &Settings) -> Result<ExitStatus> {
        let from = place(self.dialect, &self.from)?;
        let tags = if self.tags.is_empty() {
            TAGS.map(str::to_owned).to_vec()
        } else {
            self.tags
        };
        match (&self.exact, &self.to) {
            (Some(result), _) => {
                let loaded = self
                    .gather
                    .load_plainly(std::slice::from_ref(result), settings)?;
                let open = open_thresholds(result, &loaded.runs, &settings.demands())?;
                if open.is_empty() {
                    remark(
                        "no limit lies within the error of the histograms: check says what the thresholds say",
                    );
                    return Ok(ExitStatus::Success);
                }
                self.output
                    .write_document(|out| sql::settling(self.dialect, &from, &open, &tags, out))?;
            }
            (None, Some(to)) => {
                let asked = Reduction {
                    from: &from,
                    to,
                    run: &name_of(to),
                    buckets: self.error.unwrap_or_default(),
                    tags: &tags,
                };
                self.output
                    .write_document(|out| sql::reduction(self.dialect, &asked, out))?;
            }
            (None, None) => {
                return Err(Error::usage(
                    "the statement has no place for its result",
                    "give --to, or --exact",
                ));
            }
        }
        Ok(ExitStatus::Success)
    }
}

fn dialects() -> impl TypedValueParser<Value = Dialect> {
    let names = PossibleValuesParser::new(Dialect::ALL.map(Dialect::name));
    names.try_map(|name| {
        let mut all = Dialect::ALL.into_iter();
        all.find(|dialect| dialect.name() == name).ok_or("unknown")
    })
}

/// The thresholds that the histograms of a result leave open.
fn open_thresholds(result: &Path, runs: &[Run], demands: &[Demand]) -> Result<Vec<Demand>> {
    let [run] = runs else {
        return Err(Error::usage(
            format!(
                "{}: {} runs, and --from can hold the samples of one",
                result.display(),
                runs.len()
            ),
            "name the result of one run",
        ));
    };
    let open = evaluate(run, demands)?
        .into_iter()
        .filter(|e| e.is_undecided);
    let demand = |e: Evaluated| {
        Some(Demand {
            threshold: e.threshold?,
            name: e.name,
            expression: e.expression,
            source: e.source,
        })
    };
    Ok(open.filter_map(demand).collect())
}

/// The place of packed files as an engine takes it: some want a glob where others want a folder.
fn place(dialect: Dialect, from: &str) -> Result<String> {
    if from.chars().any(char::is_control) {
        return Err(Error::usage(
            format!("{from:?} holds characters that no place has"),
            "give a folder, a glob or a URI",
        ));
    }
    let folder = from.trim_end_matches('/');
    let finds = |pattern: &str| {
        let pattern = format!("{}/{pattern}", glob::Pattern::escape(folder));
        glob::glob(&pattern).map_or(0, |found| found.filter_map(std::result::Result::ok).count())
    };
    let is_local = Path::new(from).is_dir();
    if is_local && finds("**/*.partial") > 0 {
        remark(&format!(
            "{from} holds files that packing has not ended (*.partial), which no engine reads: pack them to \
             whole ones"
        ));
    }
    let wants_glob = matches!(dialect, Dialect::Duckdb | Dialect::Clickhouse);
    if !wants_glob || !(is_local || from.ends_with('/')) {
        return Ok(from.to_owned());
    }
    if dialect == Dialect::Clickhouse && is_local && finds("*.parquet") > 0 {
        // Until version 25.8, ** stands for one folder at least.
        if finds("*/**/*.parquet") == 0 {
            return Ok(format!("{folder}/*.parquet"));
        }
        remark(&format!(
            "{from} holds files both in it and in folders, of which ClickHouse up to 25.8 would read only the latter"
        ));
    }
    Ok(format!("{folder}/**/*.parquet"))
}

/// What the run of a result is called.
fn name_of(to: &str) -> String {
    let name = to.trim_end_matches('/').rsplit(['/', '\\']).next();
    let name = name.unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    if stem.is_empty() { "run" } else { stem }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_names_its_run() {
        for (to, name) in [
            ("s3://lake/checkout", "checkout"),
            ("s3://lake/checkout/", "checkout"),
            ("out/checkout.v2.parquet", "checkout"),
            ("/", "run"),
        ] {
            assert_eq!(name_of(to), name, "{to}");
        }
    }

    #[test]
    fn engines_of_files_get_a_glob() {
        let place = |dialect, from: &str| place(dialect, from).unwrap();
        let pods = "s3://lake/pods/";
        assert_eq!(place(Dialect::Duckdb, pods), "s3://lake/pods/**/*.parquet");
        assert_eq!(place(Dialect::Spark, pods), pods);
        assert_eq!(place(Dialect::Clickhouse, "x/*.parquet"), "x/*.parquet");
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().display().to_string();
        std::fs::write(folder.path().join("a.parquet"), "").unwrap();
        assert_eq!(place(Dialect::Clickhouse, &at), format!("{at}/*.parquet"));
        std::fs::create_dir(folder.path().join("b")).unwrap();
        std::fs::write(folder.path().join("b/c.parquet"), "").unwrap();
        assert_eq!(
            place(Dialect::Clickhouse, &at),
            format!("{at}/**/*.parquet")
        );
        assert!(super::place(Dialect::Spark, "a\nb").is_err());
    }
}
