//! `perf-report archive export`

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::named_release;
use crate::archive::{
    self, Archive, ArchivedRun, BUNDLE_SCHEMA, Bundle, BundleBaseline, BundleManifest, Name,
    Reference, Release, Signer, Tool, place, today,
};
use crate::cli::exit::ExitStatus;
use crate::cli::output::stdout;
use crate::cli::references::waivers_of;
use crate::compare::{CompareOptions, compare};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::formats::{Asked, LoadOptions, load_watched};
use crate::render;
use crate::report::page::Page;
use crate::report::{
    CheckReport, DiffReport, ReleaseReport, ReportOptions, RunReport, SUMMARY_SCHEMA, SummaryReport,
};
use crate::run::Run;
use crate::thresholds::{Demand, Verdict};
use crate::units;

/// Write a release's evidence as one ZIP for its ticket
///
/// The reports of its runs, their thresholds and numbers, what changed since the baseline, and every run
/// that was filed or discarded. Its README.txt says how to verify it without this program. The same
/// archive gives the same bytes, but for waivers that expire.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The release
    #[arg(value_name = "RELEASE")]
    release: String,

    /// The ticket that it is for
    #[arg(long, value_name = "TICKET")]
    ticket: String,

    /// Sign with this OpenSSH private key, or with the agent's: KEY.pub, or agent for its only one
    #[arg(long, value_name = "KEY")]
    sign_key: Option<PathBuf>,

    /// Write to this file
    #[arg(short, long, value_name = "FILE.zip")]
    output: PathBuf,
}

impl Args {
    pub(super) fn run(self, archive: &Archive, settings: &Settings) -> Result<ExitStatus> {
        let ticket = Name::parse("ticket", &self.ticket)?;
        if self.output.as_os_str() == "-" || self.output.is_dir() {
            return Err(Error::usage(
                format!("{}: a bundle is a file", self.output.display()),
                "give -o a file such as REL-812.zip",
            ));
        }
        let signer = self.sign_key.as_deref().map(Signer::read).transpose()?;
        let (release, scenario) = named_release(archive, &self.release)?;
        if scenario.is_some() {
            return Err(Error::usage(
                format!("{}: a bundle is of a whole release", self.release),
                "leave the scenario away",
            ));
        }
        let baseline = archive
            .baseline()?
            .and_then(|(_, baseline)| baseline.release);
        let is_baseline = baseline.as_ref() == Some(&release.name);
        let baseline = baseline.filter(|_| !is_baseline);
        let baseline = baseline.map(|name| archive.release(&name)).transpose()?;
        let mut bundle = Bundle::default();
        let of_release = ReleaseReport::new(&release, is_baseline, &today().to_string());
        add_release(&mut bundle, &release, archive, &of_release)?;
        let thresholds = add_runs(&mut bundle, (archive, settings), &release)?;
        let diff = match &baseline {
            Some(baseline) => add_diff(
                &mut bundle,
                (archive, settings),
                baseline,
                (&release, &of_release),
            )?,
            None => None,
        };
        let manifest = BundleManifest {
            schema: BUNDLE_SCHEMA.to_owned(),
            release: release.name.clone(),
            ticket,
            root: release.root(),
            baseline: baseline.as_ref().map(|baseline| BundleBaseline {
                release: baseline.name.clone(),
                root: baseline.root(),
            }),
            thresholds,
            diff,
            attempts: of_release.attempts,
            discarded: of_release.discards.len(),
            files: Vec::new(),
            tool: Tool::this(),
        };
        bundle.write(manifest, signer.as_ref(), &self.output)?;
        let size = std::fs::metadata(&self.output).map_or(0, |meta| meta.len());
        let signed = if signer.is_some() { "signed, " } else { "" };
        writeln!(
            stdout(),
            "wrote {}: {signed}{}, root {}",
            self.output.display(),
            units::bytes(size as f64),
            release.root()
        )?;
        Ok(ExitStatus::Success)
    }
}

/// What is known of the release: its attempts, records and root.
fn add_release(
    bundle: &mut Bundle,
    release: &Release,
    archive: &Archive,
    report: &ReleaseReport,
) -> Result<()> {
    bundle.add("root.txt", release.root_text().into_bytes());
    bundle.add(
        "release.json",
        written(|out| render::json::document(report, out))?,
    );
    bundle.add(
        "release.txt",
        plain(|out| render::archive_text::show(report, out))?,
    );
    for recorded in &release.records {
        let name = recorded.file_name();
        let file = archive.record_file(recorded);
        bundle.add_file(format!("records/{name}"), file);
    }
    Ok(())
}

/// The runs of the release with their reports, and what follows from their thresholds.
fn add_runs(
    bundle: &mut Bundle,
    (archive, settings): (&Archive, &Settings),
    release: &Release,
) -> Result<String> {
    let reference = Reference::of_release(release.name.as_str())?;
    let notes = archive.resolve(&reference)?.remarks;
    let used = archive.checked(release.used())?;
    let mut reports = Vec::new();
    for archived in &used {
        let manifest = &archived.manifest;
        let folder = format!("runs/{}/{}", manifest.scenario_folder(), archived.short());
        bundle.add_file(
            format!("{folder}/manifest.json"),
            archived.folder.join("manifest.json"),
        );
        for file in manifest.files.iter().filter(|file| file.is_for_evidence()) {
            bundle.add_file(
                format!("{folder}/{}", file.path),
                archived.folder.join(&file.path),
            );
        }
        let run = load_one(archived, settings, notes.clone())?;
        let options = ReportOptions {
            demands: demands(archived)?,
            ..ReportOptions::default()
        };
        let mut report = RunReport::new(&run, &options)?;
        report.title = place(archived);
        let mut page = Vec::new();
        render::html::page(&Page::new(&run, &report, None), None, &mut page)?;
        bundle.add(format!("{folder}/report.html"), page);
        reports.push(report);
    }
    let failed = reports
        .iter()
        .any(|report| report.verdict == Verdict::Failed);
    let verdict = if failed {
        Verdict::Failed
    } else {
        Verdict::Passed
    };
    let summary = SummaryReport {
        schema: SUMMARY_SCHEMA,
        verdict,
        runs: reports,
    };
    bundle.add(
        "summary.json",
        written(|out| render::json::document(&summary, out))?,
    );
    bundle.add(
        "summary.txt",
        plain(|out| render::text::summary(&summary, None, out))?,
    );
    let check = CheckReport::from(summary);
    bundle.add(
        "thresholds.json",
        written(|out| render::json::document(&check, out))?,
    );
    bundle.add(
        "thresholds.md",
        written(|out| render::markdown::check(&check, out))?,
    );
    Ok(if failed { "failed" } else { "passed" }.to_owned())
}

/// The comparison with the baseline, if both have a scenario in common.
fn add_diff(
    bundle: &mut Bundle,
    (archive, settings): (&Archive, &Settings),
    baseline: &Release,
    (release, attempts): (&Release, &ReleaseReport),
) -> Result<Option<String>> {
    let of = |release: &Release| -> BTreeSet<String> {
        let used = release.used();
        let names = used.iter().map(|run| run.manifest.scenario.to_string());
        names.collect()
    };
    if of(baseline).is_disjoint(&of(release)) {
        return Ok(None);
    }
    let runs = |release: &Release| -> Result<Vec<Run>> {
        let reference = Reference::of_release(release.name.as_str())?;
        let resolved = archive.resolve(&reference)?;
        let load = |run| load_one(run, settings, Vec::new());
        resolved.runs.iter().map(load).collect()
    };
    let options = CompareOptions {
        waivers: waivers_of(std::slice::from_ref(release))?,
        ..settings.compare_options()
    };
    let (before, now) = (runs(baseline)?, runs(release)?);
    let report = DiffReport::from(&compare(&before, &now, &options)?);
    bundle.add(
        "diff.json",
        written(|out| render::json::document(&report, out))?,
    );
    bundle.add(
        "diff.md",
        written(|out| render::diff_markdown::diff(&report, true, out))?,
    );
    let mut page = Vec::new();
    render::diff_html::page(&report, baseline.name.as_str(), attempts, &mut page)?;
    bundle.add("diff.html", page);
    Ok(Some(report.verdict.word().to_owned()))
}

fn load_one(archived: &ArchivedRun, settings: &Settings, notes: Vec<String>) -> Result<Run> {
    let mut files = archive::files(archived);
    files.filed.notes = notes;
    let options = LoadOptions {
        hash: true,
        vocabulary: settings.vocabulary(),
        ..LoadOptions::default()
    };
    let loaded = load_watched(&[Asked::Files(Box::new(files))], options, &Arc::default())?;
    let run = loaded.runs.into_iter().next();
    run.ok_or_else(|| Error::usage(place(archived), "this run has no files"))
}

/// The thresholds that were asked for beside k6's own when the run was filed.
fn demands(archived: &ArchivedRun) -> Result<Vec<Demand>> {
    let thresholds = archived.manifest.facts.thresholds.iter();
    thresholds
        .filter(|threshold| threshold.source != "k6")
        .map(|threshold| {
            let text = format!("{}:{}", threshold.name, threshold.expression);
            Demand::parse(&text).map_err(Error::from)
        })
        .collect()
}

fn written(render: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    render(&mut text)?;
    Ok(text)
}

/// Text for people without colours.
fn plain(render: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> Result<Vec<u8>> {
    let mut plain = anstream::StripStream::new(Vec::new());
    plain.write_all(&written(render)?)?;
    Ok(plain.into_inner())
}
