//! Simulated requests as a run, as if k6 had written them.

use perf_report::run::{Point, Run, RunParts, SamplesBuilder};

use crate::numbers::{index, nanoseconds};
use crate::simulator::request::Request;

/// When every simulated run began, in nanoseconds since 1970.
const START: i64 = 1_767_225_600_000_000_000;

/// The run that these requests are, with the metrics that k6 would have written of them; without
/// samples where polars cannot hold them.
#[must_use]
pub fn run(requests: &[Request]) -> Run {
    let mut samples = SamplesBuilder::default();
    let mut numbers: Vec<Option<[u32; 4]>> = Vec::new();
    for request in requests {
        let at = index(request.endpoint) * 2 + usize::from(request.failed);
        if numbers.len() <= at {
            numbers.resize(at + 1, None);
        }
        let [duration, failed, count, check] = *numbers[at].get_or_insert_with(|| {
            let name = format!("/e{}", request.endpoint);
            let expected = if request.failed { "false" } else { "true" };
            let tags = [
                ("name", name.as_str()),
                ("method", "GET"),
                ("expected_response", expected),
            ];
            [
                samples.series("http_req_duration", tags),
                samples.series("http_req_failed", tags),
                samples.series("http_reqs", tags),
                samples.series("checks", [("check", "answered"), ("group", "")]),
            ]
        });
        let time = START + nanoseconds(request.time);
        let failure = f64::from(u8::from(request.failed));
        for (series, value) in [
            (duration, request.duration_ms),
            (failed, failure),
            (count, 1.0),
            (check, 1.0 - failure),
        ] {
            samples.push(Point {
                series,
                time,
                value,
            });
        }
    }
    Run::new(RunParts {
        name: "simulated".to_owned(),
        label: "simulated".to_owned(),
        samples: samples.finish().ok(),
        ..RunParts::default()
    })
}
