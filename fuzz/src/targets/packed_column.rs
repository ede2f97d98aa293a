//! The pages of a packed file, which are taken apart by hand: uncompressed, and without the file around them.

use perf_report::formats::fuzzing;

pub(super) fn run(data: &[u8]) {
    if let Some(([high, low], column)) = data.split_first_chunk() {
        fuzzing::packed_column(column, usize::from(u16::from_be_bytes([*high, *low])));
    }
}
