//! Filing runs, and recording those that are not used.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::aside::Aside;
use super::clean::{Cleaning, clean, refuse_secret, refuse_secret_at};
use super::layout::{Archive, MANIFEST, PLAN, RAW, SAMPLES, SUMMARY};
use super::manifest::{
    ArchivedRun, Facts, FileEntry, LeftOut, Manifest, Options, RUN_SCHEMA, Tool,
};
use super::name::Name;
use super::record::{Decision, Discard, Recorded, compact, document};
use super::reference::place;
use super::release::read_run;
use crate::error::{Error, Result};
use crate::formats::{
    self, Withheld, plan_document, sha256, sha256_of, summary_document, write_samples,
};
use crate::run::{Run, Summary};

/// A run that is to be filed.
#[derive(Debug)]
pub struct Filing<'a> {
    /// The release that was tested.
    pub release: Name,
    /// The test.
    pub scenario: Name,
    /// The run.
    pub run: &'a Run,
    /// What is known of it.
    pub facts: Facts,
    /// The ticket of the release.
    pub ticket: Option<Name>,
    /// What else is said of it.
    pub note: Option<String>,
    /// What else is said of it, by key.
    pub meta: BTreeMap<String, String>,
    /// How it is filed.
    pub options: Options,
    /// The tags that are not kept.
    pub redacted: Vec<String>,
}

/// What became of a run.
#[derive(Debug)]
pub enum Filed {
    /// It is new.
    New(ArchivedRun),
    /// It was there.
    Known(ArchivedRun),
}

impl Archive {
    /// Files a run. One that is filed already stays as it is.
    ///
    /// # Errors
    /// When it was discarded, holds what looks like a secret, or cannot be written.
    pub fn add(&self, filing: &Filing<'_>) -> Result<Filed> {
        let (release, scenario) = (&filing.release, &filing.scenario);
        let content = filing.facts.content();
        if self.exists() && self.release_folder(release).is_dir() {
            let known = self.release(release)?;
            if let Some((recorded, _)) = known.discard_of(&content) {
                let reason = recorded
                    .record
                    .reason
                    .as_deref()
                    .unwrap_or("no reason given");
                return Err(Error::usage(
                    format!("this run of {release} was discarded: {reason}"),
                    "a run that was discarded stays so; file another",
                ));
            }
            let same = known
                .runs
                .into_iter()
                .find(|run| run.manifest.content == content && run.manifest.scenario == *scenario);
            if let Some(run) = &same
                && run.manifest.facts.part != filing.facts.part
            {
                let how = match &run.manifest.facts.part {
                    Some(part) => format!("in part ({})", part.selection),
                    None => "as a whole".to_owned(),
                };
                return Err(Error::usage(
                    format!("{} is this run, filed {how}", place(run)),
                    "a run counts once; file another part of it under a scenario of its own",
                ));
            }
            if let Some(run) = same {
                return Ok(Filed::Known(run));
            }
        }
        let mut cleaning =
            Cleaning::of(filing.run.samples(), filing.run.summary(), &filing.redacted);
        let summary = filing
            .run
            .summary()
            .map(|summary| cleaning.summary(summary));
        let samples = filing.run.samples();
        let declarations = samples.map(|samples| cleaning.declarations(samples));
        let left_out = left_out(filing, &cleaning)?;
        if !filing.options.allow_secrets {
            refuse_secrets(filing, summary.as_ref(), &cleaning)?;
        }
        let aside = Aside::new(self)?;
        let mut files = Vec::new();
        if let (Some(samples), Some(declarations)) = (samples, declarations) {
            let path = aside.path().join(SAMPLES);
            let keep = |key: &str, value: &str| cleaning.tag(key, value).map(Cow::into_owned);
            write_samples(filing.run, samples, declarations, &keep, &path)?;
            files.push(entry(SAMPLES.to_owned(), &path)?);
        }
        if let Some(summary) = &summary {
            aside.write(SUMMARY, &compact(&summary_document(summary))?)?;
            files.push(entry(SUMMARY.to_owned(), &aside.path().join(SUMMARY))?);
        }
        if let Some(plan) = filing.run.plan() {
            let text = compact(&plan_document(plan, filing.run.name()))?;
            if !filing.options.allow_secrets {
                refuse_secret("the plan", &String::from_utf8_lossy(&text))?;
            }
            aside.write(PLAN, &text)?;
            files.push(entry(PLAN.to_owned(), &aside.path().join(PLAN))?);
        }
        if filing.options.keep_raw {
            files.extend(copy_raw(&aside, filing)?);
        }
        let manifest = Manifest {
            schema: RUN_SCHEMA.to_owned(),
            release: release.clone(),
            scenario: scenario.clone(),
            content,
            ticket: filing.ticket.clone(),
            note: filing.note.clone(),
            meta: filing.meta.clone(),
            facts: cleaned(&filing.facts),
            files,
            left_out,
            options: filing.options.clone(),
            tool: Tool::this(),
        };
        let text = compact(&manifest)?;
        aside.write(MANIFEST, &text)?;
        let hash = sha256_of(&text);
        let folder = self.run_folder(release, scenario, &hash);
        let is_new = aside.place(self, &folder)?;
        let run = read_run(&folder, release, scenario, &hash)?;
        Ok(if is_new {
            Filed::New(run)
        } else {
            Filed::Known(run)
        })
    }

    /// Records that a run is not used. One that is discarded already stays as it is, and gives `None`.
    ///
    /// # Errors
    /// When it holds what looks like a secret, or cannot be written.
    pub fn discard(
        &self,
        release: &Name,
        scenario: &Name,
        facts: &Facts,
        reason: String,
    ) -> Result<Option<Recorded>> {
        let content = facts.content();
        if self.exists() && self.release_folder(release).is_dir() {
            let known = self.release(release)?;
            if known.discard_of(&content).is_some() {
                return Ok(None);
            }
        }
        let facts = Box::new(cleaned(facts));
        let decision = Decision::Discard(Discard {
            release: release.clone(),
            scenario: scenario.clone(),
            content,
            facts,
        });
        self.record(decision, Some(reason)).map(Some)
    }
}

/// Facts with names as they are kept.
fn cleaned(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    for threshold in &mut facts.thresholds {
        threshold.name = clean_name(&threshold.name);
    }
    let numbers = facts.numbers.into_iter();
    facts.numbers = numbers.map(|(name, of)| (clean_name(&name), of)).collect();
    for reason in &mut facts.validity.reasons {
        *reason = clean(reason).into_owned();
    }
    if let Some(ci) = &mut facts.ci {
        ci.url = ci.url.take().map(|url| clean(&url).into_owned());
    }
    facts
}

/// The text of a submetric's name without values of queries, each of its tags by itself.
fn clean_name(name: &str) -> String {
    let parts = name.split(',').map(|part| match part.split_once('{') {
        Some((metric, tag)) => format!("{metric}{{{}", clean(tag)),
        None => clean(part).into_owned(),
    });
    let clean = parts.collect::<Vec<_>>().join(",");
    // The brace at the end may have been taken for a part of the URL.
    if name.ends_with('}') && !clean.ends_with('}') {
        clean + "}"
    } else {
        clean
    }
}

/// What of k6's files is not kept.
fn left_out(filing: &Filing<'_>, cleaning: &Cleaning) -> Result<Vec<LeftOut>> {
    let mut left_out = Vec::new();
    for source in filing.run.sources() {
        let path = Path::new(&source.path);
        let name = file_name(path);
        for withheld in formats::withheld(path)? {
            let (what, sha256) = match withheld {
                Withheld::SetupData => ("setup_data", None),
                Withheld::Script(sha256) => ("script", Some(sha256)),
            };
            left_out.push(LeftOut {
                what: what.to_owned(),
                place: name.clone(),
                count: None,
                sha256,
            });
        }
    }
    let first = filing.run.sources().first();
    let place = first.map_or_else(String::new, |source| file_name(Path::new(&source.path)));
    let counted = [
        ("url_values", cleaning.changed),
        ("submetrics", cleaning.dropped.len() as u64),
    ];
    for (what, count) in counted.into_iter().filter(|(_, count)| *count > 0) {
        left_out.push(LeftOut {
            what: what.to_owned(),
            place: place.clone(),
            count: Some(count),
            sha256: None,
        });
    }
    for key in &cleaning.redacted {
        left_out.push(LeftOut {
            what: "tag".to_owned(),
            place: format!("{key} of {place}"),
            count: None,
            sha256: None,
        });
    }
    let is_lost = |one: &&LeftOut| one.what != "submetrics";
    if filing.options.keep_raw
        && !filing.options.allow_secrets
        && let Some(first) = left_out.iter().find(is_lost)
    {
        let what = match first.what.as_str() {
            "url_values" => "values of URLs' queries",
            "tag" => "the tag",
            "script" => "the script's text",
            other => other,
        };
        return Err(Error::usage(
            format!("--keep raw would keep {what} of {}", first.place),
            "leave --keep raw away, or add --allow-secrets if none of it is secret",
        ));
    }
    Ok(left_out)
}

/// Refuses a run in which something looks like a secret, wherever it would be kept.
fn refuse_secrets(
    filing: &Filing<'_>,
    summary: Option<&Summary>,
    cleaning: &Cleaning,
) -> Result<()> {
    for (key, value) in &filing.meta {
        refuse_secret(&format!("--meta {key}"), value)?;
    }
    if let Some(note) = &filing.note {
        refuse_secret("--note", note)?;
    }
    let run = filing.run;
    let source = |at: usize| {
        run.sources()
            .get(at)
            .map_or("-", |source| source.path.as_str())
    };
    if let Some(samples) = run.samples() {
        // Most texts stand in many series.
        let mut seen = HashSet::new();
        for series in samples.series().iter() {
            let metric = series.metric();
            if seen.insert(metric) {
                refuse_secret_at(|| format!("{}: a metric's name", source(0)), metric)?;
            }
            for (key, value) in series.tags() {
                let Some(kept) = cleaning.tag(key, value) else {
                    continue;
                };
                let place = || format!("{}: the tag {key} of {metric}", source(0));
                if seen.insert(value) {
                    refuse_secret_at(place, &kept)?;
                }
                if seen.insert(key) {
                    refuse_secret_at(place, key)?;
                }
            }
        }
    }
    let skipped = run.skipped();
    for reason in skipped.first_reason.iter().chain(&skipped.cut) {
        refuse_secret_at(|| format!("{}: a line that was skipped", source(0)), reason)?;
    }
    if let Some(summary) = summary {
        let at = usize::from(run.samples().is_some());
        for metric in &summary.metrics {
            let place = || format!("{}: a metric's name", source(at));
            refuse_secret_at(place, metric.name.text())?;
        }
        for check in &summary.checks {
            let place = || format!("{}: the name of a check", source(at));
            refuse_secret_at(place, &check.name)?;
            refuse_secret_at(place, check.group.as_deref().unwrap_or(""))?;
        }
    }
    if filing.options.keep_raw {
        for source in run.sources() {
            formats::each_line(Path::new(&source.path), |number, line| {
                refuse_secret_at(|| format!("{}:{number}", source.path), line)
            })?;
        }
    }
    let facts = document(&filing.facts)?;
    refuse_secret("what is known of the run", &String::from_utf8_lossy(&facts))
}

/// Copies k6's files as they are.
fn copy_raw(aside: &Aside, filing: &Filing<'_>) -> Result<Vec<FileEntry>> {
    let folder = aside.path().join(RAW);
    fs::create_dir(&folder).map_err(|error| Error::write(&folder, error))?;
    let mut files = Vec::new();
    for (number, source) in filing.run.sources().iter().enumerate() {
        let mut name = file_name(Path::new(&source.path));
        // Pods have files of one name.
        if folder.join(&name).exists() {
            name = format!("{}-{name}", number + 1);
        }
        let (from, to) = (PathBuf::from(&source.path), folder.join(&name));
        let mut original = fs::File::open(&from).map_err(|error| Error::read(&from, error))?;
        let copied = fs::File::create_new(&to).and_then(|mut copy| {
            std::io::copy(&mut original, &mut copy)?;
            copy.sync_all()
        });
        copied.map_err(|error| Error::write(&to, error))?;
        let entry = entry(format!("{RAW}/{name}"), &to)?;
        if Some(&entry.sha256) != source.sha256.as_ref() {
            return Err(Error::damaged(
                from,
                "the file was changed while it was filed",
                "file the run when k6 has ended",
            ));
        }
        files.push(entry);
    }
    Ok(files)
}

fn entry(path: String, file: &Path) -> Result<FileEntry> {
    let meta = fs::metadata(file).map_err(|error| Error::read(file, error))?;
    Ok(FileEntry {
        path,
        bytes: meta.len(),
        sha256: sha256(file)?,
    })
}

/// A file's name without its folders.
pub(super) fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
