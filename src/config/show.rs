//! What holds, as a configuration file with the origin of each value behind it.

use std::fmt::Write as _;

use super::settings::{MetricSetting, Origin, Setting, Settings};
use crate::compare::{Direction, Floors};
use crate::run::Contains;

impl Settings {
    /// All settings as TOML, each with a comment that tells where it came from.
    #[must_use]
    pub fn show(&self) -> String {
        let mut text = match &self.file {
            Some(file) => format!("# {}\n", file.display()),
            None => "# no perf-report.toml here or above\n".to_owned(),
        };
        let mut lines = Lines {
            settings: self,
            text: &mut text,
        };
        let path = |path: &std::path::Path| quoted(&path.display().to_string());
        lines.table("[results]");
        lines.line("folder", &path(&self.results.value), &self.results.origin);
        lines.table("[archive]");
        lines.line("folder", &path(&self.archive.value), &self.archive.origin);
        for Setting { value, origin } in &self.scenarios {
            lines.table(&format!("[scenarios.{}]", key(&value.name)));
            lines.line("script", &path(&value.script), origin);
            lines.line(
                "requires",
                &list(&value.requires.value),
                &value.requires.origin,
            );
        }
        lines.table("[thresholds]");
        let mut metrics: Vec<&str> = Vec::new();
        for setting in &self.thresholds {
            let metric = setting.value.name.text();
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        for metric in metrics {
            let of_metric = |s: &&Setting<_>| is_on(s, metric);
            let demands = self.thresholds.iter().filter(of_metric);
            let items = demands.map(|s| (quoted(&s.value.expression), &s.origin));
            lines.items(&key(metric), &items.collect::<Vec<_>>());
        }
        lines.table("[diff]");
        let baseline: Vec<String> = self.baseline.value.iter().map(|run| path(run)).collect();
        match baseline.as_slice() {
            [] => {}
            [one] => lines.line("baseline", one, &self.baseline.origin),
            all => {
                let all = format!("[{}]", all.join(", "));
                lines.line("baseline", &all, &self.baseline.origin);
            }
        }
        let gates: Vec<String> = self.gates.value.iter().map(ToString::to_string).collect();
        lines.line("gates", &list(&gates), &self.gates.origin);
        lines.line("alpha", &self.alpha.value.to_string(), &self.alpha.origin);
        lines.line("allow", &list(&self.allowed.value), &self.allowed.origin);
        let limits = self.limits.iter().map(|s| {
            let limit = format!("{}:{}", s.value.name, s.value.expression);
            (quoted(&limit), &s.origin)
        });
        lines.items("limits", &limits.collect::<Vec<_>>());
        lines.table("[diff.floors]");
        for Setting {
            value: (name, floor),
            origin,
        } in &self.floors
        {
            lines.line(&key(name), &floor.to_string(), origin);
        }
        // They hold for what is not stated, and are no values of the file.
        for (figure, floor) in Floors::DEFAULTS {
            let is_stated = self.floors.iter().any(|setting| setting.value.0 == figure);
            if !is_stated {
                lines.comment(&format!("{} = {floor}", key(figure)), &Origin::Default);
            }
        }
        lines.table("[endpoints]");
        lines.line(
            "tag",
            &quoted(&self.endpoint_tag.value),
            &self.endpoint_tag.origin,
        );
        lines.table("[endpoints.rename]");
        for Setting { value, origin } in &self.renames {
            lines.line(&quoted(value.pattern()), &quoted(value.to()), origin);
        }
        for metric in &self.metrics {
            lines.metric(metric);
        }
        lines.table("[redaction]");
        lines.line(
            "tags",
            &list(&self.redacted_tags.value),
            &self.redacted_tags.origin,
        );
        text
    }

    fn origin(&self, origin: &Origin) -> String {
        match origin {
            Origin::Default => "default".to_owned(),
            Origin::File(line) => match &self.file {
                Some(file) => format!("{}:{line}", file.display()),
                None => format!("line {line}"),
            },
            Origin::Environment(name) => format!("environment, {name}"),
            Origin::Flag(name) => format!("flag {name}"),
        }
    }
}

fn is_on(setting: &Setting<crate::thresholds::Demand>, metric: &str) -> bool {
    setting.value.name.text() == metric
}

struct Lines<'a> {
    settings: &'a Settings,
    text: &'a mut String,
}

impl Lines<'_> {
    fn table(&mut self, title: &str) {
        let _ = writeln!(self.text, "\n{title}");
    }

    fn line(&mut self, key: &str, value: &str, origin: &Origin) {
        let origin = self.settings.origin(origin);
        let _ = writeln!(self.text, "{key} = {value}  # {origin}");
    }

    /// What is stated of a metric.
    fn metric(&mut self, metric: &Setting<(String, MetricSetting)>) {
        let (name, metric) = &metric.value;
        self.table(&format!("[metrics.{}]", key(name)));
        if let Some(kind) = &metric.kind {
            self.line("type", &quoted(&kind.value.to_string()), &kind.origin);
        }
        if let Some(contains) = &metric.contains {
            let word = match contains.value {
                Contains::Default => "default",
                Contains::Time => "time",
                Contains::Data => "data",
            };
            self.line("contains", &quoted(word), &contains.origin);
        }
        if let Some(direction) = &metric.direction {
            let word = match direction.value {
                Direction::Lower => "lower",
                Direction::Higher => "higher",
                Direction::Neutral => "neither",
            };
            self.line("better", &quoted(word), &direction.origin);
        }
    }

    /// What holds without a line of its own.
    fn comment(&mut self, text: &str, origin: &Origin) {
        let origin = self.settings.origin(origin);
        let _ = writeln!(self.text, "# {text}  # {origin}");
    }

    /// A list of which each item has an origin of its own.
    fn items(&mut self, key: &str, items: &[(String, &Origin)]) {
        match items {
            [] => self.line(key, "[]", &Origin::Default),
            items => {
                let _ = writeln!(self.text, "{key} = [");
                for (item, origin) in items {
                    let origin = self.settings.origin(origin);
                    let _ = writeln!(self.text, "  {item},  # {origin}");
                }
                self.text.push_str("]\n");
            }
        }
    }
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}

/// A key, quoted where it has to be.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A string as TOML writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::TEMPLATE;
    use super::*;

    /// What is shown is a configuration file itself, that says the same.
    #[test]
    fn what_is_shown_reads_back() {
        let all: Vec<&str> = TEMPLATE
            .lines()
            .map(|line| {
                line.strip_prefix('#')
                    .filter(|rest| !rest.starts_with(' '))
                    .unwrap_or(line)
            })
            .collect();
        let all = all.join("\n") + "\n[metrics.\"a \\\"b\\\\\\u0007\"]\nbetter = \"higher\"\n";
        let path = Path::new("perf-report.toml");
        let settings = Settings::parse(path, &all).unwrap_or_else(|error| panic!("{error}"));
        let shown = settings.show();
        let again =
            Settings::parse(path, &shown).unwrap_or_else(|error| panic!("{error}\n{shown}"));
        let plain = |settings: &Settings| {
            let mut settings = settings.clone();
            let shown = settings.show();
            settings.file = None;
            shown
                .lines()
                .map(|line| line.split("  # ").next().unwrap_or_default().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(plain(&settings), plain(&again));
        assert_eq!(
            settings.compare_options().floors,
            again.compare_options().floors
        );
        insta::assert_snapshot!(shown);
    }
}
