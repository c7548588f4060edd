//! The number of open connections, and the time since the last one was closed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Counts the open connections of a server.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<watch::Sender<Count>>);

#[derive(Clone, Copy, Debug)]
struct Count {
    open: usize,
    /// Time of the last change.
    since: Instant,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Count { open: 0, since: Instant::now() })))
    }

    /// Counts a connection until the returned value is dropped.
    pub(super) fn open(&self) -> Open {
        self.change(|open| open + 1);
        Open(self.clone())
    }

    fn change(&self, change: impl Fn(usize) -> usize) {
        self.0.send_modify(|count| *count = Count { open: change(count.open), since: Instant::now() });
    }

    /// Waits until no connection has been open for `limit`. Cancel safe.
    pub(super) async fn idle(&self, limit: Duration) {
        let mut count = self.0.subscribe();
        loop {
            let now = *count.borrow_and_update();
            // A time beyond the range of `Instant` is never reached.
            let end = now.since.checked_add(limit).filter(|_| now.open == 0);
            let reached = async {
                match end {
                    Some(end) => tokio::time::sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                // The sender is a field of `self`, so the channel is open.
                _ = count.changed() => {}
                () = reached => return,
            }
        }
    }
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Open(Activity);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.change(|open| open.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn idle_time_begins_when_the_last_connection_is_closed() {
        let limit = Duration::from_secs(10);
        let start = Instant::now();
        let activity = Activity::new();
        activity.idle(limit).await;
        assert_eq!(start.elapsed(), limit);

        let (one, other) = (activity.open(), activity.open());
        let closing = async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(one);
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(other);
        };
        tokio::join!(closing, activity.idle(limit));
        assert_eq!(start.elapsed(), Duration::from_secs(140));

        // A limit beyond the range of time is never reached.
        assert!(futures::poll!(std::pin::pin!(activity.idle(Duration::MAX))).is_pending());
    }
}
