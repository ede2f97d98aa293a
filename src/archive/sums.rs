//! `SHA256SUMS`, as `sha256sum` writes and reads it.

use std::collections::BTreeMap;

/// Hashes by path, a line each.
pub(super) fn write(sums: &BTreeMap<String, String>) -> String {
    let lines = sums.iter().map(|(path, hash)| format!("{hash}  {path}\n"));
    lines.collect()
}

/// The hashes by path; `None` where a line is not one, or a path stands twice.
pub(super) fn read(text: &str) -> Option<BTreeMap<String, String>> {
    let mut sums = BTreeMap::new();
    for line in text.lines() {
        let (hash, path) = line.split_once("  ")?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_hash
            || sums
                .insert(path.to_owned(), hash.to_ascii_lowercase())
                .is_some()
        {
            return None;
        }
    }
    Some(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let hash = "0123456789abcdef".repeat(4);
        let sums = BTreeMap::from([("a b".to_owned(), hash.clone()), ("c".to_owned(), hash)]);
        assert_eq!(read(&write(&sums)), Some(sums.clone()));
        let twice = write(&sums) + &write(&sums);
        for bad in ["x  a\n", "no line", twice.as_str()] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
