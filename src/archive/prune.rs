//! Removing old releases, with a tombstone for each of their runs.

use super::aside;
use super::layout::Archive;
use super::manifest::ArchivedRun;
use super::record::{Decision, Tombstone};
use super::release::Release;
use crate::error::Result;

/// What is to be removed.
#[derive(Debug)]
pub struct Pruning {
    /// The runs, the oldest release first.
    pub runs: Vec<ArchivedRun>,
    /// Why.
    pub reason: String,
}

impl Archive {
    /// The runs of all releases but the newest `keep`, of which the baseline is always one more.
    ///
    /// # Errors
    /// When something of the archive is not what was written.
    pub fn plan_pruning(&self, keep: usize) -> Result<Pruning> {
        let mut releases = self.all()?;
        releases.retain(|release| !release.runs.is_empty());
        let baseline = self.baseline()?.and_then(|(_, baseline)| baseline.release);
        let old = releases.len().saturating_sub(keep);
        let is_kept = |release: &Release| Some(&release.name) == baseline.as_ref();
        let old = releases.into_iter().take(old);
        let old = old.filter(|release| !is_kept(release));
        Ok(Pruning {
            runs: old.flat_map(|release| release.runs).collect(),
            reason: format!("prune --keep {keep}"),
        })
    }

    /// Removes runs. Each leaves a tombstone, which is written first.
    ///
    /// # Errors
    /// When the archive cannot be written.
    pub fn prune(&self, pruning: &Pruning) -> Result<()> {
        for run in &pruning.runs {
            let manifest = &run.manifest;
            let known = self.records(Some(&manifest.release))?;
            let has_tombstone = known.iter().any(|recorded| {
                matches!(&recorded.record.decision, Decision::Tombstone(it) if it.run == run.hash)
            });
            // A process that was killed may have come so far.
            if !has_tombstone {
                let tombstone = Decision::Tombstone(Tombstone {
                    release: manifest.release.clone(),
                    scenario: manifest.scenario.clone(),
                    run: run.hash.clone(),
                    content: manifest.content.clone(),
                    time: manifest.facts.time().to_owned(),
                    files: manifest.files.clone(),
                });
                self.record(tombstone, Some(pruning.reason.clone()))?;
            }
            self.refuse_links(&run.folder)?;
            aside::remove(self, &run.folder)?;
        }
        aside::clear_abandoned(self)?;
        Ok(())
    }
}
