//! The normal distribution, as far as the comparison uses it.

/// The one-sided 1% point of the standard normal distribution, Φ⁻¹(0.99).
///
/// `scipy.stats.norm.ppf(0.99)` gives 2.3263478740408408.
pub const ONE_SIDED_1_PERCENT: f64 = 2.326_347_874_040_841;

/// The two-sided 1% point, Φ⁻¹(0.995).
///
/// `scipy.stats.norm.ppf(0.995)` gives 2.5758293035489004.
pub const TWO_SIDED_1_PERCENT: f64 = 2.575_829_303_548_900_4;

/// The probability that a standard normal variable is larger than z.
#[must_use]
pub fn survival(z: f64) -> f64 {
    0.5 * libm::erfc(z / std::f64::consts::SQRT_2)
}

/// The value that a standard normal variable exceeds with this probability (above 0, at most ½).
#[must_use]
pub fn upper_quantile(probability: f64) -> f64 {
    // Beyond 38 the probability is no longer a number.
    where_it_falls_to(probability, [0.0, 38.0], survival)
}

/// Where a falling function has this value, between two places of which the first is above it.
pub(super) fn where_it_falls_to(
    value: f64,
    [mut low, mut high]: [f64; 2],
    function: impl Fn(f64) -> f64,
) -> f64 {
    // Each step halves the interval; sixty exhaust the digits.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if function(middle) > value {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.norm.isf(p)` and `scipy.stats.norm.sf(z)`, scipy 1.17.
    #[test]
    fn as_scipy_has_it() {
        let close = |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 1e-12);
        close(upper_quantile(0.01), ONE_SIDED_1_PERCENT);
        close(upper_quantile(0.005), TWO_SIDED_1_PERCENT);
        close(upper_quantile(0.000_01), 4.264_890_793_922_825);
        close(upper_quantile(0.2), 0.841_621_233_572_914_2);
        close(survival(3.0), 0.001_349_898_031_630_093_3);
        close(survival(-1.0), 0.841_344_746_068_542_9);
    }
}
