//! `.env` files: variables for the scenarios.

use std::path::Path;

use crate::error::{Error, Result};

const HINT: &str = "a line is NAME=value, NAME='value' or NAME=\"value\"; # begins a comment";

/// The variables of a file's text: `NAME=value` a line, `export` before it allowed. Single quotes take
/// everything as it is; in double quotes `\n`, `\t`, `\"`, `\\` and `\$` are read. Nothing is
/// substituted.
///
/// # Errors
/// When a line is none of these. The message never shows its text, which may be a secret.
pub fn parse(path: &Path, text: &str) -> Result<Vec<(String, String)>> {
    let lines = text.trim_start_matches('\u{feff}').lines();
    let mut variables = Vec::new();
    for (number, line) in (1..).zip(lines) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let variable = parse_line(line).map_err(|problem| Error::Input {
            path: path.to_owned(),
            line: Some(number),
            problem: problem.to_owned(),
            hint: HINT.to_owned(),
        })?;
        variables.push(variable);
    }
    Ok(variables)
}

fn parse_line(line: &str) -> Result<(String, String), &'static str> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or("this line has no =")?;
    let name = name.trim();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return Err("what stands before = is no name of a variable");
    }
    let value = value.trim_start();
    let (value, rest) = match value.chars().next() {
        Some('\'') => value[1..]
            .split_once('\'')
            .map(|(value, rest)| (value.to_owned(), rest))
            .ok_or("the closing ' is missing")?,
        Some('"') => quoted(&value[1..])?,
        _ => {
            let end = value.find(" #").unwrap_or(value.len());
            (value[..end].trim_end().to_owned(), "")
        }
    };
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with('#') {
        Ok((name.to_owned(), value))
    } else {
        Err("something stands behind the closing quote")
    }
}

/// The text up to the closing quote, and what stands behind it.
fn quoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some(c @ ('"' | '\\' | '$')) => value.push(c),
                Some(c) => value.extend(['\\', c]),
                None => break,
            },
            c => value.push(c),
        }
    }
    Err("the closing \" is missing")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn variables(text: &str) -> Vec<(String, String)> {
        parse(Path::new(".env"), text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_way_to_write_a_variable() {
        let text = "\u{feff}# comment\nA=1\n export B = two words # not this\r\nC='a # b \\n'\n\
                    D=\"x\\ty\\\"z\\$\" # c\nE=\n\nF=a#b\n";
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "a # b \\n"),
            ("D", "x\ty\"z$"),
            ("E", ""),
            ("F", "a#b"),
        ];
        let expected = expected.map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(variables(text), expected);
    }

    #[test]
    fn a_broken_line_is_named_and_not_shown() {
        for text in [
            "A=1\nhunter2",
            "A=1\nB='hunter2",
            "A=1\nB=\"hunter2\\",
            "A=1\n2=hunter2",
            "A=1\nB='x'hunter2",
        ] {
            let error = parse(Path::new(".env"), text).unwrap_err().to_string();
            assert!(
                error.starts_with(".env:2: ") && !error.contains("hunter2"),
                "{error}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_comes_back(value in "[^\\r\\n]*") {
            let written = value.replace('\\', "\\\\").replace('"', "\\\"");
            prop_assert_eq!(&variables(&format!("A=\"{written}\""))[0].1, &value);
        }

        #[test]
        fn nothing_panics(text in ".*") {
            let _ = parse(Path::new("x"), &text);
        }
    }
}
