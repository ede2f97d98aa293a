//! Bundles: any ZIP, a sound one of which something is changed, and one with a signature of any text.

use std::path::Path;
use std::sync::LazyLock;

use perf_report::archive::{
    Archive, BUNDLE_SCHEMA, Bundle, BundleManifest, Name, Signed, Tool, verify_bundle,
};
use perf_report::formats::sha256_of;

use crate::{edits, files};

pub(super) fn run(data: &[u8]) {
    if data.starts_with(b"PK") {
        verify_bundle(&files::file("any.zip", data), &none()).expect("the file can be read");
    } else if data.starts_with(b"-----BEGIN") {
        let path = files::folder().join("signed.zip");
        write(&path, Some(data));
        let found = verify_bundle(&path, &none()).expect("the file can be read");
        assert!(
            !matches!(found.signed, Some(Signed::By(_))),
            "nobody signed this"
        );
    } else {
        let changed = edits::applied(&SOUND, data);
        let path = files::file("changed.zip", &changed);
        assert_eq!(is_sound(&path), changed == *SOUND);
    }
}

fn none() -> Archive {
    Archive::at(files::folder().join("no-archive"))
}

fn is_sound(path: &Path) -> bool {
    let found = verify_bundle(path, &none()).expect("the file can be read");
    found.discrepancies.is_empty()
}

/// A sound bundle.
static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let path = files::folder().join("sound.zip");
    write(&path, None);
    assert!(is_sound(&path));
    std::fs::read(path).expect("a bundle")
});

/// Writes a bundle, with this text where a signature belongs.
fn write(path: &Path, signature: Option<&[u8]>) {
    let root = "perf-report.root/1 v1\n";
    let name = |what, text| Name::parse(what, text).expect("a name");
    let manifest = BundleManifest {
        schema: BUNDLE_SCHEMA.to_owned(),
        release: name("release", "v1"),
        ticket: name("ticket", "REL-1"),
        root: sha256_of(root.as_bytes()),
        baseline: None,
        thresholds: "passed".to_owned(),
        diff: None,
        attempts: 1,
        discarded: 0,
        files: Vec::new(),
        tool: Tool::this(),
    };
    let mut bundle = Bundle::default();
    bundle.add("root.txt", root.as_bytes().to_vec());
    bundle.add("summary.txt", b"all is well\n".to_vec());
    if let Some(signature) = signature {
        bundle.add("SHA256SUMS.sig", signature.to_vec());
    }
    bundle.write(manifest, None, path).expect("a bundle");
}
