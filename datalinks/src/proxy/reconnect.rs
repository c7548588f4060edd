//! How a run is followed through cuts.

use std::time::Duration;

use crate::RetryPolicy;

/// How often and how fast a [`PipelineRun`](super::PipelineRun) connects again after its stream ended
/// without a last event. Connecting again that brings something new starts the count anew; the same events
/// as the connection before do not count. The defaults are
/// this crate's choice (the vendor's client reconnects for ever, without a pause):
///
/// ```
/// use std::time::Duration;
/// use datalinks::Reconnect;
///
/// let policy = Reconnect::default();
/// assert_eq!(policy.without_progress, 5);
/// assert_eq!(policy.base, Duration::from_millis(500));
/// assert_eq!(policy.cap, Duration::from_secs(20));
/// assert_eq!(policy.line_limit, 16 * 1024 * 1024);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reconnect {
    /// Reconnects in a row that brought nothing new before the run is given up. Default 5.
    pub without_progress: u32,
    /// Upper bound of the first pause; it doubles while there is no progress. Default 0.5 s.
    pub base: Duration,
    /// Upper bound of any pause that the server did not ask for. Default 20 s.
    pub cap: Duration,
    /// The longest line that is read, in bytes. Default 16 MiB.
    pub line_limit: usize,
}

impl Default for Reconnect {
    fn default() -> Self {
        let RetryPolicy { base, cap, .. } = RetryPolicy::default();
        Self { without_progress: 5, base, cap, line_limit: crate::ask::EVENT_LIMIT }
    }
}

impl Reconnect {
    /// Gives up after this many reconnects in a row that brought nothing new; 0 never reconnects.
    pub fn without_progress(mut self, most: u32) -> Self {
        self.without_progress = most;
        self
    }

    /// Pauses are drawn evenly from zero to `base`, doubling up to `cap`.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        (self.base, self.cap) = (base, cap);
        self
    }

    /// The longest line that is read, in bytes; a longer one is an error.
    pub fn line_limit(mut self, bytes: usize) -> Self {
        self.line_limit = bytes;
        self
    }

    /// The pause before reconnect number `count` in a row (from 1) without progress.
    pub(super) fn pause(&self, count: u32, draw: f64) -> Duration {
        RetryPolicy::default().backoff(self.base, self.cap).pause(count, draw)
    }
}
