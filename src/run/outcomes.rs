//! Endpoints with their failed responses apart, so that fast errors do not look like speed.

use super::Run;
use super::endpoint::{EndpointId, endpoints_of, is_unexpected, place_of};
use super::measure::Measure;
use super::metric::MetricType;
use super::series::{Series, SeriesTable};
use crate::stats::histogram::LogScale;

/// An endpoint's requests by how they ended.
#[derive(Debug, Clone)]
pub struct EndpointOutcomes {
    /// What it is called.
    pub id: EndpointId,
    /// The durations of those that ended as expected, in milliseconds.
    pub expected: Measure,
    /// The durations of those that failed; all are taken as expected where samples do not tell.
    pub failed: Measure,
    /// Whether samples tell which failed.
    pub tells: bool,
    /// How many of the expected ones lie in each bin of the scale that was asked for.
    pub spread: Vec<u64>,
}

impl Run {
    /// The endpoints by name, with how their durations are spread over a scale; empty without
    /// samples.
    #[must_use]
    pub fn outcomes(&self, scale: Option<LogScale>) -> Vec<EndpointOutcomes> {
        let Some((samples, metric)) = self.samples().zip(self.request_metric()) else {
            return Vec::new();
        };
        let table = samples.series();
        let (place, failed) = (place_of(table, &[Some(metric)]), has_failed(table, metric));
        let tells = failed.is_some();
        let (ids, groups) = endpoints_of(table, self.endpoint_names(), false, 2, |series| {
            place(series).map(|_| usize::from(failed.as_ref().is_some_and(|failed| failed(series))))
        });
        let kinds = vec![MetricType::Trend; ids.len() * 2];
        let mut measures = samples.measure_groups(&groups, &kinds, None).into_iter();
        let mut spreads = vec![vec![0_u64; scale.map_or(0, LogScale::bins)]; ids.len()];
        if let Some(scale) = scale {
            samples.for_each(|cell| {
                let set = groups.of_series()[cell.series as usize];
                let expected = groups.sets()[set as usize].iter().filter(|g| *g % 2 == 0);
                for group in expected {
                    for (value, count) in cell.buckets() {
                        if let Some(bin) = scale.bin(value) {
                            spreads[*group as usize / 2][bin] += u64::from(count);
                        }
                    }
                }
            });
        }
        let mut outcomes: Vec<EndpointOutcomes> = ids
            .into_iter()
            .zip(spreads)
            .filter_map(|(id, spread)| {
                Some(EndpointOutcomes {
                    id,
                    expected: measures.next()?,
                    failed: measures.next()?,
                    tells,
                    spread,
                })
            })
            .collect();
        outcomes.sort_by(|a, b| a.id.cmp(&b.id));
        outcomes
    }
}

/// Whether a series of this metric holds failed requests; `None` where no sample tells.
fn has_failed<'a>(
    table: &'a SeriesTable,
    metric: &str,
) -> Option<Box<dyn Fn(Series<'a>) -> bool + 'a>> {
    let status = table.string("status");
    let code = move |series: Series<'a>| Some(table.text(series.value(status?)?));
    match metric {
        "http_req_duration" => {
            table.string("expected_response")?;
            Some(Box::new(is_unexpected(table)))
        }
        // gRPC's 0 is OK; a browser has the codes of HTTP, and none where there was no response.
        "grpc_req_duration" => {
            status?;
            Some(Box::new(move |series| {
                code(series).is_some_and(|code| code != "0")
            }))
        }
        _ => {
            status?;
            Some(Box::new(move |series| {
                let code = code(series).and_then(|code| code.parse::<u32>().ok());
                code.is_some_and(|code| code == 0 || code >= 400)
            }))
        }
    }
}
