//! Thresholds, alone, with their metrics, and in files: what is printed reads as the same.

use std::path::Path;

use perf_report::thresholds::{Demand, Threshold, parse_file};

pub(super) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match text.parse::<Threshold>() {
        Ok(threshold) => assert_eq!(threshold.to_string().parse(), Ok(threshold)),
        Err(error) => assert!(error.at <= text.len() && !error.to_string().is_empty()),
    }
    match Demand::parse(text) {
        Ok(demand) => {
            let printed = format!("{}:{}", demand.name, demand.expression);
            assert_eq!(Demand::parse(&printed), Ok(demand));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    match parse_file(Path::new("a.toml"), text) {
        Ok(demands) => {
            assert!(!demands.is_empty());
            for demand in demands {
                let Demand {
                    name,
                    expression,
                    source,
                    ..
                } = &demand;
                assert_eq!(Demand::new(name.text(), expression, *source), Ok(demand));
            }
        }
        Err(error) => assert!(error.to_string().contains("a.toml")),
    }
}
