//! Student's t distribution: how far an estimate may be off when its standard error is itself an
//! estimate.

use super::normal::where_it_falls_to;

/// Continued fractions that need more terms than this have converged to rounding before.
const MOST_TERMS: u32 = 500;
/// As large as a quantile can be asked for: beyond it the distribution is flat in floating point.
const FARTHEST: f64 = 1e9;

/// The probability that t is larger than this, with so many degrees of freedom (above 0).
///
/// P(T > t) = ½ I(ν / (ν + t²); ν/2, ½) for t ≥ 0 (NIST Digital Library of Mathematical Functions,
/// <https://dlmf.nist.gov/8.17>).
#[must_use]
pub fn survival(t: f64, degrees: f64) -> f64 {
    if t.is_nan() || degrees.is_nan() {
        return f64::NAN;
    }
    let beyond = 0.5 * incomplete_beta(degrees / (degrees + t * t), degrees / 2.0, 0.5);
    if t < 0.0 { 1.0 - beyond } else { beyond }
}

/// The value that t exceeds with this probability (above 0, at most ½).
#[must_use]
pub fn upper_quantile(probability: f64, degrees: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while survival(high, degrees) > probability && high < FARTHEST {
        low = high;
        high *= 2.0;
    }
    where_it_falls_to(probability, [low, high], |t| survival(t, degrees))
}

/// The regularised incomplete beta function I(x; a, b), by the continued fraction of DLMF 8.17.22,
/// evaluated with Lentz's method.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front =
        (libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * x.ln() + b * (-x).ln_1p())
            .exp();
    // The fraction converges fast below this point, and I(x; a, b) = 1 − I(1 − x; b, a).
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    // Keeps a denominator from being zero.
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut upper = 1.0;
    let mut lower = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = lower;
    for term in 1..MOST_TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = value;
        for step in [even, odd] {
            lower = 1.0 / away(1.0 + step * lower);
            upper = away(1.0 + step / upper);
            value *= upper * lower;
        }
        if (value - before).abs() <= f64::EPSILON * value.abs() {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: f64, wanted: f64) {
        assert!(
            (found / wanted - 1.0).abs() < 1e-9,
            "{found} is not {wanted}"
        );
    }

    /// `scipy.stats.t.sf(t, df)`, scipy 1.17.
    #[test]
    fn as_scipy_has_it() {
        close(survival(2.5, 3.0), 0.043_853_323_504_032_78);
        close(survival(0.5, 22.0), 0.311_019_778_037_741_17);
        close(survival(4.0, 22.0), 0.000_301_571_979_363_026_6);
        close(survival(2.0, 7.5), 0.041_448_497_649_083_156);
        close(survival(6.0, 1.0), 0.052_568_456_711_253_44);
        close(survival(3.1, 300.0), 0.001_059_448_025_052_068_9);
    }

    /// `scipy.stats.t.isf(p, df)`, scipy 1.17.
    #[test]
    fn quantiles_as_scipy_has_them() {
        close(upper_quantile(0.025, 22.0), 2.073_873_067_904_025_4);
        close(upper_quantile(0.002, 28.0), 3.136_157_448_897_955);
        close(upper_quantile(2.5e-05, 30.0), 4.729_195_798_988_08);
        close(upper_quantile(0.2, 5.0), 0.919_543_780_240_826_7);
        close(upper_quantile(0.005, 3.0), 5.840_909_309_733_357);
    }

    proptest! {
        #[test]
        fn a_quantile_is_exceeded_with_its_probability(p in 1e-9..0.5f64, degrees in 1.0..500.0f64) {
            let back = survival(upper_quantile(p, degrees), degrees);
            prop_assert!((back / p - 1.0).abs() < 1e-6, "{back} is not {p}");
        }

        #[test]
        fn it_is_symmetrical(t in 0.0..50.0f64, degrees in 0.5..500.0f64) {
            let both = survival(t, degrees) + survival(-t, degrees);
            prop_assert!((both - 1.0).abs() < 1e-12);
        }
    }
}
