//! A release: its runs, and what was decided about them.

use std::collections::BTreeSet;
use std::path::Path;

use super::layout::{self, Archive, MANIFEST};
use super::manifest::{ArchivedRun, Manifest, RUN_SCHEMA};
use super::name::{BASELINE, LATEST, Name, PREVIOUS};
use super::record::{Decision, Discard, Recorded, Tombstone, Waiver};
use super::version;
use crate::error::{Error, Result};
use crate::formats::sha256_of;

/// The first line of what a root hash is the hash of.
const ROOT: &str = "perf-report.root/1";

/// A release with all that is known of it.
#[derive(Debug, Clone)]
pub struct Release {
    /// Its name.
    pub name: Name,
    /// Its runs, by scenario and time.
    pub runs: Vec<ArchivedRun>,
    /// What was decided about it, the oldest first.
    pub records: Vec<Recorded>,
}

impl Archive {
    /// Reads a release.
    ///
    /// # Errors
    /// When it is not there, or something of it is not what was written.
    pub fn release(&self, name: &Name) -> Result<Release> {
        self.must_exist()?;
        let folder = self.release_folder(name);
        if folder.is_symlink() {
            return Err(Error::unverified(folder, "this is a link", layout::LINKS));
        }
        if !folder.is_dir() {
            return Err(self.no_such_release(name)?);
        }
        let mut runs = Vec::new();
        for (scenario, folder) in layout::partitions(&folder, "scenario")? {
            for (run, kind) in layout::entries(&folder)? {
                if let Some(hash) = run.strip_prefix("run=")
                    && kind == layout::Kind::Folder
                {
                    runs.push(read_run(&folder.join(&run), name, &scenario, hash)?);
                }
            }
        }
        runs.sort_by(|a, b| {
            let key = |run: &ArchivedRun| {
                let time = run.manifest.facts.time().to_owned();
                (run.manifest.scenario.clone(), time, run.hash.clone())
            };
            key(a).cmp(&key(b))
        });
        Ok(Release {
            name: name.clone(),
            runs,
            records: self.records(Some(name))?,
        })
    }

    /// Every release, the oldest first.
    ///
    /// # Errors
    /// When something of one is not what was written.
    pub fn all(&self) -> Result<Vec<Release>> {
        let names = self.releases()?;
        let releases = names.iter().map(|name| self.release(name));
        let mut releases: Vec<Release> = releases.collect::<Result<_>>()?;
        releases.sort_by_key(|release| (release.time(), release.name.clone()));
        Ok(releases)
    }

    fn no_such_release(&self, name: &Name) -> Result<Error> {
        let names = self.releases()?;
        let known = names.iter().map(|known| (known.as_str(), ""));
        let keywords = [BASELINE, LATEST, PREVIOUS].map(|keyword| (keyword, "@"));
        let near = known
            .chain(keywords)
            .map(|(known, at)| (strsim::damerau_levenshtein(known, name.as_str()), known, at))
            .min();
        let hint = match near {
            Some((distance, known, at)) if distance <= 3 => format!("did you mean {at}{known}?"),
            _ if names.is_empty() => "perf-report archive add files the first run".to_owned(),
            _ => "perf-report archive list shows the releases".to_owned(),
        };
        let root = self.root().display();
        Ok(Error::usage(
            format!("the archive {root} has no release {:?}", name.as_str()),
            hint,
        ))
    }
}

/// Reads a run's manifest and holds it against the names of its folders.
pub(super) fn read_run(
    folder: &Path,
    release: &Name,
    scenario: &Name,
    hash: &str,
) -> Result<ArchivedRun> {
    let path = folder.join(MANIFEST);
    let changed = |problem: String| {
        Error::unverified(
            &path,
            problem,
            "restore the folder from a copy of the archive; perf-report archive verify tells what \
             else is changed",
        )
    };
    if !path.exists() && !path.is_symlink() {
        return Err(changed("the file is missing".to_owned()));
    }
    let text = layout::read_text(&path)?;
    if sha256_of(&text) != hash {
        return Err(changed(
            "its content is not that of its folder's name".to_owned(),
        ));
    }
    if let Some(problem) = version::problem(&text, RUN_SCHEMA) {
        return Err(Error::unverified(&path, problem, version::HINT));
    }
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|error| changed(format!("this is no manifest of a run ({error})")))?;
    if manifest.release != *release || manifest.scenario != *scenario {
        return Err(changed(format!(
            "it is of {}/{}, and lies elsewhere",
            manifest.release, manifest.scenario
        )));
    }
    Ok(ArchivedRun {
        hash: hash.to_owned(),
        folder: folder.to_owned(),
        manifest,
    })
}

impl Release {
    /// When it was tested first; empty if it has neither runs nor what tells of runs.
    #[must_use]
    pub fn time(&self) -> String {
        let runs = self.runs.iter().map(|run| run.manifest.facts.time());
        let gone = self.tombstones().map(|tomb| tomb.time.as_str());
        let discarded = self.discards().map(|(_, discard)| discard.facts.time());
        let times = runs.chain(gone).filter(|time| !time.is_empty()).min();
        let first = times.or(discarded.filter(|time| !time.is_empty()).min());
        first.unwrap_or_default().to_owned()
    }

    /// The scenarios of its runs.
    #[must_use]
    pub fn scenarios(&self) -> BTreeSet<&Name> {
        self.runs.iter().map(|run| &run.manifest.scenario).collect()
    }

    /// The runs that were discarded.
    pub fn discards(&self) -> impl Iterator<Item = (&Recorded, &Discard)> {
        self.records
            .iter()
            .filter_map(|recorded| match &recorded.record.decision {
                Decision::Discard(discard) => Some((recorded, discard)),
                _ => None,
            })
    }

    /// The waivers; of two for one row of one scenario the last one.
    #[must_use]
    pub fn waivers(&self) -> Vec<(&Recorded, &Waiver)> {
        let mut waivers: Vec<(&Recorded, &Waiver)> = Vec::new();
        for recorded in &self.records {
            if let Decision::Waiver(waiver) = &recorded.record.decision {
                let same =
                    |known: &Waiver| known.row == waiver.row && known.scenario == waiver.scenario;
                waivers.retain(|(_, known)| !same(known));
                waivers.push((recorded, waiver));
            }
        }
        waivers
    }

    /// What was removed.
    pub fn tombstones(&self) -> impl Iterator<Item = &Tombstone> {
        self.removals().map(|(_, tombstone)| tombstone)
    }

    /// What was removed, with who did it and why.
    pub fn removals(&self) -> impl Iterator<Item = (&Recorded, &Tombstone)> {
        self.records
            .iter()
            .filter_map(|recorded| match &recorded.record.decision {
                Decision::Tombstone(tombstone) => Some((recorded, tombstone)),
                _ => None,
            })
    }

    /// Whether a run of this content was discarded.
    #[must_use]
    pub fn discard_of(&self, content: &str) -> Option<(&Recorded, &Discard)> {
        self.discards()
            .find(|(_, discard)| discard.content == content)
    }

    /// The runs that stand for the release: neither discarded, nor filed twice.
    #[must_use]
    pub fn used(&self) -> Vec<&ArchivedRun> {
        let mut seen = BTreeSet::new();
        let mut used = Vec::new();
        for run in &self.runs {
            let manifest = &run.manifest;
            if self.discard_of(&manifest.content).is_none()
                && seen.insert((&manifest.scenario, &manifest.content))
            {
                used.push(run);
            }
        }
        used
    }

    /// What the root hash is the hash of: a line for the release, and one for each manifest, discard
    /// and waiver that ever was, sorted. Runs that were removed count by what their tombstones say.
    #[must_use]
    pub fn root_text(&self) -> String {
        let runs = self.runs.iter().map(|run| run.hash.as_str());
        let gone = self.tombstones().map(|tombstone| tombstone.run.as_str());
        let runs = runs.chain(gone).map(|hash| format!("run {hash}"));
        let records = self.records.iter().filter_map(|recorded| {
            let decision = &recorded.record.decision;
            matches!(decision, Decision::Discard(_) | Decision::Waiver(_))
                .then(|| format!("{} {}", decision.kind(), recorded.hash))
        });
        let lines: BTreeSet<String> = runs.chain(records).collect();
        let mut text = format!("{ROOT} {}\n", self.name);
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    /// A hash of all manifests, discards and waivers.
    #[must_use]
    pub fn root(&self) -> String {
        sha256_of(self.root_text().as_bytes())
    }
}
