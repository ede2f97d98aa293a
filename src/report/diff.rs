//! A comparison as every renderer shows it, and as `diff --format json` writes it.

use serde::Serialize;

use super::unit::Unit;
use crate::compare::{Change, Comparable, Figure, Finding, Noise, Own, Scale, Validity};
use crate::run::{EndpointId, MetricName, Source, Stat};
use crate::thresholds::Verdict;
use crate::units;

/// The version of `diff --format json`.
pub const DIFF_SCHEMA: &str = "perf-report.diff/1";

/// From so many endpoints on, a table shows only those that moved.
const MANY_ENDPOINTS: usize = 10;

/// Percentage points, the unit of a change of a share.
const POINTS: &str = " points";

/// Everything that was compared.
#[derive(Debug, Serialize)]
pub struct DiffReport {
    /// The version of this document.
    pub schema: &'static str,
    /// What the pairs come to: regressed, else inconclusive, else improved, else unchanged.
    pub verdict: Change,
    /// All of it in a sentence.
    pub sentence: String,
    /// The pairs by name.
    pub pairs: Vec<PairReport>,
    /// Runs without a partner.
    pub unpaired: Vec<UnpairedReport>,
}

/// Two sides of one name.
#[derive(Debug, Serialize)]
pub struct PairReport {
    /// The candidate's name, which is the baseline's, too, unless a single pair was named.
    pub name: String,
    /// Whether both ran the same test.
    pub comparable: Comparable,
    /// What speaks against trusting the rows, and what of the comparability is not known.
    pub warnings: Vec<String>,
    /// What the gating rows and the limits come to.
    pub verdict: Change,
    /// All of it in a sentence.
    pub sentence: String,
    /// Every row: gating regressions first, then the largest change first.
    pub rows: Vec<RowReport>,
    /// Thresholds that say less than they did.
    pub findings: Vec<Finding>,
    /// The stated limits.
    pub limits: Vec<LimitReport>,
    /// Regressions that somebody accepted, and those that no longer are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverReport>,
    /// What it was compared with.
    pub baseline: SideReport,
    /// What was compared.
    pub candidate: SideReport,
}

/// One side of a pair.
#[derive(Debug, Serialize)]
pub struct SideReport {
    /// The runs' name.
    pub name: String,
    /// The number of runs; several are repetitions.
    pub runs: usize,
    /// Their files.
    pub sources: Vec<Source>,
    /// Whether they are fit to be judged.
    pub validity: Validity,
    /// The times of the first and the last sample of all, in nanoseconds since 1970.
    #[serde(skip)]
    pub span: Option<(i64, i64)>,
}

/// A run, or repetitions of it, without a partner.
#[derive(Debug, Serialize)]
pub struct UnpairedReport {
    /// The name.
    pub name: String,
    /// Added when only the candidate has it, removed when only the baseline does.
    pub verdict: Change,
    /// The files.
    pub sources: Vec<Source>,
}

/// A statistic on both sides.
#[derive(Debug, Serialize)]
pub struct RowReport {
    /// The metric, submetric, endpoint or check.
    pub name: String,
    /// The statistic, by k6's name.
    pub stat: String,
    /// The unit of its values: ms, B, B/s, 1/s, share, or empty.
    pub unit: &'static str,
    /// The baseline's value.
    pub baseline: Option<f64>,
    /// The candidate's value.
    pub candidate: Option<f64>,
    /// Whether change, interval, smallest detectable change and floor are fractions of the baseline
    /// or differences in the unit.
    pub scale: Scale,
    /// The change.
    pub change: Option<f64>,
    /// Where the change lies: 95% within where noise is measured, 98% where it is assumed.
    pub interval: Option<[f64; 2]>,
    /// The change of an endpoint against the mean of the others, by which it is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<Own>,
    /// Where the noise estimate came from.
    pub noise: Noise,
    /// The smallest change for the worse that would have been called.
    pub smallest_detectable: Option<f64>,
    /// The change below which a difference is of no interest.
    pub floor: Option<f64>,
    /// How far the values can be from the exact ones, both sides together and relative to them, where they are
    /// from histograms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// Whether it decides over the pair's verdict.
    pub gate: bool,
    /// What follows.
    pub verdict: Change,
    /// Why it is inconclusive, or unchanged in spite of a change beyond the floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The last day on which its regression is accepted; until then it does not decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived_until: Option<String>,
    /// The metric or submetric, taken apart.
    #[serde(skip)]
    pub id: MetricName,
    /// The statistic, as a type.
    #[serde(skip)]
    pub figure: Figure,
    /// How its values read.
    #[serde(skip)]
    pub shown: Unit,
    /// Whether another row shows the same requests: an endpoint that a submetric selects, too.
    #[serde(skip)]
    pub repeats: bool,
    /// Whether it is what the test asks for, and no result: the throughput of an open model.
    #[serde(skip)]
    pub is_asked_for: bool,
    /// Of what endpoints have in common: how many share it, of how many.
    #[serde(skip)]
    pub shared_by: Option<[usize; 2]>,
}

/// A regression that somebody accepted.
#[derive(Debug, Serialize)]
pub struct WaiverReport {
    /// The row, or the rows of this name.
    pub row: String,
    /// Why.
    pub reason: String,
    /// Who accepted it.
    pub by: String,
    /// The last day on which it is accepted.
    pub until: String,
    /// Whether that day is over.
    pub expired: bool,
    /// The number of regressed rows that it is about.
    pub rows: usize,
}

/// A stated limit with what it says.
#[derive(Debug, Serialize)]
pub struct LimitReport {
    /// The metric or submetric.
    pub name: String,
    /// The rest of the limit, as written.
    pub expression: String,
    /// The candidate's value.
    pub observed: Option<f64>,
    /// The baseline's value.
    pub baseline: Option<f64>,
    /// What the expression allows.
    pub limit: Option<f64>,
    /// What follows. No data counts as failed.
    pub verdict: Verdict,
    /// Why there is no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How its values read.
    #[serde(skip)]
    pub shown: Unit,
}

impl PairReport {
    /// The rows of a verdict, in their order, without those that repeat others.
    pub fn rows_of(&self, verdict: Change) -> impl Iterator<Item = &RowReport> {
        self.rows
            .iter()
            .filter(move |row| row.verdict == verdict && !row.repeats)
    }

    /// Whether anything at all was said of what changed.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        use Change::{Improved, Regressed, Unchanged};
        let judged = [Improved, Regressed, Unchanged];
        self.rows.iter().any(|row| judged.contains(&row.verdict))
    }

    /// The rows to show unless all are asked for: what decides and got worse or better, and of the
    /// rest the few figures that everybody asks for.
    #[must_use]
    pub fn rows_that_matter(&self) -> Vec<&RowReport> {
        let endpoints = self.rows.iter().filter(|row| row.is_endpoint());
        let shows_endpoints = endpoints.count() < MANY_ENDPOINTS;
        let matters = |row: &&RowReport| match row.verdict {
            Change::Regressed | Change::Improved => {
                row.gate || row.is_headline() || row.waived_until.is_some()
            }
            Change::Added | Change::Removed => false,
            Change::Inconclusive | Change::Unchanged => {
                row.is_headline() || (shows_endpoints && row.is_endpoint())
            }
        };
        self.rows
            .iter()
            .filter(|row| !row.repeats)
            .filter(matters)
            .collect()
    }
}

impl RowReport {
    /// Whether this is one of the figures of a whole run: its request durations, failures, checks
    /// and throughput, or of an open model what it achieved.
    #[must_use]
    pub fn is_headline(&self) -> bool {
        let is_throughput = self.name == "http_reqs" && self.figure == Stat::Rate.into();
        let is_output = is_throughput && !self.is_asked_for;
        !self.id.is_submetric() && (self.gate || is_output || self.figure == Figure::Achieved)
    }

    /// Whether this is what all endpoints have in common.
    #[must_use]
    pub fn is_common(&self) -> bool {
        matches!(self.figure, Figure::Common | Figure::CommonTail)
    }

    /// Whether this is the figure of an endpoint that people know best.
    fn is_endpoint(&self) -> bool {
        self.own.is_some() && self.gate && self.figure == Stat::p(95).into() && !self.repeats
    }

    /// What is measured, in as few words as tell it.
    #[must_use]
    pub fn subject(&self) -> String {
        endpoint_title(&self.id)
    }

    /// The statistic, in words where it is none of k6's.
    #[must_use]
    pub fn stat_text(&self) -> &str {
        match self.figure {
            Figure::GeometricMean => "the typical duration",
            _ => &self.stat,
        }
    }

    /// The statistic, with the metric where it is not a request's duration.
    #[must_use]
    pub fn figure_text(&self) -> String {
        // Checks are called so by their titles.
        const UNSAID: [&str; 4] = [
            "http_req_duration",
            "grpc_req_duration",
            "browser_http_req_duration",
            "checks",
        ];
        let (metric, stat) = (self.id.metric(), self.stat_text());
        if UNSAID.contains(&metric) || !self.id.is_submetric() {
            stat.to_owned()
        } else {
            format!("{stat} of {metric}")
        }
    }

    /// The interval of the change against the other endpoints as it reads.
    #[must_use]
    pub fn own_text(&self) -> Option<String> {
        self.own.map(|own| self.show_interval(own.interval))
    }

    /// The name with its statistic, which goes without saying for a share.
    #[must_use]
    pub fn title(&self) -> String {
        if self.shown == Unit::Share && self.figure == Stat::Rate.into() {
            self.name.clone()
        } else {
            format!("{} of {}", self.stat, self.name)
        }
    }

    /// The change as it reads: a percentage, percentage points, or a difference with its unit.
    #[must_use]
    pub fn change_text(&self) -> Option<String> {
        Some(self.show_change(self.change?))
    }

    /// The interval as it reads.
    #[must_use]
    pub fn interval_text(&self) -> Option<String> {
        self.interval.map(|interval| self.show_interval(interval))
    }

    fn show_interval(&self, [low, high]: [f64; 2]) -> String {
        let low = self.show_change(low);
        // The unit is said once where it is a word.
        let low = low.strip_suffix(POINTS).unwrap_or(&low);
        format!("{low} … {}", self.show_change(high))
    }

    /// A change of this row as it reads.
    #[must_use]
    pub fn show_change(&self, change: f64) -> String {
        let signed = |text: String, value: f64| {
            let sign = if value > 0.0 { "+" } else { "" };
            format!("{sign}{text}")
        };
        match (self.scale, self.shown) {
            (Scale::Relative, _) => units::signed_percent(change),
            (Scale::Absolute, Unit::Share) => {
                // Two digits behind the point are enough.
                let points = (change * 1e4).round() / 1e2;
                signed(units::number(points, 2), points) + POINTS
            }
            (Scale::Absolute, unit) => signed(unit.show(change), change),
        }
    }

    /// A value as a sentence or a page has it.
    #[must_use]
    pub fn value_prose(&self, value: Option<f64>) -> String {
        value.map_or_else(|| "–".to_owned(), |value| self.shown.say(value))
    }

    /// A value as it reads.
    #[must_use]
    pub fn value_text(&self, value: Option<f64>) -> String {
        value.map_or_else(|| "–".to_owned(), |value| self.shown.show(value))
    }
}

impl WaiverReport {
    /// The waiver as a line.
    #[must_use]
    pub fn text(&self) -> String {
        let Self {
            row,
            reason,
            by,
            until,
            ..
        } = self;
        let state = match (self.expired, self.rows) {
            (true, _) => format!("was accepted until {until}, which is over"),
            (false, 0) => format!("is accepted until {until}, and did not regress"),
            (false, _) => format!("regressed, which is accepted until {until}"),
        };
        format!("{row} {state}: {reason} ({by})")
    }
}

impl LimitReport {
    /// The limit with both values, as a line.
    #[must_use]
    pub fn text(&self) -> String {
        let show = |value: Option<f64>| {
            value.map_or_else(|| "no data".to_owned(), |value| self.shown.show(value))
        };
        let note = self.note.as_ref();
        let note = note.map(|note| format!(" ({note}, which counts as failed)"));
        format!(
            "{}:{} is {}, allowed {}{}",
            self.name,
            self.expression,
            show(self.observed),
            show(self.limit),
            note.unwrap_or_default()
        )
    }
}

/// A metric's part in as few words as tell it: an endpoint by its method and path, a submetric by
/// its tag's value.
#[must_use]
pub fn endpoint_title(id: &MetricName) -> String {
    let tag = |wanted: &str| {
        let found = id.tags().iter().find(|(key, _)| key == wanted);
        found.map(|(_, value)| value.clone())
    };
    // A check is known by its name, and told from others by its group.
    if let (true, Some(check)) = (id.metric() == "checks", tag("check")) {
        let group = tag("group").map(|group| group.trim_start_matches("::").replace("::", " › "));
        return match group.filter(|group| !group.is_empty()) {
            Some(group) => format!("check {check} ({group})"),
            None => format!("check {check}"),
        };
    }
    // Whichever tag tells endpoints, these two only tell them further apart.
    let is_further = |key: &str| matches!(key, "method" | "scenario");
    let mut own = id.tags().iter().filter(|(key, _)| !is_further(key));
    let name = tag("name").or_else(|| match (own.next(), own.next()) {
        // Such a value says nothing without its key.
        (Some((key, value)), None) if matches!(value.as_str(), "true" | "false") => {
            Some(format!("{key}:{value}"))
        }
        (Some((_, value)), None) => Some(value.clone()),
        _ => None,
    });
    match (name, id.tags()) {
        (Some(name), _) => EndpointId {
            name,
            method: tag("method"),
            scenario: tag("scenario"),
        }
        .title(),
        (None, [(_, value)]) => value.clone(),
        _ => id.text().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_called_by_its_whole_name_and_its_group() {
        let check = |name: &str, group: Option<&str>| {
            let tags = [("check", Some(name)), ("group", group)].into_iter();
            let tags = tags.filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())));
            endpoint_title(&MetricName::with_tags("checks", tags.collect()))
        };
        let name = "body is a, b or c: fine";
        assert_eq!(
            check(name, Some("::one::two")),
            format!("check {name} (one › two)")
        );
        assert_eq!(check(name, Some("")), format!("check {name}"));
        assert_eq!(check(":::", None), "check :::");
        let endpoint = MetricName::parse("http_req_failed{name:/a,method:GET}").unwrap();
        assert_eq!(endpoint_title(&endpoint), "GET /a");
    }
}
