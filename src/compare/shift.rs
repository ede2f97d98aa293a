//! What moved: each endpoint against the others, and all of them together.
//!
//! What all endpoints share is the machine, or a change to everything. On a busy machine it differs
//! from run to run by much more than one endpoint differs from the others, so that an endpoint is
//! judged by its own move, ln(candidate / baseline) less the mean of the others, and what they share
//! is judged by itself, with more noise assumed.

use super::difference::{Difference, Prior, Spread, scatter, within};
use super::options::Levels;
use super::resample::{FIGURES, Logs, Resampled, TAIL, TYPICAL};
use crate::run::EndpointId;

/// The independent samples that it takes to judge each figure. A distribution-free interval of 95%
/// for the quantile p exists from n with p^n + (1 − p)^n ≤ 5% on: 72 for p(95), 368 for p(99) (H. A.
/// David & H. N. Nagaraja, Order Statistics, 2003, §7.1). Of a mean or a median 20 are asked for.
const LEAST_SAMPLES: [f64; FIGURES.len()] = [20.0, 20.0, 20.0, 72.0, 368.0];

/// Which way an endpoint moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Slower,
    Faster,
}

/// What is known of a pair's endpoints.
#[derive(Debug)]
pub(super) struct Shifts {
    pub(super) endpoints: Vec<EndpointShift>,
    /// What all endpoints that did not move by themselves have in common; `None` of a single one,
    /// whose move is the common one.
    pub(super) common: Option<CommonShift>,
}

impl Shifts {
    /// The standard error of a run as a whole: of what endpoints share, or of the only one.
    pub(super) fn error(&self) -> Option<f64> {
        let single = || {
            self.endpoints
                .first()
                .map(|only| only.figures[TYPICAL].whole)
        };
        let whole = self
            .common
            .as_ref()
            .map(|common| common.typical)
            .or_else(single)?;
        Some(whole.error / std::f64::consts::SQRT_2)
    }
}

/// One endpoint on both sides.
#[derive(Debug)]
pub(super) struct EndpointShift {
    pub(super) id: EndpointId,
    /// How it moved against the others, as far as the whole family of endpoints allows to say.
    pub(super) moved: Option<Move>,
    pub(super) figures: [FigureShift; FIGURES.len()],
}

/// One figure of an endpoint, as logarithms.
#[derive(Debug, Clone)]
pub(super) struct FigureShift {
    /// The means over the runs of each side.
    pub(super) sides: [f64; 2],
    /// The change as it is.
    pub(super) whole: Difference,
    /// The change against the other endpoints; `None` where there is no other.
    pub(super) own: Option<Difference>,
    /// The level at which it would have been called first.
    pub(super) level: f64,
    /// How many independent samples there are, where they are too few to judge it.
    pub(super) too_few: Option<Few>,
}

/// Too few samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct Few {
    pub(super) found: f64,
    pub(super) needed: f64,
}

/// What all endpoints share.
#[derive(Debug)]
pub(super) struct CommonShift {
    /// The means over the runs of each side, of the typical duration.
    pub(super) sides: [f64; 2],
    pub(super) typical: Difference,
    pub(super) tail: Option<Difference>,
    /// The same as `typical`, if runs as a whole did not differ.
    pub(super) within: Difference,
    pub(super) moved: Option<Move>,
    pub(super) level: f64,
}

/// The endpoints of one run, in the order of the pair's.
#[derive(Debug)]
pub(super) struct RunEndpoints {
    endpoints: Vec<Resampled>,
    /// The sums over those that others are held against: as measured, and of every replicate.
    sum: Logs,
    sums: Vec<Logs>,
}

impl RunEndpoints {
    pub(super) fn new(endpoints: Vec<Resampled>) -> Self {
        let replicates = endpoints.first().map_or(0, |first| first.replicates.len());
        Self {
            endpoints,
            sum: Logs::default(),
            sums: vec![Logs::default(); replicates],
        }
    }

    /// Adds up anew.
    fn add_up(&mut self, is_reference: &[[bool; FIGURES.len()]]) {
        self.sum = Logs::default();
        self.sums.fill(Logs::default());
        for (endpoint, counts) in self.endpoints.iter().zip(is_reference) {
            add(&mut self.sum, &endpoint.logs, *counts);
            for (sum, replicate) in self.sums.iter_mut().zip(&endpoint.replicates) {
                add(sum, replicate, *counts);
            }
        }
    }
}

fn add(sum: &mut Logs, logs: &Logs, counts: [bool; FIGURES.len()]) {
    for figure in 0..FIGURES.len() {
        if counts[figure] {
            sum[figure] += logs[figure];
        }
    }
}

/// Judges the endpoints of a pair, each of which every run has. `judged` are the figures that may
/// say that an endpoint moved.
pub(super) fn shifts(
    ids: Vec<EndpointId>,
    sides: [Vec<RunEndpoints>; 2],
    judged: &[usize],
    levels: Levels,
    degrees: f64,
) -> Shifts {
    let mut pair = Paired {
        sides,
        degrees,
        supported: vec![[true; FIGURES.len()]; ids.len()],
        moved: vec![None; ids.len()],
        few: Vec::new(),
        references: [0; FIGURES.len()],
        priors: [Prior::OWN; FIGURES.len()],
    };
    pair.refer();
    pair.find_supported();
    pair.refer();
    pair.learn_priors();
    let single = ids.len() == 1;
    let level = if single {
        levels.own + levels.common
    } else {
        levels.own
    };
    let family = pair.family(judged);
    if single {
        pair.find_single(judged, level);
    } else {
        pair.find_moved(judged, level);
    }
    let common = (!single).then(|| pair.common(levels.common)).flatten();
    let count = family.max(1) as f64;
    let endpoints = ids.into_iter().enumerate().map(|(at, id)| EndpointShift {
        id,
        moved: pair.moved[at],
        figures: std::array::from_fn(|figure| {
            let tests = judged.iter().filter(|j| pair.supported[at][**j]).count();
            FigureShift {
                sides: pair.means(at, figure),
                whole: pair.whole(at, figure),
                own: (!single).then(|| pair.own(at, figure)).flatten(),
                level: level / (count * tests.max(1) as f64),
                too_few: pair.few[at][figure],
            }
        }),
    });
    Shifts {
        endpoints: endpoints.collect(),
        common,
    }
}

struct Paired {
    sides: [Vec<RunEndpoints>; 2],
    degrees: f64,
    /// For every endpoint and figure, whether there are enough samples.
    supported: Vec<[bool; FIGURES.len()]>,
    few: Vec<[Option<Few>; FIGURES.len()]>,
    moved: Vec<Option<Move>>,
    /// For every figure the number of endpoints that others are held against.
    references: [usize; FIGURES.len()],
    /// For every figure what is assumed of an endpoint against the others.
    priors: [Prior; FIGURES.len()],
}

/// What is assumed of repeated runs counts as so many of them beside what all endpoints show.
const ASSUMED_RUNS: f64 = 3.0;

impl Paired {
    /// Counts independent samples: as many as would give the variance that resampling shows, once
    /// what all endpoints share is taken away.
    fn find_supported(&mut self) {
        let all = self.supported.len();
        self.few = (0..all)
            .map(|at| {
                let found = self.runs().map(|run| effective_samples(run, at));
                let found = found.fold(f64::INFINITY, f64::min);
                std::array::from_fn(|figure| {
                    let needed = LEAST_SAMPLES[figure];
                    (found < needed).then_some(Few { found, needed })
                })
            })
            .collect();
        for (supported, few) in self.supported.iter_mut().zip(&self.few) {
            *supported = few.map(|few| few.is_none());
        }
    }

    fn runs(&self) -> impl Iterator<Item = &RunEndpoints> {
        self.sides.iter().flatten()
    }

    /// How many endpoints are judged.
    fn family(&self, judged: &[usize]) -> usize {
        let is_judged = |supported: &&[bool; FIGURES.len()]| judged.iter().any(|f| supported[*f]);
        self.supported.iter().filter(is_judged).count()
    }

    /// Finds the endpoints that moved, the surest first (S. Holm, Scandinavian Journal of Statistics
    /// 6, 1979). One that moved is no longer part of what the others are held against, as it would
    /// make them look as if they had moved the other way.
    fn find_moved(&mut self, judged: &[usize], level: f64) {
        let all = self.family(judged);
        for found in 0..all / 2 {
            let candidates = (0..self.supported.len()).filter(|at| self.moved[*at].is_none());
            let tests = candidates.filter_map(|at| self.test(at, judged));
            // Of two endpoints each is as far from the other; then the larger change tells.
            let surest = tests.min_by(|a, b| a.p.total_cmp(&b.p).then(b.size.total_cmp(&a.size)));
            match surest {
                Some(test) if test.p <= level / (all - found) as f64 => {
                    self.moved[test.at] = Some(test.direction);
                    self.refer();
                }
                _ => break,
            }
        }
    }

    /// A single endpoint has nothing to be held against but what it was.
    fn find_single(&mut self, judged: &[usize], level: f64) {
        let figures = judged.iter().filter(|figure| self.supported[0][**figure]);
        let differences: Vec<Difference> = figures.map(|figure| self.whole(0, *figure)).collect();
        self.moved[0] = surest(&differences, level);
    }

    /// The surest of an endpoint's figures, with a probability that takes their number into account
    /// (Bonferroni).
    fn test(&self, at: usize, judged: &[usize]) -> Option<Test> {
        let figures = judged.iter().filter(|figure| self.supported[at][**figure]);
        let own: Vec<Difference> = figures.filter_map(|figure| self.own(at, *figure)).collect();
        let sides = own.iter().flat_map(|difference| {
            [
                (difference.above(), Move::Slower),
                (difference.below(), Move::Faster),
            ]
        });
        let (p, direction) = sides.min_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(Test {
            at,
            p: p * own.len() as f64,
            direction,
            size: self.whole(at, TYPICAL).value.abs(),
        })
    }

    /// Adds up what endpoints are held against.
    fn refer(&mut self) {
        let is_reference: Vec<[bool; FIGURES.len()]> = (0..self.supported.len())
            .map(|at| std::array::from_fn(|figure| self.is_reference(at, figure)))
            .collect();
        for run in self.sides.iter_mut().flatten() {
            run.add_up(&is_reference);
        }
        self.references = std::array::from_fn(|figure| {
            is_reference.iter().filter(|counts| counts[figure]).count()
        });
    }

    /// Learns from repeated runs how much more than within a run endpoints differ between runs. Each
    /// has few runs; together they have many.
    fn learn_priors(&mut self) {
        for figure in 0..FIGURES.len() {
            let (mut ratios, mut degrees) = (0.0, 0.0);
            for at in 0..self.supported.len() {
                let Some([baseline, candidate]) = self.own_spreads(at, figure) else {
                    continue;
                };
                let sides = [&baseline[..], &candidate[..]];
                let (squares, seen) = scatter(sides);
                let within = within(sides) + Prior::OWN.least;
                if seen > 0.0 && within > 0.0 {
                    ratios += squares / within;
                    degrees += seen;
                }
            }
            let assumed = 1.0 + Prior::OWN.between;
            let ratio = (ratios + ASSUMED_RUNS * assumed) / (degrees + ASSUMED_RUNS);
            self.priors[figure].between = ratio - 1.0;
        }
    }

    /// Whether an endpoint is among those that the others are held against.
    fn is_reference(&self, at: usize, figure: usize) -> bool {
        self.moved[at].is_none() && self.supported[at][figure]
    }

    fn common_prior(&self) -> Prior {
        let runs: usize = self.sides.iter().map(Vec::len).sum();
        Prior::common(runs as f64 - 2.0)
    }

    /// The change of an endpoint as it is.
    fn whole(&self, at: usize, figure: usize) -> Difference {
        self.difference(
            self.common_prior(),
            |run| run.endpoints[at].logs[figure],
            |run, replicate| run.endpoints[at].replicates[replicate][figure],
        )
    }

    /// The change of an endpoint against the mean of the others; `None` if there is none.
    fn own(&self, at: usize, figure: usize) -> Option<Difference> {
        let [baseline, candidate] = self.own_spreads(at, figure)?;
        let prior = self.priors[figure];
        Some(Difference::between(
            &baseline,
            &candidate,
            prior,
            self.degrees,
        ))
    }

    /// An endpoint against the mean of the others, in every run.
    fn own_spreads(&self, at: usize, figure: usize) -> Option<[Vec<Spread>; 2]> {
        let is_reference = self.is_reference(at, figure);
        let others = self.references[figure] - usize::from(is_reference);
        if others == 0 {
            return None;
        }
        let against = |own: f64, sum: f64| {
            let rest = if is_reference { sum - own } else { sum };
            own - rest / others as f64
        };
        Some(self.spreads(
            |run| against(run.endpoints[at].logs[figure], run.sum[figure]),
            |run, replicate| {
                let own = run.endpoints[at].replicates[replicate][figure];
                against(own, run.sums[replicate][figure])
            },
        ))
    }

    /// What the endpoints that did not move share.
    fn common(&self, level: f64) -> Option<CommonShift> {
        // A change to everything shows in the typical duration, whose noise is less; only a change
        // to the slowest requests of all endpoints does not.
        const TYPICAL_SHARE: f64 = 0.8;
        let between = |figure: usize, prior: Prior| {
            let count = self.references[figure];
            (count > 0).then(|| {
                self.difference(
                    prior,
                    |run| run.sum[figure] / count as f64,
                    |run, replicate| run.sums[replicate][figure] / count as f64,
                )
            })
        };
        let typical = between(TYPICAL, self.common_prior())?;
        let tail = between(TAIL, self.common_prior());
        let by_tail = tail.and_then(|tail| surest(&[tail], level * (1.0 - TYPICAL_SHARE)));
        let level = level * TYPICAL_SHARE;
        let endpoints = self.references[TYPICAL];
        Some(CommonShift {
            sides: [0, 1].map(|side| {
                let runs = &self.sides[side];
                let sum: f64 = runs.iter().map(|run| run.sum[TYPICAL]).sum();
                sum / (endpoints * runs.len()).max(1) as f64
            }),
            within: between(TYPICAL, Prior::NOTHING)?,
            moved: surest(&[typical], level).or(by_tail),
            typical,
            tail,
            level,
        })
    }

    fn means(&self, at: usize, figure: usize) -> [f64; 2] {
        [0, 1].map(|side| {
            let runs = &self.sides[side];
            let sum: f64 = runs.iter().map(|run| run.endpoints[at].logs[figure]).sum();
            sum / runs.len().max(1) as f64
        })
    }

    fn difference(
        &self,
        prior: Prior,
        value: impl Fn(&RunEndpoints) -> f64,
        replicate: impl Fn(&RunEndpoints, usize) -> f64,
    ) -> Difference {
        let [baseline, candidate] = self.spreads(value, replicate);
        Difference::between(&baseline, &candidate, prior, self.degrees)
    }

    /// A value of every run, whose variance within the run is that over its replicates.
    fn spreads(
        &self,
        value: impl Fn(&RunEndpoints) -> f64,
        replicate: impl Fn(&RunEndpoints, usize) -> f64,
    ) -> [Vec<Spread>; 2] {
        let spread = |run: &RunEndpoints| Spread {
            value: value(run),
            within: variance((0..run.sums.len()).map(|at| replicate(run, at))),
        };
        let spreads = |side: &Vec<RunEndpoints>| side.iter().map(spread).collect();
        [spreads(&self.sides[0]), spreads(&self.sides[1])]
    }
}

struct Test {
    at: usize,
    p: f64,
    direction: Move,
    size: f64,
}

/// Which way the surest of some differences goes, if it is sure enough on one side.
fn surest(differences: &[Difference], level: f64) -> Option<Move> {
    let count = differences.len() as f64;
    let least = |p: fn(&Difference) -> f64| {
        let all = differences.iter().map(p);
        all.fold(f64::INFINITY, f64::min) * count
    };
    let (slower, faster) = (least(Difference::above), least(Difference::below));
    if slower.min(faster) > level {
        None
    } else if slower < faster {
        Some(Move::Slower)
    } else {
        Some(Move::Faster)
    }
}

/// How many independent requests would give an endpoint's typical duration the variance that it
/// has against the mean of all.
fn effective_samples(run: &RunEndpoints, at: usize) -> f64 {
    let endpoint = &run.endpoints[at];
    let samples = endpoint.samples as f64;
    let all = run.endpoints.len() as f64;
    // Alone, it is held against nothing.
    let share = if all > 1.0 { 1.0 / all } else { 0.0 };
    let replicates = run.sums.iter().zip(&endpoint.replicates);
    let seen = variance(replicates.map(|(sum, own)| own[TYPICAL] - sum[TYPICAL] * share));
    let others: f64 = run.endpoints.iter().map(|e| e.independent).sum();
    let independent = endpoint.independent * (1.0 - 2.0 * share) + others * share * share;
    if seen > independent && independent > 0.0 {
        samples * independent / seen
    } else {
        samples
    }
}

fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let (count, sum) = values
        .clone()
        .fold((0.0, 0.0), |(n, sum), value| (n + 1.0, sum + value));
    if count < 2.0 {
        return 0.0;
    }
    let mean = sum / count;
    values.map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)
}
