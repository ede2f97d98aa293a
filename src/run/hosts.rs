//! Which hosts a run sent its requests to.

use std::collections::BTreeSet;

use super::Run;

/// The tags that hold URLs.
const URL_TAGS: [&str; 2] = ["url", "name"];

impl Run {
    /// The hosts, with their ports, of the URLs in its samples' tags; empty without samples.
    #[must_use]
    pub fn hosts(&self) -> BTreeSet<&str> {
        let Some(samples) = self.samples() else {
            return BTreeSet::new();
        };
        let table = samples.series();
        let keys = URL_TAGS.map(|key| table.string(key));
        let mut seen = vec![false; table.strings()];
        let mut hosts = BTreeSet::new();
        for (key, value) in table.tags() {
            // One URL stands in many tag sets, and a million URLs have few hosts.
            let is_new =
                keys.contains(&Some(*key)) && !std::mem::replace(&mut seen[*value as usize], true);
            if is_new && let Some(host) = host(table.text(*value)) {
                hosts.insert(host);
            }
        }
        hosts
    }
}

/// The host and port of a URL, without a user's name and password.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_neither_a_path_nor_a_user() {
        for (url, wanted) in [
            (
                "http://127.0.0.1:4020/v1/tasks?limit=5",
                Some("127.0.0.1:4020"),
            ),
            ("https://user:secret@api.test/x", Some("api.test")),
            ("https://api.test", Some("api.test")),
            ("https://[::1]:8080#top", Some("[::1]:8080")),
            ("GET /items/:id", None),
            ("http://", None),
        ] {
            assert_eq!(host(url), wanted, "{url}");
        }
    }
}
