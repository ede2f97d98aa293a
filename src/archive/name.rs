//! Names of releases, scenarios and tickets: data, and never a path.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Longer names are refused, in bytes: a folder's name has room for 255, and each may become three.
const LONGEST: usize = 80;

/// What references mean by themselves.
pub(super) const BASELINE: &str = "baseline";
pub(super) const PREVIOUS: &str = "previous";
pub(super) const LATEST: &str = "latest";

/// Names that mean something else: to a reference, to Windows, and to engines that read the
/// folders' names.
const RESERVED: [&str; 8] = [
    BASELINE,
    PREVIOUS,
    LATEST,
    "con",
    "prn",
    "aux",
    "nul",
    "__hive_default_partition__",
];

/// The name of a release, a scenario or a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// Takes a name, `what` being what it names.
    ///
    /// # Errors
    /// When it is empty or too long, holds separators, `..`, or characters that cannot be seen, or
    /// means something else.
    pub fn parse(what: &str, text: &str) -> Result<Self> {
        match problem(text) {
            None => Ok(Self(text.to_owned())),
            Some(problem) => Err(Error::usage(
                format!("{what} {text:?}: {problem}"),
                format!("a {what} is a name such as {}", example(what)),
            )),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a part of a path that every file system and object store takes: letters, digits,
    /// `.`, `_` and `-` stay, and other bytes become `%` and two digits, as in Hive's folders.
    pub(super) fn encoded(&self) -> String {
        let mut encoded = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
                encoded.push(char::from(byte));
            } else {
                // Writing to a string does not fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    }

    /// The name that is encoded so; `None` if none is.
    pub(super) fn decoded(encoded: &str) -> Option<Self> {
        let mut bytes = Vec::with_capacity(encoded.len());
        let mut rest = encoded.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(if byte == b'%' {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            } else {
                byte
            });
        }
        let name = Self::try_from(String::from_utf8(bytes).ok()?).ok()?;
        (name.encoded() == encoded).then_some(name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match problem(&text) {
            None => Ok(Self(text)),
            Some(problem) => Err(format!("the name {text:?}: {problem}")),
        }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

fn problem(text: &str) -> Option<String> {
    let unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let lower = text.to_lowercase();
    // Windows looks at what stands before the first dot.
    let device = lower.split('.').next().unwrap_or("");
    let is_port = device.len() == 4
        && (device.starts_with("com") || device.starts_with("lpt"))
        && device.ends_with(|c: char| c.is_ascii_digit());
    Some(if text.is_empty() {
        "it is empty".to_owned()
    } else if text.len() > LONGEST {
        format!("it is longer than {LONGEST} bytes")
    } else if text.contains(unseen) {
        "it holds a character that cannot be seen".to_owned()
    } else if text.contains(['/', '\\']) {
        "it holds a separator of paths".to_owned()
    } else if text.contains("..") || text == "." {
        "it reads like a path".to_owned()
    } else if text.starts_with(['.', '-', ' ']) || text.ends_with(['.', ' ']) {
        "it begins or ends with a dot, a space or a dash".to_owned()
    } else if RESERVED.contains(&lower.as_str()) || RESERVED.contains(&device) || is_port {
        "this name is reserved".to_owned()
    } else {
        return None;
    })
}

fn example(what: &str) -> &'static str {
    match what {
        "ticket" => "REL-812",
        "scenario" => "user-journeys",
        _ => "v2025.10",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_are_paths_or_mean_something_else_are_refused() {
        for text in [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "../x",
            "a..b",
            ".hidden",
            "-x",
            "x ",
            "x.",
            "a\nb",
            "a\0b",
            "a\u{202e}b",
            "baseline",
            "Latest",
            "previous",
            "CON",
            "nul.txt",
            "com1",
            "LPT9.x",
            "__HIVE_DEFAULT_PARTITION__",
            &"x".repeat(81),
        ] {
            let error = Name::parse("release", text).expect_err(text);
            assert!(error.hint().is_some(), "{text}");
        }
        for text in ["v2025.10", "1", "Übung 7", "a=b", "%2F", "common", "käse+2"] {
            Name::parse("release", text).expect(text);
        }
    }

    proptest! {
        #[test]
        fn an_encoded_name_is_one_plain_part_of_a_path(text in "\\PC{1,30}") {
            prop_assume!(problem(&text).is_none());
            let name = Name(text);
            let encoded = name.encoded();
            prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-%".contains(&b)));
            prop_assert!(encoded.len() <= 240);
            prop_assert_eq!(Name::decoded(&encoded), Some(name));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,100}") {
            let _ = Name::parse("release", &text);
            let _ = Name::decoded(&text);
        }
    }
}
