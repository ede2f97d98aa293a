//! Names of metrics and submetrics: `http_req_duration{label:documents-feed,status:200}`.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ExpressionError;

const HINT: &str = "a name looks like http_req_duration or http_req_duration{label:tasks-list}";

/// A metric's or submetric's name, as written and taken apart.
///
/// The rules are k6's (`metrics.ParseMetricName`, `Metric.AddSubmetric`): cut at the first `{`; the
/// last character is `}`; split at `,`; cut each part at its first `:`; trim spaces, then quotes.
/// A value can hold `:` and `}` but no comma.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MetricName {
    text: String,
    metric: String,
    tags: Vec<(String, String)>,
}

impl MetricName {
    /// Takes a name apart.
    ///
    /// # Errors
    /// When a brace has no partner or stands in the wrong place, or the name is empty.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let fail = |at: usize, problem: &str| ExpressionError {
            what: "metric name",
            text: text.to_owned(),
            at,
            problem: problem.to_owned(),
            hint: HINT,
        };
        let Some(open) = text.find('{') else {
            return match text.find('}') {
                Some(at) => Err(fail(at, "this } has no {")),
                None if text.trim().is_empty() => Err(fail(0, "the metric's name is missing")),
                None => Ok(Self::plain(text)),
            };
        };
        if open == 0 {
            return Err(fail(0, "the metric's name is missing before {"));
        }
        let Some(inside) = text[open + 1..].strip_suffix('}') else {
            return Err(fail(text.len(), "the closing } must be the last character"));
        };
        let tags = inside
            .split(',')
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (key, value) = part.split_once(':').unwrap_or((part, ""));
                (trim(key).to_owned(), trim(value).to_owned())
            })
            .collect();
        Ok(Self {
            text: text.to_owned(),
            metric: text[..open].to_owned(),
            tags,
        })
    }

    /// Takes a name apart that somebody writes, and refuses what k6 would: braces without a tag, a
    /// tag without a value.
    ///
    /// # Errors
    /// Like [`MetricName::parse`], and for those.
    pub fn parse_strictly(text: &str) -> Result<Self, ExpressionError> {
        let name = Self::parse(text)?;
        let lacks_value = name
            .tags
            .iter()
            .any(|(key, value)| key.is_empty() || value.is_empty());
        if name.is_submetric() && (name.tags.is_empty() || lacks_value) {
            return Err(ExpressionError {
                what: "metric name",
                text: text.to_owned(),
                at: name.metric.len() + 1,
                problem: "expected tags with values, such as label:tasks-list".to_owned(),
                hint: HINT,
            });
        }
        Ok(name)
    }

    /// The name of a metric as a whole, or one that a file spells in no known way.
    pub fn plain(metric: impl Into<String>) -> Self {
        let metric = metric.into();
        Self {
            text: metric.clone(),
            metric,
            tags: Vec::new(),
        }
    }

    /// The submetric of these tags, spelled as k6 would spell it.
    #[must_use]
    pub fn with_tags(metric: &str, tags: Vec<(String, String)>) -> Self {
        let inside: Vec<String> = tags.iter().map(|(k, v)| format!("{k}:{v}")).collect();
        Self {
            text: format!("{metric}{{{}}}", inside.join(",")),
            metric: metric.to_owned(),
            tags,
        }
    }

    /// A submetric whose tags a file spells out beside its name.
    #[must_use]
    pub fn spelled(text: &str, metric: &str, tags: Vec<(String, String)>) -> Self {
        Self {
            text: text.to_owned(),
            metric: metric.to_owned(),
            tags,
        }
    }

    /// The name as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The parent metric's name.
    #[must_use]
    pub fn metric(&self) -> &str {
        &self.metric
    }

    /// The tags that a sample must have; empty for a metric as a whole.
    #[must_use]
    pub fn tags(&self) -> &[(String, String)] {
        &self.tags
    }

    /// The metric and the tags in their order by key, as a text that is equal for names that stand
    /// for the same samples, however they are spelled.
    #[must_use]
    pub fn selection(&self) -> String {
        let tags: BTreeSet<&(String, String)> = self.tags.iter().collect();
        let mut text = self.metric.clone();
        for (key, value) in tags {
            text.extend(["\0", key, "\0", value]);
        }
        text
    }

    /// Whether this names a part of a metric.
    #[must_use]
    pub fn is_submetric(&self) -> bool {
        self.text != self.metric
    }

    /// What stands between the braces.
    #[must_use]
    pub fn suffix(&self) -> &str {
        let rest = self
            .text
            .strip_prefix(self.metric.as_str())
            .unwrap_or(&self.text);
        rest.strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .unwrap_or(rest)
    }
}

impl fmt::Display for MetricName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn trim(part: &str) -> &str {
    part.trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Vec<(String, String)> {
        MetricName::parse(text).expect("parses").tags().to_vec()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn a_value_holds_colons_and_braces() {
        assert_eq!(
            tags("m{name:http://h/{id}}"),
            [pair("name", "http://h/{id}")]
        );
        assert_eq!(
            tags("m{name:GET /items/:id,status:200}"),
            [pair("name", "GET /items/:id"), pair("status", "200")]
        );
    }

    /// A damaged file can spell a submetric in any way.
    #[test]
    fn a_spelling_need_not_begin_with_the_metric() {
        let name = MetricName::spelled("x}", "http_req_duration", vec![pair("a", "b")]);
        assert!(name.is_submetric());
        assert_eq!(name.suffix(), "x}");
    }

    #[test]
    fn spaces_and_quotes_are_trimmed_but_the_text_stays() {
        let name = MetricName::parse("m{ \"label\" : 'a b' }").expect("parses");
        assert_eq!(name.tags(), [pair("label", "a b")]);
        assert_eq!(name.text(), "m{ \"label\" : 'a b' }");
        assert_eq!(name.metric(), "m");
    }

    #[test]
    fn broken_names_show_the_place() {
        for text in ["m{}", "m{a}", "m{a:}", "m{:b}"] {
            assert!(MetricName::parse(text).is_ok() && MetricName::parse_strictly(text).is_err());
        }
        for (text, at) in [
            ("m{a:b", 5),
            ("m}", 1),
            ("{a:b}", 0),
            ("", 0),
            ("m{a:b}x", 7),
        ] {
            assert_eq!(MetricName::parse(text).expect_err(text).at, at, "{text}");
        }
    }
}
