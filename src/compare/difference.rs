//! A difference between two sides, with what is known of its noise.

use super::noise::Noise;
use crate::stats::student;

/// A value of one run, and its variance as far as the run itself shows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    pub(super) value: f64,
    pub(super) within: f64,
}

/// What is assumed of the variance of runs, before repeated runs show it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prior {
    /// The variance between runs as a share of that within a run, where one run a side cannot show
    /// it.
    pub(super) between: f64,
    /// A variance between runs that is always there, however many requests there are.
    pub(super) least: f64,
    /// How many degrees of freedom the assumption is worth beside those of repeated runs.
    pub(super) weight: f64,
    /// The degrees of freedom that it adds to theirs.
    pub(super) degrees: f64,
}

impl Prior {
    /// Of an endpoint against the others.
    pub(super) const OWN: Self = Self {
        between: 0.25,
        least: 2.5e-5,
        weight: 8.0,
        degrees: 10.0,
    };
    /// Of what all endpoints share, and of an endpoint as it is.
    const COMMON: Self = Self {
        between: 1.0,
        least: 1e-4,
        weight: 2.0,
        degrees: 5.0,
    };
    /// The same, where repeated runs have so many degrees of freedom: the more they show themselves,
    /// the less is assumed.
    pub(super) fn common(seen: f64) -> Self {
        Self {
            between: Self::COMMON.between / seen.max(1.0),
            ..Self::COMMON
        }
    }

    /// Runs as a whole do not differ.
    pub(super) const NOTHING: Self = Self {
        between: 0.0,
        least: 0.0,
        ..Self::COMMON
    };
}

/// The sum of squares of runs about the mean of their side, and its degrees of freedom.
pub(super) fn scatter(sides: [&[Spread]; 2]) -> (f64, f64) {
    let squares = |side: &[Spread]| -> f64 {
        let mean = mean(side);
        side.iter().map(|run| (run.value - mean).powi(2)).sum()
    };
    let degrees = sides.map(|side| side.len() as f64 - 1.0);
    (sides.map(squares).iter().sum(), degrees.iter().sum())
}

/// The mean variance within a run.
pub(super) fn within(sides: [&[Spread]; 2]) -> f64 {
    let all = || sides.into_iter().flatten();
    all().map(|run| run.within).sum::<f64>() / all().count().max(1) as f64
}

fn mean(side: &[Spread]) -> f64 {
    side.iter().map(|run| run.value).sum::<f64>() / side.len().max(1) as f64
}

/// candidate − baseline, mostly of logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Difference {
    pub(super) value: f64,
    pub(super) error: f64,
    pub(super) degrees: f64,
    pub(super) noise: Noise,
}

impl Difference {
    /// Between the means of runs. The variance of a single run is what runs of one side show,
    /// drawn towards the assumption as if that had been seen with `weight` degrees of freedom
    /// (the conjugate prior of a variance; A. Gelman et al., Bayesian Data Analysis, 2013, §2.6),
    /// and so `degrees`, those of the variance within a run, count where there is one run a side.
    pub(super) fn between(
        baseline: &[Spread],
        candidate: &[Spread],
        prior: Prior,
        degrees: f64,
    ) -> Self {
        let sides = [baseline, candidate];
        let within = within(sides);
        let (squares, seen) = scatter(sides);
        let (variance, degrees, noise) = if seen < 1.0 {
            let assumed = within * (1.0 + prior.between) + prior.least;
            (assumed, degrees, Noise::WithinRun)
        } else {
            let assumed = within * (1.0 + prior.between) + prior.least;
            (
                (squares + prior.weight * assumed) / (seen + prior.weight),
                seen + prior.degrees,
                Noise::History,
            )
        };
        let share = 1.0 / baseline.len().max(1) as f64 + 1.0 / candidate.len().max(1) as f64;
        Self {
            value: mean(candidate) - mean(baseline),
            error: (variance * share).sqrt(),
            degrees,
            noise,
        }
    }

    /// How many standard errors it is away from zero; zero where there is no noise at all.
    pub(super) fn t(&self) -> f64 {
        if self.error > 0.0 {
            self.value / self.error
        } else {
            0.0
        }
    }

    /// The probability of a larger value by noise alone.
    pub(super) fn above(&self) -> f64 {
        student::survival(self.t(), self.degrees)
    }

    /// The probability of a smaller value by noise alone.
    pub(super) fn below(&self) -> f64 {
        student::survival(-self.t(), self.degrees)
    }

    /// How far a value may be off to either side, but for this probability beyond each end.
    pub(super) fn margin(&self, probability: f64) -> f64 {
        student::upper_quantile(probability, self.degrees) * self.error
    }

    /// The difference that would be called at this level in four of five comparisons.
    pub(super) fn detectable(&self, level: f64) -> f64 {
        self.margin(level) + self.margin(0.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(values: &[f64]) -> Vec<Spread> {
        let run = |value: &f64| Spread {
            value: *value,
            within: 0.01,
        };
        values.iter().map(run).collect()
    }

    #[test]
    fn one_run_a_side_takes_the_assumption() {
        let found = Difference::between(&runs(&[1.0]), &runs(&[1.5]), Prior::common(0.0), 20.0);
        assert_eq!(
            (found.value, found.degrees, found.noise),
            (0.5, 20.0, Noise::WithinRun)
        );
        // 0.01 within, the same again between, 0.0001 always: twice 0.0201.
        assert!((found.error - 0.0402f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn repeated_runs_draw_it_towards_what_they_show() {
        let prior = Prior {
            between: 1.0,
            least: 0.0,
            weight: 2.0,
            ..Prior::common(0.0)
        };
        let quiet = Difference::between(&runs(&[1.0, 1.0, 1.0]), &runs(&[1.0]), prior, 20.0);
        // (0 + 2 · 0.02) / (2 + 2) · (1/3 + 1)
        assert!((quiet.error.powi(2) - 0.01 * 4.0 / 3.0).abs() < 1e-12);
        assert_eq!(quiet.noise, Noise::History);
        let loud = Difference::between(&runs(&[0.0, 1.0, 2.0]), &runs(&[1.0]), prior, 20.0);
        assert!(loud.error > 3.0 * quiet.error);
    }

    #[test]
    fn exchanging_the_sides_mirrors_it() {
        let (a, b) = (runs(&[1.0, 1.2]), runs(&[1.3]));
        let (there, back) = (
            Difference::between(&a, &b, Prior::OWN, 20.0),
            Difference::between(&b, &a, Prior::OWN, 20.0),
        );
        assert_eq!(there.value, -back.value);
        assert_eq!(there.error, back.error);
        assert!((there.above() - back.below()).abs() < 1e-15);
    }
}
