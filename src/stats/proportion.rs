//! Comparing two shares: the two-proportion z-test and Newcombe's interval.

/// How often something happened, out of how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// How often it happened.
    pub hits: f64,
    /// Out of how many.
    pub total: f64,
}

impl Share {
    /// The share itself; 0 of nothing.
    #[must_use]
    pub fn rate(self) -> f64 {
        if self.total > 0.0 {
            self.hits / self.total
        } else {
            0.0
        }
    }

    /// As many samples as would be worth as much if they were independent.
    #[must_use]
    pub fn dispersed(self, dispersion: f64) -> Self {
        Self {
            hits: self.hits / dispersion,
            total: self.total / dispersion,
        }
    }

    /// Wilson's score interval (E. B. Wilson, JASA 22, 1927) at ±z.
    #[must_use]
    pub fn wilson(self, z: f64) -> (f64, f64) {
        if self.total <= 0.0 {
            return (0.0, 1.0);
        }
        let (p, n, z2) = (self.rate(), self.total, z * z);
        let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        ((centre - half).max(0.0), (centre + half).min(1.0))
    }
}

/// Parts taken together.
#[must_use]
pub fn sum(parts: &[Share]) -> Share {
    Share {
        hits: parts.iter().map(|part| part.hits).sum(),
        total: parts.iter().map(|part| part.total).sum(),
    }
}

/// How much more a share varies over time than independent draws would: Pearson's χ² of its parts,
/// each against the share of its own group, by its degrees of freedom; at least 1 (P. `McCullagh` &
/// J. A. Nelder, Generalized Linear Models, 1989, §4.5). `groups` are the parts of each side.
#[must_use]
pub fn dispersion(groups: &[Vec<Share>]) -> f64 {
    let (mut chi_squared, mut degrees) = (0.0, 0.0);
    for parts in groups {
        let rate = sum(parts).rate();
        let unit = rate * (1.0 - rate);
        let counted = parts.iter().filter(|part| part.total > 0.0);
        if unit > 0.0 {
            let squares = counted
                .clone()
                .map(|part| (part.hits - rate * part.total).powi(2) / (unit * part.total));
            chi_squared += squares.sum::<f64>();
            degrees += (counted.count() as f64 - 1.0).max(0.0);
        }
    }
    if degrees > 0.0 {
        (chi_squared / degrees).max(1.0)
    } else {
        1.0
    }
}

/// The pooled two-proportion statistic z = (b − a) / √(p(1 − p)(1/m + 1/n)); 0 where neither
/// or both sides have only hits. p is the pooled share, m and n the totals. The shares are taken as independent draws.
#[must_use]
pub fn z_statistic(a: Share, b: Share) -> f64 {
    let total = a.total + b.total;
    if a.total <= 0.0 || b.total <= 0.0 {
        return 0.0;
    }
    let pooled = (a.hits + b.hits) / total;
    let variance = pooled * (1.0 - pooled) * (1.0 / a.total + 1.0 / b.total);
    if variance > 0.0 {
        (b.rate() - a.rate()) / variance.sqrt()
    } else {
        0.0
    }
}

/// The interval of b − a by Newcombe's hybrid score method (R. G. Newcombe, Statistics in Medicine
/// 17, 1998, method 10) at ±z.
#[must_use]
pub fn difference_interval(a: Share, b: Share, z: f64) -> (f64, f64) {
    let ((a_low, a_high), (b_low, b_high)) = (a.wilson(z), b.wilson(z));
    let change = b.rate() - a.rate();
    let down = (b.rate() - b_low).hypot(a_high - a.rate());
    let up = (b_high - b.rate()).hypot(a.rate() - a_low);
    (change - down, change + up)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(hits: f64, total: f64) -> Share {
        Share { hits, total }
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 5e-5, "{a} is not {b}");
    }

    #[test]
    fn newcombes_own_examples() {
        // Newcombe (1998), table II, method 10, 95%: 56/70 − 48/80 and 9/10 − 3/10.
        let (low, high) = difference_interval(share(48.0, 80.0), share(56.0, 70.0), 1.959_964);
        close(low, 0.0524);
        close(high, 0.3339);
        let (low, high) = difference_interval(share(3.0, 10.0), share(9.0, 10.0), 1.959_964);
        close(low, 0.1705);
        close(high, 0.8090);
    }

    #[test]
    fn failures_that_come_together_count_less() {
        // Ten of a hundred in one of four parts: p = 0.025, χ² = (7.5² + 3 · 2.5²) / 2.4375 = 30.77.
        let burst = [
            share(10.0, 100.0),
            share(0.0, 100.0),
            share(0.0, 100.0),
            share(0.0, 100.0),
        ];
        close(dispersion(&[burst.to_vec()]), 10.256_41);
        let even = vec![share(2.0, 100.0); 4];
        close(dispersion(&[even.clone(), burst.to_vec()]), 5.128_21);
        close(dispersion(&[even]), 1.0);
        close(dispersion(&[vec![share(0.0, 100.0); 4]]), 1.0);
        close(dispersion(&[]), 1.0);
    }

    #[test]
    fn nothing_and_certainty() {
        assert_eq!(z_statistic(share(0.0, 0.0), share(1.0, 2.0)), 0.0);
        assert_eq!(z_statistic(share(0.0, 10.0), share(0.0, 10.0)), 0.0);
        assert_eq!(share(0.0, 0.0).wilson(2.0), (0.0, 1.0));
        let (low, high) = difference_interval(share(0.0, 500.0), share(0.0, 500.0), 2.326);
        assert!(low < 0.0 && high > 0.0);
    }

    #[test]
    fn a_known_statistic() {
        // 31 of 482 against 4 of 470: the root of Pearson's χ² of that 2 × 2 table, by another formula.
        close(z_statistic(share(4.0, 470.0), share(31.0, 482.0)), 4.574_49);
    }
}
