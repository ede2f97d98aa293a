//! Taking a column chunk apart into its pages, believing nothing that they claim.

use zstd::bulk::Decompressor;

/// Page types and encodings by their numbers in the format.
const DATA: u64 = 0;
const DICTIONARY: u64 = 2;
pub(super) const PLAIN: u64 = 0;
pub(super) const RLE: u64 = 3;
pub(super) const RLE_DICTIONARY: u64 = 8;

/// How many structs deep a page header may go; those that exist go two deep.
const DEEPEST: usize = 8;
const BAD_HEADER: &str = "a page header that makes no sense";

/// One page, still compressed.
pub(super) struct Page<'a> {
    pub(super) is_dictionary: bool,
    /// Values in it, nulls included.
    pub(super) values: usize,
    pub(super) encoding: u64,
    /// Bytes of its body when uncompressed, as claimed.
    size: usize,
    body: &'a [u8],
}

/// The pages of a column chunk, in order.
pub(super) struct Pages<'a> {
    rest: &'a [u8],
}

impl<'a> Pages<'a> {
    pub(super) fn new(chunk: &'a [u8]) -> Self {
        Self { rest: chunk }
    }

    /// The next page, or nothing behind the last.
    pub(super) fn next(&mut self) -> Result<Option<Page<'a>>, &'static str> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut header = Header::default();
        let mut thrift = Thrift { bytes: self.rest };
        thrift.header(&mut header).ok_or(BAD_HEADER)?;
        let (body, rest) = thrift
            .bytes
            .split_at_checked(header.compressed)
            .ok_or(BAD_HEADER)?;
        self.rest = rest;
        let is_dictionary = match header.kind {
            DATA => false,
            DICTIONARY => true,
            _ => return Err("a page of a kind that packed files do not have"),
        };
        if !is_dictionary && header.levels != RLE {
            return Err("null flags in an unknown encoding");
        }
        let Header {
            values,
            encoding,
            uncompressed: size,
            ..
        } = header;
        Ok(Some(Page {
            is_dictionary,
            values,
            encoding,
            size,
            body,
        }))
    }
}

/// Unpacks pages, one at a time, into the same buffer.
pub(super) struct Unpacker {
    zstd: Decompressor<'static>,
    buffer: Vec<u8>,
}

impl Unpacker {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            zstd: Decompressor::new()?,
            buffer: Vec::new(),
        })
    }

    /// The body of a page of at most `most` bytes.
    pub(super) fn unpack<'p>(
        &'p mut self,
        page: &Page<'p>,
        is_zstd: bool,
        most: usize,
    ) -> Result<&'p [u8], &'static str> {
        if page.size > most {
            return Err("a page that claims to be larger than it can be");
        }
        if !is_zstd {
            return if page.body.len() == page.size {
                Ok(page.body)
            } else {
                Err(BAD_HEADER)
            };
        }
        self.buffer.clear();
        self.buffer.reserve(page.size);
        match self.zstd.decompress_to_buffer(page.body, &mut self.buffer) {
            Ok(size) if size == page.size => Ok(&self.buffer),
            _ => Err("a page that does not decompress"),
        }
    }
}

/// What is needed of a page header.
#[derive(Default)]
struct Header {
    kind: u64,
    compressed: usize,
    uncompressed: usize,
    values: usize,
    encoding: u64,
    levels: u64,
}

/// A reader of Thrift's compact protocol, as far as page headers need it.
struct Thrift<'a> {
    bytes: &'a [u8],
}

/// Types of the compact protocol.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const STRUCT: u8 = 12;

impl Thrift<'_> {
    /// Reads a `PageHeader` with its `DataPageHeader` or `DictionaryPageHeader`.
    fn header(&mut self, header: &mut Header) -> Option<()> {
        let mut last = 0;
        while let Some((field, kind)) = self.field(last)? {
            last = field;
            match (field, kind) {
                (1, I16..=I64) => header.kind = self.number()?,
                (2, I16..=I64) => header.uncompressed = self.size()?,
                (3, I16..=I64) => header.compressed = self.size()?,
                (5 | 7, STRUCT) => self.values(header)?,
                _ => self.skip(kind, DEEPEST)?,
            }
        }
        Some(())
    }

    /// Reads what both kinds of page say about their values: in both, the count comes first, then the encoding.
    fn values(&mut self, header: &mut Header) -> Option<()> {
        let mut last = 0;
        while let Some((field, kind)) = self.field(last)? {
            last = field;
            match (field, kind) {
                (1, I16..=I64) => header.values = self.size()?,
                (2, I16..=I64) => header.encoding = self.number()?,
                (3, I16..=I64) => header.levels = self.number()?,
                _ => self.skip(kind, DEEPEST)?,
            }
        }
        Some(())
    }

    /// The number and type of a struct's next field, or nothing at its end. `None` outside: cut or absurd.
    #[expect(
        clippy::option_option,
        reason = "the outer one is the failure, so that `?` works"
    )]
    fn field(&mut self, last: u64) -> Option<Option<(u64, u8)>> {
        let byte = self.byte()?;
        Some(match byte >> 4 {
            _ if byte == 0 => None,
            0 => Some((self.number()?, byte & 15)),
            delta => Some((last.checked_add(delta.into())?, byte & 15)),
        })
    }

    fn skip(&mut self, kind: u8, deepest: usize) -> Option<()> {
        let deeper = deepest.checked_sub(1)?;
        match kind {
            TRUE | FALSE => {}
            BYTE => self.pass(1)?,
            I16..=I64 => self.varint().map(drop)?,
            DOUBLE => self.pass(8)?,
            BINARY => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.pass(length)?;
            }
            LIST | SET => {
                let byte = self.byte()?;
                let (count, kind) = (byte >> 4, byte & 15);
                let count = if count == 15 {
                    self.varint()?
                } else {
                    count.into()
                };
                for _ in 0..count {
                    // In a list a truth value is a byte of its own, so every element takes at least one.
                    self.skip(
                        if kind == TRUE || kind == FALSE {
                            BYTE
                        } else {
                            kind
                        },
                        deeper,
                    )?;
                }
            }
            STRUCT => {
                let mut last = 0;
                while let Some((field, kind)) = self.field(last)? {
                    last = field;
                    self.skip(kind, deeper)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn pass(&mut self, count: usize) -> Option<()> {
        self.bytes = self.bytes.get(count..)?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A number that cannot be negative, in the zigzag form of signed ones.
    fn number(&mut self) -> Option<u64> {
        let value = self.varint()?;
        (value & 1 == 0).then_some(value >> 1)
    }

    fn size(&mut self) -> Option<usize> {
        self.number()
            .and_then(|value| u32::try_from(value).ok())
            .and_then(|value| usize::try_from(value).ok())
    }
}
