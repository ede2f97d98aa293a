//! The versions of an archive's documents.

use serde::Deserialize;

/// What to do about a document of another version.
pub(super) const HINT: &str =
    "another version of perf-report wrote it: use that, or a newer one; nothing of it is lost";

/// What is wrong with a document of a version that is not known, whatever else it looks like.
pub(super) fn problem(text: &[u8], known: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Version {
        schema: String,
    }
    let Version { schema } = serde_json::from_slice(text).ok()?;
    (schema != known).then(|| format!("this is {schema:?}, and only {known:?} is known"))
}
