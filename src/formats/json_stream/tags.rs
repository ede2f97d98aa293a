//! The tags of a sample: an object of strings, or null.

use std::collections::BTreeMap;

use super::whole::why;
use crate::formats::sink::Tags;

/// A quote opens a key, closes it, opens its value and closes that.
const QUOTES_OF_A_TAG: usize = 4;

/// Reads tags, of which [`check`] marked the quotes or found that they can be read.
pub(super) fn read<'a>(spelled: &'a str, quotes: &[u32]) -> Result<Tags<'a>, String> {
    if quotes.is_empty() {
        let tags = parse(spelled)?.into_iter().flatten();
        return Ok(tags
            .map(|(key, value)| (key.into(), value.into()))
            .collect());
    }
    let between = |open: u32, close: u32| spelled[open as usize + 1..close as usize].into();
    let (tags, _) = quotes.as_chunks::<QUOTES_OF_A_TAG>();
    Ok(tags
        .iter()
        .map(|[key, key_end, value, value_end]| {
            (between(*key, *key_end), between(*value, *value_end))
        })
        .collect())
}

/// Whether tags can be read. Adds the places of the quotes to `quotes` where that is enough to read
/// them.
pub(super) fn check(spelled: &str, quotes: &mut Vec<u32>) -> Result<(), String> {
    if plain(spelled, quotes) {
        return Ok(());
    }
    parse(spelled).map(|_| ())
}

fn parse(spelled: &str) -> Result<Option<BTreeMap<String, String>>, String> {
    serde_json::from_str(spelled).map_err(|e| why(&e))
}

/// Whether tags are spelled without white space and escapes, as nearly all are: between the quotes
/// stand only keys, `:`, values and `,`. Adds the places of the quotes to `quotes` if they are.
pub(super) fn plain(spelled: &str, quotes: &mut Vec<u32>) -> bool {
    let before = quotes.len();
    let is_plain = mark_quotes(spelled.as_bytes(), quotes)
        && is_object(spelled.as_bytes(), &quotes[before..]);
    if !is_plain {
        quotes.truncate(before);
    }
    is_plain
}

/// Whether quotes stand as in an object of strings.
fn is_object(text: &[u8], quotes: &[u32]) -> bool {
    let (tags, rest) = quotes.as_chunks::<QUOTES_OF_A_TAG>();
    let mut end = 0;
    let mut before: &[u8] = b"{";
    for tag in tags {
        let [key, key_end, value, value_end] = tag.map(|quote| quote as usize);
        if &text[end..key] != before || &text[key_end + 1..value] != b":" {
            return false;
        }
        end = value_end + 1;
        before = b",";
    }
    rest.is_empty() && &text[end..] == if tags.is_empty() { b"{}" as &[u8] } else { b"}" }
}

/// Adds the places of the quotes in a text; `false` when there is an escape or a control character
/// in it. Eight bytes are looked at together.
fn mark_quotes(text: &[u8], quotes: &mut Vec<u32>) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    const LOW: u64 = 0x7f * EACH;
    let (words, rest) = text.as_chunks::<8>();
    let mut last = [b' '; 8];
    last[..rest.len()].copy_from_slice(rest);
    for (word, at) in words.iter().chain([&last]).zip((0..).step_by(8)) {
        let word = u64::from_le_bytes(*word);
        // The highest bit of each byte tells of it (S. E. Anderson, "Bit Twiddling Hacks": zero
        // byte, byte less than n). Bits of `quote` are all right; of the others only whether there
        // are any.
        let control = word.wrapping_sub(0x20 * EACH) & !word;
        let escape = word ^ (u64::from(b'\\') * EACH);
        let escape = escape.wrapping_sub(EACH) & !escape;
        if (control | escape) & HIGH != 0 {
            return false;
        }
        let quote = word ^ (u64::from(b'"') * EACH);
        let mut quote = !(((quote & LOW) + LOW) | quote | LOW);
        while quote != 0 {
            quotes.push(at + quote.trailing_zeros() / 8);
            quote &= quote - 1;
        }
    }
    true
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
        let tags = read(spelled, &quotes).ok()?;
        Some(
            tags.into_iter()
                .map(|(k, v)| (k.into_owned(), v.into_owned()))
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
        assert!(plain("{\"a\":\"b\",\"größe\":\"1{}:,\u{7f}\"}", &mut quotes));
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
        fn quotes_are_found_as_one_by_one(text in prop::collection::vec(
            prop_oneof![Just(b'"'), Just(b'!'), Just(b'#'), Just(0xa2), Just(b']'), b' '..=0xff, any::<u8>()], 0..40,
        )) {
            let mut quotes = Vec::new();
            let plain = mark_quotes(&text, &mut quotes);
            prop_assert_eq!(plain, text.iter().all(|byte| *byte >= b' ' && *byte != b'\\'));
            if plain {
                let one_by_one = text.iter().zip(0..).filter(|(byte, _)| **byte == b'"');
                prop_assert_eq!(quotes, one_by_one.map(|(_, at)| at).collect::<Vec<u32>>());
            }
        }
    }
}
