//! How often and how fast a request is repeated.

use std::time::Duration;

use super::backoff::Backoff;

/// When a request that did not succeed is made again.
///
/// Repeated are requests that met no connection, and 408, 429, 500, 502, 503 and 504; never another
/// 4xx. After an ambiguous outcome (the request was sent and its answer lost, or was 500, 502 or 504) only
/// operations that may safely run twice are repeated. Other 5xx, such as the 520 and 524 of a gateway, leave the outcome
/// as open, and are not repeated. A request that no connection took was not sent: it is retried,
/// whatever the operation.
///
/// After a 429, all clones of a client pause together. A retry budget, which they also share, bounds the retries
/// against a server that is gone: 100 retries, and one more for each 5 requests that succeed. An error says when the
/// budget was used up.
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
/// assert_eq!(policy.backoff.base, Duration::from_millis(500));
/// assert_eq!(policy.backoff.cap, Duration::from_secs(20));
/// assert_eq!(policy.total, None);
/// assert_eq!(policy.max_retry_after, Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Requests per call, the first included; at least 1. Default 3.
    pub attempts: u32,
    /// Bounds of the pauses that the server did not ask for. The bound of the first pause is also that of the jitter
    /// which is added to a wait that the server asks for. Defaults to [`Backoff::default`]: 0.5 and 20 seconds.
    pub backoff: Backoff,
    /// Time after which no attempt is begun, the pause after a 429 included that all clones of a client share. Default
    /// none.
    pub total: Option<Duration>,
    /// Longest wait that a server may ask for; a longer one ends the call, with the wait in the
    /// error. Default 60 s.
    pub max_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            backoff: Backoff::default(),
            total: None,
            max_retry_after: Duration::from_secs(60),
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
        self.backoff = Backoff::new(base, cap);
        self
    }

    /// No attempt begins after this much time. This holds for the first one, too, if another call got a 429 and the
    /// client pauses: the call then fails at once, without a request, with the rest of the pause in
    /// [`Error::retry_after`](crate::Error::retry_after).
    pub fn total(mut self, total: Duration) -> Self {
        self.total = Some(total);
        self
    }

    /// Sets the longest wait that a server may ask for (`Retry-After`).
    ///
    /// A call that is asked to wait longer fails at once, with the wait in
    /// [`Error::retry_after`](crate::Error::retry_after). The same limit holds for runs and questions whose stream is
    /// interrupted. Defaults to 60 seconds.
    pub fn max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// Returns the pause for a server that asked for `wait`: never shorter, and longer by some jitter, because other
    /// callers were asked for the same.
    pub(crate) fn asked(&self, wait: Duration, jitter: f64) -> Duration {
        wait.saturating_add(self.jitter(jitter))
    }

    /// Returns what is added to a wait that several calls have in common.
    pub(crate) fn jitter(&self, jitter: f64) -> Duration {
        self.backoff.pause(1, jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extreme_waits_saturate() {
        let policy = RetryPolicy::default().backoff(Duration::MAX, Duration::MAX);
        assert_eq!(policy.asked(Duration::from_secs(1), 1.0), Duration::MAX);
        assert_eq!(policy.asked(Duration::MAX, 0.5), Duration::MAX);
        let none = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
        assert_eq!(none.asked(Duration::from_secs(1), 1.0), Duration::from_secs(1));
    }

    #[test]
    fn a_wait_that_is_asked_for_is_never_shortened() {
        let policy = RetryPolicy::default();
        let wait = Duration::from_secs(3);
        assert_eq!(policy.asked(wait, 0.0), wait);
        assert_eq!(policy.asked(wait, 1.0), wait + policy.backoff.base);
        assert_eq!(policy.clone().max_retry_after(wait).max_retry_after, wait);
    }
}
