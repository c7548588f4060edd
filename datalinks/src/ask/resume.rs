//! The policy for questions whose stream is interrupted.

use std::time::Duration;

use crate::transport::Backoff;

/// Minimum delay between two polls. The value is our choice.
const SHORTEST_POLL_PAUSE: Duration = Duration::from_millis(100);

/// Limits and backoff for resuming a question whose stream was interrupted by a lost connection, by silence, or by an end
/// without a last event.
///
/// A policy takes effect only if it is passed to [`Ask::resume`](super::Ask::resume), which describes what happens
/// after an interruption. The defaults are our choice:
///
/// ```
/// use std::time::Duration;
/// use datalinks::{ask::ResumePolicy, retry::Backoff};
///
/// let policy = ResumePolicy::default();
/// assert_eq!(policy.max_reconnects_without_progress, 5);
/// assert_eq!(policy.backoff, Backoff::new(Duration::from_millis(500), Duration::from_secs(20)));
/// assert_eq!(policy.poll_timeout, Duration::from_secs(600));
/// assert_eq!(policy.poll_backoff, Backoff::new(Duration::from_secs(1), Duration::from_secs(5)));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResumePolicy {
    /// Maximum number of consecutive attempts to resume that deliver no new event. Defaults to 5.
    pub max_reconnects_without_progress: u32,
    /// Bounds of the delays before attempts to resume, which double while there is no progress. A delay that the server
    /// requests has the limit of the client instead, [`RetryPolicy::max_retry_after`](crate::RetryPolicy::max_retry_after).
    /// Defaults to [`Backoff::default`]: 0.5 and 20 seconds.
    pub backoff: Backoff,
    /// Maximum time for which the status of a run that cannot be resumed is polled. Defaults to 600 seconds.
    pub poll_timeout: Duration,
    /// Bounds of the delays between two polls, unless the server requests a delay. They double from poll to poll. Defaults to 1
    /// and 5 seconds.
    pub poll_backoff: Backoff,
}

impl Default for ResumePolicy {
    fn default() -> Self {
        Self {
            max_reconnects_without_progress: 5,
            backoff: Backoff::default(),
            poll_timeout: Duration::from_secs(600),
            poll_backoff: Backoff::new(Duration::from_secs(1), Duration::from_secs(5)),
        }
    }
}

impl ResumePolicy {
    /// Sets the maximum number of consecutive attempts to resume that deliver no new event.
    ///
    /// Events that were yielded before, and events that this version does not know, do not count as progress. Two clients that
    /// keep taking the same run over from each other therefore both stop. `0` never resumes. Defaults to 5.
    pub fn max_reconnects_without_progress(mut self, most: u32) -> Self {
        self.max_reconnects_without_progress = most;
        self
    }

    /// Sets the bounds of the delays before attempts to resume. Each delay is drawn evenly from zero to its bound,
    /// which starts at `base` and doubles up to `cap`. Defaults to 0.5 and 20 seconds.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.backoff = Backoff::new(base, cap);
        self
    }

    /// Sets the maximum time for which the status of a run that cannot be resumed is polled.
    ///
    /// The time starts with the first poll and includes time in which the stream is not awaited. The status is read
    /// once more when the time is up, and that request has 10 seconds to complete. Zero reads the status once.
    /// Defaults to 600 seconds.
    pub fn poll_timeout(mut self, timeout: Duration) -> Self {
        self.poll_timeout = timeout;
        self
    }

    /// Sets the bounds of the delays between two polls. Each delay is drawn evenly from half of its bound to its bound, which
    /// starts at `base` and doubles up to `cap`. Every delay is at least 100 ms, so that polling does not overload the service.
    /// Defaults to 1 and 5 seconds.
    pub fn poll_backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.poll_backoff = Backoff::new(base, cap);
        self
    }

    /// Returns the delay after poll number `count` (from 1).
    pub(super) fn poll_pause(&self, count: u32, jitter: f64) -> Duration {
        // Never much shorter than the bound: unlike attempts to resume, polls are not limited in number.
        self.poll_backoff.pause_from_half(count, jitter).max(SHORTEST_POLL_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poll_pauses_double_up_to_the_cap_and_keep_half_of_their_bound() {
        let policy = ResumePolicy::default();
        let longest: Vec<u128> = (1..6).map(|count| policy.poll_pause(count, 1.0).as_millis()).collect();
        assert_eq!(longest, [1_000, 2_000, 4_000, 5_000, 5_000]);
        let shortest: Vec<u128> = (1..6).map(|count| policy.poll_pause(count, 0.0).as_millis()).collect();
        assert_eq!(shortest, [500, 1_000, 2_000, 2_500, 2_500]);
        assert_eq!(policy.poll_pause(u32::MAX, 1.0), policy.poll_backoff.cap);
    }

    /// Polls without pauses are as many requests as the network carries, and the longest pause panicked.
    #[test]
    fn extreme_pauses_are_bounded() {
        let zero = ResumePolicy::default().backoff(Duration::ZERO, Duration::ZERO);
        let zero = zero.poll_backoff(Duration::ZERO, Duration::ZERO);
        assert_eq!(zero.poll_pause(1, 1.0), SHORTEST_POLL_PAUSE);
        // Attempts to resume are limited in number, so they need no shortest pause.
        assert_eq!(zero.backoff.pause(1, 1.0), Duration::ZERO);
        let longest = ResumePolicy::default().backoff(Duration::MAX, Duration::MAX);
        let longest = longest.poll_backoff(Duration::MAX, Duration::MAX);
        assert_eq!(
            (longest.backoff.pause(9, 1.0), longest.poll_pause(9, 1.0)),
            (Duration::MAX, Duration::MAX)
        );
    }
}
