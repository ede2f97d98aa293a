//! Writes a k6 stream of any size to stdout, to measure with: a made-up test of a web shop, the same
//! bytes for the same arguments on every machine.
//!
//! `cargo run --release --example generate_stream -- 600M > big.ndjson`
//!
//! Lines have the shape and the key order of k6 2.x. All arithmetic is on whole numbers, as the last
//! bits of `exp` and `ln` differ between machines. No text here needs escaping in JSON or CSV.

use std::io::{self, Write};
use std::process::ExitCode;

const USAGE: &str = "\
Usage: generate_stream SIZE [--unique-urls] [--csv]

Writes a k6 JSON stream of about SIZE bytes (such as 500000, 100M or 1.2G, at most 1T) to stdout.

  --unique-urls  Every request's url and name hold a fresh query string
  --csv          Write the run as k6's CSV output, of about SIZE bytes
";

/// The start of the test, midnight of 2026-03-02, as unix time. The largest size ends that month.
const START: u64 = 1_772_409_600;
const MAX_SIZE: u64 = 1_000_000_000_000;
const SECOND: u64 = 1_000_000_000;
/// A value of one. Values are in millionths: nanoseconds are then a value in milliseconds.
const ONE: u64 = 1_000_000;
const USERS: u64 = 30;

/// The columns of k6's CSV output that hold a tag; other tags go to `extra_tags`.
const COLUMNS: &str = "check,error,error_code,expected_response,group,method,name,proto,scenario,\
                       service,status,subproto,tls_version,url";
const SUBMETRICS: &str = concat!(
    r#"{"name":"http_req_duration{scenario:checkout}","suffix":"scenario:checkout","#,
    r#""tags":{"scenario":"checkout"}},{"name":"http_req_duration{expected_response:true}","#,
    r#""suffix":"expected_response:true","tags":{"expected_response":"true"}}"#,
);
type Tag<'a> = (&'a str, &'a str);
const ENVIRONMENT: Tag = ("environment", "load-test");

/// A request of an iteration: method and path, the group, whose last part is also the label, and of
/// the latency the median in microseconds, the sigma of the logarithm in hundredths, and the failures
/// in a thousand.
type Step = (&'static str, &'static str, u64, u64, u64);
const BROWSE: &[Step] = &[
    ("GET /", "::home", 9_000, 25, 5),
    ("GET /items", "::items", 14_000, 30, 10),
    ("GET /search", "::items::search", 60_000, 55, 30),
    ("GET /items/:id", "::item", 22_000, 35, 15),
    ("GET /items/:id/sizes", "::item::Größen", 18_000, 50, 20),
    ("GET /items/:id/reviews", "::item::reviews", 35_000, 40, 20),
];
const CHECKOUT: &[Step] = &[
    ("POST /sessions", "::login", 80_000, 20, 10),
    ("POST /cart/items", "::cart::add", 28_000, 30, 20),
    ("GET /cart", "::cart", 16_000, 30, 10),
    ("POST /payments", "::payment", 140_000, 45, 60),
    ("GET /orders/:id", "::order", 24_000, 35, 15),
];

/// `SplitMix64`: small, fast and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }

    /// One once in `count` times, else zero.
    fn once_in(&mut self, count: u64) -> u64 {
        u64::from(self.next().is_multiple_of(count))
    }

    /// A log-normal number of nanoseconds: median × e^(sigma/100 × z), where z, the sum of twelve
    /// uniform numbers less its mean, is close to normal, and e^x is (1 + x/1024)^1024 with 28 bits
    /// of fraction.
    fn log_normal(&mut self, median_us: u64, sigma: u64) -> u64 {
        let sum_of_4 = |bits: u64| (0..4).map(|i| (bits >> (16 * i)) & 0xffff).sum::<u64>();
        let sum: u64 = (0..3).map(|_| sum_of_4(self.next())).sum();
        // Never negative: x/1024 is far above -1.
        let base = (1 << 28) + sum * sigma * 4 / 100 - 6 * 65_536 * sigma * 4 / 100;
        let power = (0..10).fold(base, |power, _| (power * power) >> 28);
        ((median_us * 1_000 * power) >> 28) + self.next() % 1_000
    }
}

/// Lines of samples; their time and tags stay until the next call of `at`.
#[derive(Default)]
struct Lines {
    csv: bool,
    bytes: Vec<u8>,
    declared: Vec<&'static str>,
    time: Vec<u8>,
    tags: Vec<u8>,
}

impl Lines {
    /// The time is in nanoseconds from the start of the test; the tags are in alphabetical order.
    fn at(&mut self, time: u64, tags: &[Tag]) -> io::Result<()> {
        self.time.clear();
        self.tags.clear();
        let (seconds, nanos) = (time / SECOND, time % SECOND);
        if self.csv {
            write!(self.time, "{}", START + seconds)?;
            return self.csv_tags(tags);
        }
        let (day, hour) = (2 + seconds / 86_400, seconds / 3_600 % 24);
        let (minute, second) = (seconds / 60 % 60, seconds % 60);
        write!(self.time, "2026-03-{day:02}T{hour:02}:")?;
        write!(self.time, "{minute:02}:{second:02}.{nanos:09}")?;
        trim_fraction(&mut self.time);
        for (index, (key, value)) in tags.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(self.tags, r#"{comma}"{key}":"{value}""#)?;
        }
        self.tags.write_all(b"}}}\n")
    }

    fn csv_tags(&mut self, tags: &[Tag]) -> io::Result<()> {
        for column in COLUMNS.split(',') {
            let found = tags.iter().find(|tag| tag.0 == column);
            write!(self.tags, ",{}", found.map_or("", |tag| tag.1))?;
        }
        let is_extra = |tag: &&Tag| COLUMNS.split(',').all(|name| name != tag.0);
        for (index, (key, value)) in tags.iter().filter(is_extra).enumerate() {
            let comma = if index == 0 { ',' } else { '&' };
            write!(self.tags, "{comma}{key}={value}")?;
        }
        self.tags.write_all(b",\n")
    }

    /// Adds a sample, and before a metric's first one what the metric is.
    fn sample(&mut self, metric: &'static str, millionths: u64) -> io::Result<()> {
        let bytes = &mut self.bytes;
        let (whole, fraction) = (millionths / ONE, millionths % ONE);
        if self.csv {
            write!(bytes, "{metric},")?;
            bytes.extend_from_slice(&self.time);
            write!(bytes, ",{whole}.{fraction:06}")?;
        } else {
            if !self.declared.contains(&metric) {
                self.declared.push(metric);
                declare(bytes, metric)?;
            }
            write!(bytes, r#"{{"metric":"{metric}","type":"Point","#)?;
            bytes.extend_from_slice(br#""data":{"time":""#);
            bytes.extend_from_slice(&self.time);
            write!(bytes, r#"Z","value":{whole}.{fraction:06}"#)?;
            trim_fraction(bytes);
            bytes.extend_from_slice(br#","tags":{"#);
        }
        bytes.extend_from_slice(&self.tags);
        Ok(())
    }
}

/// Removes the zeros that end a fraction, and its point when nothing is left, as Go does.
fn trim_fraction(text: &mut Vec<u8>) {
    while text.pop_if(|last| *last == b'0').is_some() {}
    text.pop_if(|last| *last == b'.');
}

fn declare(bytes: &mut Vec<u8>, metric: &str) -> io::Result<()> {
    let (kind, contains) = match metric {
        "http_reqs" | "iterations" => ("counter", "default"),
        "data_sent" | "data_received" => ("counter", "data"),
        "http_req_failed" | "checks" => ("rate", "default"),
        "vus" | "vus_max" => ("gauge", "default"),
        _ => ("trend", "time"),
    };
    let (thresholds, submetrics) = match metric {
        "http_req_duration" => (r#""p(95)<250","avg<100""#, format!("[{SUBMETRICS}]")),
        "http_req_failed" => (r#""rate<0.05""#, "null".to_owned()),
        _ => ("", "null".to_owned()),
    };
    write!(bytes, r#"{{"type":"Metric","data":{{"name":"{metric}","#)?;
    write!(bytes, r#""type":"{kind}","contains":"{contains}","#)?;
    write!(bytes, r#""thresholds":[{thresholds}],"submetrics":"#)?;
    writeln!(bytes, r#"{submetrics}}},"metric":"{metric}"}}"#)
}

/// A virtual user, waiting for the answer to its request.
#[derive(Default)]
struct User {
    scenario: &'static str,
    steps: &'static [Step],
    step: usize,
    status: &'static str,
    /// How long the request was blocked, connecting, sending, waiting and receiving.
    parts: [u64; 5],
    /// When the iteration and the request began, and when the answer is there.
    iteration: u64,
    request: u64,
    answered: u64,
}

impl User {
    fn new(number: u64, random: &mut Random) -> Self {
        let mut user = Self::default();
        (user.scenario, user.steps) = match number % 3 {
            0 => ("checkout", CHECKOUT),
            _ => ("browse", BROWSE),
        };
        user.iteration = number * SECOND / 2;
        user.send(user.iteration, random);
        user
    }

    /// Thinks for a while, then sends the request of the present step.
    fn send(&mut self, now: u64, random: &mut Random) {
        let (.., median, sigma, failing) = self.steps[self.step];
        self.status = match random.next() % 1_000 {
            lot if lot >= failing => "200",
            lot if lot % 5 == 0 => "0",
            _ => "503",
        };
        let connecting = random.once_in(50) * random.log_normal(900, 30);
        let blocked = connecting + random.log_normal(4, 40);
        let (sending, receiving) = (random.log_normal(25, 40), random.log_normal(120, 50));
        let slower = 1 + random.once_in(100) * random.between(2, 7);
        let waiting = random.log_normal(median, sigma) * slower;
        self.parts = [blocked, connecting, sending, waiting, receiving];
        if self.status == "0" {
            self.parts = [0; 5];
        }
        self.request = now + random.between(20_000_000, 80_000_000);
        self.answered = self.request + self.parts.iter().sum::<u64>() - self.parts[1];
    }

    /// What k6 writes when the answer is there; then the user goes on. `query` ends the URL.
    fn answer(&mut self, lines: &mut Lines, random: &mut Random, query: &str) -> io::Result<()> {
        let (request, group, ..) = self.steps[self.step];
        let (method, path) = request.split_once(' ').unwrap_or(("GET", request));
        let label = group.rsplit("::").next().unwrap_or(group);
        let (ok, refused) = (self.status == "200", self.status == "0");
        let url = format!("http://shop.example.com{path}{query}");
        let (group, scenario) = (("group", group), ("scenario", self.scenario));

        let mut tags = vec![ENVIRONMENT];
        if refused {
            tags.push(("error", "dial: connection refused"));
        }
        if !ok {
            tags.push(("error_code", if refused { "1212" } else { "1503" }));
        }
        tags.push(("expected_response", if ok { "true" } else { "false" }));
        tags.extend([group, ("label", label), ("method", method), ("name", &url)]);
        if !refused {
            tags.push(("proto", "HTTP/1.1"));
        }
        tags.extend([scenario, ("status", self.status), ("url", &url)]);
        lines.at(self.answered, &tags)?;
        let [blocked, connecting, sending, waiting, receiving] = self.parts;
        lines.sample("http_reqs", ONE)?;
        lines.sample("http_req_duration", sending + waiting + receiving)?;
        lines.sample("http_req_blocked", blocked)?;
        lines.sample("http_req_connecting", connecting)?;
        lines.sample("http_req_tls_handshaking", 0)?;
        lines.sample("http_req_sending", sending)?;
        lines.sample("http_req_waiting", waiting)?;
        lines.sample("http_req_receiving", receiving)?;
        lines.sample("http_req_failed", u64::from(!ok) * ONE)?;

        // By then another user's answer may have come: hence a few times out of order.
        let now = self.answered + random.between(20_000, 200_000);
        let complete = ok && random.once_in(200) == 0;
        for (check, passed) in [("status is 200", ok), ("body is complete", complete)] {
            lines.at(now, &[("check", check), ENVIRONMENT, group, scenario])?;
            lines.sample("checks", u64::from(passed) * ONE)?;
        }
        lines.at(now, &[ENVIRONMENT, group, scenario])?;
        if label == "item" {
            lines.sample("item_wait", waiting)?;
        }
        lines.sample("group_duration", now - self.request)?;
        self.step = (self.step + 1) % self.steps.len();
        if self.step == 0 {
            lines.at(now, &[ENVIRONMENT, ("group", ""), scenario])?;
            lines.sample("data_sent", random.between(900, 2_000) * ONE)?;
            lines.sample("data_received", random.between(5_000, 90_000) * ONE)?;
            lines.sample("iteration_duration", now - self.iteration)?;
            lines.sample("iterations", ONE)?;
            self.iteration = now;
        }
        self.send(now, random);
        Ok(())
    }
}

#[derive(Default)]
struct Options {
    size: u64,
    unique_urls: bool,
    csv: bool,
}

fn parse(arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    for argument in arguments {
        match argument.as_str() {
            "--unique-urls" => options.unique_urls = true,
            "--csv" => options.csv = true,
            text if options.size == 0 && !text.starts_with('-') => {
                let size = parse_size(text).filter(|size| (1..=MAX_SIZE).contains(size));
                options.size = size.ok_or_else(|| format!("'{text}' is no size up to 1T"))?;
            }
            text => return Err(format!("unexpected argument '{text}'")),
        }
    }
    if options.size == 0 {
        return Err("SIZE is missing".to_owned());
    }
    Ok(options)
}

/// The bytes of a size such as `1.2G`, whose units are powers of 1000.
fn parse_size(text: &str) -> Option<u64> {
    let units = [("K", 3_usize), ("M", 6), ("G", 9), ("T", 12)];
    let mut known = units.iter();
    let found = known.find_map(|(unit, zeros)| Some((text.strip_suffix(unit)?, *zeros)));
    let (number, zeros) = found.unwrap_or((text, 0));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let zeros = zeros.checked_sub(fraction.len())?;
    let digits = format!("{whole}{fraction}{}", "0".repeat(zeros));
    digits.parse().ok()
}

fn generate(options: &Options, to: &mut impl Write) -> io::Result<()> {
    let mut lines = Lines::default();
    if options.csv {
        lines.csv = true;
        write!(lines.bytes, "metric_name,timestamp,metric_value,")?;
        writeln!(lines.bytes, "{COLUMNS},extra_tags,metadata")?;
    }
    let mut random = Random(2026);
    let users = (0..USERS).map(|number| User::new(number, &mut random));
    let mut users: Vec<User> = users.collect();
    let (mut left, mut second, mut requests) = (options.size, SECOND, 0_u64);
    while left > 0
        && let Some(next) = (0..users.len()).min_by_key(|user| users[*user].answered)
    {
        if users[next].answered >= second {
            let active = users.iter().filter(|user| user.iteration < second);
            let active = active.count() as u64;
            lines.at(second + random.between(0, 1_000_000), &[ENVIRONMENT])?;
            lines.sample("vus", active * ONE)?;
            lines.sample("vus_max", USERS * ONE)?;
            second += SECOND;
        }
        requests += 1;
        let mut query = String::new();
        if options.unique_urls {
            query = format!("?session={requests:08x}");
        }
        users[next].answer(&mut lines, &mut random, &query)?;
        to.write_all(&lines.bytes)?;
        left = left.saturating_sub(lines.bytes.len() as u64);
        lines.bytes.clear();
    }
    to.flush()
}

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    let (message, code) = match parse(arguments) {
        Err(message) => (format!("{message}\n\n{USAGE}"), 2),
        Ok(options) => {
            let mut to = io::BufWriter::with_capacity(1 << 18, io::stdout().lock());
            match generate(&options, &mut to) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => (error.to_string(), 1),
                _ => return ExitCode::SUCCESS,
            }
        }
    };
    let _ = writeln!(io::stderr(), "generate_stream: {}", message.trim_end());
    ExitCode::from(code)
}
