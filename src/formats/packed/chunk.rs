//! Writing one column of one row group.

use std::io::Write;

use parquet::basic::{CompressionCodec, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriteSpec, PageWriter};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use super::error::{Error, Result};
use super::hybrid;
use super::series::Strings;

/// Rows of a data page. Large enough for zstd to see repetition, small enough that a reader who needs a few
/// rows does not unpack the whole column.
const PAGE_ROWS: usize = 1 << 17;

/// Writes the pages of one column chunk, one after another, and describes them.
pub(super) struct ChunkWriter<'a, W: Write> {
    pages: SerializedPageWriter<'a, W>,
    /// No compressor: pages of a few bytes, which zstd would only make larger.
    compressor: Option<&'a mut Compressor<'static>>,
    column: ColumnDescPtr,
    encodings: Vec<Encoding>,
    values: i64,
    compressed: u64,
    uncompressed: usize,
    dictionary: Option<u64>,
    data: Option<u64>,
}

impl<'a, W: Write + Send> ChunkWriter<'a, W> {
    pub(super) fn new(
        out: &'a mut TrackedWrite<W>,
        compressor: Option<&'a mut Compressor<'static>>,
        column: ColumnDescPtr,
    ) -> Self {
        Self {
            pages: SerializedPageWriter::new(out),
            compressor,
            column,
            encodings: vec![Encoding::PLAIN, Encoding::RLE],
            values: 0,
            compressed: 0,
            uncompressed: 0,
            dictionary: None,
            data: None,
        }
    }

    /// Writes the dictionary: `count` values in plain encoding. It has to come before any data.
    pub(super) fn dictionary(&mut self, count: usize, values: &[u8]) -> Result<()> {
        let buf = self.compress(values)?.into();
        let num_values =
            u32::try_from(count).map_err(|_| Error::Input("too many distinct values"))?;
        let page = Page::DictionaryPage {
            buf,
            num_values,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        let written = self.write(page, values.len())?;
        self.encodings.push(Encoding::RLE_DICTIONARY);
        self.dictionary = Some(written.offset);
        Ok(())
    }

    /// Writes a data page of `rows` rows.
    pub(super) fn data(&mut self, rows: usize, encoding: Encoding, body: &[u8]) -> Result<()> {
        let buf = self.compress(body)?.into();
        let num_values = u32::try_from(rows).map_err(|_| Error::Input("too many rows"))?;
        let rle = Encoding::RLE;
        let (def_level_encoding, rep_level_encoding) = (rle, rle);
        let page = Page::DataPage {
            buf,
            num_values,
            encoding,
            def_level_encoding,
            rep_level_encoding,
            statistics: None,
        };
        let written = self.write(page, body.len())?;
        self.data.get_or_insert(written.offset);
        self.values += i64::from(num_values);
        Ok(())
    }

    fn compress(&mut self, body: &[u8]) -> Result<Vec<u8>> {
        Ok(match &mut self.compressor {
            Some(compressor) => compressor.compress(body)?,
            None => body.to_vec(),
        })
    }

    fn write(&mut self, page: Page, size: usize) -> Result<PageWriteSpec> {
        let written = self.pages.write_page(CompressedPage::new(page, size))?;
        self.compressed += written.bytes_written;
        self.uncompressed += written.uncompressed_size;
        Ok(written)
    }

    /// What the footer says about this chunk.
    pub(super) fn finish(self, statistics: Statistics) -> Result<ColumnChunkMetaData> {
        let codec = match self.compressor {
            Some(_) => CompressionCodec::ZSTD,
            None => CompressionCodec::UNCOMPRESSED,
        };
        let chunk = ColumnChunkMetaData::builder(self.column)
            .set_encodings(self.encodings)
            .set_compression_codec(codec)
            .set_num_values(self.values)
            .set_total_compressed_size(offset(self.compressed)?)
            .set_total_uncompressed_size(offset(self.uncompressed as u64)?)
            .set_dictionary_page_offset(self.dictionary.map(offset).transpose()?)
            .set_data_page_offset(offset(self.data.unwrap_or_default())?)
            .set_statistics(statistics);
        Ok(chunk.build()?)
    }
}

pub(super) fn offset(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| Error::Input("a file of more than 2^63 bytes"))
}

/// A text column. The value of a row follows from its series, so no text is looked at here, only codes.
pub(super) fn write_strings<W: Write + Send>(
    mut chunk: ChunkWriter<'_, W>,
    strings: &Strings,
    ids: &[u32],
    required: bool,
) -> Result<ColumnChunkMetaData> {
    let mut body = Vec::new();
    for value in strings.values() {
        let length =
            u32::try_from(value.len()).map_err(|_| Error::Input("a text of more than 4 GB"))?;
        body.extend_from_slice(&length.to_le_bytes());
        body.extend_from_slice(value.as_bytes());
    }
    chunk.dictionary(strings.values().len(), &body)?;
    let (mut present, mut found, mut nulls) = (Vec::new(), Vec::new(), 0);
    for page in ids.chunks(PAGE_ROWS) {
        body.clear();
        found.clear();
        if required {
            found.extend(page.iter().filter_map(|&id| strings.code(id as usize)));
        } else {
            present.clear();
            for &id in page {
                let code = strings.code(id as usize);
                present.push(u32::from(code.is_some()));
                found.extend(code);
            }
            flags(&present, &mut body);
            nulls += (page.len() - found.len()) as u64;
        }
        codes(&found, strings.values().len(), &mut body);
        chunk.data(page.len(), Encoding::RLE_DICTIONARY, &body)?;
    }
    chunk.finish(Statistics::byte_array(None, None, None, Some(nulls), false))
}

/// A text column without any text, for a tag that no sample of the row group has.
pub(super) fn write_nothing<W: Write + Send>(
    mut chunk: ChunkWriter<'_, W>,
    rows: i64,
) -> Result<ColumnChunkMetaData> {
    let rows = usize::try_from(rows).map_err(|_| Error::Input("too many rows"))?;
    let mut body = Vec::new();
    flags(&vec![0; rows], &mut body);
    chunk.data(rows, Encoding::PLAIN, &body)?;
    chunk.finish(Statistics::byte_array(
        None,
        None,
        None,
        Some(rows as u64),
        false,
    ))
}

/// The series numbers, through a dictionary of 0, 1, 2…: the same bytes as codes, so most take one or two.
pub(super) fn write_ids<W: Write + Send>(
    mut chunk: ChunkWriter<'_, W>,
    ids: &[u32],
    series: usize,
) -> Result<ColumnChunkMetaData> {
    let mut body: Vec<u8> = (0_u32..).take(series).flat_map(u32::to_le_bytes).collect();
    chunk.dictionary(series, &body)?;
    for page in ids.chunks(PAGE_ROWS) {
        body.clear();
        codes(page, series, &mut body);
        chunk.data(page.len(), Encoding::RLE_DICTIONARY, &body)?;
    }
    chunk.finish(Statistics::int32(None, None, None, Some(0), false))
}

/// A column of numbers as they are.
pub(super) fn write_plain<W: Write + Send, T: Copy>(
    mut chunk: ChunkWriter<'_, W>,
    numbers: &[T],
    statistics: Statistics,
    bytes: impl Fn(T) -> [u8; 8],
) -> Result<ColumnChunkMetaData> {
    let mut body = Vec::new();
    for page in numbers.chunks(PAGE_ROWS) {
        body.clear();
        body.extend(page.iter().flat_map(|&number| bytes(number)));
        chunk.data(page.len(), Encoding::PLAIN, &body)?;
    }
    chunk.finish(statistics)
}

/// Appends the null flags of a page: 1 where there is a value.
fn flags(present: &[u32], body: &mut Vec<u8>) {
    let at = body.len();
    body.extend_from_slice(&[0; 4]);
    hybrid::encode(present, 1, body);
    let length = u32::try_from(body.len() - at - 4).unwrap_or(u32::MAX);
    body[at..at + 4].copy_from_slice(&length.to_le_bytes());
}

/// Appends the dictionary codes of a page, for a dictionary of `distinct` values.
fn codes(codes: &[u32], distinct: usize, body: &mut Vec<u8>) {
    let width = width(distinct);
    body.push(width.to_le_bytes()[0]);
    hybrid::encode(codes, width, body);
}

/// Bits of a dictionary code. More than two are rounded up to whole bytes: zstd finds the repetitions of a
/// stream of requests in bytes, but not where every value begins at another bit.
fn width(distinct: usize) -> usize {
    let bits = usize::BITS - distinct.saturating_sub(1).leading_zeros();
    let bits = bits.max(1) as usize;
    if bits > 2 {
        bits.next_multiple_of(8)
    } else {
        bits
    }
}
