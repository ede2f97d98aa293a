//! Tables of a TOML file, read key by key, so that each mistake has its line and column.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, Result};
use crate::nearest::nearest;

/// A file and its text, for places in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl<'a> Document<'a> {
    pub(super) fn parse(self) -> Result<Spanned<DeTable<'a>>> {
        DeTable::parse(self.text).map_err(|error| {
            let problem = error.message().trim_end().replace('\n', "; ");
            self.error(
                error.span().unwrap_or(0..0),
                format!("not TOML: {problem}"),
                "perf-report init shows a whole file; keys with other characters than letters, digits, _ \
                 and - stand in quotes",
            )
        })
    }

    /// The line of a place, from 1.
    pub(super) fn line(self, at: usize) -> u64 {
        1 + self.before(at).matches('\n').count() as u64
    }

    pub(super) fn error(
        self,
        at: Range<usize>,
        problem: impl Into<String>,
        hint: impl Into<String>,
    ) -> Error {
        let before = self.before(at.start);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Error::Config {
            path: self.path.to_owned(),
            line: self.line(at.start),
            column: 1 + line.chars().count() as u64,
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    fn before(self, at: usize) -> &'a str {
        self.text.get(..at).unwrap_or(self.text)
    }
}

/// A table being read: what is not asked for is refused in the end.
pub(super) struct Table<'a> {
    document: Document<'a>,
    /// Its name with dots, empty at the top.
    name: String,
    entries: &'a DeTable<'a>,
    known: Vec<&'static str>,
}

/// A value, and where it stands.
pub(super) struct Value<'a> {
    document: Document<'a>,
    /// The key with all that stands before it.
    pub(super) name: String,
    /// The key alone.
    pub(super) key: String,
    content: &'a DeValue<'a>,
    span: Range<usize>,
}

impl<'a> Table<'a> {
    pub(super) fn top(document: Document<'a>, entries: &'a DeTable<'a>) -> Self {
        Self {
            document,
            name: String::new(),
            entries,
            known: Vec::new(),
        }
    }

    /// The value of a key that this table may have.
    pub(super) fn get(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.known.push(key);
        let (key, value) = self.entries.get_key_value(key)?;
        Some(self.value(key.get_ref(), value))
    }

    /// A table in this one.
    pub(super) fn table(&mut self, key: &'static str) -> Result<Option<Table<'a>>> {
        self.get(key).map(|value| value.table()).transpose()
    }

    /// The values of all keys, in the order of the file, for a table whose keys anybody may choose.
    pub(super) fn all(self) -> Vec<Value<'a>> {
        let entries = self.entries.iter();
        let mut all: Vec<Value<'a>> = entries
            .map(|(key, value)| self.value(key.get_ref(), value))
            .collect();
        all.sort_by_key(|value| value.span.start);
        all
    }

    /// Refuses what was not asked for.
    pub(super) fn finish(self) -> Result<()> {
        let keys = self.entries.keys();
        let unknown = keys.filter(|key| !self.known.contains(&key.get_ref().as_ref()));
        let Some(first) = unknown.min_by_key(|key| key.span().start) else {
            return Ok(());
        };
        let (place, all) = if self.name.is_empty() {
            (String::new(), "the file has")
        } else {
            (format!(" in [{}]", self.name), "it has")
        };
        let meant = nearest(first.get_ref(), self.known.iter().copied());
        let hint = match meant {
            Some(meant) => format!("is it {meant}? {all} {}", self.known.join(", ")),
            None => format!("{all} {}", self.known.join(", ")),
        };
        let problem = format!("unknown key {:?}{place}", first.get_ref());
        Err(self.document.error(first.span(), problem, hint))
    }

    fn value(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Value<'a> {
        let name = if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        };
        Value {
            document: self.document,
            name,
            key: key.to_owned(),
            content: value.get_ref(),
            span: value.span(),
        }
    }
}

impl<'a> Value<'a> {
    /// The line on which it stands.
    pub(super) fn line(&self) -> u64 {
        self.document.line(self.span.start)
    }

    /// An error about it.
    pub(super) fn error(&self, problem: impl std::fmt::Display, hint: impl Into<String>) -> Error {
        let problem = format!("{}: {problem}", self.name);
        self.document.error(self.span.clone(), problem, hint)
    }

    fn wrong(&self, wanted: &str, example: &str) -> Error {
        let is = self.content.type_str();
        let article = |word: &str| {
            if word.starts_with(['a', 'i']) {
                "an"
            } else {
                "a"
            }
        };
        self.document.error(
            self.span.clone(),
            format!(
                "{} is {} {is}, and should be {wanted}",
                self.name,
                article(is)
            ),
            format!("write it like {example}"),
        )
    }

    pub(super) fn string(&self) -> Result<String> {
        let text = self.content.as_str();
        text.map(str::to_owned)
            .ok_or_else(|| self.wrong("a string", &format!("{} = \"…\"", self.key)))
    }

    /// One string, or a list of them.
    pub(super) fn strings(&self) -> Result<Vec<Value<'a>>> {
        match self.content {
            DeValue::Array(items) => {
                let items = items.iter().map(|item| Value {
                    document: self.document,
                    name: self.name.clone(),
                    key: self.key.clone(),
                    content: item.get_ref(),
                    span: item.span(),
                });
                Ok(items.collect())
            }
            DeValue::String(_) | DeValue::Table(_) => Ok(vec![Value {
                document: self.document,
                name: self.name.clone(),
                key: self.key.clone(),
                content: self.content,
                span: self.span.clone(),
            }]),
            _ => Err(self.wrong(
                "a list of strings",
                &format!("{} = [\"…\", \"…\"]", self.key),
            )),
        }
    }

    pub(super) fn number(&self) -> Result<f64> {
        let number = match self.content {
            DeValue::Float(float) => float.as_str().parse().ok(),
            DeValue::Integer(whole) if whole.radix() == 10 => whole.as_str().parse().ok(),
            _ => None,
        };
        number
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| self.wrong("a number", &format!("{} = 0.05", self.key)))
    }

    pub(super) fn table(&self) -> Result<Table<'a>> {
        match self.content {
            DeValue::Table(entries) => Ok(Table {
                document: self.document,
                name: self.name.clone(),
                entries,
                known: Vec::new(),
            }),
            _ => Err(self.wrong("a table", &format!("[{}]", self.name))),
        }
    }

    /// Whether it is a table.
    pub(super) fn is_table(&self) -> bool {
        self.content.is_table()
    }
}
