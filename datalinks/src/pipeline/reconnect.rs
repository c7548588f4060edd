//! How a run is followed through cuts.

use std::time::Duration;

use crate::transport::Backoff;

/// How often and how fast a [`PipelineRun`](super::PipelineRun) connects again after its stream ended
/// without a last event. Connecting again that brings something new starts the count anew; the same events
/// as the connection before do not count. The defaults are
/// this crate's choice (the vendor's client reconnects for ever, without a pause):
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
    /// Reconnects in a row that brought nothing new before the run is given up. Default 5.
    pub max_reconnects_without_progress: u32,
    /// Bounds of the pauses, which double while there is no progress. A pause that the server asks for has the limit of
    /// the client instead, [`RetryPolicy::max_retry_after`](crate::RetryPolicy::max_retry_after). Defaults to
    /// [`Backoff::default`]: 0.5 and 20 seconds.
    pub backoff: Backoff,
    /// The longest line that is read, in bytes. Default 16 MiB.
    pub line_limit: usize,
    /// Whether a proxy that sends a run from its start again is recognized. Default `true`.
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
    /// Gives up after this many reconnects in a row that brought nothing new; 0 never reconnects.
    pub fn max_reconnects_without_progress(mut self, most: u32) -> Self {
        self.max_reconnects_without_progress = most;
        self
    }

    /// Pauses are drawn evenly from zero to `base`, doubling up to `cap`.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.backoff = Backoff::new(base, cap);
        self
    }

    /// The longest line that is read, in bytes; a longer one is an error.
    pub fn line_limit(mut self, bytes: usize) -> Self {
        self.line_limit = bytes;
        self
    }

    /// Sets whether a proxy that ignores the index it was asked to start from, and sends the run from its start, is
    /// recognized by the first events. Defaults to `true`.
    ///
    /// Events that were yielded before are skipped then. An event with an identifier (`id`, `eventId`, `index`, `seq`
    /// or `sequence`) is recognized by itself. Without identifiers, at least two events have to be equal, so the first
    /// event of a run may be yielded twice, and an event that equals the first one is yielded up to 1 s late. Turn the
    /// detection off if the events of a run repeat and the proxy is known to honor the index.
    pub fn detect_replays(mut self, detect: bool) -> Self {
        self.detect_replays = detect;
        self
    }
}
