//! Numbers as k6 writes them, parsed by hand where that is exact.

/// Powers of ten that a float holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The largest whole number below which a float holds all of them.
const EXACT: u64 = 1 << 53;

/// Reads a JSON number at the beginning of a text: its value, correctly rounded, and its length.
/// `None` when there is none, or it is not finite.
///
/// k6's values have few digits: both the digits as a whole number and the power of ten are exact
/// floats, and their quotient is rounded once, as it should be (Clinger, "How to read floating point
/// numbers accurately", PLDI 1990). The standard library reads all others.
pub(super) fn read(text: &[u8]) -> Option<(f64, usize)> {
    let negative = text.first() == Some(&b'-');
    let start = usize::from(negative);
    let mut at = start;
    let mut digits: u64 = 0;
    let whole = take_digits(text, &mut at, &mut digits);
    if whole == 0 || (whole > 1 && text[start] == b'0') {
        return None;
    }
    let mut fraction = 0;
    if text.get(at) == Some(&b'.') {
        at += 1;
        fraction = take_digits(text, &mut at, &mut digits);
        if fraction == 0 {
            return None;
        }
    }
    let has_exponent = matches!(text.get(at), Some(b'e' | b'E'));
    if !has_exponent && whole + fraction <= 19 && digits <= EXACT {
        let value = digits as f64 / POWERS[fraction];
        return Some((if negative { -value } else { value }, at));
    }
    if has_exponent {
        at += 1;
        if matches!(text.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        if take_digits(text, &mut at, &mut digits) == 0 {
            return None;
        }
    }
    let value: f64 = std::str::from_utf8(&text[..at]).ok()?.parse().ok()?;
    value.is_finite().then_some((value, at))
}

/// Reads digits into a whole number; their number. From the twentieth on it is wrong, and not used.
fn take_digits(text: &[u8], at: &mut usize, number: &mut u64) -> usize {
    let from = *at;
    while let Some(digit) = text.get(*at).map(|byte| byte.wrapping_sub(b'0'))
        && digit < 10
    {
        *number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        *at += 1;
    }
    *at - from
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What `serde_json` makes of a text, when all of it is a number.
    fn expected(text: &str) -> Option<(u64, usize)> {
        let value: f64 = serde_json::from_str(text).ok()?;
        Some((value.to_bits(), text.len()))
    }

    fn bits(text: &str) -> Option<(u64, usize)> {
        let (value, length) = read(text.as_bytes())?;
        Some((value.to_bits(), length))
    }

    #[test]
    fn every_spelling_of_go_and_what_is_no_number() {
        for text in [
            "0",
            "-0",
            "1",
            "11.218577",
            "0.000001",
            "1e-07",
            "1e+21",
            "1E5",
            "-3.5e2",
            "9007199254740993",
            "9007199254740992.5",
            "0.1234567890123456789",
            "123456789012345678901234567890",
            "5e-324",
            "1e-400",
            "1.7976931348623157e308",
        ] {
            assert!(expected(text).is_some(), "{text}");
            assert_eq!(bits(text), expected(text), "{text}");
        }
        for text in [
            "", "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "1e400", "-1e999", "NaN",
        ] {
            assert_eq!(bits(text), None, "{text}");
        }
        assert_eq!(read(b"12,3"), Some((12.0, 2)));
        assert_eq!(read(b"1.5\",").map(|(_, length)| length), Some(3));
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_the_json_parser(text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,22})?([eE][+-]?[0-9]{1,3})?") {
            prop_assert_eq!(bits(&text), expected(&text));
        }

        #[test]
        fn every_float_comes_back(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            prop_assert_eq!(bits(&value.to_string()).map(|b| b.0), Some(value.to_bits()));
            prop_assert_eq!(bits(&format!("{value:e}")).map(|b| b.0), Some(value.to_bits()));
        }
    }
}
