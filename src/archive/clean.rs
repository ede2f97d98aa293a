//! What of a run's texts is not kept, and what must not be.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use crate::error::{Error, Result};
use crate::run::{Check, MetricDeclaration, MetricName, Samples, Series, Summary};

/// A URL within a text, as of a message about a failed request.
#[expect(clippy::unwrap_used, reason = "the expression is tested")]
static URL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+"#).unwrap());

/// What looks like a secret, and what it is called.
#[expect(clippy::unwrap_used, reason = "the expressions are tested")]
static SECRETS: LazyLock<[(&'static str, Regex); 3]> = LazyLock::new(|| {
    [
        (
            "a JSON web token",
            r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
        ),
        (
            "a bearer token",
            r"(?i)\bbearer(?:\s|%20|\+)+[A-Za-z0-9._~+/-]{16,}=*",
        ),
        (
            "a private key",
            r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----",
        ),
    ]
    .map(|(what, expression)| (what, Regex::new(expression).unwrap()))
});

/// A text without the values of queries in its URLs, without users' names and passwords, and
/// without fragments. Of a query the keys stay: `https://h/p?token=&page=`.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(['?', '#', '@']) {
        return Cow::Borrowed(text);
    }
    if text.starts_with('/') {
        return clean_url(text).map_or(Cow::Borrowed(text), Cow::Owned);
    }
    URL.replace_all(text, |found: &regex::Captures<'_>| {
        let url = found.get(0).map_or("", |url| url.as_str());
        clean_url(url).unwrap_or_else(|| url.to_owned())
    })
}

/// A URL without what may be secret; `None` if it has nothing of it.
fn clean_url(url: &str) -> Option<String> {
    let (url_path, fragment) = url.split_once('#').unzip();
    let rest = url_path.unwrap_or(url);
    let (path, query) = rest.split_once('?').unzip();
    let path = path.unwrap_or(rest);
    let (scheme, after) = path.split_once("://").unwrap_or(("", path));
    let authority_end = after.find('/').unwrap_or(after.len());
    let (authority, tail) = after.split_at(authority_end);
    let user = authority.rsplit_once('@').filter(|_| !scheme.is_empty());
    let parts = query.map(|query| {
        let keys = query.split('&').map(|part| match part.split_once('=') {
            Some((key, _)) => format!("{key}="),
            // A query without a key is a value.
            None => String::new(),
        });
        keys.collect::<Vec<_>>().join("&")
    });
    let has_values = query.is_some() && parts.as_deref() != query;
    if !has_values && user.is_none() && fragment.is_none_or(str::is_empty) {
        return None;
    }
    let mut clean = String::with_capacity(url.len());
    if !scheme.is_empty() {
        clean.push_str(scheme);
        clean.push_str("://");
    }
    clean.push_str(user.map_or(authority, |(_, host)| host));
    clean.push_str(tail);
    if let Some(parts) = parts {
        clean.push('?');
        clean.push_str(&parts);
    }
    Some(clean)
}

/// What a text looks to hold that must not be kept.
fn secret(text: &str) -> Option<&'static str> {
    let found = SECRETS.iter().find(|(_, form)| form.is_match(text));
    found.map(|(what, _)| *what)
}

/// Refuses a text that looks to hold a secret.
pub(super) fn refuse_secret(place: &str, text: &str) -> Result<()> {
    refuse_secret_at(|| place.to_owned(), text)
}

/// The same; the place is only named where there is one.
pub(super) fn refuse_secret_at(place: impl Fn() -> String, text: &str) -> Result<()> {
    match secret(text) {
        None => Ok(()),
        Some(what) => Err(Error::usage(
            format!("{} holds what looks like {what}", place()),
            "take it out of the test's tags and names, or out of what is said of the run; archive add \
             --allow-secrets keeps it nevertheless",
        )),
    }
}

/// What becomes of the texts of a run.
#[derive(Debug, Default)]
pub(super) struct Cleaning {
    /// How many different tag values were changed.
    pub(super) changed: u64,
    /// The submetrics that were left out, since their tags can no longer be told from others.
    pub(super) dropped: BTreeSet<String>,
    /// Values that several became.
    ambiguous: BTreeSet<String>,
    /// The tags that are not kept, and are there.
    pub(super) redacted: BTreeSet<String>,
}

impl Cleaning {
    /// Looks at all tags of a run.
    pub(super) fn of(
        samples: Option<&Samples>,
        summary: Option<&Summary>,
        redacted: &[String],
    ) -> Self {
        let mut became: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let keys: BTreeSet<&str> = samples
            .iter()
            .flat_map(|samples| samples.series().keys())
            .collect();
        let metrics = || summary.iter().flat_map(|summary| &summary.metrics);
        let asked: BTreeSet<&str> = metrics()
            .flat_map(|metric| metric.name.tags())
            .map(|(key, _)| key.as_str())
            .collect();
        let is_there = |key: &&String| keys.contains(key.as_str()) || asked.contains(key.as_str());
        let of_series = samples.iter().flat_map(|samples| samples.series().iter());
        let of_samples = of_series.flat_map(Series::tags);
        let of_samples = of_samples.map(|(_, value)| value);
        let of_summary = metrics().flat_map(|metric| metric.name.tags());
        let values: BTreeSet<&str> = of_samples
            .chain(of_summary.map(|(_, value)| value.as_str()))
            .collect();
        for value in values {
            let clean = clean(value);
            if clean != value {
                became.entry(clean.into_owned()).or_default().insert(value);
            }
        }
        let several = became.iter().filter(|(_, values)| values.len() > 1);
        Self {
            changed: became.values().map(|values| values.len() as u64).sum(),
            ambiguous: several.map(|(clean, _)| clean.clone()).collect(),
            dropped: BTreeSet::new(),
            redacted: redacted.iter().filter(is_there).cloned().collect(),
        }
    }

    /// A tag's value as it is kept; `None` of a tag that is not.
    pub(super) fn tag<'a>(&self, key: &str, value: &'a str) -> Option<Cow<'a, str>> {
        (!self.redacted.contains(key)).then(|| clean(value))
    }

    /// A metric's name as it is kept; `None` if it would stand for other samples.
    fn name(&mut self, name: &MetricName) -> Option<MetricName> {
        if name
            .tags()
            .iter()
            .any(|(key, _)| self.redacted.contains(key))
        {
            self.dropped.insert(name.metric().to_owned() + "{…}");
            return None;
        }
        let tags = name.tags().iter();
        let tags: Vec<(String, String)> = tags
            .map(|(key, value)| (key.clone(), clean(value).into_owned()))
            .collect();
        if tags == name.tags() {
            return Some(name.clone());
        }
        let kept = MetricName::with_tags(name.metric(), tags);
        if kept
            .tags()
            .iter()
            .any(|(_, value)| self.ambiguous.contains(value))
        {
            self.dropped.insert(kept.text().to_owned());
            return None;
        }
        Some(kept)
    }

    /// A summary as it is kept.
    pub(super) fn summary(&mut self, summary: &Summary) -> Summary {
        let metrics = summary.metrics.iter();
        let metrics = metrics.filter_map(|metric| {
            let mut metric = metric.clone();
            metric.name = self.name(&metric.name)?;
            Some(metric)
        });
        let checks = summary.checks.iter().map(|check| Check {
            group: check.group.as_ref().map(|group| clean(group).into_owned()),
            name: clean(&check.name).into_owned(),
            ..*check
        });
        Summary {
            metrics: metrics.collect(),
            checks: checks.collect(),
            ..summary.clone()
        }
    }

    /// The declarations of metrics as they are kept.
    pub(super) fn declarations(&mut self, samples: &Samples) -> Vec<MetricDeclaration> {
        let declarations = samples.declarations().iter();
        declarations
            .map(|declaration| {
                let submetrics = declaration.submetrics.iter();
                MetricDeclaration {
                    submetrics: submetrics.filter_map(|name| self.name(name)).collect(),
                    ..declaration.clone()
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{MetricType, SummaryMetric};
    use proptest::prelude::*;

    #[test]
    fn values_of_queries_go_and_their_keys_stay() {
        for (text, wanted) in [
            ("https://h/p?token=abc&page=2", "https://h/p?token=&page="),
            ("https://h/p?abc", "https://h/p?"),
            ("https://u:p@h:8/p", "https://h:8/p"),
            ("https://h/p#access_token=x", "https://h/p"),
            ("/v1/items?id=7", "/v1/items?id="),
            (
                "Get \"http://h/a?k=v\": connection refused",
                "Get \"http://h/a?k=\": connection refused",
            ),
            ("https://h/p", "https://h/p"),
            ("https://h/users/@me", "https://h/users/@me"),
            ("what? a=b", "what? a=b"),
            ("https://h/p?page=", "https://h/p?page="),
            ("a@b.example", "a@b.example"),
        ] {
            assert_eq!(clean(text), wanted, "{text}");
            assert_eq!(clean(wanted), wanted, "cleaning twice changes nothing");
        }
    }

    #[test]
    fn secrets_are_known_by_their_form() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcdefgh";
        assert_eq!(secret(token), Some("a JSON web token"));
        assert_eq!(secret(&format!("x={token}&")), Some("a JSON web token"));
        assert_eq!(
            secret("Authorization: Bearer 0123456789abcdef0"),
            Some("a bearer token")
        );
        assert_eq!(
            secret("-----BEGIN OPENSSH PRIVATE KEY-----"),
            Some("a private key")
        );
        assert_eq!(secret("-----BEGIN PRIVATE KEY-----"), Some("a private key"));
        for plain in [
            "bearer of news",
            "eyJ",
            "http_req_duration",
            "-----BEGIN CERTIFICATE-----",
        ] {
            assert_eq!(secret(plain), None, "{plain}");
        }
    }

    #[test]
    fn submetrics_that_can_no_longer_be_told_apart_are_left_out() {
        let submetric = |url: &str| MetricName::with_tags("m", vec![("url".into(), url.into())]);
        let metric = |url: &str| SummaryMetric {
            name: submetric(url),
            kind: MetricType::Counter,
            contains: None,
            values: BTreeMap::new(),
            thresholds: Vec::new(),
        };
        let urls = [
            "https://h/a?k=1",
            "https://h/a?k=2",
            "https://h/b?k=1",
            "https://h/c",
        ];
        let check = Check {
            group: Some("::/a?k=1".to_owned()),
            name: "GET https://h/a?k=1 is ok".to_owned(),
            passes: 1,
            fails: 0,
        };
        let summary = Summary {
            metrics: urls.map(metric).into(),
            checks: vec![check],
            ..Summary::default()
        };
        let mut cleaning = Cleaning::of(None, Some(&summary), &[]);
        let kept = cleaning.summary(&summary);
        let names: Vec<&str> = kept
            .metrics
            .iter()
            .map(|metric| metric.name.text())
            .collect();
        assert_eq!(names, ["m{url:https://h/b?k=}", "m{url:https://h/c}"]);
        assert_eq!(cleaning.changed, 3);
        assert_eq!(cleaning.dropped.len(), 1);
        assert_eq!(kept.checks[0].name, "GET https://h/a?k= is ok");
    }

    proptest! {
        #[test]
        fn no_value_of_a_query_is_kept(value in "[a-zA-Z0-9]{12}", key in "[a-z]{1,5}") {
            for text in [
                format!("https://h/p?{key}={value}"),
                format!("https://h/p?{key}=1&{value}"),
                format!("error at https://{value}@h/p?{key}={value}#{value} again"),
                format!("/p?{key}={value}"),
            ] {
                prop_assert!(!clean(&text).contains(&value), "{}", clean(&text));
            }
        }

        #[test]
        fn cleaning_twice_changes_nothing(text in "(https?://|/)?[a-z?#&=@:/ \"]{0,30}") {
            let once = clean(&text).into_owned();
            prop_assert_eq!(clean(&once).into_owned(), once.clone());
        }
    }
}
