//! `perf-report run`

mod files;
mod k6;
mod outcome;
mod plan;
mod signals;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;

use self::files::ResultFiles;
use self::k6::K6;
use self::outcome::Outcome;
use self::plan::Plan;
use self::signals::Signals;
use super::diff::FailOn;
use super::exit::ExitStatus;
use super::html::Baselines;
use super::inputs::{GatherArgs, refuse_repeats};
use super::output::{OutputArgs, stdout, write_whole};
use super::{detail, remark, report};
use crate::compare::{Change, compare};
use crate::config::{Scenario, Setting, Settings, parse_dotenv};
use crate::error::{Error, Result};
use crate::formats::{LoadOptions, load, pack};
use crate::nearest::nearest;
use crate::render;
use crate::report::{DiffReport, ReportOptions, SummaryReport};
use crate::run::Run;
use crate::small_file;

/// Run the configured scenarios with k6, one after the other, and report
///
/// Each scenario leaves <scenario>.json, the summary, <scenario>.ndjson.gz, every sample (or .parquet
/// with --pack), <scenario>.plan.json, what k6 inspect tells of the script, and <scenario>.html in the
/// results folder. k6 is `$K6_BIN`, else k6 in the PATH. A scenario that crosses a threshold or crashes
/// does not stop the others, and Ctrl-C ends the running one: what it wrote is reported. Earlier
/// results of a scenario are moved to the folder earlier/, unless --clean removes them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  perf-report run                            all scenarios of perf-report.toml
  perf-report run api-smoke -- --vus 5       one of them, with a flag for k6
  perf-report run --baseline results/v1      and compare with an earlier run

Exit codes: 2 k6 is missing, crashed or was stopped; 99 a threshold was crossed; 1 a regression;
3 what --fail-on names; 0 all is well. The first of them that holds.")]
pub(super) struct Args {
    /// The scenarios [default: `$PERF_SCENARIOS`, else all that are configured]
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<String>,

    /// Flags for k6 run
    #[arg(last = true, value_name = "K6 FLAGS")]
    flags: Vec<OsString>,

    /// full; json: no HTML, no summary on stdout; ci: no HTML [default: `$PERF_SUMMARY_FORMAT`, else full]
    #[arg(long, value_enum, value_name = "FORMAT")]
    summary_format: Option<SummaryFormat>,

    /// Read variables from this file [default: .env beside the configuration]
    ///
    /// A variable that is set already stays.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,

    /// Put results here instead of the configured folder
    #[arg(long, value_name = "FOLDER")]
    results: Option<PathBuf>,

    /// Keep the samples as Parquet instead of JSON
    #[arg(long)]
    pack: bool,

    /// Remove earlier results of these scenarios instead of keeping them
    #[arg(long)]
    clean: bool,

    /// Compare with this run afterwards; may be given several times
    #[arg(long, value_name = "RUN")]
    baseline: Vec<PathBuf>,

    /// Exit with 3 on this, too
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    fail_on: Vec<FailOn>,
}

/// What is the same for all scenarios.
struct Session<'a> {
    k6: &'a K6,
    settings: &'a Settings,
    signals: &'a Signals,
    format: SummaryFormat,
    baseline: Option<&'a Baselines>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum SummaryFormat {
    /// JSON, HTML, and the summary on stdout
    Full,
    /// JSON
    Json,
    /// JSON, and the summary on stdout
    Ci,
}

impl Args {
    pub(super) fn settle(&self, settings: &mut Settings) {
        if let Some(results) = &self.results {
            settings.results = Setting::flag(results.clone(), "--results");
        }
        if !self.baseline.is_empty() {
            settings.baseline = Setting::flag(self.baseline.clone(), "--baseline");
        }
    }

    pub(super) fn run(self, settings: &Settings) -> Result<ExitStatus> {
        let variables = self.variables(settings)?;
        let scenarios = self.chosen(settings, &variables)?;
        let format = self.format(&variables)?;
        require(&scenarios, &variables)?;
        let k6 = K6::find(&settings.folder(), variables)?;
        require_scripts(&scenarios, &k6)?;
        // What is wrong with a baseline is told before an hour of testing.
        let baseline = baselines(settings)?;
        let results = &settings.results.value;
        fs::create_dir_all(results).map_err(|e| Error::write(results, e))?;
        let signals = Signals::watch();
        let mut outcomes = Vec::new();
        let mut runs = Vec::new();
        for (done, scenario) in scenarios.iter().enumerate() {
            let session = Session {
                k6: &k6,
                settings,
                signals: &signals,
                format,
                baseline: baseline.as_ref(),
            };
            let ended = self.run_one(scenario, &session, &mut runs);
            outcomes.push(ended.unwrap_or_else(|error| {
                report(&error);
                Outcome::failed(&scenario.name, "the error above tells why")
            }));
            if signals.were_sent() {
                let left = scenarios.iter().skip(done + 1);
                outcomes.extend(left.map(|scenario| Outcome::left(&scenario.name)));
                break;
            }
        }
        let mut statuses: Vec<ExitStatus> = outcomes.iter().map(|outcome| outcome.status).collect();
        if let Some(mut baseline) = baseline {
            // Scenarios that were not to be run are not missing.
            baseline.retain(|before| runs.iter().any(|now| now.name() == before.name()));
            statuses.push(self.compare(baseline.runs(), &runs, settings)?);
        }
        let status = worst(&statuses);
        // In JSON alone, stdout holds no summary.
        if format == SummaryFormat::Json {
            outcome::write(&outcomes, status, &mut anstream::stderr())?;
        } else {
            outcome::write(&outcomes, status, &mut stdout())?;
        }
        Ok(status)
    }

    /// Runs a scenario, and reports what it left.
    fn run_one(
        &self,
        scenario: &Scenario,
        session: &Session<'_>,
        runs: &mut Vec<Run>,
    ) -> Result<Outcome> {
        let Session { k6, settings, .. } = *session;
        let files = ResultFiles::new(&settings.results.value, &scenario.name);
        let earlier = if self.clean {
            files.remove_earlier()?
        } else {
            files.keep_earlier()?
        };
        if let Some(text) = earlier {
            detail(&text);
        }
        let mut plan = Plan::inspect(scenario, k6, &self.flags);
        write_whole(&files.plan(), &plan.document()?)?;
        let exit = k6.run(scenario, &files, &self.flags, session.signals)?;
        plan.has_ended(exit);
        write_whole(&files.plan(), &plan.document()?)?;
        files.name_summary()?;
        let Some(stream) = files.stream() else {
            let how = match exit.problem() {
                Some(problem) => format!("{problem}, and it wrote no samples"),
                None => "k6 wrote no samples".to_owned(),
            };
            remark(&format!(
                "{}: {how}; its own output above tells why",
                scenario.name
            ));
            return Ok(Outcome::failed(&scenario.name, &how));
        };
        if let Some(problem) = exit.problem() {
            let name = &scenario.name;
            remark(&format!("{name}: {problem}; what it wrote is reported"));
        }
        let stream = if self.pack {
            let packed = files.packed();
            pack(
                &stream,
                &packed,
                None,
                &mut |_| Ok(()),
                &std::sync::Arc::default(),
            )?;
            fs::remove_file(&stream).map_err(|e| Error::write(&stream, e))?;
            packed
        } else {
            stream
        };
        let loaded = load(&[stream], options(settings))?;
        let report_options = ReportOptions {
            demands: settings.demands(),
            ..ReportOptions::default()
        };
        let summary = SummaryReport::new(&loaded.runs, &report_options)?;
        if session.format != SummaryFormat::Json {
            let stdout = OutputArgs::to(Path::new("-"));
            stdout.write_text(|out, width| render::text::summary(&summary, width, out))?;
        }
        if session.format == SummaryFormat::Full {
            for run in &loaded.runs {
                let without = Baselines::default();
                let baseline = session.baseline.unwrap_or(&without);
                let compare = settings.compare_options();
                let page = baseline.page(run, false, &report_options, &compare)?;
                let mut html = Vec::new();
                render::html::page(&page, None, &mut html)?;
                write_whole(&files.page(), &html)?;
                writeln!(stdout(), "\nwrote {}", files.page().display())?;
            }
        }
        runs.extend(loaded.runs);
        Ok(Outcome::of(&scenario.name, exit, &summary))
    }

    /// Compares what ran with its baseline.
    fn compare(&self, baseline: &[Run], runs: &[Run], settings: &Settings) -> Result<ExitStatus> {
        if runs.is_empty() || baseline.is_empty() {
            remark("nothing that ran has a baseline");
            let asked = self.fail_on.contains(&FailOn::NoBaseline);
            return Ok(if asked {
                ExitStatus::Undecided
            } else {
                ExitStatus::Success
            });
        }
        let comparison = compare(baseline, runs, &settings.compare_options())?;
        let diff = DiffReport::from(&comparison);
        writeln!(stdout())?;
        let stdout = OutputArgs::to(Path::new("-"));
        stdout.write_text(|out, width| render::diff_text::diff(&diff, false, width, out))?;
        Ok(match diff.verdict {
            Change::Regressed => ExitStatus::Regression,
            _ if self.fail_on.iter().any(|what| what.is_met(&diff)) => ExitStatus::Undecided,
            _ => ExitStatus::Success,
        })
    }

    fn chosen(
        &self,
        settings: &Settings,
        variables: &BTreeMap<String, String>,
    ) -> Result<Vec<Scenario>> {
        let configured: Vec<&Scenario> = settings.scenarios.iter().map(|s| &s.value).collect();
        if configured.is_empty() {
            return Err(Error::usage(
                "no scenarios are configured",
                "name them in perf-report.toml, [scenarios.NAME] with script = \"…\"; perf-report init \
                 writes one",
            ));
        }
        let from_environment = variable("PERF_SCENARIOS", variables).unwrap_or_default();
        let named: Vec<&str> = if self.scenarios.is_empty() {
            let separators = |c: char| c == ',' || c.is_whitespace();
            from_environment
                .split(separators)
                .filter(|name| !name.is_empty())
                .collect()
        } else {
            self.scenarios.iter().map(String::as_str).collect()
        };
        if named.is_empty() {
            return Ok(configured.into_iter().cloned().collect());
        }
        let mut chosen: Vec<Scenario> = Vec::new();
        for name in named {
            let found = configured.iter().find(|scenario| scenario.name == name);
            let Some(found) = found else {
                let names: Vec<&str> = configured.iter().map(|s| s.name.as_str()).collect();
                let meant = nearest(name, names.iter().copied());
                let meant = meant
                    .map(|meant| format!("is it {meant}? "))
                    .unwrap_or_default();
                return Err(Error::usage(
                    format!("no scenario {name:?} is configured"),
                    format!("{meant}There are {}", names.join(", ")),
                ));
            };
            if !chosen.contains(*found) {
                chosen.push((*found).clone());
            }
        }
        Ok(chosen)
    }

    fn format(&self, variables: &BTreeMap<String, String>) -> Result<SummaryFormat> {
        const NAME: &str = "PERF_SUMMARY_FORMAT";
        if let Some(format) = self.summary_format {
            return Ok(format);
        }
        let Some(text) = variable(NAME, variables).filter(|text| !text.is_empty()) else {
            return Ok(SummaryFormat::Full);
        };
        SummaryFormat::from_str(&text, true).map_err(|_| {
            Error::usage(
                format!("the environment variable {NAME} is {text:?}"),
                "it is full, json or ci",
            )
        })
    }

    /// The variables of the file that are not set yet.
    fn variables(&self, settings: &Settings) -> Result<BTreeMap<String, String>> {
        let default = settings.folder().join(".env");
        let path = match &self.env_file {
            Some(path) => path,
            None if default.is_file() => &default,
            None => return Ok(BTreeMap::new()),
        };
        let text = small_file::read_text(path)?;
        let variables = parse_dotenv(path, &text)?;
        let is_new = |(name, _): &(String, String)| std::env::var_os(name).is_none();
        let variables: BTreeMap<_, _> = variables.into_iter().filter(is_new).collect();
        detail(&format!(
            "{} from {}",
            crate::units::counted(variables.len() as u64, "variable"),
            path.display()
        ));
        Ok(variables)
    }
}

/// A variable of the environment, else of the file.
fn variable(name: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    let set = std::env::var(name).ok();
    set.or_else(|| variables.get(name).cloned())
}

/// Refuses to begin without the variables that scenarios need, and names all of them at once.
fn require(scenarios: &[Scenario], variables: &BTreeMap<String, String>) -> Result<()> {
    let is_set = |name: &str| {
        let set = std::env::var_os(name).is_some_and(|value| !value.is_empty());
        set || variables.get(name).is_some_and(|value| !value.is_empty())
    };
    let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for scenario in scenarios {
        for name in scenario.requires.value.iter().filter(|name| !is_set(name)) {
            missing.entry(name).or_default().push(&scenario.name);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let missing: Vec<String> = missing
        .into_iter()
        .map(|(name, scenarios)| format!("{name} ({})", scenarios.join(", ")))
        .collect();
    Err(Error::usage(
        format!("these variables are not set: {}", missing.join(", ")),
        "set them in the environment or in .env; --env-file names another file",
    ))
}

/// Refuses to begin when a script is missing, and names all of them at once. What k6 fetches from
/// elsewhere it has to find itself.
fn require_scripts(scenarios: &[Scenario], k6: &K6) -> Result<()> {
    let is_fetched = |script: &Path| {
        let text = script.to_string_lossy();
        text.contains("://") || text.starts_with("github.com/") || text.starts_with("cdnjs.com/")
    };
    let missing = scenarios
        .iter()
        .filter(|scenario| !is_fetched(&scenario.script) && !k6.path(&scenario.script).exists());
    let missing: Vec<String> = missing
        .map(|scenario| format!("{} ({})", scenario.script.display(), scenario.name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::usage(
        format!("these scripts are not there: {}", missing.join(", ")),
        "they are seen from the folder of perf-report.toml",
    ))
}

/// The runs to compare with, if any are named.
fn baselines(settings: &Settings) -> Result<Option<Baselines>> {
    let names = &settings.baseline.value;
    if names.is_empty() {
        return Ok(None);
    }
    let runs = GatherArgs::default().load_plainly(names, settings)?.runs;
    refuse_repeats(&runs, "in the baseline")?;
    Ok(Some(Baselines::new(runs)))
}

fn options(settings: &Settings) -> LoadOptions {
    LoadOptions {
        thresholds_on: settings.thresholds_on(),
        vocabulary: settings.vocabulary(),
        ..LoadOptions::default()
    }
}

/// The one that counts: k6's crashes, crossed thresholds, regressions, what is undecided.
fn worst(statuses: &[ExitStatus]) -> ExitStatus {
    const ORDER: [ExitStatus; 4] = [
        ExitStatus::Usage,
        ExitStatus::ThresholdCrossed,
        ExitStatus::Regression,
        ExitStatus::Undecided,
    ];
    let found = ORDER.into_iter().find(|status| statuses.contains(status));
    found.unwrap_or(ExitStatus::Success)
}

/// What was said so far stands before what k6 says.
fn flush() -> io::Result<()> {
    stdout().flush()
}
