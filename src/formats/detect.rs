//! Telling k6's formats apart by what a file says.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::units::printable;

pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

const EXPECTED: &str = "expected k6 output: a JSON summary (handleSummary, --summary-export or \
                        --new-machine-readable-summary) or a stream (--out json=, --out csv= or what perf-report pack makes of it)";

/// A format of k6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `JSON.stringify(data)` in `handleSummary`.
    HandleSummary,
    /// `--summary-export`.
    SummaryExport,
    /// `--new-machine-readable-summary`.
    MachineReadable,
    /// `--out json=`.
    JsonStream,
    /// A stream that `perf-report pack` made into Parquet.
    Packed,
    /// `--out csv=`.
    CsvStream,
    /// Histograms of samples: what an engine leaves behind, or `perf-report pack --histogram` writes.
    Histogram,
}

impl Format {
    /// The name of the format in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HandleSummary => "handle-summary",
            Self::SummaryExport => "summary-export",
            Self::MachineReadable => "machine-readable-summary",
            Self::JsonStream => "json-stream",
            Self::Packed => "parquet",
            Self::CsvStream => "csv-stream",
            Self::Histogram => "histogram",
        }
    }

    /// Whether it holds samples.
    #[must_use]
    pub fn is_stream(self) -> bool {
        matches!(
            self,
            Self::JsonStream | Self::Packed | Self::CsvStream | Self::Histogram
        )
    }
}

/// Tells a format by the beginning of a file; `whole` when that is all of it, `cut` when it could
/// not be decompressed any further.
pub(super) fn detect(
    path: &Path,
    head: &[u8],
    whole: bool,
    cut: Option<&io::Error>,
) -> Result<Format> {
    let refuse =
        |looks: &str, hint: &str| Err(Error::input(path, format!("{looks}; {EXPECTED}"), hint));
    let lost =
        |looks: &str, hint: &str| Err(Error::damaged(path, format!("{looks}; {EXPECTED}"), hint));
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return refuse(
            "this is UTF-16 text, as PowerShell's > writes it",
            "save it as UTF-8, or let k6 write the file itself",
        );
    }
    let head = head.strip_prefix(BOM).unwrap_or(head);
    if head.trim_ascii().is_empty() {
        return match cut {
            Some(error) => lost(
                &format!("the compressed file holds nothing readable ({error})"),
                "was the disk full, or the file cut while copying?",
            ),
            None => lost(
                "the file is empty",
                "did k6 run to its end? A killed k6 writes no summary",
            ),
        };
    }
    // The last line of a head is cut by us.
    let lines = if whole {
        head
    } else {
        &head[..memchr::memrchr(b'\n', head).map_or(0, |end| end + 1)]
    };
    if let Some(format) = stream_format(path, lines)? {
        return Ok(format);
    }
    match head.trim_ascii_start().first() {
        _ if head.contains(&0) => refuse(
            "this is a binary file",
            "streams may be plain, gzip or zstd; other archives have to be unpacked first",
        ),
        Some(b'{') if looks_like_a_sample(head) => lost(
            "this looks like a k6 JSON stream without one whole line",
            "was k6 killed at once, or the file cut while copying?",
        ),
        // Which of the three summaries it is shows when it is parsed.
        Some(b'{') => {
            if let Some(error) = cut {
                return Err(cut_summary(path, &error.to_string()));
            }
            if whole {
                summary_format(path, &summary_json(path, head)?)
            } else {
                Ok(Format::HandleSummary)
            }
        }
        Some(b'[') => refuse("this is a JSON list", "pass k6's own file as it is"),
        Some(b'<') => refuse(
            "this looks like an HTML or XML page",
            "was an error page downloaded instead of the file?",
        ),
        _ if looks_like_csv_rows(head) => refuse(
            "this looks like a k6 CSV stream without its header line",
            "put back the first line, which names the columns (metric_name,timestamp,metric_value,…)",
        ),
        _ => refuse(
            &format!("this is text that begins with {:?}", beginning(head)),
            "pass k6's own file as it is",
        ),
    }
}

/// The format when one of the lines is a sample, a metric's declaration or a CSV header; log lines
/// of k6 may stand before it.
pub(super) fn stream_format(path: &Path, lines: &[u8]) -> Result<Option<Format>> {
    let lines = lines.strip_prefix(BOM).unwrap_or(lines);
    for line in lines.split(|b| *b == b'\n') {
        let line = line.trim_ascii();
        if line.starts_with(b"{") {
            match envelope(line) {
                Some(Envelope::Stream) => return Ok(Some(Format::JsonStream)),
                Some(Envelope::Dashboard) => {
                    return Err(Error::input(
                        path,
                        "this is a recording of k6's web dashboard, which holds only rounded aggregates",
                        "pass the summary, or a stream of --out json= or --out csv=",
                    ));
                }
                None => {}
            }
        } else if is_csv_header(line) {
            return Ok(Some(Format::CsvStream));
        }
    }
    Ok(None)
}

enum Envelope {
    Stream,
    Dashboard,
}

fn envelope(line: &[u8]) -> Option<Envelope> {
    #[derive(Deserialize)]
    struct Probe<'a> {
        #[serde(borrow, rename = "type")]
        kind: Option<Cow<'a, str>>,
        metric: Option<IgnoredAny>,
        event: Option<IgnoredAny>,
        data: Option<IgnoredAny>,
    }
    let probe: Probe<'_> = serde_json::from_slice(line).ok()?;
    let is_line = matches!(probe.kind.as_deref(), Some("Point" | "Metric"));
    if is_line && probe.metric.is_some() && probe.data.is_some() {
        Some(Envelope::Stream)
    } else if probe.event.is_some() && probe.data.is_some() {
        Some(Envelope::Dashboard)
    } else {
        None
    }
}

/// Whether a line names the three columns that every CSV stream has.
pub(super) fn is_csv_header(line: &[u8]) -> bool {
    let has = |name: &[u8]| {
        line.split(|b| *b == b',')
            .any(|cell| cell.trim_ascii() == name)
    };
    has(b"metric_name") && has(b"timestamp") && has(b"metric_value")
}

fn looks_like_a_sample(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    [
        &b"{\"metric\":\""[..],
        b"{\"type\":\"Point\"",
        b"{\"type\":\"Metric\"",
    ]
    .iter()
    .any(|start| head.starts_with(start))
}

fn looks_like_csv_rows(head: &[u8]) -> bool {
    let Some(line) = head.split(|b| *b == b'\n').next() else {
        return false;
    };
    let cells: Vec<&[u8]> = line.split(|b| *b == b',').collect();
    let number = |cell: &&[u8]| {
        std::str::from_utf8(cell).is_ok_and(|text| text.trim().parse::<f64>().is_ok())
    };
    cells.len() > 3 && cells.get(2).is_some_and(number)
}

fn beginning(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let line: String = text
        .trim_start()
        .lines()
        .next()
        .unwrap_or("")
        .chars()
        .take(40)
        .collect();
    printable(&line).into_owned()
}

/// Which of k6's three summaries a JSON object is.
pub(super) fn summary_format(path: &Path, json: &Value) -> Result<Format> {
    if json.get("results").is_some_and(Value::is_object) && json.get("version").is_some() {
        return Ok(Format::MachineReadable);
    }
    let Some(metrics) = json.get("metrics").and_then(Value::as_object) else {
        return Err(Error::input(
            path,
            format!("this is JSON, but not k6's: it has no \"metrics\" object; {EXPECTED}"),
            "pass k6's own file as it is",
        ));
    };
    let groups_are_objects = json
        .get("root_group")
        .and_then(|root| root.get("groups"))
        .is_some_and(Value::is_object);
    let no_metric_has_values =
        !metrics.is_empty() && metrics.values().all(|m| m.get("values").is_none());
    Ok(if groups_are_objects || no_metric_has_values {
        Format::SummaryExport
    } else {
        Format::HandleSummary
    })
}

/// A summary's JSON.
pub(super) fn summary_json(path: &Path, text: &[u8]) -> Result<Value> {
    let text = text.strip_prefix(BOM).unwrap_or(text);
    serde_json::from_slice(text).map_err(|error| {
        if error.is_eof() {
            cut_summary(path, &error.to_string())
        } else {
            Error::Input {
                path: path.to_owned(),
                line: Some(error.line() as u64),
                problem: format!("this begins like a JSON summary, but is broken JSON ({error})"),
                hint: "pass k6's own file as it is".to_owned(),
            }
        }
    })
}

pub(super) fn cut_summary(path: &Path, cause: &str) -> Error {
    Error::damaged(
        path,
        format!("this begins like a JSON summary, but is cut ({cause})"),
        "was the disk full, or the file cut while copying? A summary has to be whole",
    )
}
