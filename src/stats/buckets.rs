//! Logarithmic buckets: a histogram whose quantiles have a relative error that is chosen.
//!
//! The value v lies in bucket i = ⌈ln|v| / ln γ⌉ with γ = (1 + e) / (1 − e), which is shown as
//! (1 − e) · γ^i: no value of the bucket is further from it than e, relative to the value. This is the
//! mapping of `DDSketch` (C. Masson, J. E. Rim & H. K. Lee, "`DDSketch`: A Fast and Fully-Mergeable
//! Quantile Sketch with Relative-Error Guarantees", PVLDB 12, 2019). Zero is a bucket of its own, negative
//! values mirror the positive ones, and an infinity is its own bucket.

/// The relative error of buckets, unless another is asked for.
pub const DEFAULT_ERROR: f64 = 0.005;

/// Buckets of one relative error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogBuckets {
    error: f64,
    ln_gamma: f64,
}

impl Default for LogBuckets {
    fn default() -> Self {
        Self::of(DEFAULT_ERROR)
    }
}

impl LogBuckets {
    fn of(error: f64) -> Self {
        Self {
            error,
            // ln((1 + e) / (1 − e)) = 2 · artanh(e), without losing digits to a sum near 1.
            ln_gamma: 2.0 * error.atanh(),
        }
    }

    /// Buckets of a relative error above 0 and of at most 0.1; `None` of another.
    #[must_use]
    pub fn new(error: f64) -> Option<Self> {
        let is_error = error > 1e-6 && error <= 0.1;
        is_error.then(|| Self::of(error))
    }

    /// The relative error.
    #[must_use]
    pub fn error(self) -> f64 {
        self.error
    }

    /// ln γ, the width of a bucket.
    #[must_use]
    pub fn ln_gamma(self) -> f64 {
        self.ln_gamma
    }

    /// The value that stands for the bucket of a value.
    #[must_use]
    pub fn shown(self, value: f64) -> f64 {
        if value == 0.0 || !value.is_finite() {
            // Zeros of both signs are one bucket.
            return value + 0.0;
        }
        let bucket = (value.abs().ln() / self.ln_gamma).ceil();
        let shown = (1.0 - self.error) * (bucket * self.ln_gamma).exp();
        shown.copysign(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_error() {
        for error in [0.0, -0.1, 0.2, f64::NAN, f64::INFINITY] {
            assert_eq!(LogBuckets::new(error), None, "{error}");
        }
    }

    #[test]
    fn what_has_a_bucket_of_its_own() {
        let buckets = LogBuckets::new(DEFAULT_ERROR).unwrap();
        assert!(buckets.shown(-0.0).is_sign_positive());
        assert_eq!(buckets.shown(f64::INFINITY), f64::INFINITY);
    }

    proptest! {
        #[test]
        fn a_bucket_is_as_near_as_it_says(value in prop::num::f64::NORMAL, error in 1e-4..0.1f64) {
            prop_assume!(value.abs() > 1e-300 && value.abs() < 1e300);
            let shown = LogBuckets::new(error).unwrap().shown(value);
            // Where a value lies just at an edge, rounding decides on which side of it.
            prop_assert!((shown - value).abs() <= error * value.abs() * (1.0 + 1e-9), "{shown}");
        }

        #[test]
        fn buckets_are_in_the_order_of_values(a in 1e-9..1e9f64, b in 1e-9..1e9f64) {
            let buckets = LogBuckets::new(DEFAULT_ERROR).unwrap();
            prop_assume!(a <= b);
            prop_assert!(buckets.shown(a) <= buckets.shown(b));
            prop_assert_eq!(buckets.shown(-a), -buckets.shown(a));
        }
    }
}
