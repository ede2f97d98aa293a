//! A command disturbed again and again, and figures of it.

use std::fmt;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;

use super::scene::{Hit, Scene};

/// How often a command is disturbed in `cargo test`; `PERF_REPORT_KILLS` asks for more, and for figures.
const TIMES: u32 = 6;

/// The moment of `Scene::disturb` at which something is first seen to be written.
const FIRST_CHANGE: u32 = 1;

/// When a signal reached a command, and what that left.
#[derive(Default)]
struct Figures {
    /// Before it wrote anything.
    before: u32,
    /// While it was writing.
    amid: u32,
    /// When all was written, or it had ended.
    after: u32,
    /// How often something unfinished was left.
    left: u32,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            before,
            amid,
            after,
            left,
        } = self;
        write!(
            f,
            "{before} times before it wrote, {amid} amid, {after} after; something was left {left} times"
        )
    }
}

/// Disturbs a command at moments that are spread over its life, looks at what each leaves, and does it once
/// more undisturbed.
pub(super) fn repeat(
    scene: &Scene,
    what: &str,
    disturb: impl Fn(u32, &mut Child),
    look: impl Fn(&str, &Hit),
) {
    let wanted = std::env::var("PERF_REPORT_KILLS").ok();
    let times = wanted.as_ref();
    let times = times.map_or(TIMES, |times| times.parse().unwrap());
    let mut figures = Figures::default();
    let mut point = 0;
    // On a busy machine each may come too late: then there are some more, as early as it writes.
    while point < times || (figures.amid == 0 && point < 20 * times) {
        let moment = if point < times { point } else { FIRST_CHANGE };
        let hit = scene.disturb(moment, times, |child| disturb(point, child));
        let at = format!("{} {what}, point {point}, {}", scene.name, hit.status);
        if hit.status.signal().is_none() || scene.is_done() {
            figures.after += 1;
        } else if hit.wrote {
            figures.amid += 1;
        } else {
            figures.before += 1;
        }
        figures.left += u32::from(!scene.left().is_empty());
        scene.assert_nothing_half(&at);
        look(&at, &hit);
        scene.reset();
        point += 1;
        // What the last ones leave is left for what follows.
        if point + 2 < times {
            scene.clear();
        }
    }
    if wanted.is_some() {
        let _ = writeln!(std::io::stderr(), "{}: {what} {figures}", scene.name);
    }
    assert!(
        figures.amid > 0,
        "{}: never {what} amid: {figures}",
        scene.name
    );
    done_again(scene);
}

/// What was disturbed is simply done again, and what lies there does not disturb it.
pub(super) fn done_again(scene: &Scene) {
    let status = scene.start().wait().unwrap();
    assert_ne!(status.code(), Some(2), "{}", scene.name);
    assert!(scene.is_done(), "{} is not done", scene.name);
}
