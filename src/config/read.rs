//! From a TOML file to settings: one function a table.

use std::path::PathBuf;

use super::find::folder_of;
use super::settings::{MetricSetting, Origin, Scenario, Setting, Settings};
use super::table::{Document, Table, Value};
use crate::compare::{Direction, Floors, Gate, Limit};
use crate::error::{Error, ExpressionError, Result};
use crate::run::{Contains, MetricType, Rename};
use crate::thresholds::{Demand, ThresholdSource};

const THRESHOLD: &str =
    "write lines like http_req_failed = [\"rate<0.02\"], as in k6's options.thresholds";

/// Reads a whole file.
pub(super) fn file(document: Document<'_>, settings: &mut Settings) -> Result<()> {
    let document = Document {
        text: document.text.trim_start_matches('\u{feff}'),
        ..document
    };
    let parsed = document.parse()?;
    let folder = folder_of(document.path);
    let path = |value: &Value<'_>| -> Result<Setting<PathBuf>> {
        let text = value.string()?;
        if text.is_empty() {
            return Err(value.error("it is empty", "name a folder, or leave the key out"));
        }
        Ok(set(value, folder.join(text)))
    };
    let mut top = Table::top(document, parsed.get_ref());
    if let Some(mut table) = top.table("results")? {
        if let Some(value) = table.get("folder") {
            settings.results = path(&value)?;
        }
        table.finish()?;
    }
    if let Some(mut table) = top.table("archive")? {
        if let Some(value) = table.get("folder") {
            settings.archive = path(&value)?;
        }
        table.finish()?;
    }
    if let Some(table) = top.table("scenarios")? {
        let read = table.all().into_iter().map(|value| scenario(&value));
        settings.scenarios = read.collect::<Result<_>>()?;
    }
    if let Some(table) = top.table("thresholds")? {
        for value in table.all() {
            thresholds(&value, &mut settings.thresholds)?;
        }
    }
    if let Some(table) = top.table("diff")? {
        diff(table, &folder, settings)?;
    }
    if let Some(table) = top.table("endpoints")? {
        endpoints(table, settings)?;
    }
    if let Some(table) = top.table("metrics")? {
        let read = table.all().into_iter().map(|value| metric(&value));
        settings.metrics = read.collect::<Result<_>>()?;
    }
    if let Some(mut table) = top.table("redaction")? {
        if let Some(value) = table.get("tags") {
            settings.redacted_tags = list(&value)?;
        }
        table.finish()?;
    }
    top.finish()
}

fn set<T>(value: &Value<'_>, setting: T) -> Setting<T> {
    Setting {
        value: setting,
        origin: Origin::File(value.line()),
    }
}

fn list(value: &Value<'_>) -> Result<Setting<Vec<String>>> {
    let items = value.strings()?.into_iter();
    let items = items.map(|item| item.string()).collect::<Result<_>>()?;
    Ok(set(value, items))
}

fn scenario(value: &Value<'_>) -> Result<Setting<Scenario>> {
    let mut table = value.table()?;
    let name = value.key.clone();
    // It is the name of its files, of which the first dot ends the stem.
    if name.is_empty() || name.contains(['/', '\\', '.', ':']) || name.starts_with('-') {
        return Err(value.error(
            format!("{name:?} cannot be the name of files"),
            "name the scenario without / \\ . : and a leading -",
        ));
    }
    let (script, requires) = (table.get("script"), table.get("requires"));
    table.finish()?;
    let script = script.as_ref().ok_or_else(|| {
        value.error(
            "script is missing",
            "name k6's script: script = \"tests/x.js\"",
        )
    })?;
    let scenario = Scenario {
        name,
        script: PathBuf::from(script.string()?),
        requires: match requires {
            Some(requires) => list(&requires)?,
            None => Setting::default(Vec::new()),
        },
    };
    Ok(set(script, scenario))
}

/// The thresholds of a metric: strings as in k6's options, or k6's objects with a threshold in them.
fn thresholds(value: &Value<'_>, demands: &mut Vec<Setting<Demand>>) -> Result<()> {
    for item in value.strings()? {
        let expression = if item.is_table() {
            let mut table = item.table()?;
            // They tell k6 when to stop, which is past.
            for key in ["abortOnFail", "delayAbortEval"] {
                table.get(key);
            }
            let threshold = table.get("threshold");
            table.finish()?;
            threshold
                .ok_or_else(|| item.error("threshold is missing", THRESHOLD))?
                .string()?
        } else {
            item.string()?
        };
        let demand = Demand::new(&value.key, &expression, ThresholdSource::Config);
        demands.push(set(
            &item,
            demand.map_err(|error| misspelled(&item, &error))?,
        ));
    }
    Ok(())
}

fn misspelled(value: &Value<'_>, error: &ExpressionError) -> Error {
    value.error(error, error.hint)
}

fn diff(mut table: Table<'_>, folder: &std::path::Path, settings: &mut Settings) -> Result<()> {
    if let Some(value) = table.get("baseline") {
        let paths = value.strings()?.into_iter().map(|item| {
            let text = item.string()?;
            // A release of the archive is no path.
            Ok(if text.starts_with('@') {
                PathBuf::from(text)
            } else {
                folder.join(text)
            })
        });
        settings.baseline = set(&value, paths.collect::<Result<_>>()?);
    }
    if let Some(value) = table.get("gates") {
        let gates = value.strings()?.into_iter().map(|item| {
            let gate: Result<Gate, String> = item.string()?.parse();
            gate.map_err(|problem| item.error(problem, "list what decides over a comparison"))
        });
        settings.gates = set(&value, gates.collect::<Result<_>>()?);
    }
    if let Some(value) = table.get("alpha") {
        let share = alpha(value.number()?);
        let share = share.map_err(|problem| value.error(problem, "leave it out for 0.05"))?;
        settings.alpha = set(&value, share);
    }
    if let Some(value) = table.get("allow") {
        let keys = value.strings()?.into_iter().map(|item| {
            let key = item.string()?;
            if key.trim().is_empty() {
                return Err(
                    item.error("it names nothing", "list what may differ, such as \"arch\"")
                );
            }
            Ok(key)
        });
        settings.allowed = set(&value, keys.collect::<Result<_>>()?);
    }
    if let Some(value) = table.get("limits") {
        for item in value.strings()? {
            let limit = Limit::parse(&item.string()?).map_err(|e| misspelled(&item, &e))?;
            settings.limits.push(set(&item, limit));
        }
    }
    if let Some(floors) = table.table("floors")? {
        let mut known = Floors::default();
        for value in floors.all() {
            let floor = value.number()?;
            if !(0.0..1.0).contains(&floor) {
                let hint = "0.05 means that changes of less than 5% are of no interest";
                return Err(value.error("a floor is a fraction from 0 to below 1", hint));
            }
            known
                .state(&value.key, floor)
                .map_err(|e| misspelled(&value, &e))?;
            settings
                .floors
                .push(set(&value, (value.key.clone(), floor)));
        }
    }
    table.finish()
}

/// A chance of false alarms.
pub(super) fn alpha(share: f64) -> Result<f64, String> {
    (1e-6..=0.5)
        .contains(&share)
        .then_some(share)
        .ok_or_else(|| "it is a share from 0.000001 to 0.5, such as 0.05".to_owned())
}

fn endpoints(mut table: Table<'_>, settings: &mut Settings) -> Result<()> {
    if let Some(value) = table.get("tag") {
        settings.endpoint_tag = set(&value, value.string()?);
    }
    if let Some(renames) = table.table("rename")? {
        for value in renames.all() {
            let rename = Rename::new(&value.key, &value.string()?);
            let hint = "* stands for anything in a path segment, ** for any segments";
            let rename = rename.map_err(|problem| value.error(problem, hint))?;
            settings.renames.push(set(&value, rename));
        }
    }
    table.finish()
}

fn metric(value: &Value<'_>) -> Result<Setting<(String, MetricSetting)>> {
    let mut table = value.table()?;
    let mut metric = MetricSetting::default();
    if let Some(value) = table.get("type") {
        let kinds = [
            MetricType::Counter,
            MetricType::Gauge,
            MetricType::Rate,
            MetricType::Trend,
        ];
        let kind = one_of(&value, &kinds.map(|kind| (kind.to_string(), kind)))?;
        metric.kind = Some(set(&value, kind));
    }
    if let Some(value) = table.get("contains") {
        let kinds = [
            ("default", Contains::Default),
            ("time", Contains::Time),
            ("data", Contains::Data),
        ];
        let contains = one_of(&value, &kinds.map(|(name, kind)| (name.to_owned(), kind)))?;
        metric.contains = Some(set(&value, contains));
    }
    if let Some(value) = table.get("better") {
        let ways = [
            ("lower", Direction::Lower),
            ("higher", Direction::Higher),
            ("neither", Direction::Neutral),
        ];
        let direction = one_of(&value, &ways.map(|(name, way)| (name.to_owned(), way)))?;
        metric.direction = Some(set(&value, direction));
    }
    table.finish()?;
    Ok(set(value, (value.key.clone(), metric)))
}

fn one_of<T: Copy>(value: &Value<'_>, choices: &[(String, T)]) -> Result<T> {
    let text = value.string()?;
    let found = choices.iter().find(|(name, _)| *name == text);
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| name.as_str()).collect();
        value.error(
            format!("{text:?} is none of its values"),
            format!("it is {}", names.join(", ")),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::TEMPLATE;
    use super::*;

    fn error(text: &str) -> String {
        let error = Settings::parse(Path::new("p.toml"), text).unwrap_err();
        format!("{error} | {}", error.hint().unwrap_or_default())
    }

    #[test]
    fn mistakes_are_told_with_line_and_column() {
        let all: Vec<String> = [
            "[results]\nfoler = \"x\"",
            "x = 1",
            "[results]\n folder = 5",
            "[results]\nfolder = \"\"",
            "a = = 1",
            "[diff]\nalpha = 7",
            "[diff]\ngates = [\"med\", \"p95\"]",
            "[diff]\nlimits = [\"http_req_duration\"]",
            "[diff]\nallow = [\"arch\", \"\"]",
            "[diff]\nallow = 3",
            "[diff.floors]\n\"p(95)\" = 5",
            "[diff.floors]\nrate = 0.1",
            "[thresholds]\nhttp_req_failed = [\"rate<0.02\",\n  \"rate<<0.02\"]",
            "[thresholds]\nhttp_reqs = { treshold = \"count>1\" }",
            "[thresholds]\nhttp_reqs = 5",
            "thresholds = 5",
            "[scenarios.a]\nrequires = [\"X\"]",
            "[scenarios.\"a/b\"]\nscript = \"x\"",
            "[scenarios]\na = \"x.js\"",
            "[endpoints.rename]\n\"/a***\" = \"x\"",
            "[metrics.x]\ntype = \"trends\"",
            "[metrics.x]\nbetter = true",
            "[redaction]\ntags = [1]",
            "[results]\nfolder = \"a\"\nfolder = \"b\"",
        ]
        .map(error)
        .to_vec();
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn the_template_holds_as_it_is_and_with_all_of_its_comments_taken_in() {
        let path = Path::new("perf-report.toml");
        let settings = Settings::parse(path, TEMPLATE).unwrap();
        let nothing = Settings {
            file: Some(path.to_owned()),
            ..Settings::default()
        };
        assert_eq!(settings, nothing);
        let all: String = TEMPLATE
            .lines()
            .map(|line| {
                line.strip_prefix("#")
                    .filter(|rest| !rest.starts_with(' '))
                    .unwrap_or(line)
            })
            .flat_map(|line| [line, "\n"])
            .collect();
        let settings = Settings::parse(path, &all).unwrap_or_else(|error| panic!("{error}\n{all}"));
        assert_eq!(settings.scenarios.len(), 2);
        for known in [
            settings.thresholds.len(),
            settings.limits.len(),
            settings.allowed.value.len(),
            settings.floors.len(),
            settings.renames.len(),
            settings.metrics.len(),
            settings.redacted_tags.value.len(),
        ] {
            assert!(known > 0, "{settings:#?}");
        }
        assert!(!settings.baseline.value.is_empty());
    }
}
