//! Many short lists in one piece of memory.

/// Lists by number, one after another. The first is number 0.
#[derive(Debug, Clone)]
pub(crate) struct Lists<T> {
    items: Vec<T>,
    ends: Vec<usize>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            ends: Vec::new(),
        }
    }
}

impl<T: Copy> Lists<T> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Adds a list.
    pub(crate) fn push(&mut self, list: &[T]) {
        self.items.extend_from_slice(list);
        self.ends.push(self.items.len());
    }

    /// Adds the list that `write` appends, unless it gives nothing.
    pub(crate) fn push_written<R>(
        &mut self,
        write: impl FnOnce(&mut Vec<T>) -> Option<R>,
    ) -> Option<R> {
        let before = self.items.len();
        let written = write(&mut self.items);
        if written.is_some() {
            self.ends.push(self.items.len());
        } else {
            self.items.truncate(before);
        }
        written
    }

    /// The list of a number.
    #[inline]
    pub(crate) fn get(&self, number: u32) -> &[T] {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.items[start..self.ends[number]]
    }

    /// What is in all lists together.
    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    /// Forgets all of them, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.items.clear();
        self.ends.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_numbers_and_what_is_not_written_leaves_nothing() {
        let mut lists = Lists::default();
        lists.push(&[1, 2]);
        lists.push(&[]);
        let refused: Option<()> = lists.push_written(|items| {
            items.push(9);
            None
        });
        assert_eq!(refused, None);
        let written = lists.push_written(|items| {
            items.push(3);
            Some("written")
        });
        assert_eq!(written, Some("written"));
        assert_eq!(lists.len(), 3);
        assert_eq!(
            [lists.get(0), lists.get(1), lists.get(2)],
            [&[1, 2][..], &[], &[3]]
        );
        assert_eq!(lists.items(), [1, 2, 3]);
    }
}
