//! Durations as k6 and Go write them: `1h2m3.5s`, `500ms`.

use std::fmt::Write as _;

const SECOND: i64 = 1_000_000_000;

/// A duration in nanoseconds; units are h, m, s, ms, µs (or us) and ns.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut sum: i64 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number = &rest[..end];
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit());
        let (unit, after) = rest.split_at(end.unwrap_or(rest.len()));
        let unit = match unit {
            "h" => 3600 * SECOND,
            "m" => 60 * SECOND,
            "s" => SECOND,
            "ms" => 1_000_000,
            "µs" | "μs" | "us" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        sum = sum.checked_add(times(number, unit)?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(sum)
}

/// A decimal number of units, in nanoseconds. Only what stands behind the point is a float, which holds no more
/// than a hundred days of them.
fn times(number: &str, unit: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let part: f64 = format!("0.{fraction}0").parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "at most one unit")]
    let part = (part * unit as f64).round() as i64;
    let whole: i64 = format!("0{whole}").parse().ok()?;
    whole.checked_mul(unit)?.checked_add(part)
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
            (".5s1.s", SECOND * 3 / 2),
            ("1444444h1ms999µs872ns", 5_199_998_400_001_999_872),
        ] {
            assert_eq!(parse_duration(text), Some(nanoseconds), "{text}");
        }
        for text in [
            "",
            "30",
            "s",
            ".s",
            "1.5.2s",
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
        fn what_is_shown_reads_back(nanoseconds in 0..i64::MAX) {
            prop_assert_eq!(parse_duration(&show_duration(nanoseconds)), Some(nanoseconds));
        }
    }
}
