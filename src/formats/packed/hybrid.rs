//! Parquet's hybrid of run-length encoding and bit packing, which holds dictionary codes and null flags.
//!
//! A stream of runs. Each begins with a varint: even, and half of it says how often the one value behind it
//! repeats; odd, and half of it says how many groups of eight bit-packed values follow.

/// Values in a bit-packed group, and so the least number of repeats worth a run of their own.
const GROUP: usize = 8;

/// Appends `values`, all of them below 2 to the power of `width`.
pub(super) fn encode(values: &[u32], width: usize, out: &mut Vec<u8>) {
    let (mut from, mut at) = (0, 0);
    while at < values.len() {
        let rest = &values[at..];
        let run = rest.iter().take_while(|&value| *value == rest[0]).count();
        if run >= GROUP {
            pack(&values[from..at], width, out);
            varint(run << 1, out);
            out.extend_from_slice(&rest[0].to_le_bytes()[..width.div_ceil(8)]);
            at += run;
            from = at;
        } else {
            at += rest.len().min(GROUP);
        }
    }
    pack(&values[from..], width, out);
}

/// Appends one bit-packed run, whose last group is filled up with zeros.
fn pack(values: &[u32], width: usize, out: &mut Vec<u8>) {
    if values.is_empty() {
        return;
    }
    varint(values.len().div_ceil(GROUP) << 1 | 1, out);
    let (mut bits, mut held) = (0_u64, 0);
    let padding = values.len().next_multiple_of(GROUP) - values.len();
    for value in values.iter().chain(std::iter::repeat_n(&0, padding)) {
        bits |= u64::from(*value) << held;
        held += width;
        while held >= 8 {
            out.push(bits.to_le_bytes()[0]);
            bits >>= 8;
            held -= 8;
        }
    }
}

fn varint(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// The message when a stream ends before all its values came, or a run claims more than there is.
const CUT: &str = "codes end too early";

/// Decodes a stream from front to back. Trusts nothing: every run is checked against the bytes that are there.
pub(super) struct Decoder<'a> {
    bytes: &'a [u8],
    width: usize,
    run: Run<'a>,
}

enum Run<'a> {
    Repeated {
        value: u32,
        left: usize,
    },
    Packed {
        bytes: &'a [u8],
        at: usize,
        end: usize,
    },
}

impl<'a> Decoder<'a> {
    /// A decoder of values that are `width` bits wide, at most 32.
    pub(super) fn new(bytes: &'a [u8], width: u8) -> Result<Self, &'static str> {
        if width > 32 {
            return Err("codes of more than 32 bits");
        }
        Ok(Self {
            bytes,
            width: width.into(),
            run: Run::Repeated { value: 0, left: 0 },
        })
    }

    /// Appends the next `count` values.
    pub(super) fn read(&mut self, count: usize, out: &mut Vec<u32>) -> Result<(), &'static str> {
        let width = self.width;
        self.take(count, |part| match part {
            Part::Repeated(value, count) => out.extend(std::iter::repeat_n(value, count)),
            Part::Packed(bytes, at, count) => unpack(bytes, width, at, count, out),
        })
    }

    /// Passes over the next `count` values.
    pub(super) fn skip(&mut self, count: usize) -> Result<(), &'static str> {
        self.take(count, |_| {})
    }

    /// Passes over the next `count` values of one bit and says how many of them were 1.
    pub(super) fn ones(&mut self, count: usize) -> Result<usize, &'static str> {
        let mut ones = 0;
        self.take(count, |part| match part {
            Part::Repeated(value, count) => ones += if value == 0 { 0 } else { count },
            Part::Packed(bytes, at, count) => ones += count_ones(bytes, at, count),
        })?;
        Ok(ones)
    }

    /// The next value.
    pub(super) fn next(&mut self) -> Result<u32, &'static str> {
        let (mut next, width) = (0, self.width);
        self.take(1, |part| match part {
            Part::Repeated(value, _) => next = value,
            Part::Packed(bytes, at, _) => next = value_at(bytes, width, at),
        })?;
        Ok(next)
    }

    /// Hands the next `count` values to `each`, run by run.
    fn take(
        &mut self,
        mut count: usize,
        mut each: impl FnMut(Part<'_>),
    ) -> Result<(), &'static str> {
        while count > 0 {
            let taken = match &mut self.run {
                Run::Repeated { value, left } => {
                    let taken = count.min(*left);
                    *left -= taken;
                    each(Part::Repeated(*value, taken));
                    taken
                }
                Run::Packed { bytes, at, end } => {
                    let taken = count.min(*end - *at);
                    each(Part::Packed(bytes, *at, taken));
                    *at += taken;
                    taken
                }
            };
            count -= taken;
            if count > 0 {
                self.next_run()?;
            }
        }
        Ok(())
    }

    fn next_run(&mut self) -> Result<(), &'static str> {
        let header = self.varint()?;
        let count = header >> 1;
        if header & 1 == 0 {
            let value = self.split(self.width.div_ceil(8))?;
            let mut wide = [0; 4];
            wide[..value.len()].copy_from_slice(value);
            self.run = Run::Repeated {
                value: u32::from_le_bytes(wide),
                left: count,
            };
        } else {
            let size = count.checked_mul(self.width).ok_or(CUT)?;
            let end = count.checked_mul(GROUP).ok_or(CUT)?;
            self.run = Run::Packed {
                bytes: self.split(size)?,
                at: 0,
                end,
            };
        }
        Ok(())
    }

    fn varint(&mut self) -> Result<usize, &'static str> {
        let mut value = 0_u64;
        for shift in (0..35).step_by(7) {
            let (&byte, rest) = self.bytes.split_first().ok_or(CUT)?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(value).map_err(|_| CUT);
            }
        }
        Err(CUT)
    }

    fn split(&mut self, size: usize) -> Result<&'a [u8], &'static str> {
        let (head, rest) = self.bytes.split_at_checked(size).ok_or(CUT)?;
        self.bytes = rest;
        Ok(head)
    }
}

/// A stretch of one run: a value and its repeats, or packed bytes, the first value's place and a count.
enum Part<'a> {
    Repeated(u32, usize),
    Packed(&'a [u8], usize, usize),
}

fn unpack(bytes: &[u8], width: usize, at: usize, count: usize, out: &mut Vec<u32>) {
    match width {
        8 => out.extend(bytes[at..at + count].iter().map(|&byte| u32::from(byte))),
        16 => {
            let (pairs, _) = bytes[2 * at..2 * (at + count)].as_chunks();
            out.extend(
                pairs
                    .iter()
                    .map(|pair| u32::from(u16::from_le_bytes(*pair))),
            );
        }
        _ => out.extend((at..at + count).map(|at| value_at(bytes, width, at))),
    }
}

/// The value at a place in packed bytes; nothing but 0 is read beyond their end.
fn value_at(bytes: &[u8], width: usize, at: usize) -> u32 {
    let (byte, bit) = (at * width / 8, at * width % 8);
    let tail = bytes.get(byte..).unwrap_or_default();
    let mut wide = [0; 8];
    if let Some(whole) = tail.first_chunk::<8>() {
        wide = *whole;
    } else {
        wide[..tail.len()].copy_from_slice(tail);
    }
    let value = u64::from_le_bytes(wide) >> bit & ((1 << width) - 1);
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn count_ones(bytes: &[u8], at: usize, count: usize) -> usize {
    let last = at + count;
    let first = at.next_multiple_of(8).min(last);
    let bits = |range: std::ops::Range<usize>| {
        range
            .map(|at| usize::from(bytes[at / 8] >> (at % 8) & 1))
            .sum::<usize>()
    };
    if first == last {
        return bits(at..last);
    }
    let whole: u32 = bytes[first / 8..last / 8]
        .iter()
        .map(|byte| byte.count_ones())
        .sum();
    bits(at..first) + whole as usize + bits(last / 8 * 8..last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(seed: u32, len: usize, width: usize) -> Vec<u32> {
        let mask = u32::try_from((1_u64 << width) - 1).unwrap();
        let (mut state, mut value) = (seed, 0);
        let next = |state: &mut u32| {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *state >> 7
        };
        (0..len)
            .map(|_| {
                if next(&mut state) % 6 == 0 {
                    value = next(&mut state).wrapping_mul(2_654_435_761) & mask;
                }
                value
            })
            .collect()
    }

    #[test]
    fn what_was_encoded_is_decoded_in_any_steps() {
        for width in 1..=32 {
            for len in [0, 1, 7, 8, 9, 200, 1000] {
                let values = codes(u32::try_from(width * len).unwrap(), len, width);
                let mut bytes = Vec::new();
                encode(&values, width, &mut bytes);
                let mut decoder = Decoder::new(&bytes, u8::try_from(width).unwrap()).unwrap();
                let mut all = Vec::new();
                decoder.read(len, &mut all).unwrap();
                assert_eq!(all, values, "width {width}, {len} values");
                let mut decoder = Decoder::new(&bytes, u8::try_from(width).unwrap()).unwrap();
                let (mut at, mut step) = (0, 0);
                while at + step < len {
                    if width == 1 {
                        let ones = values[at..at + step]
                            .iter()
                            .filter(|&&value| value == 1)
                            .count();
                        assert_eq!(decoder.ones(step), Ok(ones));
                    } else {
                        decoder.skip(step).unwrap();
                    }
                    at += step;
                    assert_eq!(decoder.next(), Ok(values[at]));
                    at += 1;
                    step = (step + 3) % 41;
                }
            }
        }
    }

    #[test]
    fn a_run_longer_than_its_bytes_is_an_error() {
        assert!(
            Decoder::new(&[0xff, 0xff, 0xff, 0xff, 0x0f, 1], 32)
                .unwrap()
                .skip(1)
                .is_err()
        );
        assert!(Decoder::new(&[3, 1], 32).unwrap().skip(1).is_err());
        assert!(Decoder::new(&[0x80; 9], 1).unwrap().skip(1).is_err());
        assert!(Decoder::new(&[], 33).is_err());
        // Empty runs cost a byte each, so they end with the bytes.
        assert!(Decoder::new(&[0; 64], 8).unwrap().skip(1).is_err());
    }
}
