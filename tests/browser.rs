//! The HTML report in a real browser, over `WebDriver`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::sample;
use serde_json::{Value, json};

/// A browser that ends with the test.
struct Browser {
    driver: Child,
    port: u16,
    session: String,
    profile: tempfile::TempDir,
}

impl Browser {
    fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let started = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        // What it says later is not of interest, but it must not block on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self {
            driver,
            port: started.expect("a port"),
            session: String::new(),
            profile,
        };
        let data = format!("--user-data-dir={}", browser.profile.path().display());
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            &data,
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": flags},
        }}});
        let session = browser.send("POST", "/session", &wanted);
        session["sessionId"]
            .as_str()
            .unwrap()
            .clone_into(&mut browser.session);
        browser
    }

    /// One request of the `WebDriver` protocol, and the value that comes back.
    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let body = body.to_string();
        let length = body.len();
        let head = "Host: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json";
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        self.send("POST", &format!("/session/{}/{path}", self.session), body)
    }

    fn devtools(&self, command: &str, params: &Value) -> Value {
        self.command(
            "goog/cdp/execute",
            &json!({"cmd": command, "params": params}),
        )
    }

    /// What a function's body returns in the page.
    fn ask(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({"script": script, "args": []}))
    }

    /// Opens a page as on a screen of this width and theme.
    fn open(&self, page: &Path, width: u32, theme: &str) {
        let screen =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &screen);
        let theme = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        self.devtools("Emulation.setEmulatedMedia", &theme);
        let url = format!("file://{}", page.display());
        self.command("url", &json!({"url": url}));
    }

    /// What the page wrote to its console, errors of loading included.
    fn console(&self) -> Value {
        self.command("se/log", &json!({"type": "browser"}))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.send("DELETE", &format!("/session/{}", self.session), &json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn report(folder: &Path, input: &str, name: &str) -> std::path::PathBuf {
    let page = folder.join(name);
    let status = Command::new(env!("CARGO_BIN_EXE_perf-report"))
        .args(["html", &sample(input), "-o"])
        .arg(&page)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.unwrap().success());
    page
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
                    "const shown = [...document.querySelectorAll('figure svg')] \
                        .filter(svg => svg.getBoundingClientRect().width > 0); \
                    const figures = document.querySelectorAll('figure').length; \
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
            for (const svg of document.querySelectorAll('figure svg')) { \
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
