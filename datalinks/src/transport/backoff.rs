//! Pauses that grow.

use std::time::Duration;

use serde::Serialize;

/// Bounds of pauses that double from one to the next.
///
/// A pause is drawn evenly between a part of its bound and its bound. The bound of the first pause is `base`. Each bound
/// is twice the one before, up to `cap`. The policies of this crate draw pauses before retries, reconnects and attempts
/// to resume from zero to the bound ("full jitter"), and pauses between polls from half of the bound.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use datalinks::retry::Backoff;
///
/// let backoff = Backoff::default();
/// assert_eq!((backoff.base, backoff.cap), (Duration::from_millis(500), Duration::from_secs(20)));
/// // The second number stands for the randomness: 1.0 draws the bound.
/// assert_eq!(backoff.pause(1, 1.0), Duration::from_millis(500));
/// assert_eq!(backoff.pause(3, 0.5), Duration::from_secs(1));
/// assert_eq!(backoff.pause(30, 1.0), Duration::from_secs(20));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Backoff {
    /// Upper bound of the first pause. Defaults to 0.5 seconds.
    pub base: Duration,
    /// Upper bound of any pause. Defaults to 20 seconds.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(Duration::from_millis(500), Duration::from_secs(20))
    }
}

impl Backoff {
    /// Creates bounds that start at `base` and double up to `cap`.
    pub const fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap }
    }

    /// Returns the bound of pause number `count`, from 1.
    pub fn bound(&self, count: u32) -> Duration {
        let doublings = count.saturating_sub(1).min(31);
        self.base.saturating_mul(1 << doublings).min(self.cap)
    }

    /// Returns pause number `count`, from 1, drawn from zero to its bound. `jitter` is a random number from 0 to 1.
    pub fn pause(&self, count: u32, jitter: f64) -> Duration {
        scale(self.bound(count), jitter)
    }

    /// Returns pause number `count`, from 1, drawn from half of its bound to its bound: for waits without a limit on their
    /// number.
    pub fn pause_from_half(&self, count: u32, jitter: f64) -> Duration {
        self.pause(count, 0.5 + jitter / 2.0)
    }
}

/// Returns a part of `bound`.
fn scale(bound: Duration, part: f64) -> Duration {
    // The product of the longest duration and 1 is too long for `Duration::mul_f64`, which would panic.
    Duration::try_from_secs_f64(bound.as_secs_f64() * part.clamp(0.0, 1.0)).unwrap_or(bound).min(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap_and_are_drawn_from_zero() {
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
