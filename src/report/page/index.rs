//! The list of several pages.

use serde::Serialize;

use super::{Mark, Page, Tone, dash, shown};

/// The list of several pages.
#[derive(Debug, Default, Serialize)]
pub struct Index {
    /// How many runs there are of each verdict, in a sentence.
    pub sentence: String,
    /// The verdict of all together.
    pub mark: Option<Mark>,
    /// The heads of the columns of numbers.
    pub columns: Vec<String>,
    /// A run each.
    pub rows: Vec<IndexRow>,
    /// The version of this tool.
    pub version: &'static str,
}

/// A run in the list.
#[derive(Debug, Serialize)]
pub struct IndexRow {
    /// Its name.
    pub name: String,
    /// Where its page lies, as a URL.
    pub href: String,
    /// The verdict.
    pub mark: Mark,
    /// Why.
    pub sentence: String,
    /// When it began.
    pub started: String,
    /// The key numbers, in the order of the columns.
    pub values: Vec<String>,
}

impl Index {
    /// Adds a page under a name; it lies at `href`.
    pub fn add(&mut self, page: &Page, name: &str, href: &str) {
        let story = &page.story;
        for number in &story.key_numbers {
            if !self.columns.contains(&number.label) {
                self.columns.push(number.label.clone());
                for row in &mut self.rows {
                    row.values.push(dash());
                }
            }
        }
        let value = |column: &String| {
            let number = story.key_numbers.iter().find(|n| n.label == *column);
            number.map_or_else(dash, |number| number.value.clone())
        };
        let started = story.facts.iter().find(|fact| fact.label == "Started");
        self.rows.push(IndexRow {
            name: shown(name),
            href: href.to_owned(),
            mark: story.headline.mark.clone(),
            sentence: story.headline.sentence.clone(),
            started: started.map_or_else(dash, |fact| fact.value.clone()),
            values: self.columns.iter().map(value).collect(),
        });
        self.version = page.origin.version;
        self.judge();
    }

    /// The worst of all verdicts, and how many there are of each.
    fn judge(&mut self) {
        let worst = [Tone::Bad, Tone::Unsure, Tone::Plain, Tone::Good];
        let of = |tone: Tone| self.rows.iter().filter(move |row| row.mark.tone == tone);
        self.mark = worst
            .into_iter()
            .find_map(|tone| of(tone).next())
            .map(|row| row.mark.clone());
        let mut words: Vec<(&str, usize)> = Vec::new();
        for row in &self.rows {
            match words.iter_mut().find(|(word, _)| *word == row.mark.word) {
                Some((_, count)) => *count += 1,
                None => words.push((row.mark.word, 1)),
            }
        }
        let all = self.rows.len();
        let parts = words
            .iter()
            .map(|(word, count)| format!("{count} {}", word.to_lowercase()));
        let parts: Vec<String> = parts.collect();
        self.sentence = format!("Of {all} runs: {}.", parts.join(", "));
    }
}
