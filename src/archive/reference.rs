//! References to archived runs: `@v2025.10`, `@v2025.10/user-journeys`, `@baseline`, `@previous`,
//! `@latest`.

use super::layout::{Archive, PLAN, SAMPLES, SUMMARY};
use super::manifest::ArchivedRun;
use super::name::{BASELINE, LATEST, Name, PREVIOUS};
use super::release::Release;
use super::verify;
use crate::error::{Error, Result};
use crate::formats::KnownFiles;
use crate::run::Filed;
use crate::units::counted;

/// A reference to archived runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    text: String,
    release: Which,
    scenario: Option<Name>,
    run: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Named(Name),
    Baseline,
    /// The newest release but so many.
    FromLatest(usize),
}

/// What a reference stands for.
#[derive(Debug)]
pub struct Resolved {
    /// The release.
    pub release: Release,
    /// The runs that count.
    pub runs: Vec<ArchivedRun>,
    /// What was passed over, and what else there is to know of the release.
    pub remarks: Vec<String>,
}

impl Reference {
    /// Takes a reference apart, which begins with `@`; `None` for what is no reference.
    ///
    /// # Errors
    /// When it is one, and its names are none.
    pub fn parse(text: &str) -> Result<Option<Self>> {
        let Some(rest) = text.strip_prefix('@') else {
            return Ok(None);
        };
        let mut parts = rest.splitn(3, '/');
        let release = match parts.next().unwrap_or("") {
            BASELINE => Which::Baseline,
            LATEST => Which::FromLatest(0),
            PREVIOUS => Which::FromLatest(1),
            name => Which::Named(Name::parse("release", name)?),
        };
        let scenario = parts.next().map(|name| Name::parse("scenario", name));
        let run = parts.next().map(|hash| {
            let is_hash = hash.len() >= 6 && hash.bytes().all(|b| b.is_ascii_hexdigit());
            is_hash.then(|| hash.to_owned()).ok_or_else(|| {
                Error::usage(
                    format!("{text}: {hash:?} is no beginning of a run's hash"),
                    "perf-report archive show lists the runs of a release",
                )
            })
        });
        Ok(Some(Self {
            text: text.to_owned(),
            release,
            scenario: scenario.transpose()?,
            run: run.transpose()?,
        }))
    }

    /// A release by its name, or by what it is, as `v2025.10`, `@v2025.10` or `baseline`.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn of_release(text: &str) -> Result<Self> {
        let text = text.strip_prefix('@').unwrap_or(text);
        let reference = Self::parse(&format!("@{text}"))?;
        reference.ok_or_else(|| Error::usage(text, "name a release"))
    }

    /// The scenario that it names.
    #[must_use]
    pub fn scenario(&self) -> Option<&Name> {
        self.scenario.as_ref()
    }
}

impl Archive {
    /// The name of the release that a reference is about.
    ///
    /// # Errors
    /// When there is none.
    pub fn release_name(&self, reference: &Reference) -> Result<Name> {
        match &reference.release {
            Which::Named(name) => Ok(name.clone()),
            Which::Baseline => {
                self.must_exist()?;
                let release = self.baseline()?.and_then(|(_, baseline)| baseline.release);
                release.ok_or_else(|| {
                    Error::usage(
                        format!("{}: no baseline is set", reference.text),
                        "perf-report archive baseline set RELEASE",
                    )
                })
            }
            Which::FromLatest(back) => {
                let mut releases = self.all()?;
                releases.retain(|release| !release.used().is_empty());
                let newest = releases.iter().rev().nth(*back);
                newest.map(|release| release.name.clone()).ok_or_else(|| {
                    Error::usage(
                        format!(
                            "{}: the archive has {} with runs",
                            reference.text,
                            counted(releases.len() as u64, "release")
                        ),
                        "perf-report archive list shows them",
                    )
                })
            }
        }
    }

    /// Whether the release that a reference names is there; one that is told by what it is has to be.
    ///
    /// # Errors
    /// When it is told by what it is, and there is none.
    pub fn has(&self, reference: &Reference) -> Result<bool> {
        let name = self.release_name(reference)?;
        Ok(self.exists() && self.release_folder(&name).is_dir())
    }

    /// The release that a reference is about.
    ///
    /// # Errors
    /// When there is none, or something of it is not what was written.
    pub fn release_of(&self, reference: &Reference) -> Result<Release> {
        self.release(&self.release_name(reference)?)
    }

    /// The runs that a reference stands for: those of its release and scenario that are not discarded,
    /// and of these those that can be judged, if any can. Their files are held against their
    /// manifests.
    ///
    /// # Errors
    /// When there are none, or one is not what was written.
    pub fn resolve(&self, reference: &Reference) -> Result<Resolved> {
        let release = self.release_of(reference)?;
        let mut remarks = Vec::new();
        let is_meant = |scenario: &Name| reference.scenario().is_none_or(|it| it == scenario);
        let runs = release.used().into_iter().filter(|run| {
            let hash = reference.run.as_ref();
            is_meant(&run.manifest.scenario) && hash.is_none_or(|hash| run.hash.starts_with(hash))
        });
        let (invalid, valid): (Vec<&ArchivedRun>, _) =
            runs.partition(|run| run.manifest.facts.is_invalid());
        for (recorded, discard) in release.discards() {
            if is_meant(&discard.scenario) {
                let reason = recorded
                    .record
                    .reason
                    .as_deref()
                    .unwrap_or("no reason given");
                remarks.push(format!(
                    "{}: a run of {} is discarded: {reason}",
                    release.name, discard.scenario
                ));
            }
        }
        let runs = if valid.is_empty() { &invalid } else { &valid };
        if runs.is_empty() {
            return Err(no_run(&release, reference));
        }
        for run in &invalid {
            let reasons = run.manifest.facts.validity.reasons.join("; ");
            let passed_over = if valid.is_empty() {
                "is invalid, and there is no other"
            } else {
                "is passed over, since it is invalid"
            };
            remarks.push(format!("{} {passed_over}: {reasons}", place(run)));
        }
        let runs = self.checked(runs.clone())?;
        Ok(Resolved {
            release,
            runs,
            remarks,
        })
    }

    /// Runs of which every file is as it was written.
    ///
    /// # Errors
    /// When one is not.
    pub fn checked(&self, runs: Vec<&ArchivedRun>) -> Result<Vec<ArchivedRun>> {
        for run in &runs {
            if let Some(finding) = verify::run(self, run)?.into_iter().next() {
                return Err(Error::unverified(
                    self.root().join(finding.path),
                    finding.problem,
                    "perf-report archive verify tells what else is changed; restore it from a copy",
                ));
            }
        }
        Ok(runs.into_iter().cloned().collect())
    }
}

fn no_run(release: &Release, reference: &Reference) -> Error {
    let scenarios: Vec<&str> = release
        .scenarios()
        .iter()
        .map(|name| name.as_str())
        .collect();
    let gone = release.tombstones().count() as u64;
    let hint = if !scenarios.is_empty() {
        format!("{} has runs of {}", release.name, scenarios.join(", "))
    } else if gone > 0 {
        let verb = if gone == 1 { "was" } else { "were" };
        format!("{} of it {verb} removed", counted(gone, "run"))
    } else {
        "perf-report archive add files one".to_owned()
    };
    Error::usage(format!("{}: there is no such run", reference.text), hint)
}

/// What a run is called: a reference to it alone.
#[must_use]
pub fn place(run: &ArchivedRun) -> String {
    let manifest = &run.manifest;
    format!(
        "@{}/{}/{}",
        manifest.release,
        manifest.scenario,
        run.short()
    )
}

/// The files of a run, to be read.
#[must_use]
pub fn files(run: &ArchivedRun) -> KnownFiles {
    let manifest = &run.manifest;
    let file = |name: &str| {
        let is_there = manifest.files.iter().any(|file| file.path == name);
        is_there.then(|| run.folder.join(name))
    };
    KnownFiles {
        name: manifest.scenario.to_string(),
        label: format!(
            "{}-{}-{}",
            manifest.scenario.encoded(),
            manifest.release.encoded(),
            run.short()
        ),
        filed: Filed {
            release: manifest.release.to_string(),
            ticket: manifest.ticket.as_ref().map(ToString::to_string),
            commit: manifest.facts.commit.clone(),
            machine: manifest.facts.machine(),
            meta: manifest.meta.clone(),
            notes: Vec::new(),
        },
        place: place(run),
        stream: file(SAMPLES),
        summary: file(SUMMARY),
        plan: file(PLAN),
        part: manifest.facts.part.clone(),
        k6_exit: manifest.facts.k6_exit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "@?[a-z0-9/@.{}\\PC]{0,30}") {
            if let Ok(Some(reference)) = Reference::parse(&text) {
                prop_assert!(reference.text.starts_with('@'));
            }
        }
    }

    #[test]
    fn references_and_what_looks_like_them() {
        assert_eq!(Reference::parse("results").expect("fine"), None);
        let parse = |text: &str| Reference::parse(text).expect(text).expect(text);
        assert_eq!(parse("@baseline").release, Which::Baseline);
        assert_eq!(parse("@previous").release, Which::FromLatest(1));
        let one = parse("@v2025.10/user-journeys");
        assert_eq!(one.scenario().map(Name::as_str), Some("user-journeys"));
        for bad in [
            "@",
            "@/x",
            "@../x",
            "@v1/",
            "@v1/..",
            "@v1/x/zz",
            "@a\\b",
            "@v1/x/abc/d",
        ] {
            assert!(Reference::parse(bad).is_err(), "{bad}");
        }
    }
}
