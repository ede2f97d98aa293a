//! The names of endpoints by the values that stand for them. Millions of URLs can have few names.

use super::Run;
use super::series::{Series, SeriesTable};
use super::strings::Strings;
use super::vocabulary::Vocabulary;

const NONE: u32 = u32::MAX;

/// The names that the values of a run's endpoint tag stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct EndpointNames {
    /// The number of the endpoint tag's key.
    key: Option<u32>,
    /// The number of a name for every string of the table; `NONE` for what is no value of the tag.
    of_strings: Vec<u32>,
    names: Strings,
}

impl Run {
    /// The names of the endpoints, which are found out once.
    pub(super) fn endpoint_names(&self) -> &EndpointNames {
        self.endpoint_names.get_or_init(|| {
            let samples = self.samples.as_ref();
            samples.map_or_else(EndpointNames::default, |samples| {
                EndpointNames::new(samples.series(), &self.vocabulary)
            })
        })
    }
}

impl EndpointNames {
    fn new(table: &SeriesTable, vocabulary: &Vocabulary) -> Self {
        let Some(key) = table.string(&vocabulary.endpoint_tag) else {
            return Self::default();
        };
        let mut of_strings = vec![NONE; table.strings()];
        let mut names = Strings::default();
        for (_, value) in table.tags().iter().filter(|tag| tag.0 == key) {
            let name = &mut of_strings[*value as usize];
            if *name == NONE {
                *name = names.intern(&vocabulary.endpoint_name(table.text(*value)));
            }
        }
        Self {
            key: Some(key),
            of_strings,
            names,
        }
    }

    /// The number of the name of a series' endpoint, if it has one.
    pub(super) fn number(&self, series: Series<'_>) -> Option<u32> {
        let value = series.value(self.key?)?;
        Some(self.of_strings[value as usize])
    }

    /// The name of a number.
    pub(super) fn text(&self, name: u32) -> &str {
        self.names.text(name)
    }
}
