//! The `README.txt` of a bundle.

use std::fmt::Write as _;

use super::bundle_manifest::BundleManifest;
use super::signature::NAMESPACE;

/// What is in a bundle, and how it is verified with programs that everybody has.
pub(super) fn text(manifest: &BundleManifest, is_signed: bool) -> String {
    let BundleManifest {
        release,
        ticket,
        root,
        baseline,
        thresholds,
        diff,
        attempts,
        discarded,
        tool,
        ..
    } = manifest;
    let compared = match (baseline, diff) {
        (Some(baseline), Some(verdict)) => {
            format!(
                "{verdict}, compared with {} (root {})",
                baseline.release, baseline.root
            )
        }
        (Some(baseline), None) => {
            format!("none: {} has no run of the same scenario", baseline.release)
        }
        (None, _) => "none: no other release was the baseline".to_owned(),
    };
    let mut text = format!(
        "Performance test evidence for release {release}, ticket {ticket}\n\
         \n\
         Thresholds   {thresholds}\n\
         Comparison   {compared}\n\
         Attempts     {attempts}, of which {discarded} discarded (release.txt)\n\
         Root hash    {root}\n\
         Written by   {} {}\n\
         \n\
         WHAT IS HERE\n\
         \n\
         release.txt        every run that was filed, discarded or removed, and accepted regressions\n\
         thresholds.md      every threshold of every run with its verdict\n\
         summary.txt        the statistics of every run, as k6 computes them\n",
        tool.name, tool.version
    );
    if diff.is_some() {
        text.push_str("diff.html, .md     the comparison with the baseline\n");
    }
    text.push_str(
        "runs/              a folder a run: report.html, k6's summary without secrets, and the\n\
         \u{20}                  manifest with the hashes of k6's own files; raw/ where they were kept\n\
         records/           what was decided: discards, waivers, tombstones\n\
         *.json             the same for programs\n\
         manifest.json      the size and SHA-256 of every file\n\
         root.txt           a line for every manifest, discard and waiver of the release\n\
         \n\
         HOW TO VERIFY IT\n\
         \n\
         None of the software that wrote this is needed. In the folder that this was unpacked to:\n\
         \n\
         \u{20}   sha256sum -c SHA256SUMS\n\
         \u{20}   sha256sum root.txt                       # the root hash above\n\
         \u{20}   sha256sum runs/*/*/manifest.json         # each stands in root.txt\n",
    );
    if is_signed {
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n\
             The sums are signed with an OpenSSH key. With a file \"allowed_signers\" that holds the line\n\
             \"<who> <public key>\", from a place that you trust:\n\
             \n\
             \u{20}   ssh-keygen -Y verify -f allowed_signers -I <who> -n {NAMESPACE} \\\n\
             \u{20}       -s SHA256SUMS.sig < SHA256SUMS\n"
        );
    } else {
        text.push_str("\nThe sums are not signed.\n");
    }
    text.push_str(
        "\n\
         WHAT THAT PROVES\n\
         \n\
         That nothing here was changed since it was put together, by the holder of the key where it\n\
         is signed; and, as long as the ticket holds this root hash, whether the archive still has the\n\
         same runs, discards and waivers. It does not prove when it was made, as no trusted clock is\n\
         involved, nor anything about runs that were never recorded.\n",
    );
    text
}
