//! `perf-report archive verify`

use std::io::Write as _;
use std::path::Path;

use crate::archive::{Archive, Discrepancy, Reference, Signed, verify_bundle};
use crate::cli::exit::ExitStatus;
use crate::cli::output::stdout;
use crate::error::Result;
use crate::units::{counted, printable};

/// Recompute every hash; exit with 4 when something is not as it was written
///
/// Names each changed, missing or unexpected file. What this proves, and what not, is in
/// docs/archive.md.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// A release, or a bundle that archive export wrote [default: the whole archive]
    #[arg(value_name = "RELEASE|BUNDLE.zip")]
    what: Option<String>,
}

impl Args {
    pub(super) fn run(self, archive: &Archive) -> Result<ExitStatus> {
        if let Some(what) = &self.what
            && is_bundle(what)
        {
            return bundle(Path::new(what), archive);
        }
        let release = match &self.what {
            None => None,
            Some(name) => Some(archive.release_name(&Reference::of_release(name)?)?),
        };
        let found = archive.verify(release.as_ref())?;
        let mut out = stdout();
        if !found.discrepancies.is_empty() {
            return say(&found.discrepancies);
        }
        writeln!(
            out,
            "verified {} with {} and {}",
            counted(found.files, "file"),
            counted(found.runs, "run"),
            counted(found.records, "record")
        )?;
        for (release, root) in &found.roots {
            writeln!(out, "  {release} {root}")?;
        }
        Ok(ExitStatus::Success)
    }
}

/// Whether an argument names a file and no release.
fn is_bundle(what: &str) -> bool {
    let path = Path::new(what);
    path.is_file()
        || path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("zip"))
}

fn bundle(path: &Path, archive: &Archive) -> Result<ExitStatus> {
    let found = verify_bundle(path, archive)?;
    if !found.discrepancies.is_empty() {
        return say(&found.discrepancies);
    }
    let mut out = stdout();
    let shown = path.display();
    writeln!(out, "verified {} of {shown}", counted(found.files, "file"))?;
    if let Some(manifest) = &found.manifest {
        let (release, ticket) = (&manifest.release, &manifest.ticket);
        writeln!(out, "  {release} for {ticket}, root {}", manifest.root)?;
    }
    match &found.signed {
        Some(Signed::By(key)) => writeln!(
            out,
            "  signed with the key {key}; whose that is, ssh-keygen -Y verify tells"
        )?,
        Some(Signed::Unchecked(key)) => writeln!(
            out,
            "  the signature with the key {key} is of a kind that only ssh-keygen -Y verify checks"
        )?,
        None => writeln!(out, "  not signed")?,
    }
    if found.is_archived {
        let root = archive.root().display();
        writeln!(out, "  the archive {root} still holds all of it")?;
    }
    Ok(ExitStatus::Success)
}

/// Says what is not as it was written.
fn say(discrepancies: &[Discrepancy]) -> Result<ExitStatus> {
    let bad = anstyle::AnsiColor::Red.on_default();
    let mut out = stdout();
    for Discrepancy { path, problem } in discrepancies {
        let (path, problem) = (printable(path), printable(problem));
        writeln!(out, "{bad}✗{bad:#} {path}: {problem}")?;
    }
    let count = discrepancies.len() as u64;
    let noun = if count == 1 {
        "discrepancy"
    } else {
        "discrepancies"
    };
    writeln!(out, "does not verify: {count} {noun}")?;
    Ok(ExitStatus::Unverified)
}
