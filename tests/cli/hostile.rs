//! Names come from whoever answered a test: whatever stands in one, each output is what its readers take it for.
//!
//! Each output is read by a parser of its format that others wrote, and what it finds is held against the same run with
//! harmless names.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use comrak::nodes::NodeValue;
use proptest::prelude::*;
use scraper::Html;

use super::runner::{Outcome, run_in};

/// What each reader would take for more than a name.
const ATTACKS: [&str; 14] = [
    "</td></script></style></title></svg><script>alert(1)</script><img src=x onerror=alert(2)>",
    r#"" onmouseover="alert(1)" x=""#,
    "' onmouseover='alert(1)' x='",
    "javascript:alert(1)",
    "[x](javascript:alert(1)) ![x](http://e.example/x.png) **b** `c` <https://e.example> www.e.example",
    "a | b\n\n# head\n- item\n```\n@team #1 a@e.example ~~x~~ &lt;b&gt; \\",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-1+1",
    "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\r\u{202e}\u{200f}\u{2028}\u{8}",
    "x\n::error::injected\r\n::add-mask::x%0A::set-output name=x::y",
    "]]><!-- --><failure/>&#0;&x;\u{0}\u{fffe}",
    "\"} 1\n# EOF\nk6_injected 1\n\\",
    "{{story.name}} {{{lookup this}}} ${x} $(x) `x` ../../../etc/passwd",
];

/// A stream of every metric that reports show, in which every text that a script or a server can choose is this one.
fn stream(name: &str) -> String {
    let text = serde_json::Value::from(name).to_string();
    let mut stream = String::new();
    for (metric, kind) in [
        ("http_req_duration", "trend"),
        ("waiting", "trend"),
        ("fails", "rate"),
    ] {
        let limit = if kind == "rate" {
            "rate<0.1"
        } else {
            "p(95)<5"
        };
        writeln!(
            stream,
            r#"{{"type":"Metric","data":{{"name":"{metric}","type":"{kind}","contains":"time","thresholds":["{limit}"],"submetrics":null}},"metric":"{metric}"}}"#
        )
        .unwrap();
    }
    for second in 10..40 {
        for (metric, value) in [
            ("http_req_duration", "12.5"),
            ("http_reqs", "1"),
            ("http_req_failed", "1"),
            ("checks", "0"),
            ("waiting", "3"),
            ("fails", "1"),
            ("vus", "2"),
        ] {
            let tags = [
                "name",
                "url",
                "status",
                "error",
                "error_code",
                "check",
                "scenario",
                "label",
            ];
            let tags = tags.map(|tag| format!(r#""{tag}":{text}"#)).join(",");
            let group = serde_json::Value::from(format!("::{name}::{name}"));
            writeln!(
                stream,
                r#"{{"metric":"{metric}","type":"Point","data":{{"time":"2026-01-01T00:00:{second}Z","value":{value},"tags":{{{tags},"method":{text},"group":{group},"expected_response":"false"}}}}}}"#
            )
            .unwrap();
        }
    }
    stream
}

/// A run in which everything has this name, and one that is twice as slow.
fn write_runs(folder: &Path, name: &str) {
    fs::write(folder.join("old.ndjson"), stream(name)).unwrap();
    fs::write(
        folder.join("new.ndjson"),
        stream(name).replace("12.5", "25.5"),
    )
    .unwrap();
}

/// The output of a command on them.
fn output(name: &str, args: &[&str]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path(), name);
    let outcome = run_in(folder.path(), args, b"");
    assert!(
        [0, 1, 99].contains(&outcome.code),
        "{name:?} {args:?}: {outcome}"
    );
    outcome
}

/// The arguments that write each document in a format.
fn commands(format: &'static str) -> [Vec<&'static str>; 3] {
    let summary = vec!["summary", "new.ndjson", "--by", "label", "--format", format];
    let check = vec!["check", "new.ndjson", "--format", format];
    [
        summary,
        check,
        vec!["diff", "old.ndjson", "new.ndjson", "--format", format],
    ]
}

/// The elements of a page with the names of their attributes, the addresses that it has, and its scripts.
#[derive(Debug, Default)]
struct Skeleton {
    elements: BTreeSet<String>,
    addresses: Vec<String>,
    scripts: Vec<String>,
    text: String,
}

impl Skeleton {
    fn of(page: &str) -> Self {
        let mut skeleton = Self::default();
        for node in Html::parse_document(page).tree.nodes() {
            match node.value() {
                scraper::Node::Element(element) => {
                    skeleton.elements.insert(element.name().to_owned());
                    for (attribute, value) in element.attrs() {
                        skeleton
                            .elements
                            .insert(format!("{} {attribute}", element.name()));
                        if ["href", "src", "action"].contains(&attribute) {
                            skeleton.addresses.push(value.to_owned());
                        }
                    }
                }
                scraper::Node::Text(text) => {
                    let parent = node.parent().unwrap();
                    let parent = parent
                        .value()
                        .as_element()
                        .map(scraper::node::Element::name);
                    if parent == Some("script") {
                        skeleton.scripts.push(text.to_string());
                    } else {
                        skeleton.text += text;
                    }
                }
                _ => {}
            }
        }
        skeleton
    }

    /// Asserts that a page has the same elements as one with harmless names.
    fn assert_like(&self, harmless: &Self, name: &str) {
        let more: Vec<_> = self.elements.difference(&harmless.elements).collect();
        assert!(more.is_empty(), "{name:?} made {more:?}");
        assert_eq!(self.scripts, harmless.scripts, "{name:?}");
        let elsewhere =
            |address: &&String| !harmless.addresses.contains(address) && !address.starts_with('#');
        let elsewhere: Vec<_> = self.addresses.iter().filter(elsewhere).collect();
        assert!(elsewhere.is_empty(), "{name:?} leads to {elsewhere:?}");
    }
}

/// The page of a run beside its baseline, in which everything has this name.
fn page(name: &str) -> Skeleton {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path(), name);
    let args = [
        "html",
        "new.ndjson",
        "--baseline",
        "old.ndjson",
        "-o",
        "x.html",
    ];
    let outcome = run_in(folder.path(), &args, b"");
    assert_eq!(outcome.code, 0, "{name:?}: {outcome}");
    Skeleton::of(&fs::read_to_string(folder.path().join("x.html")).unwrap())
}

/// The pages of a release: its trends, and those in the bundle for its ticket.
fn pages_of_a_release(name: &str) -> Vec<Skeleton> {
    let folder = tempfile::tempdir().unwrap();
    write_runs(folder.path(), name);
    let ok = |args: &[&str]| {
        let outcome = run_in(folder.path(), args, b"");
        assert_eq!(outcome.code, 0, "{name:?}: {outcome}");
    };
    for (run, release) in [("old.ndjson", "v1"), ("new.ndjson", "v2")] {
        ok(&[
            "archive",
            "add",
            run,
            "--scenario",
            "load",
            "--release",
            release,
        ]);
    }
    ok(&["archive", "baseline", "set", "v1", "--force"]);
    ok(&["trend", "--format", "html", "-o", "trend.html"]);
    ok(&["archive", "export", "v2", "--ticket", "T-1", "-o", "x.zip"]);
    let mut pages = vec![fs::read_to_string(folder.path().join("trend.html")).unwrap()];
    let mut zip =
        zip::ZipArchive::new(fs::File::open(folder.path().join("x.zip")).unwrap()).unwrap();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).unwrap();
        let path = file.name().unwrap().into_owned();
        assert!(file.enclosed_name().is_some(), "{path}");
        if Path::new(&path)
            .extension()
            .is_some_and(|ending| ending == "html")
        {
            let mut page = String::new();
            file.read_to_string(&mut page).unwrap();
            pages.push(page);
        }
    }
    assert!(pages.len() > 2, "trends, a report, a comparison");
    pages.iter().map(|page| Skeleton::of(page)).collect()
}

#[test]
fn html_has_no_element_and_no_address_of_a_name() {
    let harmless = page("plain");
    for attack in ATTACKS {
        page(attack).assert_like(&harmless, attack);
    }
    let text = page(ATTACKS[0]).text;
    assert!(
        text.contains("<script>alert(1)</script>"),
        "the name is text"
    );
}

#[test]
fn pages_of_releases_are_as_harmless() {
    let harmless = pages_of_a_release("plain");
    for attack in &ATTACKS[..4] {
        for (page, harmless) in pages_of_a_release(attack).iter().zip(&harmless) {
            page.assert_like(harmless, attack);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn html_escapes_any_name(name in "[<>&\"'=/{}`a-c:!\\-\\[\\] \\n\\x00-\\x1f\u{a0}é\u{2028}]{1,40}") {
        page(&name).assert_like(&page("plain"), &name);
    }
}

/// The kinds of what Markdown holds, as GitHub reads it, and its words.
fn markdown(text: &str) -> (BTreeSet<&'static str>, String, String) {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    let arena = comrak::Arena::new();
    let (mut kinds, mut words, mut markup) = (BTreeSet::new(), String::new(), String::new());
    for node in comrak::parse_document(&arena, text, &options).descendants() {
        match &node.data.borrow().value {
            NodeValue::Text(text) => words.push_str(text),
            NodeValue::Code(code) => words.push_str(&code.literal),
            NodeValue::HtmlInline(html) => markup.push_str(html),
            NodeValue::HtmlBlock(html) => markup.push_str(&html.literal),
            other => {
                kinds.insert(other.xml_node_name());
            }
        }
    }
    (kinds, words, markup)
}

#[test]
fn markdown_has_no_markup_link_or_mention_of_a_name() {
    for args in commands("markdown") {
        let (harmless, _, markup) = markdown(&output("plain", &args).stdout);
        for attack in ATTACKS {
            let outcome = output(attack, &args);
            let (kinds, words, its) = markdown(&outcome.stdout);
            let more: Vec<_> = kinds.difference(&harmless).collect();
            assert!(more.is_empty(), "{attack:?} made {more:?}: {outcome}");
            assert_eq!(its, markup, "{attack:?}: {outcome}");
            for (sign, next) in [
                ('@', char::is_alphanumeric as fn(char) -> bool),
                ('#', char::is_numeric),
            ] {
                let called = words
                    .split(sign)
                    .skip(1)
                    .any(|after| after.starts_with(next));
                assert!(!called, "{attack:?} calls by {sign}: {words}");
            }
        }
    }
}

#[test]
fn a_csv_has_no_formula() {
    for args in commands("csv") {
        let rows = |name: &str| {
            let outcome = output(name, &args);
            let mut reader = csv::Reader::from_reader(outcome.stdout.as_bytes());
            let rows: Result<Vec<csv::StringRecord>, _> = reader.records().collect();
            rows.unwrap_or_else(|error| panic!("{name:?}: {error}"))
        };
        let harmless = rows("plain").len();
        for attack in ATTACKS {
            let rows = rows(attack);
            assert_eq!(rows.len(), harmless, "{attack:?}");
            for cell in rows.iter().flatten() {
                let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
                assert!(
                    !is_formula || cell.parse::<f64>().is_ok(),
                    "{attack:?}: {cell:?}"
                );
            }
        }
    }
}

#[test]
fn junit_stays_xml_with_as_many_cases() {
    use quick_xml::events::Event;
    for args in commands("junit") {
        let elements = |name: &str| {
            let outcome = output(name, &args);
            let mut reader = quick_xml::Reader::from_str(&outcome.stdout);
            reader.config_mut().check_comments = true;
            let mut elements = Vec::new();
            loop {
                match reader
                    .read_event()
                    .unwrap_or_else(|error| panic!("{name:?}: {error}"))
                {
                    Event::Start(start) | Event::Empty(start) => {
                        let attributes: Vec<String> = start
                            .attributes()
                            .map(|attribute| {
                                let attribute = attribute.unwrap();
                                attribute.unescape_value().unwrap();
                                String::from_utf8(attribute.key.0.to_vec()).unwrap()
                            })
                            .collect();
                        let element = String::from_utf8(start.name().0.to_vec()).unwrap();
                        elements.push((element, attributes));
                    }
                    Event::Eof => return elements,
                    Event::CData(_) | Event::Comment(_) | Event::DocType(_) | Event::PI(_) => {
                        panic!("{name:?}: {outcome}")
                    }
                    _ => {}
                }
            }
        };
        let harmless = elements("plain");
        for attack in ATTACKS {
            assert_eq!(elements(attack), harmless, "{attack:?}");
        }
        // XML has no way to write these, not even escaped.
        let document = output("a\u{0}b\u{b}c\u{fffe}d\u{1b}", &args).stdout;
        let forbidden = |c: char| (c < ' ' && !"\t\r\n".contains(c)) || c == '\u{fffe}';
        assert!(
            !document.contains(forbidden) && !document.contains("&#"),
            "{document}"
        );
    }
}

#[test]
fn openmetrics_has_as_many_samples_and_one_end() {
    for args in commands("openmetrics") {
        let names = |name: &str| {
            let document = output(name, &args).stdout;
            assert_eq!(
                document.lines().filter(|line| *line == "# EOF").count(),
                1,
                "{document}"
            );
            assert!(document.ends_with("# EOF\n"), "{document}");
            let word = |line: &str| line.split(['{', ' ']).next().unwrap().to_owned();
            document.lines().map(word).collect::<Vec<_>>()
        };
        let harmless = names("plain");
        for attack in ATTACKS {
            assert_eq!(names(attack), harmless, "{attack:?}");
        }
    }
}

#[test]
fn a_terminal_is_not_steered_and_no_line_is_added() {
    for args in commands("text") {
        let lines = |name: &str| output(name, &args).stdout.lines().count();
        let harmless = lines("plain");
        for attack in ATTACKS {
            let outcome = output(attack, &args);
            for said in [&outcome.stdout, &outcome.stderr] {
                let steers =
                    |c: char| c.is_control() && c != '\n' || "\u{202e}\u{200f}\u{2028}".contains(c);
                assert!(!said.contains(steers), "{attack:?}: {outcome}");
            }
            assert_eq!(
                outcome.stdout.lines().count(),
                harmless,
                "{attack:?}: {outcome}"
            );
        }
    }
}

#[test]
fn github_takes_no_command_of_a_name() {
    for args in commands("github") {
        let commands = |name: &str| {
            let said = output(name, &args).stdout;
            let command = |line: &str| line.split_once(' ').unwrap_or((line, "")).0.to_owned();
            said.lines().map(command).collect::<Vec<_>>()
        };
        let harmless = commands("plain");
        assert!(
            harmless.iter().all(|command| command.starts_with("::")),
            "{harmless:?}"
        );
        for attack in ATTACKS {
            assert_eq!(commands(attack), harmless, "{attack:?}");
        }
    }
}

/// Names of files are chosen by whoever unpacked them.
#[test]
fn the_name_of_a_file_is_no_markup_and_no_option() {
    let folder = tempfile::tempdir().unwrap();
    let harmless = page("plain");
    for name in [
        "<img src=x onerror=alert(1)>",
        "--output=x",
        "=1+1",
        "@v1",
        "{{x}}",
        "\u{1b}[2J",
    ] {
        let file = format!("{name}.ndjson");
        fs::write(folder.path().join(&file), stream("plain")).unwrap();
        let input = format!("./{file}");
        let outcome = run_in(folder.path(), &["html", &input, "-o", "x.html"], b"");
        assert_eq!(outcome.code, 0, "{outcome}");
        let page = Skeleton::of(&fs::read_to_string(folder.path().join("x.html")).unwrap());
        page.assert_like(&harmless, name);
        let outcome = run_in(folder.path(), &["summary", &input, "--format", "csv"], b"");
        let has_formula = outcome
            .stdout
            .lines()
            .any(|line| line.starts_with(['=', '@']));
        assert!(!has_formula, "{outcome}");
        let outcome = run_in(folder.path(), &["summary", &input], b"");
        assert!(
            !outcome.stdout.contains('\u{1b}') && !outcome.stderr.contains('\u{1b}'),
            "{outcome}"
        );
        let outcome = run_in(
            folder.path(),
            &["archive", "add", &input, "--release", "a"],
            b"",
        );
        assert!([0, 2].contains(&outcome.code), "{outcome}");
    }
    assert_only_below(&folder.path().join("perf-archive"));
}

/// Asserts that every part of every path can be written on every file system.
fn assert_only_below(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-%=".contains(c);
        assert!(name.chars().all(plain), "{name:?}");
        if entry.file_type().unwrap().is_dir() {
            assert_only_below(&entry.path());
        }
    }
}
