//! The times of samples: RFC 3339, or unix time in any of k6's units.

use chrono::{DateTime, NaiveDate};

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

/// Reads RFC 3339 times as k6 writes them. Most stand in the same minute as the one before, or are
/// even the same.
pub(super) struct Clock {
    /// The last time as written, and its length.
    text: [u8; LONGEST],
    length: usize,
    time: i64,
    /// Nanoseconds at the beginning of its minute, as if it were in UTC.
    minute: i64,
}

/// A date, a time, nine digits of a fraction and an offset.
const LONGEST: usize = "2026-11-23T08:50:18.005968614+00:00".len();

/// A date and a time until the minute.
const TO_MINUTE: usize = "2026-11-23T08:50".len();

impl Default for Clock {
    fn default() -> Self {
        Self {
            text: [0; LONGEST],
            length: 0,
            time: 0,
            minute: 0,
        }
    }
}

impl Clock {
    /// Nanoseconds since 1970 of the time at the beginning of a text, and its length. `None` when
    /// there is none of that form; [`rfc3339`] knows more of them.
    pub(super) fn read(&mut self, text: &[u8]) -> Option<(i64, usize)> {
        let last = &self.text[..self.length];
        if !last.is_empty() && text.starts_with(last) {
            return Some((self.time, self.length));
        }
        let date = text.get(..TO_MINUTE)?;
        let minute = if last.starts_with(date) {
            self.minute
        } else {
            minute(date)?
        };
        let rest = &text[TO_MINUTE..];
        let second = two_digits(rest.strip_prefix(b":")?).filter(|second| *second < 60)?;
        let (fraction, length) = fraction(&rest[3..])?;
        let (offset, offset_length) = offset(&rest[3 + length..])?;
        let length = TO_MINUTE + 3 + length + offset_length;
        self.minute = minute;
        self.time = minute + (second - offset * 60) * 1_000_000_000 + fraction;
        self.length = length;
        self.text[..length].copy_from_slice(&text[..length]);
        Some((self.time, length))
    }
}

/// Nanoseconds since 1970 of a date and a time until the minute, in UTC.
fn minute(text: &[u8]) -> Option<i64> {
    let [
        year1,
        year2,
        year3,
        year4,
        b'-',
        _,
        _,
        b'-',
        _,
        _,
        b'T',
        _,
        _,
        b':',
        _,
        _,
    ] = text
    else {
        return None;
    };
    let year = two_digits(&[*year1, *year2])? * 100 + two_digits(&[*year3, *year4])?;
    let (month, day) = (two_digits(&text[5..])?, two_digits(&text[8..])?);
    let (hour, minute) = (two_digits(&text[11..])?, two_digits(&text[14..])?);
    // Years at the ends of what nanoseconds can tell are left to the general parser.
    if !(1678..=2261).contains(&year) || hour > 23 || minute > 59 {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        u32::try_from(month).ok()?,
        u32::try_from(day).ok()?,
    )?;
    let days = i64::from(date.to_epoch_days());
    Some(((days * 24 + hour) * 60 + minute) * 60_000_000_000)
}

/// The nanoseconds of a fraction of up to nine digits, and its length with the point; none is 0.
fn fraction(text: &[u8]) -> Option<(i64, usize)> {
    if text.first() != Some(&b'.') {
        return Some((0, 0));
    }
    let mut nanos = 0;
    let mut length = 0;
    while let Some(digit) = digit(text, 1 + length) {
        nanos = nanos * 10 + digit;
        length += 1;
        if length > 9 {
            return None;
        }
    }
    let missing = u32::try_from(9 - length).ok()?;
    (length > 0).then_some((nanos * 10_i64.pow(missing), 1 + length))
}

/// The minutes of an offset from UTC, and its length.
fn offset(text: &[u8]) -> Option<(i64, usize)> {
    let sign = match text.first()? {
        b'Z' => return Some((0, 1)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = (two_digits(&text[1..])?, two_digits(text.get(4..)?)?);
    let fits = text[3] == b':' && hours < 24 && minutes < 60;
    fits.then_some((sign * (hours * 60 + minutes), 6))
}

fn two_digits(text: &[u8]) -> Option<i64> {
    Some(digit(text, 0)? * 10 + digit(text, 1)?)
}

fn digit(text: &[u8], at: usize) -> Option<i64> {
    let digit = text.get(at)?.wrapping_sub(b'0');
    (digit < 10).then_some(i64::from(digit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        /// One clock for all of them, since it remembers the last.
        #[test]
        fn the_clock_tells_what_the_general_parser_does(
            texts in prop::collection::vec(
                "(1677|1678|2025|2026|2261|2262)-(02|1[0-3])-(0[1-9]|2[89]|3[01])T(0[0-9]|2[34]):(0[0-1]|60):(0[0-9]|5[9]|60)(\\.[0-9]{0,10})?(Z|z|[+-](0[0-3]|2[34]):(00|30|60))\"?",
                1..20,
            ),
        ) {
            let mut clock = Clock::default();
            for text in texts {
                if let Some((time, length)) = clock.read(text.as_bytes()) {
                    prop_assert_eq!(Some(time), rfc3339(&text[..length]), "{}", text);
                    prop_assert!(matches!(&text[length..], "" | "\""), "{}", text);
                }
            }
        }

        #[test]
        fn the_clock_reads_all_that_k6_writes(nanos in -1_000_000_000_000_000_000..4_000_000_000_000_000_000_i64, minutes in -800..800i32) {
            let offset = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
            let time = DateTime::from_timestamp_nanos(nanos).with_timezone(&offset);
            let text = time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
            prop_assert_eq!(Clock::default().read(text.as_bytes()), Some((nanos, text.len())));
        }
    }
}
