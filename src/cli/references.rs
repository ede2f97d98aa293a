//! Archived runs where a command takes a RUN: `@v2025.10`, `@baseline`, `@latest`.

use std::path::{Path, PathBuf};

use crate::archive::{self, Archive, Reference, Release};
use crate::compare::{RowPattern, Waiver};
use crate::config::Settings;
use crate::error::Result;
use crate::formats::Asked;
use crate::report::ReleaseReport;

/// The archive, which need not be there.
pub(super) fn archive_of(settings: &Settings) -> Archive {
    Archive::at(&settings.archive.value)
}

/// What RUN arguments ask for, and what there is to say about it.
pub(super) fn asked(settings: &Settings, names: &[PathBuf]) -> Result<(Vec<Asked>, Vec<String>)> {
    let (mut asked, mut remarks) = (Vec::new(), Vec::new());
    for name in names {
        match reference(name)? {
            None => asked.push(Asked::from(name)),
            Some(reference) => {
                let found = archive_of(settings).resolve(&reference)?;
                let mut notes = found.remarks.clone();
                let today = archive::today().to_string();
                let attempts = ReleaseReport::new(&found.release, false, &today).attempts;
                if attempts > found.runs.len() {
                    let release = &found.release.name;
                    notes.push(format!(
                        "{release} was tested {attempts} times, runs that were discarded included"
                    ));
                }
                for run in &found.runs {
                    let mut files = archive::files(run);
                    files.filed.notes.clone_from(&notes);
                    asked.push(Asked::Files(Box::new(files)));
                }
                remarks.extend(found.remarks);
            }
        }
    }
    Ok((asked, remarks))
}

/// The regressions that were accepted in the releases of candidates, and in the one named.
pub(super) fn waivers(
    settings: &Settings,
    runs: &[PathBuf],
    release: Option<&str>,
) -> Result<Vec<Waiver>> {
    let archive = archive_of(settings);
    let mut releases: Vec<Release> = Vec::new();
    for name in runs {
        if let Some(reference) = reference(name)? {
            let release = archive.release_of(&reference)?;
            if releases.iter().all(|known| known.name != release.name) {
                releases.push(release);
            }
        }
    }
    if let Some(name) = release {
        let reference = Reference::of_release(name)?;
        if archive.has(&reference)? {
            releases.push(archive.release_of(&reference)?);
        } else {
            // It may be filed after this comparison.
            super::remark(&format!(
                "the archive has no release {name} yet, so that nothing of it is accepted"
            ));
        }
    }
    waivers_of(&releases)
}

/// The regressions that were accepted in releases.
pub(super) fn waivers_of(releases: &[Release]) -> Result<Vec<Waiver>> {
    let today = archive::today().to_string();
    let mut waivers = Vec::new();
    for (recorded, waiver) in releases.iter().flat_map(Release::waivers) {
        let record = &recorded.record;
        waivers.push(Waiver {
            row: waiver.row.clone(),
            pattern: RowPattern::parse(&waiver.row)?,
            scenario: waiver.scenario.as_ref().map(ToString::to_string),
            reason: record.reason.clone().unwrap_or_default(),
            by: record.by.clone(),
            expired: waiver.until < today,
            until: waiver.until.clone(),
        });
    }
    Ok(waivers)
}

/// The reference that a RUN argument is, unless it is a path: also one of a file whose name begins
/// with @.
fn reference(name: &Path) -> Result<Option<Reference>> {
    match name.to_str() {
        Some(text) if !name.exists() => Reference::parse(text),
        _ => Ok(None),
    }
}
