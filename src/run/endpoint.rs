//! Endpoints: requests told apart by one tag and their method.

use std::collections::BTreeSet;

use super::Run;
use super::endpoint_names::EndpointNames;
use super::groups::{Groups, NumberMap};
use super::measure::Measure;
use super::metric::MetricType;
use super::name::MetricName;
use super::series::{Series, SeriesTable};

/// What one endpoint is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointId {
    /// The tag's value; of a URL, the path with its identifiers replaced.
    pub name: String,
    /// The method, where the samples have one.
    pub method: Option<String>,
    /// The scenario, where endpoints are told apart by it.
    pub scenario: Option<String>,
}

impl EndpointId {
    /// The endpoint as a person names it: `GET /v1/tasks`.
    #[must_use]
    pub fn title(&self) -> String {
        let mut title = match &self.method {
            // A name can say the method itself: `GET /v1/tasks`, `/hello.HelloService/SayHello`.
            Some(method)
                if !self.name.starts_with(&format!("{method} "))
                    && !self.name.ends_with(&format!("/{method}")) =>
            {
                format!("{method} {}", self.name)
            }
            _ => self.name.clone(),
        };
        if let Some(scenario) = &self.scenario {
            title = format!("{title} in {scenario}");
        }
        title
    }

    /// The endpoint's part of a metric, named like a submetric by the tag that tells endpoints.
    #[must_use]
    pub fn submetric(&self, metric: &str, tag: &str) -> MetricName {
        let mut tags = vec![(tag.to_owned(), self.name.clone())];
        let more = [("method", &self.method), ("scenario", &self.scenario)];
        let known = more
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)));
        tags.extend(known);
        MetricName::with_tags(metric, tags)
    }
}

/// An endpoint with its numbers.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// What it is called.
    pub id: EndpointId,
    /// The metric that times its requests.
    pub metric: &'static str,
    /// The durations of its requests, failed ones included, in milliseconds.
    pub duration: Measure,
    /// The share of its requests that failed, where the run tells, and the metric that says so.
    pub failed: Option<(&'static str, Measure)>,
}

impl Run {
    /// The metric that times a request: HTTP's, else gRPC's, else the browser's.
    #[must_use]
    pub fn request_metric(&self) -> Option<&'static str> {
        [
            "http_req_duration",
            "grpc_req_duration",
            "browser_http_req_duration",
        ]
        .into_iter()
        .find(|name| {
            self.metric(name)
                .is_some_and(|metric| !metric.measure.is_empty())
        })
    }

    /// What the endpoints are called, and told apart by scenario where asked for, without adding
    /// anything up; empty without samples.
    #[must_use]
    pub fn endpoint_ids(&self, by_scenario: bool) -> BTreeSet<EndpointId> {
        let samples = self.samples().zip(self.request_metric());
        let ids = samples.map(|(samples, metric)| {
            let table = samples.series();
            let place = place_of(table, &[Some(metric)]);
            endpoints_of(table, self.endpoint_names(), by_scenario, 1, place).0
        });
        ids.into_iter().flatten().collect()
    }

    /// The endpoints by name; empty without samples.
    #[must_use]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        self.endpoints_by(false)
    }

    /// The endpoints by name, and by scenario where asked for; empty without samples.
    #[must_use]
    pub fn endpoints_by(&self, by_scenario: bool) -> Vec<Endpoint> {
        let Some(metric) = self.request_metric() else {
            return Vec::new();
        };
        let failures = match metric {
            "http_req_duration" => Some("http_req_failed"),
            "browser_http_req_duration" => Some("browser_http_req_failed"),
            _ => None,
        };
        let Some(samples) = self.samples() else {
            return Vec::new();
        };
        let kinds = [MetricType::Trend, MetricType::Rate];
        let table = samples.series();
        let place = place_of(table, &[Some(metric), failures]);
        let (ids, groups) = endpoints_of(
            table,
            self.endpoint_names(),
            by_scenario,
            kinds.len(),
            place,
        );
        let kinds = kinds.repeat(ids.len());
        let mut measures = samples.measure_groups(&groups, &kinds, None).into_iter();
        let mut endpoints: Vec<Endpoint> = ids
            .into_iter()
            .filter_map(|id| {
                let (duration, failed) = (measures.next()?, measures.next()?);
                Some(Endpoint {
                    id,
                    metric,
                    failed: failures.zip(Some(failed).filter(|failed| !failed.is_empty())),
                    duration,
                })
            })
            .filter(|endpoint| !endpoint.duration.is_empty())
            .collect();
        endpoints.sort_by(|a, b| a.id.cmp(&b.id));
        endpoints
    }
}

/// The place of a series' metric among these.
pub(super) fn place_of<'a>(
    table: &'a SeriesTable,
    metrics: &[Option<&str>],
) -> impl Fn(Series<'a>) -> Option<usize> + use<'a> {
    let metrics: Vec<Option<u32>> = metrics.iter().map(|name| table.string((*name)?)).collect();
    move |series| {
        let metric = Some(series.metric_number());
        metrics.iter().position(|known| *known == metric)
    }
}

/// Whether a series holds requests that k6 did not expect to end as they did.
pub(super) fn is_unexpected(table: &SeriesTable) -> impl Fn(Series<'_>) -> bool + use<> {
    let tag = table.string("expected_response").zip(table.string("false"));
    move |series| tag.is_some_and(|(key, value)| series.value(key) == Some(value))
}

/// The endpoints of the series that `place` has a place for, told apart by scenario where asked for;
/// and for each endpoint a group a place, of which there are so many.
pub(super) fn endpoints_of<'a>(
    table: &'a SeriesTable,
    names: &EndpointNames,
    by_scenario: bool,
    places: usize,
    place: impl Fn(Series<'a>) -> Option<usize>,
) -> (Vec<EndpointId>, Groups) {
    let key = |name: &str| table.string(name);
    let (method, nothing) = (key("method"), key(""));
    let scenario = key("scenario").filter(|_| by_scenario);
    let mut known: NumberMap<(u32, Option<u32>, Option<u32>), usize> = NumberMap::default();
    let mut ids = Vec::new();
    let groups = Groups::new(table, |series, groups| {
        let Some(place) = place(series) else { return };
        let Some(name) = names.number(series) else {
            return;
        };
        let value = |key: Option<u32>| series.value(key?);
        let method = value(method).filter(|value| Some(*value) != nothing);
        let scenario = value(scenario);
        let id = *known.entry((name, method, scenario)).or_insert_with(|| {
            let text = |number: u32| table.text(number).to_owned();
            ids.push(EndpointId {
                name: names.text(name).to_owned(),
                method: method.map(text),
                scenario: scenario.map(text),
            });
            ids.len() - 1
        });
        groups.extend(u32::try_from(id * places + place));
    });
    (ids, groups)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ENDPOINT_TAG;

    #[test]
    fn a_title_does_not_repeat_the_method() {
        let id = EndpointId {
            name: "GET /items/:id".into(),
            method: Some("GET".into()),
            scenario: None,
        };
        assert_eq!(id.title(), "GET /items/:id");
        assert_eq!(
            id.submetric("m", ENDPOINT_TAG).text(),
            "m{name:GET /items/:id,method:GET}"
        );
    }
}
