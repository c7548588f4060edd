//! How often and how fast a request is repeated.

use std::time::Duration;

/// When a request that did not succeed is made again.
///
/// Repeated are requests that met no connection, and 408, 429, 500, 502, 503 and 504; never another
/// 4xx. After a doubtful end (the request was sent and its answer lost, or was 500, 502 or 504) only
/// operations that may safely run twice are repeated.
///
/// The defaults are this crate's choice, within what the vendor's client does for ingest (3
/// attempts):
///
/// ```
/// use std::time::Duration;
/// use datalinks::RetryPolicy;
///
/// let policy = RetryPolicy::default();
/// assert_eq!(policy.attempts, 3);
/// assert_eq!(policy.base, Duration::from_millis(500));
/// assert_eq!(policy.cap, Duration::from_secs(20));
/// assert_eq!(policy.total, None);
/// assert_eq!(policy.longest_wait, Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Requests per call, the first included; at least 1. Default 3.
    pub attempts: u32,
    /// Upper bound of the first pause; it doubles from attempt to attempt. Default 0.5 s.
    pub base: Duration,
    /// Upper bound of any pause that the server did not ask for. Default 20 s.
    pub cap: Duration,
    /// Time after which no further attempt is begun. Default none.
    pub total: Option<Duration>,
    /// Longest wait that a server may ask for; a longer one ends the call, with the wait in the
    /// error. Default 60 s.
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(20),
            total: None,
            longest_wait: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// Every request is made once.
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// At most this many requests per call; 0 counts as 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Pauses are drawn evenly from zero to `base`, doubling up to `cap`.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        (self.base, self.cap) = (base, cap);
        self
    }

    /// No attempt begins after this much time.
    pub fn total(mut self, total: Duration) -> Self {
        self.total = Some(total);
        self
    }

    /// The pause after attempt number `attempt` (from 1), for a `draw` from 0 to 1: full jitter.
    pub(crate) fn pause(&self, attempt: u32, draw: f64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let bound = self.base.saturating_mul(1 << doublings).min(self.cap);
        bound.mul_f64(draw.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap_and_are_drawn_from_zero() {
        let policy = RetryPolicy::default();
        let bounds: Vec<u128> = (1..9).map(|attempt| policy.pause(attempt, 1.0).as_millis()).collect();
        assert_eq!(bounds, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
        assert_eq!(policy.pause(3, 0.0), Duration::ZERO);
        assert_eq!(policy.pause(3, 0.5), Duration::from_secs(1));
        assert_eq!(policy.pause(u32::MAX, 1.0), policy.cap);
    }
}
