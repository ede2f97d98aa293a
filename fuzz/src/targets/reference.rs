//! What a RUN argument can be: a release of an archive, a path, a glob; and moments and durations.

use perf_report::archive::{Archive, Name, Reference};
use perf_report::formats::fuzzing;
use perf_report::formats::{LoadOptions, load};
use perf_report::run::Moment;

use crate::files;

pub(super) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for reference in [
        Reference::parse(text),
        Reference::of_release(text).map(Some),
    ] {
        if let Ok(Some(reference)) = reference {
            let none = Archive::at(files::empty_folder("archive"));
            assert!(none.release_of(&reference).is_err());
        }
    }
    if let Ok(name) = Name::parse("release", text) {
        assert_eq!(name.as_str(), text);
    }
    if let Ok(moment) = text.parse::<Moment>() {
        assert!(!moment.to_string().is_empty());
    }
    fuzzing::duration(text);
    // Nothing outside of a folder of this target, and not stdin.
    if !text.contains(['/', '\0', '\\']) && !text.contains("..") && text != "-" {
        let folder = files::empty_folder("runs");
        files::put(&folder.join("a.json"), b"{}");
        files::put(&folder.join("b/c.csv"), b"x");
        assert!(load(&[folder.join(text)], LoadOptions::default()).is_err());
    }
}
