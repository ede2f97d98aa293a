//! Finding the footer that describes most of a file, cut or not.

use std::io::{Read, Seek, SeekFrom};

use memchr::memmem::FinderRev;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

use super::error::{Error, Result};
use super::layout::{MAGIC, MAX_FOOTER, MAX_ROWS};

/// The length of a footer and the magic bytes behind it.
const TAIL_LEN: usize = 8;
const TAIL: u64 = TAIL_LEN as u64;
/// How far before the end of a cut file a footer is looked for. A row group is some MB, and a writer that is
/// not killed puts a footer behind each.
const FARTHEST: u64 = 1 << 30;
/// Bytes of would-be footers that are looked at in full before the search is given up. A real footer is met
/// at once; only a file made for it has many places that look like one.
const PATIENCE: u64 = 16 * MAX_FOOTER as u64;
/// Bytes that are read at once when looking backwards.
const BLOCK: u64 = 1 << 20;

/// A footer, and where it ends.
pub(super) struct Footer {
    pub(super) about: ParquetMetaData,
    /// Bytes behind its end.
    pub(super) unusable: u64,
}

/// The last complete footer of a file of `size` bytes.
pub(super) fn find<R: Read + Seek>(file: &mut R, size: u64) -> Result<Footer> {
    let mut magic = [0; MAGIC.len()];
    file.seek(SeekFrom::Start(0))?;
    if size < MAGIC.len() as u64 {
        return Err(Error::NotParquet);
    }
    file.read_exact(&mut magic)?;
    if &magic != MAGIC {
        return Err(Error::NotParquet);
    }
    let mut patience = PATIENCE;
    let finder = FinderRev::new(MAGIC);
    let mut block = Vec::new();
    let mut end = size;
    while end > MAGIC.len() as u64 && size - end < FARTHEST {
        let start = end.saturating_sub(BLOCK);
        // Some bytes of the block behind, for a tail across the border.
        let overlap = TAIL - 1;
        block.clear();
        file.seek(SeekFrom::Start(start))?;
        file.take(end - start + overlap).read_to_end(&mut block)?;
        for magic in finder.rfind_iter(&block) {
            let Some(tail) = (magic + MAGIC.len()).checked_sub(TAIL_LEN) else {
                continue;
            };
            let Some(length) = block.get(tail..).and_then(|tail| tail.first_chunk()) else {
                continue;
            };
            let length = u32::from_le_bytes(*length);
            let tail = start + tail as u64;
            if tail >= end {
                continue;
            }
            if let Some(about) = footer_before(file, tail, length, &mut patience)? {
                let unusable = size - tail - TAIL;
                return Ok(Footer { about, unusable });
            }
        }
        end = start;
    }
    Err(Error::NoFooter)
}

/// The footer of `length` bytes that ends at `end`, if there is a sound one.
fn footer_before<R: Read + Seek>(
    file: &mut R,
    end: u64,
    length: u32,
    patience: &mut u64,
) -> Result<Option<ParquetMetaData>> {
    let length = u64::from(length);
    let start = match end.checked_sub(length) {
        Some(start) if start >= MAGIC.len() as u64 && length > 0 => start,
        _ => return Ok(None),
    };
    if length > MAX_FOOTER as u64 {
        return Ok(None);
    }
    *patience = patience.checked_sub(length).ok_or(Error::NoFooter)?;
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(length).read_to_end(&mut bytes)?;
    let about = ParquetMetaDataReader::decode_metadata(&bytes).ok();
    Ok(about.filter(|about| sound(about, start)))
}

/// Whether everything that a footer describes lies between the magic bytes and `end`, and has a size that a
/// reader can afford.
fn sound(about: &ParquetMetaData, end: u64) -> bool {
    about.row_groups().iter().all(|group| {
        let rows = usize::try_from(group.num_rows()).unwrap_or(usize::MAX);
        let columns = group.num_columns() == about.file_metadata().schema_descr().num_columns();
        let inside = group.columns().iter().all(|chunk| {
            let Some((start, length)) = range(chunk) else {
                return false;
            };
            start >= MAGIC.len() as u64 && start.checked_add(length).is_some_and(|last| last <= end)
        });
        rows <= MAX_ROWS && columns && inside
    })
}

/// Where a column chunk begins and how long it is.
pub(super) fn range(chunk: &parquet::file::metadata::ColumnChunkMetaData) -> Option<(u64, u64)> {
    let start = chunk
        .dictionary_page_offset()
        .unwrap_or(chunk.data_page_offset());
    Some((
        u64::try_from(start).ok()?,
        u64::try_from(chunk.compressed_size()).ok()?,
    ))
}
