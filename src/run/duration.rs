//! Durations as k6 and Go write them: `1h2m3.5s`, `500ms`.

use std::fmt::Write as _;

const SECOND: i64 = 1_000_000_000;

/// A duration in nanoseconds; units are h, m, s, ms, µs (or us) and ns.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut whole = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit());
        let (unit, after) = rest.split_at(end.unwrap_or(rest.len()));
        let nanoseconds = match unit {
            "h" => 3600e9,
            "m" => 60e9,
            "s" => 1e9,
            "ms" => 1e6,
            "µs" | "μs" | "us" => 1e3,
            "ns" => 1.0,
            _ => return None,
        };
        whole += number * nanoseconds;
        rest = after;
    }
    let whole = whole.round();
    #[expect(clippy::cast_possible_truncation, reason = "checked")]
    let offset = (whole < i64::MAX as f64).then_some(whole as i64);
    offset.filter(|_| !text.is_empty())
}

/// Nanoseconds as [`parse_duration`] reads them back: `1m30s`, `500ms`, `0s`.
pub(crate) fn show_duration(nanoseconds: i64) -> String {
    let mut text = String::new();
    let mut rest = nanoseconds.max(0);
    for (unit, size) in [
        ("h", 3600 * SECOND),
        ("m", 60 * SECOND),
        ("s", SECOND),
        ("ms", 1_000_000),
        ("µs", 1_000),
        ("ns", 1),
    ] {
        if rest >= size {
            // Writing to a string does not fail.
            let _ = write!(text, "{}{unit}", rest / size);
            rest %= size;
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn as_go_writes_them() {
        for (text, nanoseconds) in [
            ("1m30s", 90 * SECOND),
            ("1h0m0s", 3600 * SECOND),
            ("500ms", SECOND / 2),
            ("1.5s", SECOND * 3 / 2),
            ("100µs", 100_000),
            ("0s", 0),
        ] {
            assert_eq!(parse_duration(text), Some(nanoseconds), "{text}");
        }
        for text in [
            "",
            "30",
            "s",
            "1x",
            "1m30",
            "-1s",
            "1e3s",
            "99999999999999h",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(milliseconds in 0..4_000_000_000i64) {
            let nanoseconds = milliseconds * 1_000_000;
            prop_assert_eq!(parse_duration(&show_duration(nanoseconds)), Some(nanoseconds));
        }
    }
}
