//! What a terminal shows, in its width; what a pipe gets is never shortened.
#![cfg(unix)]

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use unicode_width::UnicodeWidthStr as _;

use super::archive_fixture::{ok, write_stream};
use super::runner::{run, samples};

/// What the command writes to a terminal of so many columns, without colours.
fn on_terminal(
    columns: u16,
    stated: Option<&str>,
    folder: &std::path::Path,
    args: &[&str],
) -> String {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let size = Winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&terminal, size).unwrap();
    let side = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_perf-report"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    command.env("NO_COLOR", "1").env_remove("COLUMNS");
    if let Some(stated) = stated {
        command.env("COLUMNS", stated);
    }
    let other = OwnedFd::from(side.try_clone().unwrap());
    command.stdout(OwnedFd::from(side)).stderr(other);
    let mut child = command.spawn().unwrap();
    // Else the terminal would never be closed at the other side.
    drop(command);
    let mut text = Vec::new();
    // Linux tells the end of a terminal by an error.
    let _ = File::from(terminal).read_to_end(&mut text);
    child.wait().unwrap();
    String::from_utf8(text).unwrap().replace('\r', "")
}

fn widest(text: &str) -> usize {
    text.lines()
        .map(unicode_width::UnicodeWidthStr::width)
        .max()
        .unwrap_or(0)
}

const DIFF: [&str; 3] = ["diff", "journeys/v2025.10", "journeys/v2025.11"];

/// The rows of a comparison's table.
fn rows(text: &str) -> String {
    let rows = text
        .lines()
        .filter(|line| line.contains("p(95)") && line.contains(" … "));
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_comparison_fits_into_a_terminal_and_its_numbers_stay_whole() {
    let piped = run(&DIFF).stdout;
    assert!(!rows(&piped).contains("{label:documents-f…") && widest(&rows(&piped)) > 130);
    let narrow = on_terminal(130, None, &samples(), &DIFF);
    assert!(widest(&rows(&narrow)) <= 130, "{narrow}");
    assert!(rows(&narrow).contains('…'), "{narrow}");
    for number in ["110.27ms", "101.43ms", "-27.6% … +16.5%", "-25% … +3.2%"] {
        assert!(rows(&narrow).contains(number), "{number}: {narrow}");
    }
    // COLUMNS is stated by somebody, and wide terminals shorten nothing.
    let stated = on_terminal(400, Some("130"), &samples(), &DIFF);
    assert_eq!(rows(&stated), rows(&narrow));
    let wide = on_terminal(400, None, &samples(), &DIFF);
    assert_eq!(rows(&wide), rows(&piped));
    let nonsense = on_terminal(400, Some("many"), &samples(), &DIFF);
    assert_eq!(rows(&nonsense), rows(&piped));
}

#[test]
fn summaries_checks_and_lists_fit_too() {
    let names = |text: &str| text.matches('…').count();
    let summary = ["summary", "journeys/v2025.10"];
    let piped = run(&summary).stdout;
    let shown = on_terminal(132, None, &samples(), &summary);
    assert!(names(&shown) > names(&piped), "{shown}");
    let metrics = shown.lines().filter(|line| line.contains(".: avg="));
    assert!(
        metrics.clone().count() > 5 && metrics.clone().all(|line| line.width() <= 132),
        "{shown}"
    );
    // What cannot fit is left as it is.
    assert!(on_terminal(40, None, &samples(), &summary).contains("{ label:autonomy-status }"));
    let check = on_terminal(36, None, &samples(), &["check", "smoke/v2025.11"]);
    assert!(
        check.contains("    http_req_duration{label:gateway…\n"),
        "{check}"
    );
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_stream(folder, 1);
    let release = "a-release-of-which-the-name-is-longer-than-anybody-wants-it";
    ok(folder, &["archive", "add", "run-1", "--release", release]);
    let list = on_terminal(100, None, folder, &["archive", "list"]);
    assert!(
        widest(&list) <= 100 && list.contains("a-release-of-which-…"),
        "{list}"
    );
    assert!(
        !list.contains(release) && ok(folder, &["archive", "list"]).contains(release),
        "{list}"
    );
}

#[test]
fn notes_stand_once_on_a_terminal() {
    let args = ["check", "smoke/v2025.11", "--skip", "5s"];
    let shown = on_terminal(200, None, &samples(), &args);
    assert_eq!(
        shown.matches("only a part of the run").count(),
        1,
        "{shown}"
    );
    let piped = run(&args);
    assert!(
        piped.stdout.contains("only a part") && piped.stderr.contains("only a part"),
        "{piped}"
    );
    let json = on_terminal(
        200,
        None,
        &samples(),
        &[&args[..], &["-o", "/dev/null"]].concat(),
    );
    assert_eq!(json.matches("only a part of the run").count(), 1, "{json}");
}
