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
    /// The degrees of freedom that it adds to theirs when a change is tested. Few runs alone would find
    /// nothing; an interval, which has to hold the truth, takes no more than `weight`.
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
        between: 0.8,
        least: 1.5e-4,
        weight: 1.0,
        degrees: 4.0,
    };

    /// The same, where repeated runs have so many degrees of freedom: the more they show themselves,
    /// the less is assumed.
    pub(super) fn common(seen: f64) -> Self {
        let share = seen.max(1.0).powi(-2);
        Self {
            between: Self::COMMON.between * share,
            least: Self::COMMON.least * share,
            ..Self::COMMON
        }
    }

    /// The same with so many times the variance.
    pub(super) fn times(self, ratio: f64) -> Self {
        Self {
            between: (1.0 + self.between) * ratio - 1.0,
            least: self.least * ratio,
            ..self
        }
    }

    /// Runs as a whole do not differ.
    pub(super) const NOTHING: Self = Self {
        between: 0.0,
        least: 0.0,
        ..Self::COMMON
    };

    /// The variance of a run that is assumed beside what it shows itself.
    fn of(self, run: &Spread) -> f64 {
        run.within * (1.0 + self.between) + self.least
    }
}

/// How much more than assumed repeated runs differ from the mean of their side, as a ratio of
/// variances, and its degrees of freedom; `None` where none is repeated.
pub(super) fn excess(sides: [&[Spread]; 2], prior: Prior) -> Option<(f64, f64)> {
    let squares = |side: &[Spread]| -> f64 {
        let mean = mean(side);
        let squares = side
            .iter()
            .map(|run| (run.value - mean).powi(2) / prior.of(run));
        squares.filter(|square| square.is_finite()).sum()
    };
    let seen = sides.map(|side| side.len().saturating_sub(1) as f64);
    let seen: f64 = seen.iter().sum();
    (seen >= 1.0).then(|| (sides.map(squares).iter().sum::<f64>() / seen, seen))
}

fn mean(side: &[Spread]) -> f64 {
    side.iter().map(|run| run.value).sum::<f64>() / side.len().max(1) as f64
}

/// The ratio that is reckoned with, drawn towards the assumption as if that had been seen with
/// `weight` degrees of freedom, and those of the repeated runs.
fn reckoned(sides: [&[Spread]; 2], prior: Prior) -> Option<(f64, f64)> {
    let (ratio, seen) = excess(sides, prior)?;
    let drawn = (ratio * seen + prior.weight) / (seen + prior.weight);
    Some((drawn, seen))
}

/// candidate − baseline, mostly of logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Difference {
    pub(super) value: f64,
    pub(super) error: f64,
    /// The degrees of freedom with which it is tested.
    pub(super) degrees: f64,
    /// Those that its interval has.
    pub(super) known: f64,
    pub(super) noise: Noise,
}

impl Difference {
    /// Between the means of runs. What repeated runs show of their variance is drawn towards the
    /// assumption as if that had been seen with `weight` degrees of freedom (the conjugate prior of a
    /// variance; A. Gelman et al., Bayesian Data Analysis, 2013, §2.6); with one run a side the
    /// assumption stands, and `degrees` are those of the variance within a run. A short run keeps its
    /// larger variance beside long ones.
    pub(super) fn between(
        baseline: &[Spread],
        candidate: &[Spread],
        prior: Prior,
        degrees: f64,
    ) -> Self {
        let sides = [baseline, candidate];
        let (ratio, degrees, noise) = match reckoned(sides, prior) {
            Some((ratio, seen)) => (
                ratio,
                [seen + prior.degrees, seen + prior.weight],
                Noise::History,
            ),
            None => (1.0, [degrees; 2], Noise::WithinRun),
        };
        let [degrees, known] = degrees;
        let of_mean = |side: &[Spread]| {
            let sum: f64 = side.iter().map(|run| prior.of(run)).sum();
            sum / (side.len().max(1) as f64).powi(2)
        };
        Self {
            value: mean(candidate) - mean(baseline),
            error: (ratio * (of_mean(baseline) + of_mean(candidate))).sqrt(),
            degrees,
            known,
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

    /// Where the true difference lies, but for this probability beyond each end.
    pub(super) fn interval(&self, outside: f64) -> [f64; 2] {
        let margin = student::upper_quantile(outside, self.known) * self.error;
        [self.value - margin, self.value + margin]
    }

    /// The difference that would be called at this level in four of five comparisons.
    pub(super) fn detectable(&self, level: f64) -> f64 {
        let margins = [level, 0.2].map(|p| student::upper_quantile(p, self.degrees));
        (margins[0] + margins[1]) * self.error
    }
}

/// How a value, mostly a logarithm, varies between repeated runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Variation {
    /// Its mean.
    pub(super) value: f64,
    /// The standard deviation between runs.
    pub(super) between: f64,
    /// The standard deviation that one run shows of it.
    pub(super) within: f64,
    /// The variance of a run that is reckoned with, and its degrees of freedom.
    variance: f64,
    degrees: f64,
    /// The same of a single pair, which does not know of the other runs.
    single: (f64, f64),
}

impl Variation {
    /// Of repeated runs; `single` is what is assumed of one run a side, with the degrees of freedom of
    /// what it shows.
    pub(super) fn of(
        [runs, _]: &[Vec<Spread>; 2],
        prior: Prior,
        (single, degrees): (Prior, f64),
    ) -> Self {
        let count = runs.len().max(1) as f64;
        let mean_of = |of: &dyn Fn(&Spread) -> f64| runs.iter().map(of).sum::<f64>() / count;
        let (ratio, seen) = reckoned([runs, &[]], prior).unwrap_or((1.0, 1.0));
        Self {
            value: mean(runs),
            between: variance(runs.iter().map(|run| run.value)).sqrt(),
            within: mean_of(&|run| run.within).sqrt(),
            variance: ratio * mean_of(&|run| prior.of(run)),
            degrees: seen + prior.degrees,
            single: (mean_of(&|run| single.of(run)), degrees),
        }
    }

    /// The difference of one run that would be called at this level in four of five comparisons
    /// with so many baseline runs.
    pub(super) fn detectable(&self, runs: usize, level: f64) -> f64 {
        let (variance, degrees) = if runs == 1 {
            self.single
        } else {
            (self.variance, self.degrees)
        };
        let difference = Difference {
            value: 0.0,
            error: (variance * (1.0 + 1.0 / runs.max(1) as f64)).sqrt(),
            degrees,
            known: degrees,
            noise: Noise::History,
        };
        difference.detectable(level)
    }
}

/// The variance of values.
pub(super) fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let (count, sum) = values
        .clone()
        .fold((0.0, 0.0), |(n, sum), value| (n + 1.0, sum + value));
    if count < 2.0 {
        return 0.0;
    }
    let mean = sum / count;
    values.map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)
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
        // 0.01 within, 0.008 between, 0.00015 always: twice that.
        assert!((found.error - 0.0363f64.sqrt()).abs() < 1e-12);
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
    fn a_short_run_is_not_as_sure_as_the_long_ones_before_it() {
        let long = |value| Spread {
            value,
            within: 1e-4,
        };
        let short = Spread {
            value: 1.0,
            within: 1e-2,
        };
        let baseline = [long(1.0), long(1.01), long(0.99)];
        let found = Difference::between(&baseline, &[short], Prior::OWN, 20.0);
        assert!(found.error > 0.08, "{}", found.error);
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
