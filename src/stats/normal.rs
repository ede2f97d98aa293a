//! The normal distribution's quantiles that the comparison uses.

/// The one-sided 1% point of the standard normal distribution, Φ⁻¹(0.99).
///
/// `scipy.stats.norm.ppf(0.99)` gives 2.3263478740408408.
pub const ONE_SIDED_1_PERCENT: f64 = 2.326_347_874_040_841;
