//! `perf-report.toml` and `.env`: what is shown of a configuration is one that says the same.

use std::path::Path;

use perf_report::config::{Setting, Settings, parse_dotenv};

pub(super) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let path = Path::new("perf-report.toml");
    match Settings::parse(path, text) {
        Ok(settings) => {
            let shown = settings.show();
            let again = Settings::parse(path, &shown)
                .unwrap_or_else(|error| panic!("{error}, where is shown:\n{shown}"));
            assert_eq!(values(&again), values(&settings), "{shown}");
            assert_eq!(
                again.compare_options().floors,
                settings.compare_options().floors
            );
        }
        Err(error) => assert!(error.to_string().starts_with("perf-report.toml")),
    }
    match parse_dotenv(Path::new(".env"), text) {
        Ok(variables) => {
            for (name, _) in variables {
                assert!(!name.is_empty() && !name.contains(['=', '\0', ' ']));
            }
        }
        Err(error) => assert!(error.to_string().starts_with(".env:")),
    }
}

/// All values, without where they came from.
fn values(settings: &Settings) -> String {
    fn one<T>(setting: &Setting<T>) -> &T {
        &setting.value
    }
    fn all<T>(settings: &[Setting<T>]) -> Vec<&T> {
        settings.iter().map(one).collect()
    }
    let scenarios = settings.scenarios.iter().map(|scenario| {
        let scenario = &scenario.value;
        (&scenario.name, &scenario.script, &scenario.requires.value)
    });
    let mut thresholds: Vec<_> = settings.demands();
    thresholds.sort_by_key(|demand| demand.name.clone());
    let metrics = settings.metrics.iter().map(|metric| {
        let (name, metric) = &metric.value;
        let parts = (&metric.kind, &metric.contains, &metric.direction);
        (
            name,
            parts.0.as_ref().map(one),
            parts.1.as_ref().map(one),
            parts.2.as_ref().map(one),
        )
    });
    format!(
        "{:#?}",
        (
            (&settings.results.value, &settings.archive.value),
            scenarios.collect::<Vec<_>>(),
            thresholds,
            (
                &settings.baseline.value,
                &settings.gates.value,
                settings.alpha.value
            ),
            (
                &settings.allowed.value,
                all(&settings.limits),
                all(&settings.floors)
            ),
            (&settings.endpoint_tag.value, all(&settings.renames)),
            metrics.collect::<Vec<_>>(),
            &settings.redacted_tags.value,
        )
    )
}
