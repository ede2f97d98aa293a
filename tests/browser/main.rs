//! The HTML report in a real browser, over `WebDriver`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

#[path = "../common/mod.rs"]
mod common;
mod driver;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::sample;
use driver::Browser;
use serde_json::{Value, json};

fn report(folder: &Path, input: &str, name: &str) -> PathBuf {
    report_of(&[&sample(input)], &folder.join(name))
}

/// The page of these arguments.
fn report_of(args: &[&str], page: &Path) -> PathBuf {
    let status = Command::new(env!("CARGO_BIN_EXE_perf-report"))
        .arg("html")
        .args(args)
        .arg("-o")
        .arg(page)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.unwrap().success(), "{args:?}");
    page.to_owned()
}

/// The lightness of a computed colour such as `rgb(251, 250, 247)`.
fn lightness(color: &Value) -> u32 {
    let digits = |c: char| !c.is_ascii_digit();
    let parts = color
        .as_str()
        .unwrap()
        .split(digits)
        .filter(|p| !p.is_empty());
    parts.take(3).map(|part| part.parse::<u32>().unwrap()).sum()
}

#[test]
#[ignore = "needs Chromium and ChromeDriver"]
fn pages_fit_every_screen_in_both_themes() {
    let browser = Browser::start();
    let folder = tempfile::tempdir().unwrap();
    for (i, (input, verdict)) in [
        ("smoke/v2025.11", "Failed"),
        ("storefront", "Failed"),
        ("journeys/v2025.10", "Passed"),
        ("machine-readable/storefront.json", "Not judged"),
        ("broken/bad-lines.ndjson", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let page = report(folder.path(), input, &format!("{i}.html"));
        for width in [360, 800, 944, 1280] {
            for theme in ["light", "dark"] {
                browser.open(&page, width, theme);
                let place = format!("{input}, {width}, {theme}");
                let fits = "return document.documentElement.scrollWidth <= window.innerWidth";
                assert_eq!(browser.ask(fits), true, "{place}: scrolls sideways");
                let seen = "const v = document.querySelector('.verdict'); \
                    return v.getBoundingClientRect().bottom < window.innerHeight && v.innerText";
                let seen = browser.ask(seen);
                assert!(
                    seen.as_str().is_some_and(|text| text.contains(verdict)),
                    "{place}: {seen}"
                );
                let paper = browser.ask("return getComputedStyle(document.body).backgroundColor");
                assert_eq!(
                    lightness(&paper) > 380,
                    theme == "light",
                    "{place}: {paper}"
                );
                // Of the two widths of a chart exactly one is shown, and its text can be read.
                let smallest = browser.ask(
                    "const shown = [...document.querySelectorAll(':is(figure, .overview) svg')] \
                        .filter(svg => svg.getBoundingClientRect().width > 0); \
                    const figures = document.querySelectorAll('figure, .overview').length; \
                    if (shown.length !== figures) return -1; \
                    return Math.min(99, ...shown.map(svg => 14 * 10 * \
                        svg.getBoundingClientRect().width / svg.viewBox.baseVal.width))",
                );
                assert!(smallest.as_f64().unwrap() >= 12.0, "{place}: {smallest}");
            }
        }
        assert_eq!(browser.console(), json!([]), "{input}");
    }
}

#[test]
#[ignore = "needs Chromium and ChromeDriver"]
fn chart_texts_stay_inside_and_apart() {
    let browser = Browser::start();
    let folder = tempfile::tempdir().unwrap();
    let inputs = [
        "storefront",
        "smoke/v2025.11",
        "journeys/v2025.11",
        "pods/pod-1",
    ];
    let pages = inputs.map(|input| {
        (
            input,
            report(
                folder.path(),
                input,
                &format!("{}.html", input.replace('/', "-")),
            ),
        )
    });
    let widths = [360, 944, 1280].iter();
    for (width, (input, page)) in widths.flat_map(|w| pages.iter().map(move |p| (*w, p))) {
        browser.open(page, width, "light");
        let faults = browser.ask(
            "const faults = []; \
            for (const svg of document.querySelectorAll(':is(figure, .overview) svg')) { \
                const box = svg.getBoundingClientRect(); \
                if (!box.width) continue; \
                const texts = [...svg.querySelectorAll('text')] \
                    .map(text => [text.textContent.trim(), text.getBoundingClientRect()]); \
                for (const [text, a] of texts) { \
                    if (a.left < box.left - 1 || a.right > box.right + 1 \
                        || a.top < box.top - 4 || a.bottom > box.bottom + 1) faults.push(text); \
                    for (const [other, b] of texts) \
                        if (text !== other && a.left < b.right && b.left < a.right \
                            && a.top + 4 < b.bottom && b.top + 4 < a.bottom) \
                            faults.push(text + ' on ' + other); \
                } \
            } \
            return faults",
        );
        assert_eq!(faults, json!([]), "{input}, {width}");
    }
}

/// Texts that stand out too little from what is behind them (WCAG 2.2 AA), and headings that skip a
/// level.
const ACCESSIBILITY: &str = r"
    const parts = color => color.match(/[\d.]+/g).map(Number);
    const luminance = color => {
        const [r, g, b] = parts(color).map(c => c / 255)
            .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = element => {
        for (let e = element; e; e = e.parentElement) {
            const color = getComputedStyle(e).backgroundColor;
            if (parts(color)[3] !== 0) return color;
        }
    };
    const faults = [];
    for (const element of document.body.querySelectorAll('*')) {
        const own = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!own || !element.getClientRects().length) continue;
        const style = getComputedStyle(element);
        const drawn = element.namespaceURI.includes('svg');
        const color = drawn ? style.fill : style.color;
        const [a, b] = [luminance(color), luminance(behind(element))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const large = !drawn && parseFloat(style.fontSize) >= 24;
        if (contrast < (large ? 3 : 4.5)) faults.push(contrast + ' ' + element.outerHTML);
    }
    let level = 0;
    for (const heading of document.querySelectorAll('h1, h2, h3, h4')) {
        const next = Number(heading.tagName[1]);
        if (next > level + 1) faults.push(heading.outerHTML);
        level = next;
    }
    for (const table of document.querySelectorAll('table'))
        if (!table.caption || table.querySelector('th:not([scope])')) faults.push('table');
    return faults";

#[test]
#[ignore = "needs Chromium and ChromeDriver"]
fn everything_can_be_read() {
    let browser = Browser::start();
    let folder = tempfile::tempdir().unwrap();
    for (name, input) in [
        ("failed.html", "storefront"),
        ("passed.html", "journeys/v2025.10"),
        ("suspect.html", "broken/bad-lines.ndjson"),
        ("plain.html", "machine-readable/storefront.json"),
    ] {
        let page = report(folder.path(), input, name);
        for theme in ["light", "dark"] {
            browser.open(&page, 1280, theme);
            let faults = browser.ask(ACCESSIBILITY);
            assert_eq!(faults, json!([]), "{input}, {theme}");
        }
    }
}

#[test]
#[ignore = "needs Chromium and ChromeDriver"]
fn a_page_prints_in_light_colours() {
    let browser = Browser::start();
    let folder = tempfile::tempdir().unwrap();
    let page = report(folder.path(), "storefront", "page.html");
    browser.open(&page, 1280, "dark");
    for (width, height) in [(21.0, 29.7), (21.59, 27.94)] {
        let paper = json!({"page": {"width": width, "height": height}, "background": true});
        let pdf = browser.command("print", &paper);
        assert!(pdf.as_str().unwrap().len() > 20_000);
    }
    let media = json!({
        "media": "print",
        "features": [{"name": "prefers-color-scheme", "value": "dark"}],
    });
    browser.devtools("Emulation.setEmulatedMedia", &media);
    let paper = browser.ask("return getComputedStyle(document.body).backgroundColor");
    assert!(lightness(&paper) > 700, "{paper}");
    let line = browser.ask("return getComputedStyle(document.querySelector('.line-p99')).stroke");
    assert!(lightness(&line) < 380, "{line}");
}

/// Every folder of recordings that holds a run, and every summary of one.
fn recordings() -> Vec<PathBuf> {
    let root = std::env::var_os("PERF_REPORT_RECORDINGS").expect("PERF_REPORT_RECORDINGS");
    let mut folders = vec![PathBuf::from(root)];
    let mut runs = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let (inner, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
        folders.extend(inner);
        let is_run = |file: &PathBuf| {
            let name = file.file_name().unwrap().to_string_lossy();
            name.ends_with(".json") || name.ends_with(".ndjson.gz") || name.ends_with(".csv.gz")
        };
        if files.iter().any(is_run) {
            runs.push(folder);
        }
    }
    runs.sort();
    assert!(runs.len() > 20, "{runs:?}");
    runs
}

#[test]
#[ignore = "needs Chromium, ChromeDriver, axe-core and a folder of k6 recordings"]
fn every_recording_opens_without_a_fault() {
    let axe = std::env::var_os("PERF_REPORT_AXE").expect("PERF_REPORT_AXE names axe.min.js");
    let axe = fs::read_to_string(axe).unwrap();
    let browser = Browser::start();
    let folder = tempfile::tempdir().unwrap();
    for (i, run) in recordings().iter().enumerate() {
        let out = folder.path().join(i.to_string());
        fs::create_dir(&out).unwrap();
        report_of(&[run.to_str().unwrap()], &out);
        let mut pages: Vec<PathBuf> = fs::read_dir(&out)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        pages.sort();
        assert!(!pages.is_empty(), "{}", run.display());
        for page in pages {
            for scripts in [true, false] {
                browser.allow_scripts(scripts);
                browser.open(&page, 1280, if scripts { "light" } else { "dark" });
                let place = format!("{}, scripts {scripts}", run.display());
                assert_eq!(browser.console(), json!([]), "{place}");
                let asked = "return performance.getEntriesByType('resource').map(e => e.name)";
                assert_eq!(browser.ask(asked), json!([]), "{place}");
                let switch = browser.ask("return document.querySelectorAll('.theme').length");
                assert_eq!(switch, json!(i32::from(scripts)), "{place}");
                let shown = "return [...document.querySelectorAll('h2')] \
                    .filter(h => h.getBoundingClientRect().height > 0).length";
                let is_list = page.ends_with("index.html");
                let least = if is_list { 0 } else { 8 };
                assert!(browser.ask(shown).as_u64().unwrap() >= least, "{place}");
                // The page is as it was without; what asks it needs time to pass.
                browser.allow_scripts(true);
                browser.ask(&axe);
                let faults = browser.ask_later(
                    "const done = arguments[arguments.length - 1]; \
                    axe.run().then(result => done(result.violations.map(fault => \
                        [fault.id, fault.nodes.slice(0, 3).map(node => node.html)])), \
                        error => done(String(error)))",
                );
                assert_eq!(faults, json!([]), "{place}");
            }
        }
    }
}

#[test]
#[ignore = "needs Chromium and ChromeDriver"]
fn scripts_sort_filter_switch_and_read_out() {
    let browser = Browser::start();
    let folder = tempfile::tempdir().unwrap();
    let page = report(folder.path(), "storefront", "page.html");
    browser.open(&page, 1280, "light");
    // Sorting keeps an endpoint and its failed responses together.
    let sorted = browser.ask(
        "const table = document.querySelector('.endpoints'); \
        const head = [...table.tHead.rows[0].cells].find(c => c.innerText.startsWith('p50')); \
        const column = [...table.tHead.rows[0].cells].indexOf(head); \
        const values = () => [...table.tBodies].map(b => b.rows[0].cells[column].innerText); \
        const before = values(); \
        head.querySelector('button').click(); const down = values(); \
        const said = head.ariaSort; \
        head.querySelector('button').click(); const up = values(); \
        const pairs = [...table.tBodies].every(b => b.rows.length < 2 || \
            b.rows[1].innerText.includes('failed responses')); \
        return [before.length, down, said, up, head.ariaSort, pairs]",
    );
    let down = ["46.5 ms", "30.4 ms", "12 ms", "5.35 ms", "379 µs", "–"];
    let up = ["379 µs", "5.35 ms", "12 ms", "30.4 ms", "46.5 ms", "–"];
    assert_eq!(
        sorted,
        json!([6, down, "descending", up, "ascending", true])
    );
    // The theme goes from the system's to light to dark and back.
    let paper = "document.querySelector('.theme').click(); \
        return getComputedStyle(document.body).backgroundColor";
    let light = lightness(&browser.ask(paper));
    let dark = lightness(&browser.ask(paper));
    let auto = lightness(&browser.ask(paper));
    assert!(
        light > 700 && dark < 100 && auto > 700,
        "{light} {dark} {auto}"
    );
    // A long table can be filtered.
    let filtered = browser.ask(
        "const input = document.querySelector('#metrics .filter'); \
        const rows = [...input.nextElementSibling.querySelectorAll('tbody tr')]; \
        input.value = 'http_req_waiting'; input.dispatchEvent(new Event('input')); \
        return [rows.length > 8, rows.filter(row => row.offsetHeight > 0).length]",
    );
    assert_eq!(filtered, json!([true, 1]));
    // Pointing at a chart reads the row of that time.
    let read = browser.ask(
        "const svg = document.querySelector('#over-time .wide svg'); \
        const box = svg.getBoundingClientRect(); \
        const { left, right, end } = svg.dataset; \
        const x = Number(left) + (right - left) * 5.5 / end; \
        svg.dispatchEvent(new PointerEvent('pointermove', { \
            clientX: box.left + x / svg.viewBox.baseVal.width * box.width, clientY: box.top + 9 })); \
        const readout = svg.closest('figure').querySelector('.readout'); \
        const row = document.querySelector('#moments tr[data-from=\"5\"]'); \
        const text = readout.textContent; \
        svg.dispatchEvent(new PointerEvent('pointerleave')); \
        return [text.startsWith('5 s · requests/s ' + row.cells[1].textContent), readout.hidden]",
    );
    assert_eq!(read, json!([true, true]), "{read}");
    assert_eq!(browser.console(), json!([]));
}

#[test]
#[ignore = "needs Chromium and ChromeDriver"]
fn a_policy_that_forbids_inline_style_and_script_leaves_all_readable() {
    let browser = Browser::start();
    let folder = tempfile::tempdir().unwrap();
    // What Jenkins sends, as the page's own.
    let policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
        img-src 'self'; style-src 'self'; script-src 'self';\">";
    let forbid = |page: &Path| {
        let text = fs::read_to_string(page).unwrap();
        fs::write(page, text.replacen("<head>", &format!("<head>{policy}"), 1)).unwrap();
    };
    let page = report(folder.path(), "storefront", "page.html");
    forbid(&page);
    browser.open(&page, 1280, "dark");
    // One width of each chart, in colours that stand out from white.
    let seen = browser.ask(
        "const shown = [...document.querySelectorAll(':is(figure, .overview) svg')] \
            .filter(svg => svg.getBoundingClientRect().width > 0); \
        const figures = document.querySelectorAll('figure, .overview').length; \
        const line = document.querySelector('.line-p99'); \
        return [shown.length === figures, figures > 5, getComputedStyle(line).stroke, \
            document.querySelectorAll('.theme').length, \
            document.querySelector('.verdict').innerText]",
    );
    assert_eq!(seen, json!([true, true, "rgb(87, 42, 132)", 0, "✕ Failed"]));
    browser.console();
    // With the files beside it, everything is as ever, were they from the same server.
    let page = folder.path().join("linked.html");
    let assets = folder.path().join("static");
    let (input, assets) = (sample("storefront"), assets.to_str().unwrap());
    report_of(&[&input, "--assets", assets], &page);
    browser.open(&page, 1280, "light");
    let seen = browser.ask(
        "return [document.querySelectorAll('.theme').length, \
            lightnessOf(getComputedStyle(document.body).backgroundColor)]; \
        function lightnessOf(color) { \
            return color.match(/\\d+/g).slice(0, 3).map(Number).reduce((a, b) => a + b) }",
    );
    assert_eq!(seen, json!([1, 251 + 250 + 247]));
    assert_eq!(browser.console(), json!([]));
}

#[test]
#[ignore = "needs Chromium and ChromeDriver"]
fn a_comparison_and_a_list_fit_and_read_well() {
    let browser = Browser::start();
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (sample("journeys/v2025.10"), sample("journeys/v2025.11"));
    let out = folder.path().join("all");
    fs::create_dir(&out).unwrap();
    let both = [
        after.as_str(),
        &sample("smoke/v2025.11"),
        "--baseline",
        &before,
    ];
    report_of(&both, &out);
    for name in ["user-journeys.html", "index.html"] {
        for width in [360, 944, 1280] {
            for theme in ["light", "dark"] {
                browser.open(&out.join(name), width, theme);
                let place = format!("{name}, {width}, {theme}");
                let fits = "return document.documentElement.scrollWidth <= window.innerWidth";
                assert_eq!(browser.ask(fits), true, "{place}: scrolls sideways");
                assert_eq!(browser.ask(ACCESSIBILITY), json!([]), "{place}");
            }
        }
    }
    browser.open(&out.join("index.html"), 1280, "light");
    browser.ask("document.querySelector('a[href=\"user-journeys.html\"]').click()");
    let title = browser.ask("return document.title");
    assert_eq!(title, "Regressed: user-journeys – k6 run");
    // A row's dot stands right of the middle where it got slower.
    let dot = browser.ask(
        "const row = document.querySelector('.changes .tone-bad'); \
        return row.querySelector('circle.value').cx.baseVal.value",
    );
    assert!(dot.as_f64().unwrap() > 110.0, "{dot}");
    assert_eq!(browser.console(), json!([]));
}
