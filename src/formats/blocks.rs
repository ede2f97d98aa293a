//! A stream cut into blocks of whole records, so that several threads can parse it.

use std::io::{self, Read};
use std::path::PathBuf;

use super::input::Input;
use crate::error::{Error, Result};

/// The size of a block: it is parsed while it lies in a processor's cache, and yet so large that
/// handing it over costs nothing.
const BLOCK: usize = 1 << 19;

/// What a pipe holds.
const PIPE: usize = 1 << 16;

/// No line of a stream is longer; k6's are some hundred bytes.
pub(super) const LONGEST_LINE: usize = 16 << 20;

/// Why a line of more than that is skipped.
pub(super) const TOO_LONG: &str = "a line of more than 16 MiB";

/// Where a format's records end. It sees all of a stream from its beginning to its end.
pub(super) trait Cut: Default + Send {
    /// What has to be known to parse a block, beside its text.
    type Context: Clone + Default + Send;

    /// The number of bytes at the beginning of `text` that are whole records; 0 when more text is
    /// needed for one. At the end of the input, all of it is.
    fn whole(&mut self, text: &[u8], at_end: bool) -> usize;

    /// What has to be known of the records that were cut last.
    fn context(&self) -> Self::Context;
}

/// A block of whole records.
#[derive(Default)]
pub(super) struct Block<C> {
    buffer: Vec<u8>,
    end: usize,
    /// Its place in the stream, from 0.
    pub(super) number: usize,
    /// Whether it stands for one line that is too long to be read.
    pub(super) too_long: bool,
    pub(super) context: C,
}

impl<C> Block<C> {
    /// Its records. Only the stream's last line can lack its end.
    pub(super) fn text(&self) -> &[u8] {
        &self.buffer[..self.end]
    }
}

/// The blocks of an input.
pub(super) struct Blocks<C: Cut> {
    path: PathBuf,
    reader: Box<dyn Read + Send>,
    compressed: bool,
    /// The size of a block.
    size: usize,
    cut: C,
    /// What was read beyond the last block.
    carry: Vec<u8>,
    next: usize,
    /// Whether records come as they happen, so that they must not wait for a full block.
    live: bool,
    at_end: bool,
    broken: Option<String>,
}

impl<C: Cut> Blocks<C> {
    pub(super) fn of(input: Input) -> Self {
        Self {
            path: input.path,
            live: input.live,
            reader: input.reader,
            compressed: input.compressed,
            size: BLOCK,
            cut: C::default(),
            carry: Vec::new(),
            next: 0,
            at_end: false,
            broken: None,
        }
    }

    /// Blocks of another size.
    #[cfg(any(test, fuzzing))]
    pub(super) fn sized(self, size: usize) -> Self {
        Self { size, ..self }
    }

    /// Whether reading takes long, as it has to be inflated.
    pub(super) fn compressed(&self) -> bool {
        self.compressed
    }

    /// Reads the next block into `block`; `false` at the end.
    pub(super) fn read(&mut self, block: &mut Block<C::Context>) -> Result<bool> {
        block.too_long = false;
        let whole = self.cut.whole(&self.carry, false);
        if whole > 0 {
            // There is a block without reading more.
            block.buffer.resize(block.buffer.len().max(whole), 0);
            block.buffer[..whole].copy_from_slice(&self.carry[..whole]);
            self.carry.drain(..whole);
            return Ok(self.hand_over(block, whole));
        }
        let mut filled = self.carry.len();
        let size = (filled * 2).clamp(self.size, LONGEST_LINE);
        if block.buffer.len() != size {
            // A block that held a long line gives its memory back.
            block.buffer.truncate(size);
            block.buffer.shrink_to(size);
            block.buffer.resize(size, 0);
        }
        block.buffer[..filled].copy_from_slice(&self.carry);
        let whole = loop {
            filled += self.fill(&mut block.buffer[filled..])?;
            let whole = self.cut.whole(&block.buffer[..filled], self.at_end);
            if whole > 0 || self.at_end {
                break whole;
            }
            if filled < block.buffer.len() {
                continue;
            }
            if filled == LONGEST_LINE {
                block.too_long = true;
                break 0;
            }
            block.buffer.resize((filled * 2).min(LONGEST_LINE), 0);
        };
        self.carry.clear();
        if block.too_long {
            self.skip_line(&mut block.buffer)?;
        } else {
            self.carry.extend_from_slice(&block.buffer[whole..filled]);
        }
        Ok(self.hand_over(block, whole))
    }

    /// Gives a block of so many bytes its place; whether it is one.
    fn hand_over(&mut self, block: &mut Block<C::Context>, whole: usize) -> bool {
        block.end = whole;
        block.number = self.next;
        block.context = self.cut.context();
        let is_block = whole > 0 || block.too_long;
        self.next += usize::from(is_block);
        is_block
    }

    /// Why the stream ended before its end.
    pub(super) fn broken(self) -> Option<String> {
        self.broken
    }

    /// Reads until the buffer is full or the input ends; of a live one, what there is.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() && !self.at_end {
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => self.at_end = true,
                Ok(n) => {
                    filled += n;
                    // What fills a pipe has more behind it.
                    if self.live && n < PIPE {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error().is_some() => {
                    self.at_end = true;
                    return Err(Error::read(&self.path, error));
                }
                Err(error) => {
                    self.at_end = true;
                    self.broken = Some(format!(
                        "the compressed data ends or breaks early ({error})"
                    ));
                }
            }
        }
        Ok(filled)
    }

    /// Reads past the end of a line; what follows it is kept.
    fn skip_line(&mut self, buffer: &mut [u8]) -> Result<()> {
        while !self.at_end {
            let filled = self.fill(buffer)?;
            if let Some(end) = memchr::memchr(b'\n', &buffer[..filled]) {
                self.carry.extend_from_slice(&buffer[end + 1..filled]);
                break;
            }
        }
        Ok(())
    }
}

/// Records of a line each.
#[derive(Default)]
pub(super) struct Lines;

impl Cut for Lines {
    type Context = ();

    fn whole(&mut self, text: &[u8], at_end: bool) -> usize {
        if at_end {
            return text.len();
        }
        memchr::memrchr(b'\n', text).map_or(0, |end| end + 1)
    }

    fn context(&self) {}
}
