//! Column chunks as fuzzing gives them: without a file around them, and uncompressed, so that what a change
//! of bytes changes is what the decoder sees.

use super::column::{Column, Firsts, numbers, series, strings};
use super::layout::MAX_TABLE;

/// Decodes bytes as a column of each kind, of so many rows. Asserts that whatever is accepted has as many
/// values as there are rows or series.
pub(in crate::formats) fn column(bytes: &[u8], rows: usize) {
    let column = Column {
        bytes,
        is_zstd: false,
    };
    if let Ok(times) = numbers(&column, rows, i64::from_le_bytes) {
        assert_eq!(times.len(), rows);
    }
    let every_third = Firsts {
        rows: (0..rows).step_by(3).collect(),
        of: rows,
    };
    let firsts = match series(&column, rows) {
        Ok((ids, firsts)) => {
            assert_eq!(ids.len(), rows);
            assert!(ids.iter().all(|id| (*id as usize) < firsts.rows.len()));
            firsts
        }
        Err(_) => every_third,
    };
    for required in [true, false] {
        let mut budget = MAX_TABLE;
        if let Ok(texts) = strings(&column, &firsts, required, &mut budget) {
            for id in 0..firsts.rows.len() {
                assert!(!required || texts.get(id).is_some());
            }
        }
    }
}
