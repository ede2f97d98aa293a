//! Changes to a sound file, for what nobody hits upon otherwise, as hashes hold it together.

/// A file with changes of four bytes each: what, where (two), and which byte.
pub(crate) fn applied(sound: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for [what, high, low, byte] in edits.as_chunks().0 {
        let at = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(at) = at.checked_rem(bytes.len()) else {
            break;
        };
        match what % 5 {
            0 => bytes[at] = *byte,
            1 => bytes[at] ^= 1 << (byte % 8),
            2 => bytes.insert(at, *byte),
            3 => {
                bytes.remove(at);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}
