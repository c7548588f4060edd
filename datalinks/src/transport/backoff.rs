//! Exponential backoff.

use std::time::Duration;

use serde::Serialize;

/// Exponential backoff: the upper bounds of random delays.
///
/// The bound of the first delay is `base`, and each bound is twice the previous one, up to `cap`. The policies of this crate
/// draw the delays before retries, reconnects and resumes evenly from zero to the bound ("full jitter"). They draw the delays
/// between polls from half of the bound to the bound.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use datalinks::retry::Backoff;
///
/// let backoff = Backoff::default();
/// assert_eq!((backoff.base, backoff.cap), (Duration::from_millis(500), Duration::from_secs(20)));
/// // The second argument is the random number. 1.0 gives the bound.
/// assert_eq!(backoff.pause(1, 1.0), Duration::from_millis(500));
/// assert_eq!(backoff.pause(3, 0.5), Duration::from_secs(1));
/// assert_eq!(backoff.pause(30, 1.0), Duration::from_secs(20));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Backoff {
    /// Upper bound of the first delay. Defaults to 0.5 seconds.
    pub base: Duration,
    /// Upper bound of all delays. Defaults to 20 seconds.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(Duration::from_millis(500), Duration::from_secs(20))
    }
}

impl Backoff {
    /// Creates a backoff whose bounds start at `base` and double up to `cap`.
    pub const fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap }
    }

    /// Returns the upper bound of a delay. `count` is its number, from 1.
    pub fn bound(&self, count: u32) -> Duration {
        let doublings = count.saturating_sub(1).min(31);
        self.base.saturating_mul(1 << doublings).min(self.cap)
    }

    /// Returns a delay from zero to its bound. `count` is its number, from 1, and `jitter` a random number from 0 to 1.
    pub fn pause(&self, count: u32, jitter: f64) -> Duration {
        scale(self.bound(count), jitter)
    }

    /// Returns a delay from half of its bound to its bound. `count` is its number, from 1, and `jitter` a random number from 0
    /// to 1. Use it where the number of delays has no limit.
    pub fn pause_from_half(&self, count: u32, jitter: f64) -> Duration {
        self.pause(count, 0.5 + jitter / 2.0)
    }
}

/// Multiplies `bound` by `part`, a number from 0 to 1.
fn scale(bound: Duration, part: f64) -> Duration {
    // `Duration::mul_f64` would panic for the longest duration: rounding makes the product too long.
    Duration::try_from_secs_f64(bound.as_secs_f64() * part.clamp(0.0, 1.0)).unwrap_or(bound).min(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_cap_and_start_at_zero() {
        let backoff = Backoff::default();
        let bounds: Vec<u128> = (1..9).map(|count| backoff.pause(count, 1.0).as_millis()).collect();
        assert_eq!(bounds, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
        assert_eq!(backoff.pause(3, 0.0), Duration::ZERO);
        assert_eq!(backoff.pause(3, 0.5), Duration::from_secs(1));
        assert_eq!(backoff.pause(u32::MAX, 1.0), backoff.cap);
        assert_eq!(backoff.pause_from_half(3, 0.0), Duration::from_secs(1));
        assert_eq!(backoff.pause_from_half(3, 1.0), backoff.bound(3));
    }

    /// `backoff(Duration::MAX, Duration::MAX)` panicked.
    #[test]
    fn extreme_settings_saturate() {
        let backoff = Backoff::new(Duration::MAX, Duration::MAX);
        for count in [0, 1, 2, 33, u32::MAX] {
            assert_eq!(backoff.pause(count, 1.0), Duration::MAX);
            assert_eq!(backoff.pause(count, 0.0), Duration::ZERO);
            assert!(backoff.pause(count, 0.5) < Duration::MAX);
            assert_eq!(backoff.pause(count, f64::NAN), Duration::MAX);
        }
    }
}
