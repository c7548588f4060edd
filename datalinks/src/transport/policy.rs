//! The retry policy.

use std::time::Duration;

use super::backoff::Backoff;

/// A policy for retries of failed requests.
///
/// # Conditions
///
/// | Failure | Retried |
/// |---|---|
/// | the request was not sent, or the response was 408, 429 or 503 | yes |
/// | the response was lost, or was 500, 502 or 504 | if the operation is safe to run twice |
/// | other 5xx, such as the 520 and 524 of a gateway | no |
/// | other 4xx | no |
///
/// The second and the third row leave an [ambiguous outcome](crate::guide::ambiguous_outcomes). The guide lists the
/// [operations](crate::guide::errors_and_retries#retries) that are not safe to run twice.
///
/// # Shared limits
///
/// After a 429, all clones of a client wait for the same time. They also share a retry budget, which limits the load on a
/// server that fails: at most 100 retries. Every five successful requests return one retry to the budget. If the budget ended a
/// call, its error says so.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use datalinks::RetryPolicy;
///
/// let policy = RetryPolicy::default();
/// assert_eq!(policy.max_attempts, 3);
/// assert_eq!(policy.backoff.base, Duration::from_millis(500));
/// assert_eq!(policy.backoff.cap, Duration::from_secs(20));
/// assert_eq!(policy.retry_timeout, None);
/// assert_eq!(policy.max_retry_after, Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Maximum number of requests per call, including the first. At least 1. Defaults to 3.
    pub max_attempts: u32,
    /// Backoff for delays that the server did not set. The bound of the first delay also limits the jitter that is added to a
    /// delay that the server asks for. Defaults to [`Backoff::default`]: 0.5 and 20 seconds.
    pub backoff: Backoff,
    /// Time after which no attempt starts, or `None` for no limit. Includes the delay after a 429 that all clones of a client
    /// share. Defaults to `None`.
    pub retry_timeout: Option<Duration>,
    /// Longest delay that a server may ask for. A longer one ends the call, and
    /// [`Error::retry_after`](crate::Error::retry_after) returns it. Defaults to 60 seconds.
    pub max_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            backoff: Backoff::default(),
            retry_timeout: None,
            max_retry_after: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// Creates a policy without retries: every call makes one request.
    pub fn never() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// Sets the maximum number of requests per call, including the first. `0` counts as 1. Defaults to 3.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Sets the upper bounds of delays: `base` for the first one, doubling up to `cap`. Delays are drawn evenly from zero to the
    /// bound. Defaults to 0.5 and 20 seconds.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.backoff = Backoff::new(base, cap);
        self
    }

    /// Sets the time after which no attempt starts. Defaults to no limit.
    ///
    /// The limit also applies to the first attempt, if the client waits because another call got a 429. If this delay does not
    /// end in time, the call fails immediately without a request, and
    /// [`Error::retry_after`](crate::Error::retry_after) returns the rest of the delay.
    pub fn retry_timeout(mut self, timeout: Duration) -> Self {
        self.retry_timeout = Some(timeout);
        self
    }

    /// Sets the longest delay that a server may ask for (`Retry-After`). Defaults to 60 seconds.
    ///
    /// If a server asks for more, the call fails immediately, and [`Error::retry_after`](crate::Error::retry_after) returns the
    /// delay. The limit also applies to reconnects of a pipeline run and to resumes of a question.
    pub fn max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// Returns the delay if a server asked for `wait`. Jitter is added, because other callers may have to wait for the same
    /// time.
    pub(crate) fn asked(&self, wait: Duration, jitter: f64) -> Duration {
        wait.saturating_add(self.jitter(jitter))
    }

    /// Returns the jitter that is added to a delay that several calls share.
    pub(crate) fn jitter(&self, jitter: f64) -> Duration {
        self.backoff.pause(1, jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extreme_delays_saturate() {
        let policy = RetryPolicy::default().backoff(Duration::MAX, Duration::MAX);
        assert_eq!(policy.asked(Duration::from_secs(1), 1.0), Duration::MAX);
        assert_eq!(policy.asked(Duration::MAX, 0.5), Duration::MAX);
        let none = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
        assert_eq!(none.asked(Duration::from_secs(1), 1.0), Duration::from_secs(1));
    }

    #[test]
    fn delay_of_the_server_is_never_shortened() {
        let policy = RetryPolicy::default();
        let wait = Duration::from_secs(3);
        assert_eq!(policy.asked(wait, 0.0), wait);
        assert_eq!(policy.asked(wait, 1.0), wait + policy.backoff.base);
        assert_eq!(policy.clone().max_retry_after(wait).max_retry_after, wait);
    }
}
