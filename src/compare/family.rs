//! The endpoints of a pair, judged as a family: each against the others, and all together.

use super::difference::{Difference, Prior, Spread, Variation, excess, variance};
use super::options::Levels;
use super::resample::{FIGURES, TAIL, TYPICAL};
use super::run_endpoints::{RunEndpoints, effective_samples};
use super::shift::{CommonShift, EndpointShift, Few, FigureShift, Move, Shifts};
use crate::run::EndpointId;
use crate::stats::blocks::FEWEST_BLOCKS;

/// The independent samples that it takes to judge each figure. A distribution-free interval of 95%
/// for the quantile p exists from n with p^n + (1 − p)^n ≤ 5% on: 72 for p(95), 368 for p(99) (H. A.
/// David & H. N. Nagaraja, Order Statistics, 2003, §7.1). Of a mean or a median 20 are asked for.
const LEAST_SAMPLES: [f64; FIGURES.len()] = [20.0, 20.0, 20.0, 72.0, 368.0];

/// The endpoints that every run of both sides has, resampled.
pub(super) struct Gathered {
    pub(super) ids: Vec<EndpointId>,
    pub(super) sides: [Vec<RunEndpoints>; 2],
    /// The degrees of freedom of what one run a side shows of its noise.
    pub(super) degrees: f64,
}

/// A change to everything shows in the typical duration, whose noise is less, and has most of the
/// level; only a change to the slowest requests of all endpoints does not.
pub(super) const TYPICAL_SHARE: f64 = 0.8;

/// Judges the endpoints of a pair, each of which every run has. `judged` are the figures that may
/// say that an endpoint moved.
pub(super) fn shifts(gathered: Gathered, judged: &[usize], levels: Levels) -> Shifts {
    let (ids, mut family) = Family::new(gathered);
    let only = family.only();
    let typical = [TYPICAL];
    // Of a single endpoint, what everything has in common is its own move.
    let judged = if only.is_some() && judged.is_empty() {
        &typical
    } else {
        judged
    };
    let level = if only.is_some() {
        levels.own + levels.common
    } else {
        levels.own
    };
    let count = family.count(judged).max(1) as f64;
    match only {
        Some(only) => family.find_single(only, judged, level),
        None => family.find_moved(judged, level),
    }
    let common = |figure: usize, share: f64| match only {
        None => family.common(figure, levels.common * share),
        Some(_) => None,
    };
    let (common, common_tail) = (
        common(TYPICAL, TYPICAL_SHARE),
        common(TAIL, 1.0 - TYPICAL_SHARE),
    );
    let endpoints = ids.into_iter().enumerate().map(|(at, id)| EndpointShift {
        id,
        moved: family.moved[at],
        is_single: only.is_some(),
        figures: std::array::from_fn(|figure| {
            let tests = judged.iter().filter(|j| family.supported[at][**j]).count();
            FigureShift {
                sides: family.means(at, figure),
                whole: family.whole(at, figure),
                own: only.is_none().then(|| family.own(at, figure)).flatten(),
                level: level / (count * tests.max(1) as f64),
                too_few: family.few[at][figure],
            }
        }),
    });
    Shifts {
        endpoints: endpoints.collect(),
        common,
        common_tail,
    }
}

/// The endpoints of both sides.
pub(super) struct Family {
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

/// So many of the surest endpoints are tested again when one of them is found.
const LIKELY: usize = 8;

impl Family {
    pub(super) fn new(gathered: Gathered) -> (Vec<EndpointId>, Self) {
        let Gathered {
            ids,
            sides,
            degrees,
        } = gathered;
        let mut pair = Self {
            sides,
            degrees,
            supported: vec![[true; FIGURES.len()]; ids.len()],
            few: Vec::new(),
            moved: vec![None; ids.len()],
            references: [0; FIGURES.len()],
            priors: [Prior::OWN; FIGURES.len()],
        };
        // What an endpoint's samples are worth shows only against the others.
        pair.refer();
        pair.find_supported();
        pair.refer();
        pair.learn_priors();
        (ids, pair)
    }

    /// Counts independent samples: as many as would give the variance that resampling shows, once
    /// what all endpoints share is taken away.
    fn find_supported(&mut self) {
        let all = self.supported.len();
        self.few = (0..all)
            .map(|at| {
                let least = |of: &dyn Fn(&RunEndpoints) -> f64| {
                    self.runs().map(of).fold(f64::INFINITY, f64::min)
                };
                let samples = least(&|run| effective_samples(run, at));
                let seconds = least(&|run| run.endpoints[at].blocks);
                std::array::from_fn(|figure| {
                    let needed = LEAST_SAMPLES[figure];
                    if seconds < FEWEST_BLOCKS as f64 {
                        Some(Few::Time)
                    } else {
                        (samples < needed).then_some(Few::Samples {
                            found: samples,
                            needed,
                        })
                    }
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
    pub(super) fn count(&self, judged: &[usize]) -> usize {
        let is_judged = |supported: &&[bool; FIGURES.len()]| judged.iter().any(|f| supported[*f]);
        self.supported.iter().filter(is_judged).count()
    }

    /// The only endpoint with enough samples, if there is but one.
    fn only(&self) -> Option<usize> {
        let mut supported = (0..self.supported.len()).filter(|at| self.supported[*at][TYPICAL]);
        let only = supported.next();
        // With none, nothing is judged whichever it is.
        let only = only.or((!self.supported.is_empty()).then_some(0));
        only.filter(|_| supported.next().is_none())
    }

    /// Finds the endpoints that moved, the surest first (S. Holm, Scandinavian Journal of Statistics
    /// 6, 1979). One that moved is no longer part of what the others are held against, as it would
    /// make them look as if they had moved the other way.
    fn find_moved(&mut self, judged: &[usize], level: f64) {
        let all = self.count(judged);
        let mut first: Vec<usize> = Vec::new();
        for found in 0..all / 2 {
            let level = level / (all - found) as f64;
            let is_open = |at: &usize| self.moved[*at].is_none();
            // Those that were surest before are so again, mostly; all are tested when none is left.
            let likely = first.iter().copied().filter(is_open).take(LIKELY).collect();
            let surest = self
                .surest_of(likely, judged)
                .filter(|test| test.p <= level);
            let surest = surest.or_else(|| {
                let mut tests: Vec<Test> = (0..self.supported.len())
                    .filter(is_open)
                    .filter_map(|at| self.test(at, judged))
                    .collect();
                tests.sort_by(Test::by_sureness);
                first = tests.iter().map(|test| test.at).collect();
                tests.into_iter().next().filter(|test| test.p <= level)
            });
            let Some(test) = surest else { break };
            self.moved[test.at] = Some(test.direction);
            self.refer();
        }
    }

    fn surest_of(&self, endpoints: Vec<usize>, judged: &[usize]) -> Option<Test> {
        let tests = endpoints.into_iter().filter_map(|at| self.test(at, judged));
        tests.min_by(Test::by_sureness)
    }

    /// A single endpoint has nothing to be held against but what it was.
    fn find_single(&mut self, only: usize, judged: &[usize], level: f64) {
        let figures = judged
            .iter()
            .filter(|figure| self.supported[only][**figure]);
        let differences: Vec<Difference> =
            figures.map(|figure| self.whole(only, *figure)).collect();
        self.moved[only] = surest(&differences, level);
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
        let changed = self.means(at, TYPICAL);
        Some(Test {
            at,
            p: p * own.len() as f64,
            direction,
            size: (changed[1] - changed[0]).abs(),
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
                if let Some((ratio, seen)) = excess([&baseline, &candidate], Prior::OWN) {
                    ratios += ratio * seen;
                    degrees += seen;
                }
            }
            // As a ratio of what is assumed of one run.
            let ratio = (ratios + ASSUMED_RUNS) / (degrees + ASSUMED_RUNS);
            self.priors[figure] = Prior::OWN.times(ratio);
        }
    }

    /// Whether an endpoint is among those that the others are held against.
    fn is_reference(&self, at: usize, figure: usize) -> bool {
        self.moved[at].is_none() && self.supported[at][figure]
    }

    fn common_prior(&self) -> Prior {
        let repeated = self.sides.iter().map(|side| side.len().saturating_sub(1));
        Prior::common(repeated.sum::<usize>() as f64)
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

    /// How an endpoint as it is varies between runs of one side.
    pub(super) fn variation(&self, at: usize, figure: usize) -> Variation {
        let spreads = self.spreads(
            |run| run.endpoints[at].logs[figure],
            |run, replicate| run.endpoints[at].replicates[replicate][figure],
        );
        Variation::of(
            &spreads,
            self.common_prior(),
            (Prior::common(0.0), self.degrees),
        )
    }

    /// How an endpoint against the others does; `None` if there is none.
    pub(super) fn own_variation(&self, at: usize, figure: usize) -> Option<Variation> {
        let spreads = self.own_spreads(at, figure)?;
        Some(Variation::of(
            &spreads,
            self.priors[figure],
            (Prior::OWN, self.degrees),
        ))
    }

    /// How what all endpoints share does; `None` of a single one.
    pub(super) fn common_variation(&self) -> Option<Variation> {
        let count = self.references[TYPICAL];
        let spreads = self.spreads(
            |run| run.sum[TYPICAL] / count as f64,
            |run, replicate| run.sums[replicate][TYPICAL] / count as f64,
        );
        (count > 1).then(|| {
            Variation::of(
                &spreads,
                self.common_prior(),
                (Prior::common(0.0), self.degrees),
            )
        })
    }

    /// What the endpoints that did not move share of a figure; `None` if there is none.
    fn common(&self, figure: usize, level: f64) -> Option<CommonShift> {
        let count = self.references[figure];
        if count == 0 {
            return None;
        }
        let between = |prior: Prior| {
            self.difference(
                prior,
                |run| run.sum[figure] / count as f64,
                |run, replicate| run.sums[replicate][figure] / count as f64,
            )
        };
        let whole = between(self.common_prior());
        let sides = self.sides.each_ref().map(|runs| {
            let sum: f64 = runs.iter().map(|run| run.sum[figure]).sum();
            sum / (count * runs.len()).max(1) as f64
        });
        Some(CommonShift {
            sides,
            whole,
            within: between(Prior::NOTHING),
            moved: surest(&[whole], level),
            level,
            endpoints: [count, self.supported.iter().filter(|s| s[figure]).count()],
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

impl Test {
    /// Of two endpoints each is as far from the other, but for rounding; then the larger change
    /// tells.
    fn by_sureness(&self, other: &Self) -> std::cmp::Ordering {
        const ROUNDING: f64 = 1e-6;
        if (self.p - other.p).abs() <= ROUNDING * self.p.max(other.p) {
            other.size.total_cmp(&self.size)
        } else {
            self.p.total_cmp(&other.p)
        }
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
