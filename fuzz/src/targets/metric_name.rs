//! Names of metrics, submetrics and endpoints, and the tags of a selection.

use perf_report::run::{MetricName, Rename, Selection, endpoint_name};

pub(super) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match MetricName::parse(text) {
        Ok(name) => {
            assert_eq!(name.text(), text);
            assert_eq!(name.is_submetric(), text.contains('{'));
            let spelled = MetricName::with_tags(name.metric(), name.tags().to_vec());
            // Quotes within quotes, and spaces within them, are lost where a name is spelled anew.
            let is_plain = |part: &str| part.trim().trim_matches(['"', '\'']) == part;
            let tags = name.tags().iter();
            let is_plain = tags.clone().all(|(k, v)| is_plain(k) && is_plain(v));
            if is_plain && name.is_submetric() {
                let again = MetricName::parse(spelled.text()).expect("a name");
                assert_eq!(again.selection(), name.selection(), "{spelled}");
            }
        }
        Err(error) => assert!(error.at <= text.len() && !error.to_string().is_empty()),
    }
    if let Ok(name) = MetricName::parse_strictly(text) {
        assert!(
            name.tags()
                .iter()
                .all(|(k, v)| !k.is_empty() && !v.is_empty())
        );
    }
    let endpoint = endpoint_name(text);
    assert_eq!(endpoint_name(&endpoint), endpoint);
    if let Ok(tags) = Selection::parse_tags(text) {
        assert!(!tags.is_empty());
        let selection = Selection {
            tags,
            ..Selection::default()
        };
        assert!(!selection.text().is_empty());
    }
    if let Some((pattern, name)) = text.split_once('\n')
        && let Ok(rename) = Rename::new(pattern, "x")
    {
        assert!(matches!(rename.apply(name), None | Some("x")));
    }
}
