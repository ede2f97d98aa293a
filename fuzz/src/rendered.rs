//! Everything that is made of runs, and whether it is well-formed.

use std::io::Write;

use perf_report::Result;
use perf_report::compare::{CompareOptions, compare};
use perf_report::render;
use perf_report::report::page::Page;
use perf_report::report::{CheckReport, DiffReport, ReportOptions, RunReport, SummaryReport};
use perf_report::run::Run;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Renders the summary of a run in every format.
pub(crate) fn summary(run: &Run) {
    let report = summary_report(run);
    assert_json(&written(|out| render::json::document(&report, out)));
    for width in [None, Some(40)] {
        assert_text(&written(|out| render::text::summary(&report, width, out)));
    }
    written(|out| render::markdown::summary(&report, out));
    assert_csv(&written(|out| render::csv::summary(&report, out)));
    assert_xml(&written(|out| render::junit::summary(&report, out)));
    assert_metrics(&written(|out| render::openmetrics::summary(&report, out)));
    assert_annotations(&written(|out| render::github::summary(&report, out)));
}

/// Renders what thresholds say of a run in every format.
pub(crate) fn check(run: &Run) {
    let report = CheckReport::from(summary_report(run));
    assert_json(&written(|out| render::json::document(&report, out)));
    assert_text(&written(|out| render::text::check(&report, Some(60), out)));
    written(|out| render::markdown::check(&report, out));
    assert_csv(&written(|out| render::csv::check(&report, out)));
    assert_xml(&written(|out| render::junit::check(&report, out)));
    assert_metrics(&written(|out| render::openmetrics::check(&report, out)));
    assert_annotations(&written(|out| render::github::check(&report, out)));
}

/// Renders a comparison of runs with themselves in every format.
pub(crate) fn diff(runs: &[Run]) {
    let Ok(compared) = compare(runs, runs, &CompareOptions::default()) else {
        return;
    };
    let report = DiffReport::from(&compared);
    assert_json(&written(|out| render::json::document(&report, out)));
    assert_text(&written(|out| {
        render::diff_text::diff(&report, true, Some(60), out)
    }));
    written(|out| render::diff_markdown::diff(&report, true, out));
    assert_csv(&written(|out| render::csv::diff(&report, out)));
    assert_xml(&written(|out| render::junit::diff(&report, out)));
    assert_metrics(&written(|out| render::openmetrics::diff(&report, out)));
    assert_annotations(&written(|out| render::github::diff(&report, out)));
}

/// Renders a run's page.
pub(crate) fn page(run: &Run) {
    let report = RunReport::new(run, &ReportOptions::default()).expect("a report");
    let page = Page::new(run, &report, None);
    let html = written(|out| render::html::page(&page, None, out));
    let html = assert_utf8(&html);
    assert!(html.trim_end().ends_with("</html>"));
    // Two of the page itself: its style's and its script's brackets are no elements.
    assert_eq!(
        html.matches("<script").count(),
        html.matches("</script>").count()
    );
}

fn summary_report(run: &Run) -> SummaryReport {
    let options = ReportOptions {
        by: Some("name".to_owned()),
        ..ReportOptions::default()
    };
    SummaryReport::new(std::slice::from_ref(run), &options).expect("a report")
}

fn written<E: std::fmt::Debug>(
    render: impl FnOnce(&mut dyn Write) -> std::result::Result<(), E>,
) -> Vec<u8> {
    let mut out = Vec::new();
    render(&mut out).expect("memory takes it");
    out
}

fn assert_utf8(text: &[u8]) -> &str {
    std::str::from_utf8(text).expect("UTF-8")
}

fn assert_json(text: &[u8]) {
    let document: serde_json::Value = serde_json::from_slice(text).expect("JSON");
    assert!(document["schema"].is_string());
}

/// Text steers no terminal but by the colours that are ours.
pub(crate) fn assert_text(text: &[u8]) {
    let mut parts = assert_utf8(text).split('\u{1b}');
    let plain = parts.next().into_iter().chain(parts.map(|part| {
        let colour = part.strip_prefix('[').and_then(|part| part.split_once('m'));
        let (codes, rest) = colour.expect("a colour");
        assert!(codes.bytes().all(|b| b.is_ascii_digit() || b == b';'));
        rest
    }));
    for part in plain {
        let hidden = part.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(hidden, None, "{part:?}");
    }
}

fn assert_csv(text: &[u8]) {
    let mut reader = csv::Reader::from_reader(text);
    for row in reader.records() {
        row.expect("as many cells as the header has");
    }
}

fn assert_xml(text: &[u8]) {
    let text = assert_utf8(text);
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert_eq!(
        text.chars().find(|c| !allowed(*c)),
        None,
        "no character of XML"
    );
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().expect("XML") {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    attribute.expect("an attribute");
                }
            }
            _ => {}
        }
    }
}

/// Each line is a sample or a comment, and the last one says that it is.
fn assert_metrics(text: &[u8]) {
    let text = assert_utf8(text);
    assert!(text.ends_with("# EOF\n"));
    for line in text.lines().filter(|line| !line.starts_with("# ")) {
        let value = line.rsplit(' ').next().unwrap_or_default();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        assert!(
            line.starts_with(|c: char| c.is_ascii_alphabetic()),
            "{line}"
        );
    }
}

/// Each line is an annotation, so that no name can be a command of another kind.
fn assert_annotations(text: &[u8]) {
    for line in assert_utf8(text).lines() {
        let ours = ["::error", "::warning", "::notice"];
        assert!(
            ours.iter().any(|command| line.starts_with(command)) || !line.starts_with("::"),
            "{line}"
        );
    }
}

/// What `load` gave, without its error.
pub(crate) fn runs(loaded: Result<perf_report::formats::Loaded>) -> Vec<Run> {
    loaded.map(|loaded| loaded.runs).unwrap_or_default()
}
