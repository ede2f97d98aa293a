//! The terminal: k6's end-of-test summary as eyes know it, and the lines of `check`.

use std::borrow::Cow;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::table::{NARROWEST, shortened};
use crate::compare::{Validity, ValidityVerdict};
use crate::report::{
    CheckReport, MetricReport, RunReport, SummaryReport, ThresholdReport, thresholds_in_words,
    verdict_word, with_end,
};
use crate::run::{Check, MetricType, Skipped, Stat};
use crate::thresholds::{ThresholdSource, Verdict};
use crate::units::{counted, millis, moment_for_people, number, percent, printable};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const UNSURE: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

/// Names get at most this many columns of dots; longer ones push their numbers to the right.
const WIDEST_NAME: usize = 52;

/// Writes the summary of every run. Names are shortened to what fits into `width`, that of a terminal.
///
/// # Errors
/// When it cannot be written.
pub fn summary(
    report: &SummaryReport,
    width: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (i, run) in report.runs.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        head(run, out)?;
        if !run.thresholds.is_empty() {
            title("THRESHOLDS", out)?;
            thresholds(&run.thresholds, width, out)?;
        }
        if !run.checks.is_empty() {
            title("CHECKS", out)?;
            checks(&run.checks, out)?;
        }
        metrics(run, width, out)?;
    }
    Ok(())
}

/// Writes the thresholds of every run, and how many were crossed. Names are shortened to what fits into
/// `width`, that of a terminal.
///
/// # Errors
/// When it cannot be written.
pub fn check(report: &CheckReport, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    for (i, run) in report.runs.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        let name = printable(&run.title);
        let (style, _) = verdict_style(run.verdict);
        let word = verdict_word(run.verdict, run.k6_exit);
        let how = with_end(thresholds_in_words(&run.thresholds), run.k6_exit);
        writeln!(
            out,
            "{STRONG}{name}{STRONG:#}: {style}{word}{style:#}, {how}"
        )?;
        thresholds(&run.thresholds, width, out)?;
        validity(&run.validity, out)?;
        remarks(run.skipped.as_ref(), &run.notes, out)?;
    }
    Ok(())
}

fn head(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let mut facts: Vec<String> = Vec::new();
    facts.extend(
        run.k6_version
            .iter()
            .map(|version| format!("k6 {}", printable(version))),
    );
    facts.extend(run.span.map(|(start, _)| moment_for_people(start)));
    facts.extend(run.duration_ms.map(|ms| match run.duration_from {
        Some("samples") => format!("{} from the first to the last sample", millis(ms)),
        Some("selection") => format!("{} selected", millis(ms)),
        _ => millis(ms),
    }));
    facts.extend(run.points.map(|points| counted(points, "sample")));
    facts.extend(
        run.points
            .is_none()
            .then(|| "from the summary alone".to_owned()),
    );
    let facts = facts.join(", ");
    writeln!(
        out,
        "  {STRONG}{}{STRONG:#}  {FAINT}{facts}{FAINT:#}",
        printable(&run.name)
    )?;
    for source in &run.sources {
        let (path, format) = (printable(&source.path), source.format);
        writeln!(out, "  {FAINT}{path} ({format}){FAINT:#}")?;
    }
    if let Some(load) = &run.load {
        writeln!(out, "  {FAINT}load: {}{FAINT:#}", printable(&load.line()))?;
    }
    validity(&run.validity, out)?;
    remarks(run.skipped.as_ref(), &run.notes, out)
}

/// What was not used of the input, and what to know of the numbers.
fn remarks(skipped: Option<&Skipped>, notes: &[String], out: &mut dyn Write) -> io::Result<()> {
    for note in skipped.and_then(Skipped::sentence).iter().chain(notes) {
        writeln!(out, "  {UNSURE}note: {}{UNSURE:#}", printable(note))?;
    }
    Ok(())
}

fn validity(validity: &Validity, out: &mut dyn Write) -> io::Result<()> {
    let (style, word) = match validity.verdict {
        ValidityVerdict::Valid => return Ok(()),
        ValidityVerdict::Suspect => (UNSURE, "suspect"),
        ValidityVerdict::Invalid => (BAD, "invalid"),
    };
    for reason in &validity.reasons {
        writeln!(out, "  {style}{word}: {}{style:#}", printable(reason))?;
    }
    Ok(())
}

fn title(text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n  █ {STRONG}{text}{STRONG:#}\n")
}

fn verdict_style(verdict: Verdict) -> (Style, &'static str) {
    match verdict {
        Verdict::Passed => (GOOD, "passed"),
        Verdict::Failed => (BAD, "failed"),
        Verdict::NoData => (BAD, "no data"),
    }
}

fn thresholds(
    thresholds: &[ThresholdReport],
    width: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut above = None;
    for threshold in thresholds {
        if above != Some(&threshold.name) {
            if above.is_some() {
                writeln!(out)?;
            }
            let name = printable(&threshold.name);
            let room = width.map_or(usize::MAX, |width| width.saturating_sub(4).max(NARROWEST));
            writeln!(out, "    {}", shortened(&name, room))?;
            above = Some(&threshold.name);
        }
        let (style, _) = verdict_style(threshold.verdict);
        let symbol = match threshold.verdict {
            Verdict::Passed => "✓",
            Verdict::Failed => "✗",
            Verdict::NoData => "?",
        };
        let expression = printable(&threshold.expression);
        write!(
            out,
            "    {style}{symbol}{style:#} '{expression}' {}",
            observed(threshold)
        )?;
        match threshold.source {
            ThresholdSource::K6 => {}
            ThresholdSource::Config => write!(out, " {FAINT}(from a file){FAINT:#}")?,
            ThresholdSource::Cli => write!(out, " {FAINT}(from the command line){FAINT:#}")?,
        }
        if let Some(k6) = threshold.k6_verdict.filter(|k6| *k6 != threshold.verdict) {
            write!(out, " {UNSURE}(k6 said: {}){UNSURE:#}", verdict_style(k6).1)?;
        }
        if let Some(note) = &threshold.note {
            write!(out, " {FAINT}– {}{FAINT:#}", printable(note))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn observed(threshold: &ThresholdReport) -> String {
    match (threshold.observed, threshold.evaluated.threshold) {
        (Some(_), Some(parsed)) => format!("{}={}", parsed.stat, threshold.observed_text()),
        _ => threshold.observed_text(),
    }
}

fn checks(checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    let passes: u64 = checks.iter().map(|check| check.passes).sum();
    let fails: u64 = checks.iter().map(|check| check.fails).sum();
    if let Some(rate) = Check::rate_of(passes, fails) {
        let total = passes + fails;
        writeln!(out, "    {} passed, {passes} out of {total}", percent(rate))?;
    }
    let mut group = None;
    for check in checks {
        if group != Some(&check.group) {
            group = Some(&check.group);
            writeln!(out)?;
            if let Some(path) = check.group.as_deref().filter(|path| !path.is_empty()) {
                let path = path.trim_start_matches("::").replace("::", " › ");
                writeln!(out, "    {FAINT}{}{FAINT:#}", printable(&path))?;
            }
        }
        let name = printable(&check.name);
        match check.pass_rate() {
            None => writeln!(
                out,
                "    {UNSURE}?{UNSURE:#} {name} {FAINT}(never ran){FAINT:#}"
            )?,
            Some(_) if check.fails == 0 => writeln!(out, "    {GOOD}✓{GOOD:#} {name}")?,
            Some(rate) => {
                let (passes, fails) = (check.passes, check.fails);
                writeln!(out, "    {BAD}✗{BAD:#} {name}")?;
                writeln!(out, "      ↳  {} — ✓ {passes} / ✗ {fails}", percent(rate))?;
            }
        }
    }
    Ok(())
}

/// The sections of k6's own summary, in its order, by what a metric's name begins with.
const SECTIONS: [(&str, &[&str]); 6] = [
    ("HTTP", &["http_"]),
    ("BROWSER", &["browser_"]),
    ("WEBSOCKET", &["ws_"]),
    ("GRPC", &["grpc_"]),
    (
        "EXECUTION",
        &[
            "iteration",
            "dropped_iterations",
            "vus",
            "group_duration",
            "checks",
        ],
    ),
    ("NETWORK", &["data_"]),
];

fn section_of(metric: &str) -> &'static str {
    // A custom metric may begin like one of k6's sections.
    let known = crate::run::builtin(metric).is_some();
    let section = SECTIONS
        .iter()
        .find(|(_, starts)| starts.iter().any(|s| metric.starts_with(s)));
    section
        .filter(|_| known)
        .map_or("CUSTOM", |(title, _)| title)
}

fn metrics(run: &RunReport, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let columns = columns(run);
    let names = names(run, &columns, width);
    let width = names
        .iter()
        .map(|name| name.width())
        .filter(|w| *w <= WIDEST_NAME)
        .max()
        .unwrap_or(0);
    let titles = ["CUSTOM"]
        .into_iter()
        .chain(SECTIONS.iter().map(|(title, _)| *title));
    for section in titles {
        let mut untitled = true;
        for (metric, name) in run.metrics.iter().zip(&names) {
            if section_of(&metric.metric) != section {
                continue;
            }
            if std::mem::take(&mut untitled) {
                title(section, out)?;
            }
            let dots = ".".repeat(width.saturating_sub(name.width()) + 3);
            writeln!(
                out,
                "    {name}{FAINT}{dots}:{FAINT:#} {}",
                numbers_of(run, metric, &columns)
            )?;
        }
    }
    Ok(())
}

/// The metrics' names, shortened where the lines then fit into the width; numbers stay as they are.
fn names(run: &RunReport, columns: &[(Stat, usize)], width: Option<usize>) -> Vec<String> {
    let names: Vec<String> = run.metrics.iter().map(label).collect();
    let numbers = run.metrics.iter();
    let numbers = numbers.map(|metric| numbers_of(run, metric, columns).width());
    // Before a line, and between a name and its numbers.
    let taken = "    ...: ".len() + numbers.max().unwrap_or(0);
    match width.and_then(|width| width.checked_sub(taken)) {
        Some(room) if room >= NARROWEST => {
            let short = names.iter().map(|name| shortened(name, room).into_owned());
            short.collect()
        }
        _ => names,
    }
}

fn label(metric: &MetricReport) -> String {
    if metric.id.is_submetric() {
        format!("  {{ {} }}", printable(metric.id.suffix()))
    } else {
        printable(&metric.name).into_owned()
    }
}

/// The width of every trend statistic over all metrics, so that they stand below one another.
fn columns(run: &RunReport) -> Vec<(Stat, usize)> {
    let trends = || {
        run.metrics
            .iter()
            .filter(|metric| metric.kind == MetricType::Trend)
    };
    let width = |stat: Stat| {
        trends()
            .map(|metric| cell(metric, stat).width())
            .max()
            .unwrap_or(0)
    };
    run.trend_stats
        .iter()
        .map(|stat| (*stat, width(*stat)))
        .collect()
}

fn cell(metric: &MetricReport, stat: Stat) -> String {
    match metric.measure.get(stat) {
        Some(value) => format!("{stat}={}", metric.unit(stat).show(value)),
        None => format!("{stat}=–"),
    }
}

fn numbers_of(run: &RunReport, metric: &MetricReport, columns: &[(Stat, usize)]) -> String {
    let show = |stat: Stat| -> Cow<'_, str> {
        let value = metric.measure.get(stat);
        value.map_or("–".into(), |value| metric.unit(stat).show(value).into())
    };
    match metric.kind {
        MetricType::Trend | MetricType::Rate if metric.measure.is_empty() => {
            "no samples".to_owned()
        }
        MetricType::Trend => {
            let cells = columns.iter().map(|(stat, width)| {
                let cell = cell(metric, *stat);
                format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())))
            });
            cells.collect::<Vec<_>>().join(" ").trim_end().to_owned()
        }
        MetricType::Counter
            if run.duration_ms.is_none() && metric.measure.get(Stat::Rate).is_none() =>
        {
            show(Stat::Count).into_owned()
        }
        MetricType::Counter => format!("{}  {}", show(Stat::Count), show(Stat::Rate)),
        MetricType::Rate => {
            let counts = metric
                .measure
                .get(Stat::Passes)
                .zip(metric.measure.get(Stat::Fails));
            let counts = counts.map(|(passes, fails)| {
                format!(
                    "  {} out of {}",
                    number(passes, 0),
                    number(passes + fails, 0)
                )
            });
            format!("{}{}", show(Stat::Rate), counts.unwrap_or_default())
        }
        MetricType::Gauge => {
            format!(
                "{}  min={} max={}",
                show(Stat::Value),
                show(Stat::Min),
                show(Stat::Max)
            )
        }
    }
}
