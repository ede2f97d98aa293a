//! The times of samples: RFC 3339, or unix time in any of k6's units.

use chrono::DateTime;

/// Nanoseconds since 1970 of an RFC 3339 time with 0 to 9 fraction digits and `Z` or an offset;
/// `None` outside the years 1677 to 2262.
pub(super) fn rfc3339(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text)
        .ok()?
        .timestamp_nanos_opt()
}

/// Nanoseconds since 1970 of a CSV stream's time: RFC 3339, or unix seconds, milliseconds,
/// microseconds or nanoseconds, told apart by their size (each unit then lies between 1973 and
/// 5138, as the next smaller one does not).
pub(super) fn csv(text: &str) -> Option<i64> {
    let Ok(number) = text.parse::<i64>() else {
        return rfc3339(text);
    };
    let unit = match number.unsigned_abs() {
        0..100_000_000_000 => 1_000_000_000,
        100_000_000_000..100_000_000_000_000 => 1_000_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000,
        _ => 1,
    };
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: i64 = 1_795_423_818_005_968_614;

    #[test]
    fn every_spelling_of_rfc3339() {
        assert_eq!(rfc3339("2026-11-23T08:50:18.005968614Z"), Some(MOMENT));
        assert_eq!(rfc3339("2026-11-23T08:50:18.005968614+00:00"), Some(MOMENT));
        assert_eq!(rfc3339("2026-11-23T10:50:18.005968614+02:00"), Some(MOMENT));
        assert_eq!(
            rfc3339("2026-11-23T08:50:18Z"),
            Some(1_795_423_818_000_000_000)
        );
        assert_eq!(
            rfc3339("2026-11-23T08:50:18.5Z"),
            Some(1_795_423_818_500_000_000)
        );
        assert_eq!(rfc3339("9999-01-01T00:00:00Z"), None);
        assert_eq!(rfc3339("yesterday"), None);
    }

    #[test]
    fn every_unit_of_unix_time() {
        assert_eq!(csv("1795423818"), Some(1_795_423_818_000_000_000));
        assert_eq!(csv("1795423818005"), Some(1_795_423_818_005_000_000));
        assert_eq!(csv("1795423818005968"), Some(1_795_423_818_005_968_000));
        assert_eq!(csv("1795423818005968614"), Some(MOMENT));
        assert_eq!(csv("2026-11-23T08:50:18.005968614Z"), Some(MOMENT));
        assert_eq!(csv(""), None);
        assert_eq!(csv("12.5"), None);
    }
}
