//! Limits, gates, floors and the rows of waivers: what is printed reads as the same, and a limit is a number or
//! not known.

use perf_report::compare::{Floors, Gate, Limit, RowPattern};

pub(super) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match Limit::parse(text) {
        Ok(limit) => {
            let printed = format!("{}:{}", limit.name, limit.expression);
            assert_eq!(Limit::parse(&printed), Ok(limit.clone()), "{printed}");
            for baseline in [0.0, 1.5, -1e300, f64::MAX] {
                assert!(limit.allowed(Some(baseline)).is_none_or(f64::is_finite));
            }
            assert!(limit.needs_baseline() || limit.allowed(None) == limit.allowed(Some(7.0)));
        }
        Err(error) => assert!(error.at <= text.len() && !error.to_string().is_empty()),
    }
    if let Ok(gate) = text.parse::<Gate>() {
        assert_eq!(gate.to_string().parse(), Ok(gate));
    }
    if let Ok(pattern) = RowPattern::parse(text) {
        assert!(text.starts_with(pattern.name().text()));
        if let Ok(Some(stat)) = pattern.stat() {
            let printed = format!("{}:{stat}", pattern.name());
            let again = RowPattern::parse(&printed).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(again, pattern, "{printed}");
        }
    }
    let mut floors = Floors::default();
    if floors.state(text, 0.25).is_ok() {
        assert_ne!(floors, Floors::default());
    }
}
