//! What somebody meant who wrote something else.

/// The name that is written almost like this one.
pub(crate) fn nearest<'a>(
    written: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    /// Less alike than this is something else.
    const ALIKE: f64 = 0.75;
    let alike = |name| (strsim::jaro_winkler(written, name), name);
    names
        .into_iter()
        .map(alike)
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let names = ["folder", "gates", "alpha", "baseline"];
        assert_eq!(nearest("foler", names), Some("folder"));
        assert_eq!(nearest("gate", names), Some("gates"));
        assert_eq!(nearest("xyz", names), None);
    }
}
