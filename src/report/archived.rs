//! An archive and its releases as every renderer shows them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::archive::{
    ArchivedRun, Ci, Facts, LeftOut, Recorded, Release, SourceEntry, ThresholdEntry, place,
};
use crate::run::{K6Exit, Part};

/// The version of `archive list --format json`.
pub const LIST_SCHEMA: &str = "perf-report.archive-list/1";
/// The version of `archive show --format json`.
pub const SHOW_SCHEMA: &str = "perf-report.archive-show/1";

/// The releases of an archive.
#[derive(Debug, Serialize)]
pub struct ArchiveReport {
    /// The version of this document.
    pub schema: &'static str,
    /// The release that others are compared with.
    pub baseline: Option<String>,
    /// The releases, the oldest first.
    pub releases: Vec<ReleaseLine>,
}

/// A release in a list.
#[derive(Debug, Serialize)]
pub struct ReleaseLine {
    /// Its name.
    pub release: String,
    /// When it was tested first.
    pub started_at: Option<String>,
    /// The scenarios of its runs.
    pub scenarios: Vec<String>,
    /// The number of runs.
    pub runs: usize,
    /// The number of them that cannot be judged.
    pub invalid: usize,
    /// The number of runs that were discarded.
    pub discarded: usize,
    /// The number of runs that were removed.
    pub removed: usize,
    /// The number of regressions that were accepted.
    pub waivers: usize,
    /// Its root hash.
    pub root: String,
}

/// A release with all that is known of it.
#[derive(Debug, Serialize)]
pub struct ReleaseReport {
    /// The version of this document.
    pub schema: &'static str,
    /// Its name.
    pub release: String,
    /// Whether others are compared with it.
    pub is_baseline: bool,
    /// A hash of all its manifests, discards and waivers.
    pub root: String,
    /// Everything that was tried: runs that are here, that were discarded, and that were removed.
    pub attempts: usize,
    /// Its runs, by scenario and time.
    pub runs: Vec<RunEntry>,
    /// The runs that are not used.
    pub discards: Vec<DiscardEntry>,
    /// The regressions that were accepted.
    pub waivers: Vec<WaiverEntry>,
    /// The runs that were removed.
    pub removed: Vec<RemovedEntry>,
}

/// An archived run.
#[derive(Debug, Serialize)]
pub struct RunEntry {
    /// The test.
    pub scenario: String,
    /// The SHA-256 of its manifest.
    pub run: String,
    /// How it is named as a RUN.
    pub reference: String,
    /// Whether it stands for the release: not discarded, not filed twice.
    pub used: bool,
    /// The ticket of the release.
    pub ticket: Option<String>,
    /// What was said of it.
    pub note: Option<String>,
    /// What else was said of it.
    pub meta: BTreeMap<String, String>,
    /// What is known of it.
    #[serde(flatten)]
    pub facts: FactsEntry,
    /// What of k6's files was left out.
    pub left_out: Vec<LeftOut>,
}

/// What is known of a run.
#[derive(Debug, Serialize)]
pub struct FactsEntry {
    /// The time of its first sample.
    pub started_at: Option<String>,
    /// Its duration.
    pub duration_ms: Option<f64>,
    /// The number of its samples.
    pub samples: Option<u64>,
    /// The version of k6.
    pub k6_version: Option<String>,
    /// The commit that was tested.
    pub commit: Option<String>,
    /// The CI job.
    pub ci: Option<Ci>,
    /// `valid`, `suspect` or `invalid`.
    pub validity: String,
    /// Why it is not valid.
    pub reasons: Vec<String>,
    /// What part of its run was filed; null for all of it.
    pub part: Option<Part>,
    /// How k6 ended, where that is known.
    pub k6_exit: Option<K6Exit>,
    /// `passed` or `failed` by its thresholds, and by k6's end.
    pub verdict: String,
    /// Its thresholds.
    pub thresholds: Vec<ThresholdEntry>,
    /// k6's files as they were.
    pub sources: Vec<SourceEntry>,
}

/// A run that is not used.
#[derive(Debug, Serialize)]
pub struct DiscardEntry {
    /// The test.
    pub scenario: String,
    /// When it was discarded.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
    /// The SHA-256 of the record.
    pub record: String,
    /// The run.
    #[serde(flatten)]
    pub facts: FactsEntry,
}

/// A regression that was accepted.
#[derive(Debug, Serialize)]
pub struct WaiverEntry {
    /// The test; null for all of them.
    pub scenario: Option<String>,
    /// The row of `diff`.
    pub row: String,
    /// The last day on which it is accepted.
    pub until: String,
    /// Whether that day is over.
    pub expired: bool,
    /// When it was accepted.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
    /// The SHA-256 of the record.
    pub record: String,
}

/// A run that was removed.
#[derive(Debug, Serialize)]
pub struct RemovedEntry {
    /// The test.
    pub scenario: String,
    /// The SHA-256 of its manifest.
    pub run: String,
    /// When it was.
    pub time: String,
    /// Why it was removed.
    pub reason: Option<String>,
}

impl ArchiveReport {
    /// Of these releases, the oldest first.
    #[must_use]
    pub fn new(releases: &[Release], baseline: Option<String>) -> Self {
        Self {
            schema: LIST_SCHEMA,
            baseline,
            releases: releases.iter().map(ReleaseLine::from).collect(),
        }
    }
}

impl From<&Release> for ReleaseLine {
    fn from(release: &Release) -> Self {
        let invalid = |run: &&ArchivedRun| run.manifest.facts.is_invalid();
        let time = release.time();
        let scenarios = release.scenarios();
        Self {
            release: release.name.to_string(),
            started_at: (!time.is_empty()).then_some(time),
            scenarios: scenarios.iter().map(ToString::to_string).collect(),
            runs: release.runs.len(),
            invalid: release.runs.iter().filter(invalid).count(),
            discarded: release.discards().count(),
            removed: release.tombstones().count(),
            waivers: release.waivers().len(),
            root: release.root(),
        }
    }
}

impl ReleaseReport {
    /// A release, on this day (2026-12-31).
    #[must_use]
    pub fn new(release: &Release, is_baseline: bool, today: &str) -> Self {
        let used: Vec<&str> = release.used().iter().map(|run| run.hash.as_str()).collect();
        let run = |run: &ArchivedRun| RunEntry {
            scenario: run.manifest.scenario.to_string(),
            run: run.hash.clone(),
            reference: place(run),
            used: used.contains(&run.hash.as_str()),
            ticket: run.manifest.ticket.as_ref().map(ToString::to_string),
            note: run.manifest.note.clone(),
            meta: run.manifest.meta.clone(),
            facts: FactsEntry::from(&run.manifest.facts),
            left_out: run.manifest.left_out.clone(),
        };
        let runs: Vec<RunEntry> = release.runs.iter().map(run).collect();
        let discards = release.discards().map(|(recorded, discard)| {
            let Recorded { hash, record } = recorded;
            DiscardEntry {
                scenario: discard.scenario.to_string(),
                at: record.at.clone(),
                by: record.by.clone(),
                reason: record.reason.clone(),
                record: hash.clone(),
                facts: FactsEntry::from(&*discard.facts),
            }
        });
        let waivers = release.waivers().into_iter().map(|(recorded, waiver)| {
            let Recorded { hash, record } = recorded;
            WaiverEntry {
                scenario: waiver.scenario.as_ref().map(ToString::to_string),
                row: waiver.row.clone(),
                until: waiver.until.clone(),
                expired: waiver.until.as_str() < today,
                at: record.at.clone(),
                by: record.by.clone(),
                reason: record.reason.clone(),
                record: hash.clone(),
            }
        });
        let is_here = |hash: &str| release.runs.iter().any(|run| run.hash == hash);
        let removed: Vec<RemovedEntry> = release
            .removals()
            .filter(|(_, tombstone)| !is_here(&tombstone.run))
            .map(|(recorded, tombstone)| RemovedEntry {
                scenario: tombstone.scenario.to_string(),
                run: tombstone.run.clone(),
                time: tombstone.time.clone(),
                reason: recorded.record.reason.clone(),
            })
            .collect();
        // A run that was filed and then discarded was tried once.
        let contents = release.runs.iter().map(|run| &run.manifest.content);
        let contents = contents
            .chain(release.discards().map(|(_, discard)| &discard.content))
            .chain(release.tombstones().map(|tombstone| &tombstone.content));
        let attempts: std::collections::BTreeSet<&String> = contents.collect();
        Self {
            schema: SHOW_SCHEMA,
            release: release.name.to_string(),
            is_baseline,
            root: release.root(),
            attempts: attempts.len(),
            runs,
            discards: discards.collect(),
            waivers: waivers.collect(),
            removed,
        }
    }
}

impl From<&Facts> for FactsEntry {
    fn from(facts: &Facts) -> Self {
        Self {
            started_at: facts.started_at.clone(),
            duration_ms: facts.duration_ms,
            samples: facts.samples,
            k6_version: facts.k6_version.clone(),
            commit: facts.commit.clone(),
            ci: facts.ci.clone(),
            validity: facts.validity.verdict.clone(),
            reasons: facts.validity.reasons.clone(),
            part: facts.part.clone(),
            k6_exit: facts.k6_exit,
            verdict: facts.verdict.clone(),
            thresholds: facts.thresholds.clone(),
            sources: facts.sources.clone(),
        }
    }
}
