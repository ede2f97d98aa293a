//! The tags of a sample: an object of strings, or null.

use std::collections::BTreeMap;

use crate::formats::sink::Tag;

/// A quote opens a key, closes it, opens its value and closes that.
const QUOTES_OF_A_TAG: usize = 4;

/// Reads tags, of which [`check`] marked the quotes or found that they can be read.
pub(super) fn read<'a>(spelled: &'a str, quotes: &'a [u32]) -> impl Iterator<Item = Tag<'a>> {
    let between = |open: u32, close: u32| spelled[open as usize + 1..close as usize].into();
    let (tags, _) = quotes.as_chunks::<QUOTES_OF_A_TAG>();
    let plain = tags.iter().map(move |[key, key_end, value, value_end]| {
        (between(*key, *key_end), between(*value, *value_end))
    });
    let parsed = if tags.is_empty() {
        parse(spelled).ok().flatten()
    } else {
        None
    };
    let parsed = parsed.into_iter().flatten();
    plain.chain(parsed.map(|(key, value)| (key.into(), value.into())))
}

/// Whether tags can be read. Adds the places of the quotes to `quotes` where that is enough to read
/// them.
pub(super) fn check(spelled: &str, quotes: &mut Vec<u32>) -> serde_json::Result<()> {
    if plain(spelled, quotes) {
        return Ok(());
    }
    parse(spelled).map(|_| ())
}

fn parse(spelled: &str) -> serde_json::Result<Option<BTreeMap<String, String>>> {
    serde_json::from_str(spelled)
}

/// Whether tags are spelled without white space and escapes, as nearly all are. Adds the places of the
/// quotes to `quotes` if they are.
pub(super) fn plain(spelled: &str, quotes: &mut Vec<u32>) -> bool {
    let before = quotes.len();
    let is_plain = mark_quotes(spelled.as_bytes(), quotes).is_some();
    if !is_plain {
        quotes.truncate(before);
    }
    is_plain
}

/// Adds the places of the quotes in an object of strings; `None` when it is spelled otherwise.
fn mark_quotes(text: &[u8], quotes: &mut Vec<u32>) -> Option<()> {
    if text == b"{}" {
        return Some(());
    }
    let mut before = b'{';
    let mut at = 0;
    loop {
        let key = expect(text, at, &[before, b'"'])?;
        let key_end = string_end(text, key + 1)?;
        let value = expect(text, key_end, b"\":\"")?;
        let value_end = string_end(text, value + 1)?;
        let tag = [key, key_end, value, value_end];
        // No line has 2^32 bytes.
        quotes.extend(tag.map(|quote| u32::try_from(quote).unwrap_or(u32::MAX)));
        at = value_end + 1;
        if &text[at..] == b"}" {
            return Some(());
        }
        before = b',';
    }
}

/// The place of the last of these bytes, if they stand there.
fn expect(text: &[u8], at: usize, bytes: &[u8]) -> Option<usize> {
    text[at..]
        .starts_with(bytes)
        .then_some(at + bytes.len() - 1)
}

/// The place of the quote that ends a string; `None` when there is an escape or a control character
/// before it. Eight bytes are looked at together.
fn string_end(text: &[u8], from: usize) -> Option<usize> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let mut at = from;
    while let Some(word) = text[at..].first_chunk() {
        let word = u64::from_le_bytes(*word);
        // The highest bit of a byte tells whether it is less, and the lowest of these bits is right
        // (S. E. Anderson, "Bit Twiddling Hacks").
        let less = |word: u64, than: u64| word.wrapping_sub(than * EACH) & !word & (0x80 * EACH);
        let is = |byte: u8| less(word ^ (u64::from(byte) * EACH), 1);
        let marks = is(b'"') | is(b'\\') | less(word, 0x20);
        if marks != 0 {
            at += marks.trailing_zeros() as usize / 8;
            return (text[at] == b'"').then_some(at);
        }
        at += size_of::<u64>();
    }
    let is_mark = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    let end = at + text[at..].iter().position(is_mark)?;
    (text[end] == b'"').then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_the_parser(spelled: &str) -> Option<BTreeMap<String, String>> {
        serde_json::from_str::<Option<_>>(spelled)
            .ok()
            .map(Option::unwrap_or_default)
    }

    fn by_hand(spelled: &str) -> Option<BTreeMap<String, String>> {
        let mut quotes = Vec::new();
        check(spelled, &mut quotes).ok()?;
        let tags = read(spelled, &quotes);
        Some(
            tags.map(|(k, v)| (k.into_owned(), v.into_owned()))
                .collect(),
        )
    }

    #[test]
    fn tags_that_look_plain_and_are_not() {
        for spelled in [
            "null",
            "{}",
            "{,}",
            "{\"a\":\"b\"}",
            "{\"a\":\"b\",}",
            "{\"a\":\"b\"\"c\":\"d\"}",
            "{\"a\":\"b\",\"a\":\"c\"}",
            "{\"a\":\"b\"} ",
            "{\"a\": \"b\"}",
            "{\"a\":1}",
            "{\"a\":\"\t\"}",
            "{\"a\\n\":\"b\"}",
            "{\"a\":\"b\"}}",
            "{\"a\":\"b",
            "{\"a\"",
            "[]",
            "",
            "{\"\":\"\"}",
        ] {
            assert_eq!(by_hand(spelled), by_the_parser(spelled), "{spelled}");
        }
    }

    #[test]
    fn plain_tags_are_not_left_to_the_parser() {
        let mut quotes = Vec::new();
        assert!(plain(
            "{\"a\":\"b\",\"größe\":\"1{}:,\u{7f}\"}",
            &mut quotes
        ));
        assert_eq!(quotes.len(), 2 * QUOTES_OF_A_TAG);
        assert!(!plain("{\"a\":\"b\\n\"}", &mut quotes));
        assert_eq!(quotes.len(), 2 * QUOTES_OF_A_TAG);
    }

    proptest! {
        #[test]
        fn tags_are_those_of_the_json_parser(spelled in "\\{(\"[a\\\\n\u{e4}]{0,2}\":? ?\"[a{}:\\\\\"]{0,2}\",?){0,3}\\}?") {
            prop_assert_eq!(by_hand(&spelled), by_the_parser(&spelled));
        }

        #[test]
        fn a_string_ends_where_it_does_byte_by_byte(text in prop::collection::vec(
            prop_oneof![Just(b'"'), Just(b'\\'), Just(b'\x1f'), Just(b'!'), Just(b'#'), Just(0xa2), b' '..=0xff], 0..40,
        )) {
            let end = text.iter().position(|byte| *byte < b' ' || b"\"\\".contains(byte));
            prop_assert_eq!(string_end(&text, 0), end.filter(|end| text[*end] == b'"'));
        }
    }
}
