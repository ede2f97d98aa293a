//! Ctrl-C and SIGTERM: a command ends by the signal, and takes away what it has not finished.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::commands;
use super::figures::repeat;
use super::killed::{archive_verifies, has_checkpoint, look_nowhere, packed_is_readable};
use super::scene::Scene;
use super::skipped;

fn send(child: &Child, signal: Signal) {
    // It may have ended.
    let _ = kill_process(Pid::from_child(child), signal);
}

/// Interrupts a command again and again. `look` looks at what is there after each time.
fn interrupt(scene: &Scene, look: impl Fn(&Path)) {
    let signal = |point: u32| {
        if point % 4 < 2 {
            Signal::INT
        } else {
            Signal::TERM
        }
    };
    let disturb = |point, child: &mut Child| send(child, signal(point));
    repeat(scene, "interrupted", disturb, |at, hit| {
        assert_ended(hit.status, at);
        assert_only_use_is_left(scene, at);
        look(scene.path());
    });
}

/// Nothing is left but what can be read.
fn assert_only_use_is_left(scene: &Scene, at: &str) {
    for path in scene.left() {
        let bytes = std::fs::read(scene.path().join(&path)).unwrap();
        assert!(has_checkpoint(&bytes), "{at}: {} is left", path.display());
    }
}

/// By the signal, unless it came too late; `run` goes on to report what k6 wrote.
fn assert_ended(status: ExitStatus, at: &str) {
    let by_signal = matches!(status.signal(), Some(2 | 15));
    let done = matches!(status.code(), Some(0 | 1 | 99));
    let reported = at.starts_with("run") && status.code() == Some(2);
    assert!(by_signal || done || reported, "{at}");
}

#[test]
fn pack() {
    let input = tempfile::tempdir().unwrap();
    interrupt(&commands::pack(input.path()), packed_is_readable);
    interrupt(&commands::pack_histograms(input.path()), look_nowhere);
}

/// The first Ctrl-C is k6's. The next one ends packing, and what can be read of it stays.
#[test]
fn a_pipe() {
    let input = tempfile::tempdir().unwrap();
    let scene = commands::pack_a_pipe(input.path());
    let disturb = |point: u32, child: &mut Child| {
        let signal = if point % 4 < 2 {
            Signal::TERM
        } else {
            Signal::INT
        };
        // Two that come at once are one, so that it is sent until it works.
        while child.try_wait().unwrap().is_none() {
            send(child, signal);
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    repeat(&scene, "interrupted", disturb, |at, hit| {
        assert_ended(hit.status, at);
        assert_only_use_is_left(&scene, at);
        packed_is_readable(scene.path());
    });
}

#[test]
fn archive() {
    interrupt(&commands::archive_add(), archive_verifies);
    interrupt(&commands::archive_prune(), archive_verifies);
    interrupt(&commands::archive_export(), archive_verifies);
}

#[test]
fn pages() {
    interrupt(&commands::html(), look_nowhere);
    interrupt(&commands::html_folder(), look_nowhere);
}

#[test]
fn reports() {
    interrupt(&commands::summary(), look_nowhere);
    interrupt(&commands::check(), look_nowhere);
    interrupt(&commands::diff(), look_nowhere);
}

#[test]
fn run() {
    interrupt(&commands::run(), look_nowhere);
}

/// The shell says enough.
#[test]
fn nothing_is_said() {
    let scene = commands::html_folder();
    let mut command = scene.command();
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    scene.wait_for_a_change(&mut child).unwrap();
    send(&child, Signal::TERM);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.signal(), Some(15), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert!(scene.left().is_empty());
}

/// The first process of a container has to end itself.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs unshare, as root"]
fn the_first_process_of_a_container_ends_too() {
    let folder = tempfile::tempdir().unwrap();
    // A reader that waits for a stream that does not come.
    let script = "exec unshare --pid --fork --kill-child \"$0\" summary -";
    let child = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_perf-report")])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .spawn();
    let mut child = child.unwrap();
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    let mut inside = None;
    while inside.is_none() {
        if child.try_wait().unwrap().is_some() {
            skipped("no container can be made here, which takes root");
            return;
        }
        let found = std::fs::read_to_string(&children).unwrap_or_default();
        inside = found.trim().parse::<i32>().ok().and_then(Pid::from_raw);
    }
    // It looks after signals as soon as it has begun.
    while child.try_wait().unwrap().is_none() {
        let _ = kill_process(inside.unwrap(), Signal::TERM);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(child.wait().unwrap().code(), Some(128 + 15));
}
