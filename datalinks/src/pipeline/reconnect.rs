//! The policy for pipeline runs whose stream is interrupted.

use std::time::Duration;

use crate::transport::Backoff;

/// Limits and backoff for reconnecting to a [`PipelineRun`](super::PipelineRun) whose stream ended without a last event.
///
/// The counter resets when a reconnect delivers a new event. Events that the connection before delivered do not count. The
/// defaults are our choice. The vendor's client reconnects without end and without a delay.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use datalinks::pipeline::ReconnectPolicy;
///
/// let policy = ReconnectPolicy::default();
/// assert_eq!(policy.max_reconnects_without_progress, 5);
/// assert_eq!(policy.backoff.base, Duration::from_millis(500));
/// assert_eq!(policy.backoff.cap, Duration::from_secs(20));
/// assert_eq!(policy.line_limit, 16 * 1024 * 1024);
/// assert!(policy.detect_replays);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReconnectPolicy {
    /// Maximum number of consecutive reconnects without a new event. Defaults to 5.
    pub max_reconnects_without_progress: u32,
    /// Bounds of the delays, which double without progress. A delay that the server requests has the limit of the client
    /// instead, [`RetryPolicy::max_retry_after`](crate::RetryPolicy::max_retry_after). Defaults to
    /// [`Backoff::default`]: 0.5 and 20 seconds.
    pub backoff: Backoff,
    /// Maximum length of a line in bytes. Defaults to 16 MiB.
    pub line_limit: usize,
    /// `true` if a proxy that sends a run from its start again is detected. Defaults to `true`.
    pub detect_replays: bool,
}

impl Default for ReconnectPolicy {
    fn default() -> Self {
        Self {
            max_reconnects_without_progress: 5,
            backoff: Backoff::default(),
            line_limit: crate::stream::EVENT_LIMIT,
            detect_replays: true,
        }
    }
}

impl ReconnectPolicy {
    /// Sets the maximum number of consecutive reconnects without a new event. `0` never reconnects. Defaults to 5.
    pub fn max_reconnects_without_progress(mut self, most: u32) -> Self {
        self.max_reconnects_without_progress = most;
        self
    }

    /// Sets the bounds of the delays before reconnects. Each delay is drawn evenly from zero to its bound, which starts at `base`
    /// and doubles up to `cap`. Defaults to 0.5 and 20 seconds.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.backoff = Backoff::new(base, cap);
        self
    }

    /// Sets the maximum length of a line in bytes. A longer line is an error. Defaults to 16 MiB.
    pub fn line_limit(mut self, bytes: usize) -> Self {
        self.line_limit = bytes;
        self
    }

    /// Sets whether a proxy that ignores the requested index, and sends the run from its start, is detected by the first events.
    /// Defaults to `true`.
    ///
    /// Events that were yielded before are skipped then. An event with an identifier (`id`, `eventId`, `index`, `seq`
    /// or `sequence`) is recognized alone. Without identifiers, at least two events have to be equal, so the first
    /// event of a run may be yielded twice, and an event that equals the first one is yielded up to 1 s late. Turn the
    /// detection off if the events of a run repeat and the proxy is known to honor the index.
    pub fn detect_replays(mut self, detect: bool) -> Self {
        self.detect_replays = detect;
        self
    }
}
