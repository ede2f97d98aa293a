//! What the colours of a panel stand for, where its lines are not named themselves.

use super::theme::{Ink, letters};

/// An entry of a legend.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) text: String,
    pub(super) ink: Ink,
    /// Whether it is an area, and no line.
    pub(super) is_area: bool,
}

impl Key {
    pub(super) fn line(text: impl Into<String>, ink: Ink) -> Self {
        Self {
            text: text.into(),
            ink,
            is_area: false,
        }
    }

    pub(super) fn area(text: impl Into<String>, ink: Ink) -> Self {
        Self {
            text: text.into(),
            ink,
            is_area: true,
        }
    }

    /// The room that it takes, with the gap after it.
    pub(super) fn room(&self) -> u32 {
        // Lower-case letters, most of them, are not as wide as the widest.
        letters(self.text.chars().count()) * 5 / 6 + SWATCH + 22
    }
}

/// The width of a line or an area in a legend.
pub(super) const SWATCH: u32 = 16;
/// The height of a legend that stands in a line of its own.
pub(super) const LEGEND: u32 = 20;

/// Entries of a legend in lines that fit.
pub(super) fn lines(keys: &[Key], wide: u32) -> Vec<&[Key]> {
    let mut lines = Vec::new();
    let (mut start, mut room) = (0, 0);
    for (i, key) in keys.iter().enumerate() {
        if i > start && room + key.room() > wide {
            lines.push(&keys[start..i]);
            (start, room) = (i, 0);
        }
        room += key.room();
    }
    lines.push(&keys[start..]);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::theme;

    #[test]
    fn a_legend_is_broken_into_lines() {
        let keys: Vec<Key> = (0..3)
            .map(|_| Key::line("x".repeat(12), theme::RATE))
            .collect();
        assert_eq!(lines(&keys, 10_000).len(), 1);
        assert_eq!(lines(&keys, 260).len(), 2);
        assert_eq!(lines(&keys, 10).len(), 3);
        assert_eq!(lines(&[], 10).len(), 1);
    }
}
