//! The archive of releases: runs, what was decided about them, verification, bundles.
//!
//! It is a folder that can be copied and merged. A run is a folder named by the SHA-256 of its manifest,
//! which names the hashes of its files; what is decided about runs is a record, named by its own hash.
//! Nothing is ever changed, and nothing is shared by two writers. `docs/archive.md` has all of it.

mod add;
mod agent;
mod aside;
mod bundle;
mod bundle_manifest;
mod clean;
mod layout;
mod manifest;
mod name;
mod provenance;
mod prune;
mod readme;
mod record;
mod reference;
mod release;
mod signature;
mod sums;
mod verify;
mod verify_bundle;
mod version;

pub use add::{Filed, Filing};
pub use bundle::Bundle;
pub use bundle_manifest::{BUNDLE_SCHEMA, BundleBaseline, BundleManifest};
pub use clean::clean;
pub use layout::Archive;
pub use manifest::{
    ArchivedRun, Facts, FileEntry, Fitness, LeftOut, Manifest, Numbers, Options, RUN_SCHEMA,
    SourceEntry, ThresholdEntry, Tool, short,
};
pub use name::Name;
pub use provenance::{Ci, Environment, ci, moment, today};
pub use prune::Pruning;
pub use record::{Baseline, Decision, Discard, RECORD_SCHEMA, Record, Recorded, Tombstone, Waiver};
pub use reference::{Reference, Resolved, files, place};
pub use release::Release;
pub use signature::{NAMESPACE, Signed, Signer};
pub use verify::{Discrepancy, Verification};
pub use verify_bundle::{BundleVerification, verify_bundle};
