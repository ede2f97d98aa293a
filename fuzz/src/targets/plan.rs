//! `<scenario>.plan.json`: what is kept of a plan reads as the same plan.

use perf_report::formats::{fuzzing, plan_document};

pub(super) fn run(data: &[u8]) {
    if let Ok(plan) = fuzzing::test_plan(data) {
        assert!(plan.text().len() < 64 << 20);
        let kept = serde_json::to_vec(&plan_document(&plan, "a")).expect("JSON");
        let again = fuzzing::test_plan(&kept).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again, plan);
    }
    if let Ok(recorded) = fuzzing::recorded(data) {
        for (name, threshold) in recorded.thresholds {
            assert!(!name.text().is_empty() && threshold.passed.is_none());
        }
    }
}
