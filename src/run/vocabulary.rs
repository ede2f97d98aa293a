//! How a project names its endpoints, and what its own metrics are.

use std::collections::BTreeMap;
use std::str::FromStr;

use glob::{MatchOptions, Pattern};

use super::endpoint_name::{ENDPOINT_TAG, endpoint_name};
use super::metric::{Contains, MetricType};

/// What a project says of its tests, beyond what k6's files tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Vocabulary {
    /// The tag by which endpoints are told apart.
    pub endpoint_tag: String,
    /// Other names for endpoints; the first that fits stands.
    pub renames: Vec<Rename>,
    /// Types and units of metrics that no file tells.
    pub kinds: BTreeMap<String, (MetricType, Option<Contains>)>,
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self {
            endpoint_tag: ENDPOINT_TAG.to_owned(),
            renames: Vec::new(),
            kinds: BTreeMap::new(),
        }
    }
}

impl Vocabulary {
    /// The name of an endpoint from a value of its tag: see [`endpoint_name`], then the renames.
    #[must_use]
    pub fn endpoint_name(&self, value: &str) -> String {
        let name = endpoint_name(value);
        let other = self.renames.iter().find_map(|rename| rename.apply(&name));
        other.map_or(name, str::to_owned)
    }
}

/// Another name for endpoints whose names fit a pattern.
///
/// ```
/// use perf_report::run::Rename;
/// let rename = Rename::new("/users/*/posts", "/users/:name/posts").map_err(|e| e.to_string())?;
/// assert_eq!(rename.apply("/users/ada/posts"), Some("/users/:name/posts"));
/// assert_eq!(rename.apply("/users/ada/x/posts"), None);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rename {
    pattern: Pattern,
    to: String,
}

/// `*` stays within a path segment, `**` does not.
const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

impl Rename {
    /// Renames what fits a glob: `*` stands for anything in a path segment, `**` for any segments.
    ///
    /// # Errors
    /// When the pattern is none, with the reason.
    pub fn new(pattern: &str, to: &str) -> Result<Self, String> {
        Ok(Self {
            pattern: Pattern::from_str(pattern).map_err(|error| error.msg.to_owned())?,
            to: to.to_owned(),
        })
    }

    /// The other name, if the pattern fits.
    #[must_use]
    pub fn apply(&self, name: &str) -> Option<&str> {
        let fits = self.pattern.matches_with(name, MATCHING);
        fits.then_some(self.to.as_str())
    }

    /// The pattern as written.
    #[must_use]
    pub fn pattern(&self) -> &str {
        self.pattern.as_str()
    }

    /// The other name.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rename_that_fits_stands() {
        let vocabulary = Vocabulary {
            renames: vec![
                Rename::new("/v1/tasks/*", "/v1/tasks/:key").unwrap(),
                Rename::new("/v1/**", "the rest of v1").unwrap(),
            ],
            ..Vocabulary::default()
        };
        for (value, name) in [
            ("http://h:1/v1/tasks/a-b?x=1", "/v1/tasks/:key"),
            ("http://h/v1/tasks/a/b", "the rest of v1"),
            ("http://h/v2/1", "/v2/:id"),
            ("GET /x", "GET /x"),
        ] {
            assert_eq!(vocabulary.endpoint_name(value), name, "{value}");
        }
        assert!(Rename::new("a***", "x").is_err());
    }
}
