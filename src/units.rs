//! Values as people read them: times, bytes, counts, rates, and text safe for a terminal.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat};

/// From here on digits say nothing more, and an exponent is shown.
const ABSURD: f64 = 1e15;

/// A duration given in milliseconds, in the unit that reads best.
///
/// ```
/// use perf_report::units::millis;
/// assert_eq!(millis(0.0), "0s");
/// assert_eq!(millis(0.011667), "11.67µs");
/// assert_eq!(millis(21.3323), "21.33ms");
/// assert_eq!(millis(1250.0), "1.25s");
/// assert_eq!(millis(61_500.0), "1m01.5s");
/// assert_eq!(millis(f64::INFINITY), "∞");
/// ```
#[must_use]
pub fn millis(ms: f64) -> String {
    let size = ms.abs();
    if size == 0.0 {
        "0s".to_owned()
    } else if !ms.is_finite() {
        infinite(ms)
    } else if size >= ABSURD {
        format!("{:.2e}s", ms / 1e3)
    } else if size < 0.001 {
        format!("{}ns", decimals(ms * 1e6, 2))
    } else if size < 0.999_995 {
        format!("{}µs", decimals(ms * 1e3, 2))
    } else if size < 999.995 {
        format!("{}ms", decimals(ms, 2))
    } else if size < 59_995.0 {
        format!("{}s", decimals(ms / 1e3, 2))
    } else {
        let tenths = (size / 100.0).round();
        let (hours, rest) = (tenths.div_euclid(36_000.0), tenths.rem_euclid(36_000.0));
        let (minutes, tenths) = (rest.div_euclid(600.0), rest.rem_euclid(600.0));
        let sign = if ms < 0.0 { "-" } else { "" };
        let seconds = tenths / 10.0;
        let seconds = if tenths % 10.0 == 0.0 {
            format!("{seconds:02.0}")
        } else {
            format!("{seconds:04.1}")
        };
        if hours > 0.0 {
            format!("{sign}{hours:.0}h{minutes:02.0}m{seconds}s")
        } else {
            format!("{sign}{minutes:.0}m{seconds}s")
        }
    }
}

/// A duration given in milliseconds as prose has it, with three digits.
///
/// ```
/// use perf_report::units::duration;
/// assert_eq!(duration(0.0), "0 ms");
/// assert_eq!(duration(0.011667), "11.7 µs");
/// assert_eq!(duration(11.2186), "11.2 ms");
/// assert_eq!(duration(999.6), "1 s");
/// assert_eq!(duration(61_500.0), "1 min 2 s");
/// assert_eq!(duration(7_500_000.0), "2 h 5 min");
/// ```
#[must_use]
pub fn duration(ms: f64) -> String {
    duration_to(ms, 3)
}

/// The same with so many digits, at least three.
#[must_use]
pub fn duration_to(ms: f64, digits: usize) -> String {
    const UNITS: [(&str, f64); 4] = [("ns", 1e6), ("µs", 1e3), ("ms", 1.0), ("s", 1e-3)];
    if ms == 0.0 {
        return "0 ms".to_owned();
    }
    if !ms.is_finite() {
        return infinite(ms);
    }
    if ms.abs() >= ABSURD {
        return format!("{:.2e} s", ms / 1e3);
    }
    let sign = if ms < 0.0 { "-" } else { "" };
    let size = ms.abs();
    if size < 59_950.0 {
        let scaled = |(_, factor): &&(&str, f64)| size * factor < 999.5;
        let (unit, factor) = UNITS.iter().find(scaled).unwrap_or(&UNITS[3]);
        let value = size * factor;
        let places = match value {
            v if v < 9.995 => digits - 1,
            v if v < 99.95 => digits - 2,
            _ => digits - 3,
        };
        return format!("{sign}{} {unit}", decimals(value, places));
    }
    let seconds = (size / 1e3).round();
    let (minutes, rest) = (seconds.div_euclid(60.0), seconds.rem_euclid(60.0));
    if minutes < 60.0 {
        return match rest {
            0.0 => format!("{sign}{minutes:.0} min"),
            _ => format!("{sign}{minutes:.0} min {rest:.0} s"),
        };
    }
    let minutes = (seconds / 60.0).round();
    let (hours, minutes) = (minutes.div_euclid(60.0), minutes.rem_euclid(60.0));
    match minutes {
        0.0 => format!("{sign}{hours:.0} h"),
        _ => format!("{sign}{hours:.0} h {minutes:.0} min"),
    }
}

/// Bytes in decimal multiples, as k6 shows them.
///
/// ```
/// use perf_report::units::bytes;
/// assert_eq!(bytes(999.0), "999 B");
/// assert_eq!(bytes(5_658_457.0), "5.7 MB");
/// ```
#[must_use]
pub fn bytes(count: f64) -> String {
    bytes_to(count, 1)
}

/// The same with at most so many decimals of a multiple.
#[must_use]
pub fn bytes_to(count: f64, places: usize) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    if !count.is_finite() {
        return infinite(count);
    }
    if count.abs() < 999.5 {
        return format!("{} B", decimals(count, places.max(2)));
    }
    let mut scaled = count;
    let mut unit = 0;
    while scaled.abs() >= 999.95 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    format!("{} {}", decimals(scaled, places), UNITS[unit])
}

/// A number with at most `places` decimals; small ones keep two significant digits.
///
/// ```
/// use perf_report::units::number;
/// assert_eq!(number(8067.0, 2), "8067");
/// assert_eq!(number(34.66528, 2), "34.67");
/// assert_eq!(number(-0.0001234, 2), "-0.00012");
/// ```
#[must_use]
pub fn number(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return infinite(value);
    }
    if value.abs() >= ABSURD {
        return format!("{value:.2e}");
    }
    let places = match value.abs() {
        0.0 => 0,
        size if size < 0.1 => {
            let zeros = (-size.log10()).floor().clamp(0.0, 12.0);
            places.max(small_places(zeros))
        }
        _ => places,
    };
    decimals(value, places)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=12"
)]
fn small_places(zeros: f64) -> usize {
    zeros as usize + 2
}

/// A share between 0 and 1 as a percentage. What is not quite 0 or 100% is not shown as that.
///
/// ```
/// use perf_report::units::percent;
/// assert_eq!(percent(0.0643), "6.43%");
/// assert_eq!(percent(1.0), "100%");
/// assert_eq!(percent(0.99999), ">99.99%");
/// assert_eq!(percent(0.00001), "<0.01%");
/// ```
#[must_use]
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return infinite(share);
    }
    if share > 0.9999 && share < 1.0 {
        return ">99.99%".to_owned();
    }
    if share > 0.0 && share < 0.0001 {
        return "<0.01%".to_owned();
    }
    format!("{}%", decimals(share * 100.0, 2))
}

/// A change as a signed percentage: `+19.5%`.
#[must_use]
pub fn signed_percent(share: f64) -> String {
    let size = share.abs() * 100.0;
    let places = usize::from(size < 99.95);
    let text = decimals(share * 100.0, places);
    if text == "0" || text.starts_with('-') {
        format!("{text}%")
    } else {
        format!("+{text}%")
    }
}

/// A count with its noun: `1 sample`, `2 samples`.
#[must_use]
pub fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// The same of a number that may be no whole one: `1 VU`, `2.5 VUs`.
#[must_use]
pub fn amount(count: f64, noun: &str) -> String {
    let number = number(count, 1);
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// The same with what happened to them: `1 iteration was`, `2 iterations were`.
#[must_use]
pub fn were(count: f64, noun: &str) -> String {
    let amount = amount(count, noun);
    let verb = if amount.starts_with("1 ") {
        "was"
    } else {
        "were"
    };
    format!("{amount} {verb}")
}

/// A moment given in nanoseconds since 1970, as RFC 3339 in UTC with milliseconds.
#[must_use]
pub fn moment(ns: i64) -> String {
    DateTime::from_timestamp_nanos(ns).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A moment as a person reads it: `2026-11-23 08:41:50 UTC`.
#[must_use]
pub fn moment_for_people(ns: i64) -> String {
    DateTime::from_timestamp_nanos(ns)
        .format("%Y-%m-%d %H:%M:%S UTC")
        .to_string()
}

/// Text with control characters made visible, so that a name from a file cannot steer a terminal
/// or break a line.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            clean.extend(c.escape_unicode());
        } else {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

/// `value` rounded to `places`, without trailing zeros.
fn decimals(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

fn infinite(value: f64) -> String {
    if value.is_nan() {
        "–".to_owned()
    } else if value > 0.0 {
        "∞".to_owned()
    } else {
        "-∞".to_owned()
    }
}
