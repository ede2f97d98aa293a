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
        Ok(demand) => assert_eq!(printed(&demand), Ok(demand)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    match parse_file(Path::new("a.toml"), text) {
        Ok(demands) => {
            assert!(!demands.is_empty());
            for demand in demands {
                let again = printed(&demand).unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(again.threshold, demand.threshold);
            }
        }
        Err(error) => assert!(error.to_string().contains("a.toml")),
    }
}

fn printed(demand: &Demand) -> Result<Demand, perf_report::error::ExpressionError> {
    Demand::parse(&format!("{}:{}", demand.name, demand.expression))
}
