//! What holds: the defaults, the file, and the environment over it.

use std::path::{Path, PathBuf};

use super::settings::{Origin, Setting, Settings};
use super::table::Document;
use super::{find, read};
use crate::compare::Gate;
use crate::error::{Error, Result};
use crate::small_file;

impl Settings {
    /// What a file and the environment say. Without a file named, one is looked for in the working
    /// folder and above, and there need not be any.
    ///
    /// # Errors
    /// When the file cannot be read or is not what it should be, or a variable is not.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let from_environment = variable("PERF_REPORT_CONFIG").map(PathBuf::from);
        let named = file.map(Path::to_owned).or(from_environment);
        let file = match named {
            Some(named) => Some(named),
            None => find::upwards()?,
        };
        let mut settings = match file {
            Some(path) => {
                let text = small_file::read_text(&path)?;
                Self::parse(&path, &text)?
            }
            None => Self::default(),
        };
        settings
            .apply_environment(&|name| variable(name).and_then(|value| value.into_string().ok()))?;
        Ok(settings)
    }

    /// What a file's text says.
    ///
    /// # Errors
    /// When it is not what it should be, with line and column.
    pub fn parse(path: &Path, text: &str) -> Result<Self> {
        let mut settings = Self {
            file: Some(path.to_owned()),
            ..Self::default()
        };
        // What is relative is relative to the file.
        for folder in [&mut settings.results, &mut settings.archive] {
            folder.value = find::folder_of(path).join(&folder.value);
        }
        read::file(Document { path, text }, &mut settings)?;
        Ok(settings)
    }

    /// What environment variables say, which `variable` looks up.
    fn apply_environment(&mut self, variable: &dyn Fn(&str) -> Option<String>) -> Result<()> {
        let from = |name: &'static str| {
            let origin = Origin::Environment(name);
            variable(name).map(|value| (value, origin))
        };
        for (name, folder) in [
            ("PERF_REPORT_RESULTS", &mut self.results),
            ("PERF_REPORT_ARCHIVE", &mut self.archive),
        ] {
            if let Some((value, origin)) = from(name) {
                let value = PathBuf::from(value);
                *folder = Setting { value, origin };
            }
        }
        if let Some((value, origin)) = from("PERF_REPORT_BASELINE") {
            let value = vec![PathBuf::from(value)];
            self.baseline = Setting { value, origin };
        }
        if let Some((value, origin)) = from("PERF_REPORT_ENDPOINT_TAG") {
            self.endpoint_tag = Setting { value, origin };
        }
        let wrong = |name: &str, problem: String| {
            Error::usage(
                format!("the environment variable {name}: {problem}"),
                "unset it, or set it right",
            )
        };
        if let Some((text, origin)) = from("PERF_REPORT_ALPHA") {
            let value = text.parse().map_err(|_| "it is no number".to_owned());
            let value = value.and_then(read::alpha);
            let value = value.map_err(|problem| wrong("PERF_REPORT_ALPHA", problem))?;
            self.alpha = Setting { value, origin };
        }
        if let Some((text, origin)) = from("PERF_REPORT_GATES") {
            let gates = text.split(',').map(|gate| gate.trim().parse());
            let value: Result<Vec<Gate>, String> = gates.collect();
            let value = value.map_err(|problem| wrong("PERF_REPORT_GATES", problem))?;
            self.gates = Setting { value, origin };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_overrides_the_file() {
        let text = "[results]\nfolder = \"a\"\n[diff]\nalpha = 0.01\n";
        let mut settings = Settings::parse(Path::new("up/perf-report.toml"), text).unwrap();
        assert_eq!(settings.results.value, Path::new("up/a"));
        assert_eq!(settings.alpha.origin, Origin::File(4));
        let variables = |name: &str| match name {
            "PERF_REPORT_RESULTS" => Some("b".to_owned()),
            "PERF_REPORT_GATES" => Some("med, failed".to_owned()),
            _ => None,
        };
        settings.apply_environment(&variables).unwrap();
        assert_eq!(settings.results.value, Path::new("b"));
        assert_eq!(settings.alpha.value, 0.01);
        assert_eq!(settings.gates.value.len(), 2);
        assert_eq!(
            settings.gates.origin,
            Origin::Environment("PERF_REPORT_GATES")
        );
    }

    #[test]
    fn a_wrong_variable_is_named() {
        for (name, value) in [
            ("PERF_REPORT_ALPHA", "much"),
            ("PERF_REPORT_ALPHA", "7"),
            ("PERF_REPORT_GATES", "p95"),
        ] {
            let error = Settings::default()
                .apply_environment(&|asked| (asked == name).then(|| value.to_owned()))
                .unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
