//! The documentation shows what the command really prints.
//!
//! In a block that begins with ```` ```console ````, each line after `$ ` is run in the project's
//! folder, and what follows it is what it prints; `…` stands for lines left out.
//! `UPDATE_DOCS=1 cargo test --test docs` writes the outputs anew where nothing is left out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::path::Path;
use std::process::Command;

const DOCUMENTS: [&str; 1] = ["README.md"];

#[test]
fn every_console_block_is_what_the_command_prints() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut commands = 0;
    for document in DOCUMENTS {
        let path = project.join(document);
        let text = std::fs::read_to_string(&path).unwrap();
        let archive = tempfile::tempdir().unwrap();
        let (fresh, run) = refresh(&text, archive.path());
        commands += run;
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &fresh).unwrap();
        } else {
            assert_same(document, &text, &fresh);
        }
    }
    assert!(commands >= 4, "{commands} commands");
}

fn assert_same(document: &str, shown: &str, real: &str) {
    for (number, (shown, real)) in shown.lines().zip(real.lines()).enumerate() {
        assert_eq!(shown, real, "{document}:{}", number + 1);
    }
    assert_eq!(shown.len(), real.len(), "{document}");
}

/// The document with every console block's output made anew, and the number of commands run.
fn refresh(text: &str, archive: &Path) -> (String, usize) {
    let (mut fresh, mut commands) = (String::new(), 0);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        fresh.push_str(line);
        fresh.push('\n');
        if line != "```console" {
            continue;
        }
        while let Some(line) = lines.next_if(|line| *line != "```") {
            fresh.push_str(line);
            fresh.push('\n');
            let Some(command) = line.strip_prefix("$ ") else {
                continue;
            };
            let mut shown = Vec::new();
            while let Some(line) = lines.next_if(|l| !l.starts_with("$ ") && *l != "```") {
                shown.push(line);
            }
            fresh.push_str(&shown_or_real(&shown, &run(command, archive)));
            commands += 1;
        }
    }
    (fresh, commands)
}

/// What is shown if it fits what is real, lines left out considered; else what is real.
fn shown_or_real(shown: &[&str], real: &str) -> String {
    let shown_text: String = shown.iter().flat_map(|line| [*line, "\n"]).collect();
    let mut rest = real;
    for part in shown_text.split("…\n") {
        let Some(at) = rest.find(part) else {
            return real.to_owned();
        };
        rest = &rest[at + part.len()..];
    }
    let is_left_out = |at: Option<&&str>| at.is_some_and(|line| *line == "…");
    let starts =
        is_left_out(shown.first()) || real.starts_with(shown_text.split("…\n").next().unwrap());
    let ends = is_left_out(shown.last()) || rest.is_empty();
    if starts && ends {
        shown_text
    } else {
        real.to_owned()
    }
}

/// Runs a command in the project's folder, with an archive that is empty where the document begins.
fn run(command: &str, archive: &Path) -> String {
    let words: Vec<String> = split(command);
    let [program, args @ ..] = words.as_slice() else {
        panic!("{command}: no command")
    };
    assert_eq!(program, "perf-report", "{command}");
    let output = Command::new(env!("CARGO_BIN_EXE_perf-report"))
        .args(args)
        .env("PERF_REPORT_ARCHIVE", archive)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

/// Words as a shell splits them, single quotes considered.
fn split(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
