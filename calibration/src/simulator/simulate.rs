//! The requests of one run.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::numbers::{float, whole};
use crate::simulator::change::Change;
use crate::simulator::noise::Noise;
use crate::simulator::request::Request;
use crate::simulator::server::Server;
use crate::simulator::streams::Stream;
use crate::simulator::workload::{LoadModel, MS_PER_S, Workload};

/// The requests of one run, in order of completion.
///
/// The same arguments give the same requests. Runs of one seed meet the same
/// drift, wander, bursts and run effects, so a baseline and its candidate need
/// different seeds.
#[must_use]
pub fn simulate(workload: &Workload, noise: &Noise, change: &Change, seed: u64) -> Vec<Request> {
    if workload.endpoints == 0 {
        return Vec::new();
    }
    let mut server = Server::new(workload, noise, change, seed);
    let mut visitor = Visitor {
        workload,
        rng: Stream::Users.rng(seed),
    };
    let mut requests = match workload.model {
        LoadModel::Closed { users } => (0..users)
            .flat_map(|_| visitor.closed(&mut server))
            .collect::<Vec<_>>(),
        LoadModel::Open {
            iterations_per_second: rate,
        } => (0..whole((rate * workload.seconds).ceil()))
            .flat_map(|iteration| visitor.open(&mut server, float(iteration) / rate))
            .collect(),
    };
    requests.sort_by(|a, b| a.time.total_cmp(&b.time));
    requests
}

/// The virtual users: who visits which endpoint when.
struct Visitor<'a> {
    workload: &'a Workload,
    rng: ChaCha8Rng,
}

impl Visitor<'_> {
    /// One user of the closed model until the end of the run.
    ///
    /// The user starts at a random endpoint. Otherwise a run too short for one
    /// iteration over many endpoints would never reach the last of them.
    fn closed(&mut self, server: &mut Server) -> Vec<Request> {
        let mut requests = Vec::new();
        let mut time = self.pause_s();
        let mut endpoint = self.rng.random_range(0..self.workload.endpoints);
        while time < self.workload.seconds {
            if self.visits(endpoint) {
                time = self.step(server, endpoint, time, &mut requests);
            }
            endpoint = (endpoint + 1) % self.workload.endpoints;
        }
        requests
    }

    /// One iteration of the open model, started at `time` seconds.
    fn open(&mut self, server: &mut Server, mut time: f64) -> Vec<Request> {
        let mut requests = Vec::new();
        for endpoint in 0..self.workload.endpoints {
            if self.visits(endpoint) {
                time = self.step(server, endpoint, time, &mut requests);
            }
        }
        requests
    }

    /// Sends a request and pauses; returns when the user goes on, in seconds.
    fn step(
        &mut self,
        server: &mut Server,
        endpoint: usize,
        time: f64,
        requests: &mut Vec<Request>,
    ) -> f64 {
        let request = server.answer(endpoint, time);
        requests.push(request);
        request.time + self.pause_s()
    }

    /// Whether this iteration visits the endpoint. The first endpoint always
    /// is, whatever the exponent, so every iteration sends something.
    fn visits(&mut self, endpoint: usize) -> bool {
        let draw: f64 = self.rng.random();
        endpoint == 0 || draw < self.workload.popularity(endpoint)
    }

    fn pause_s(&mut self) -> f64 {
        let share = 0.5 + self.rng.random::<f64>();
        (share * self.workload.think_ms / MS_PER_S).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::index;
    use crate::simulator::change::FailureChange;
    use crate::simulator::noise::Tail;
    use crate::simulator::workload::base_latency_ms;
    use perf_report::stats::quantile::quantile;

    const LONG: Workload = Workload {
        endpoints: 3,
        seconds: 200.0,
        model: LoadModel::Open {
            iterations_per_second: 100.0,
        },
        think_ms: 10.0,
        zipf: 0.0,
    };

    fn body() -> Noise {
        Noise {
            sigma: 0.3,
            ..Noise::none()
        }
    }

    fn durations(requests: &[Request], endpoint: u32) -> Vec<f64> {
        let mut durations: Vec<f64> = requests
            .iter()
            .filter(|request| request.endpoint == endpoint)
            .map(|request| request.duration_ms)
            .collect();
        durations.sort_by(f64::total_cmp);
        durations
    }

    fn median(requests: &[Request], endpoint: u32) -> f64 {
        quantile(&durations(requests, endpoint), 0.5).unwrap_or(f64::NAN)
    }

    #[test]
    fn a_closed_run_has_four_to_five_thousand_requests_in_order() {
        for noise in [Noise::quiet(), Noise::noisy()] {
            let requests = simulate(&Workload::closed(), &noise, &Change::none(), 1);
            assert!(
                (4000..=5000).contains(&requests.len()),
                "{}",
                requests.len()
            );
            assert!(requests.is_sorted_by_key(|request| request.time));
        }
    }

    #[test]
    fn the_body_is_lognormal_around_the_base_latency() {
        let requests = simulate(&LONG, &body(), &Change::none(), 1);
        for endpoint in 0..3 {
            let base = base_latency_ms(index(endpoint));
            assert!((median(&requests, endpoint) / base - 1.0).abs() < 0.01);
            let logs: Vec<f64> = durations(&requests, endpoint)
                .iter()
                .map(|ms| (ms / base).ln())
                .collect();
            let variance = logs.iter().map(|log| log * log).sum::<f64>() / float(logs.len());
            assert!((variance.sqrt() - 0.3).abs() < 0.006);
        }
    }

    #[test]
    fn a_hundredth_of_requests_is_three_to_seven_times_slower() {
        let tail = Tail {
            share: 0.01,
            least: 3.0,
            most: 7.0,
        };
        let noise = Noise {
            tail,
            ..Noise::none()
        };
        let requests = simulate(&LONG, &noise, &Change::none(), 1);
        let factors: Vec<f64> = requests
            .iter()
            .map(|request| request.duration_ms / base_latency_ms(index(request.endpoint)))
            .filter(|factor| *factor > 1.001)
            .collect();
        assert!(factors.iter().all(|factor| (3.0..7.0).contains(factor)));
        let mean = factors.iter().sum::<f64>() / float(factors.len());
        assert!((mean - 5.0).abs() < 0.2, "{mean}");
        let share = float(factors.len()) / float(requests.len());
        assert!((share - 0.01).abs() < 0.0015, "{share}");
    }

    #[test]
    fn a_slowdown_shifts_its_endpoints_median_only() {
        let before = simulate(&LONG, &body(), &Change::none(), 1);
        let after = simulate(&LONG, &body(), &Change::slower(Some(1), 1.15), 2);
        for (endpoint, expected) in [(0, 1.0), (1, 1.15), (2, 1.0)] {
            let ratio = median(&after, endpoint) / median(&before, endpoint);
            assert!((ratio - expected).abs() < 0.015, "{endpoint}: {ratio}");
        }
    }

    #[test]
    fn a_slower_server_gets_fewer_requests_from_closed_users_only() {
        let slower = Change::slower(None, 1.5);
        let count = |workload: &Workload, change: &Change| {
            simulate(workload, &Noise::quiet(), change, 3).len()
        };
        let (closed, open) = (Workload::closed(), Workload::open());
        let share = float(count(&closed, &slower)) / float(count(&closed, &Change::none()));
        assert!(share < 0.95, "{share}");
        assert_eq!(count(&open, &slower), count(&open, &Change::none()));
        assert_eq!(count(&open, &slower), 4500);
        let many = Workload {
            zipf: 1.0,
            seconds: 5.0,
            ..open
        };
        assert_eq!(count(&many, &slower), count(&many, &Change::none()));
    }

    #[test]
    fn a_seed_gives_one_run() {
        let run = |seed| simulate(&Workload::closed(), &Noise::noisy(), &Change::none(), seed);
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn failures_change_their_rate_at_the_endpoint() {
        let noise = Noise {
            failures: 0.01,
            failure_sd: 1.0,
            ..body()
        };
        let change = Change {
            failures: Some(FailureChange {
                endpoint: Some(2),
                rate: 0.05,
            }),
            ..Change::none()
        };
        let requests = simulate(&LONG, &noise, &change, 4);
        let share = |endpoint| {
            let here = requests.iter().filter(|r| r.endpoint == endpoint);
            float(here.clone().filter(|r| r.failed).count()) / float(here.count())
        };
        assert!((share(0) - 0.01).abs() < 0.004, "{}", share(0));
        assert!((share(2) - 0.05).abs() < 0.015, "{}", share(2));
    }

    #[test]
    fn popular_endpoints_get_more_requests_and_rare_ones_few() {
        let workload = Workload::many_endpoints();
        let requests = simulate(&workload, &Noise::quiet(), &Change::none(), 1);
        let count = |endpoints: std::ops::Range<u32>| {
            let here = requests.iter().filter(|r| endpoints.contains(&r.endpoint));
            here.count()
        };
        assert!(count(0..1) > 50, "{}", count(0..1));
        assert!((1..2000).contains(&count(400..500)), "{}", count(400..500));
    }

    #[test]
    fn odd_workloads_end() {
        let run =
            |workload: Workload| simulate(&workload, &Noise::quiet(), &Change::none(), 1).len();
        let closed = Workload::closed();
        assert_eq!(
            run(Workload {
                endpoints: 0,
                ..closed
            }),
            0
        );
        assert_eq!(
            run(Workload {
                model: LoadModel::Open {
                    iterations_per_second: 0.0
                },
                ..closed
            }),
            0
        );
        let instant = Change::slower(None, 0.0);
        let brief = Workload {
            seconds: 0.01,
            think_ms: 0.0,
            zipf: f64::NAN,
            ..closed
        };
        assert!(!simulate(&brief, &Noise::quiet(), &instant, 1).is_empty());
    }
}
