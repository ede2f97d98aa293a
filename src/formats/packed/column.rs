//! Decoding one column of one row group.

use std::sync::Arc;

use super::hybrid::Decoder;
use super::layout::{MAX_TABLE, STRING_COST};
use super::page::{PLAIN, Page, Pages, RLE_DICTIONARY, Unpacker};
use super::series::Strings;

/// The bytes of a column chunk.
pub(super) struct Column<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) is_zstd: bool,
}

/// Why a column could not be decoded; which column it was, its reader knows.
pub(super) enum Fault {
    Damaged(&'static str),
    Io(std::io::Error),
}

impl From<&'static str> for Fault {
    fn from(reason: &'static str) -> Self {
        Self::Damaged(reason)
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

type Result<T> = std::result::Result<T, Fault>;

const MISCOUNTED: &str = "another number of values than the row group has rows";
const ENCODING: &str = "an encoding that packed files do not use";
const DISORDER: &str = "series that do not count up";
const NO_DICTIONARY: &str = "codes without a dictionary";

/// The series of a row group's rows.
pub(super) struct Firsts {
    /// For every series, the first row that it has.
    pub(super) rows: Vec<usize>,
    /// How many rows there are in all.
    pub(super) of: usize,
}

/// Bytes that a page of `values` codes can take: of 32 bits, and a null flag, and each of them in runs of eight.
fn most(values: usize) -> usize {
    values.saturating_mul(8).saturating_add(64)
}

/// The data pages of a column, each with the row at which it begins.
struct DataPages<'a> {
    pages: Pages<'a>,
    held: Option<Page<'a>>,
    row: usize,
    rows: usize,
}

impl<'a> DataPages<'a> {
    /// The dictionary, if there is one, and the pages of the `rows` rows behind it.
    fn open(column: &Column<'a>, rows: usize) -> Result<(Option<Page<'a>>, Self)> {
        let mut pages = Pages::new(column.bytes);
        let first = pages.next()?;
        let (dictionary, held) = match first {
            Some(page) if page.is_dictionary => (Some(page), None),
            page => (None, page),
        };
        if dictionary
            .as_ref()
            .is_some_and(|page| page.encoding != PLAIN)
        {
            return Err(ENCODING.into());
        }
        Ok((
            dictionary,
            Self {
                pages,
                held,
                row: 0,
                rows,
            },
        ))
    }

    /// The next page; sees to it that all of them have as many rows together as there are.
    fn next(&mut self) -> Result<Option<(usize, Page<'a>)>> {
        let held = self.held.take();
        let Some(page) = (if held.is_some() {
            held
        } else {
            self.pages.next()?
        }) else {
            return if self.row == self.rows {
                Ok(None)
            } else {
                Err(MISCOUNTED.into())
            };
        };
        if page.is_dictionary {
            return Err("a second dictionary".into());
        }
        if page.values > self.rows - self.row {
            return Err(MISCOUNTED.into());
        }
        let start = self.row;
        self.row += page.values;
        Ok(Some((start, page)))
    }
}

/// A column of numbers as they are.
pub(super) fn numbers<T>(
    column: &Column<'_>,
    rows: usize,
    number: impl Fn([u8; 8]) -> T,
) -> Result<Vec<T>> {
    let (None, mut pages) = DataPages::open(column, rows)? else {
        return Err(ENCODING.into());
    };
    let mut unpacker = Unpacker::new()?;
    let mut out = Vec::with_capacity(rows);
    while let Some((_, page)) = pages.next()? {
        if page.encoding != PLAIN {
            return Err(ENCODING.into());
        }
        let (body, rest) = unpacker
            .unpack(&page, column.is_zstd, page.values * 8)?
            .as_chunks();
        if body.len() != page.values || !rest.is_empty() {
            return Err(MISCOUNTED.into());
        }
        out.extend(body.iter().map(|bytes| number(*bytes)));
    }
    Ok(out)
}

/// The series numbers: codes of a dictionary that says that code 0 means 0, 1 means 1, and so on.
pub(super) fn series(column: &Column<'_>, rows: usize) -> Result<(Vec<u32>, Firsts)> {
    let (Some(dictionary), mut pages) = DataPages::open(column, rows)? else {
        return Err(NO_DICTIONARY.into());
    };
    let mut unpacker = Unpacker::new()?;
    let (numbers, rest) = unpacker
        .unpack(&dictionary, column.is_zstd, rows * size_of::<u32>())?
        .as_chunks();
    let distinct = dictionary.values;
    let count_up = numbers
        .iter()
        .zip(0_u32..)
        .all(|(&bytes, at)| u32::from_le_bytes(bytes) == at);
    if numbers.len() != distinct || !rest.is_empty() || !count_up {
        return Err(DISORDER.into());
    }
    let mut ids = Vec::with_capacity(rows);
    while let Some((_, page)) = pages.next()? {
        if page.encoding != RLE_DICTIONARY {
            return Err(ENCODING.into());
        }
        let body = unpacker.unpack(&page, column.is_zstd, most(page.values))?;
        let (&width, body) = body.split_first().ok_or(MISCOUNTED)?;
        Decoder::new(body, width)?.read(page.values, &mut ids)?;
    }
    let mut firsts = Vec::with_capacity(distinct);
    for (row, &id) in ids.iter().enumerate() {
        let id = id as usize;
        if id >= firsts.len() {
            if id > firsts.len() {
                return Err(DISORDER.into());
            }
            firsts.push(row);
        }
    }
    if firsts.len() != distinct {
        return Err("a series without a sample".into());
    }
    Ok((
        ids,
        Firsts {
            rows: firsts,
            of: rows,
        },
    ))
}

/// A text column, at the rows where a series first appears. Pages without such a row are not even unpacked.
/// What the texts take in memory is taken from `budget`.
pub(super) fn strings(
    column: &Column<'_>,
    firsts: &Firsts,
    required: bool,
    budget: &mut usize,
) -> Result<Strings> {
    let (dictionary, mut pages) = DataPages::open(column, firsts.of)?;
    let (mut unpacker, mut of_dictionary) = (Unpacker::new()?, Unpacker::new()?);
    let texts = match dictionary {
        // Every text belongs to a series, so there are no more of them.
        Some(page) if page.values > firsts.rows.len() => return Err(MISCOUNTED.into()),
        Some(page) => Texts::new(
            of_dictionary.unpack(&page, column.is_zstd, MAX_TABLE)?,
            page.values,
        )?,
        None => Texts::default(),
    };
    let mut next = firsts.rows.iter().copied().peekable();
    let mut wanted = Vec::new();
    let mut codes = Vec::with_capacity(firsts.rows.len());
    while let Some((start, page)) = pages.next()? {
        wanted.clear();
        wanted.extend(
            std::iter::from_fn(|| next.next_if(|&row| row < start + page.values))
                .map(|row| row - start),
        );
        if !wanted.is_empty() {
            let body = unpacker.unpack(&page, column.is_zstd, most(page.values))?;
            codes_at(&wanted, body, page.encoding, required, &mut codes)?;
        }
    }
    texts.resolve(codes, budget)
}

/// Appends the codes, or none where the value is null, of the rows `wanted` of a page.
fn codes_at(
    wanted: &[usize],
    mut body: &[u8],
    encoding: u64,
    required: bool,
    codes: &mut Vec<Option<u32>>,
) -> Result<()> {
    let mut flags = None;
    if !required {
        let (length, rest) = body.split_first_chunk().ok_or(MISCOUNTED)?;
        let (head, rest) = rest
            .split_at_checked(u32::from_le_bytes(*length) as usize)
            .ok_or(MISCOUNTED)?;
        flags = Some(Decoder::new(head, 1)?);
        body = rest;
    }
    let mut values = match encoding {
        RLE_DICTIONARY => {
            let (&width, body) = body.split_first().ok_or(MISCOUNTED)?;
            Some(Decoder::new(body, width)?)
        }
        // Plain texts would have to be passed over one by one; this encoding stands for "no text at all".
        PLAIN => None,
        _ => return Err(ENCODING.into()),
    };
    let mut at = 0;
    for &row in wanted {
        let mut skipped = row - at;
        let mut present = true;
        if let Some(flags) = &mut flags {
            skipped = flags.ones(skipped)?;
            present = flags.next()? == 1;
        }
        codes.push(match &mut values {
            Some(values) => {
                values.skip(skipped)?;
                if present { Some(values.next()?) } else { None }
            }
            None if present || skipped > 0 => return Err(ENCODING.into()),
            None => None,
        });
        at = row + 1;
    }
    Ok(())
}

/// A dictionary of texts, not yet looked at.
#[derive(Default)]
struct Texts<'a> {
    texts: Vec<&'a [u8]>,
}

impl<'a> Texts<'a> {
    fn new(mut bytes: &'a [u8], count: usize) -> Result<Self> {
        // Every text takes at least the four bytes of its length.
        if count > bytes.len() / 4 {
            return Err(MISCOUNTED.into());
        }
        let mut texts = Vec::with_capacity(count);
        for _ in 0..count {
            let (length, rest) = bytes.split_first_chunk().ok_or(MISCOUNTED)?;
            let (text, rest) = rest
                .split_at_checked(u32::from_le_bytes(*length) as usize)
                .ok_or(MISCOUNTED)?;
            texts.push(text);
            bytes = rest;
        }
        if bytes.is_empty() {
            Ok(Self { texts })
        } else {
            Err(MISCOUNTED.into())
        }
    }

    /// Makes texts of codes. Only texts that occur are taken over, whatever else the dictionary holds.
    fn resolve(&self, mut codes: Vec<Option<u32>>, budget: &mut usize) -> Result<Strings> {
        let mut places = vec![None; self.texts.len()];
        let mut values: Vec<Arc<str>> = Vec::new();
        for code in codes.iter_mut().flatten() {
            let place = places.get_mut(*code as usize).ok_or(NO_DICTIONARY)?;
            let text = self.texts[*code as usize];
            *code = if let Some(place) = *place {
                place
            } else {
                *budget = budget
                    .checked_sub(STRING_COST + text.len())
                    .ok_or("too many texts to keep in memory")?;
                values.push(
                    std::str::from_utf8(text)
                        .map_err(|_| "a text that is not UTF-8")?
                        .into(),
                );
                *place.insert(u32::try_from(values.len() - 1).map_err(|_| MISCOUNTED)?)
            };
        }
        Ok(Strings::decoded(values, codes))
    }
}
