//! The delay after a 429 that all clones of a client share.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::platform::clock::{Instant, sleep_until};

/// A delay that all clones of a client share. After a 429, none of them sends a request until it ends.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<Option<Instant>>);

impl Throttle {
    /// Delays all requests by `wait` from now, unless a longer delay is set.
    pub(crate) fn extend(&self, wait: Duration) {
        let Some(until) = Instant::now().checked_add(wait) else { return };
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *guard = Some(guard.map_or(until, |set| set.max(until)));
    }

    /// Returns `true` if no delay was set. A delay that has ended may count as set.
    pub(crate) fn is_unset(&self) -> bool {
        self.until().is_none()
    }

    fn until(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the delay ends, and then for the jitter that `jitter` returns, so that waiting calls do not all send at the
    /// same time. Returns immediately if no delay is set.
    ///
    /// # Errors
    ///
    /// Returns the rest of the delay, without waiting, if it does not end before `latest`.
    pub(crate) async fn wait(
        &self,
        latest: Option<Instant>,
        mut jitter: impl FnMut() -> Duration,
    ) -> Result<(), Duration> {
        loop {
            // The lock is not held across the await. The delay may become longer meanwhile, so this is a loop.
            let Some(until) = self.until() else { return Ok(()) };
            let now = Instant::now();
            if until <= now {
                return Ok(());
            }
            let room = latest.map(|latest| latest.saturating_duration_since(until));
            if room.is_some_and(|room| room.is_zero()) {
                return Err(until.saturating_duration_since(now));
            }
            // Jitter must not make a call miss its limit.
            let jitter = jitter().min(room.map_or(Duration::MAX, |room| room / 2));
            sleep_until(until.checked_add(jitter).unwrap_or(until)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use futures::future::join_all;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn calls_wait_for_the_longest_delay() {
        let pause = Throttle::default();
        let start = Instant::now();
        pause.wait(None, || SECOND).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        pause.extend(5 * SECOND);
        pause.extend(2 * SECOND);
        pause.wait(None, || Duration::ZERO).await.unwrap();
        assert_eq!(start.elapsed(), 5 * SECOND);
        // A delay beyond the range of `Instant` is ignored.
        pause.extend(Duration::MAX);
        pause.wait(None, || SECOND).await.unwrap();
        assert_eq!(start.elapsed(), 5 * SECOND);
    }

    /// After the delay, 32 calls were sent at the same time.
    #[tokio::test(start_paused = true)]
    async fn waiting_calls_are_sent_at_different_times() {
        let pause = Throttle::default();
        let start = Instant::now();
        pause.extend(5 * SECOND);
        let mut rng = fastrand::Rng::with_seed(7);
        let calls = (0..32).map(|_| {
            let (pause, jitter) = (&pause, Duration::from_millis(rng.u64(0..500)));
            async move {
                pause.wait(None, || jitter).await.unwrap();
                start.elapsed()
            }
        });
        let left = join_all(calls).await;
        assert!(left.iter().all(|at| (5 * SECOND..=6 * SECOND).contains(at)), "{left:?}");
        let moments: BTreeSet<_> = left.iter().collect();
        assert!(moments.len() > 25, "{left:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn delay_beyond_the_limit_fails_without_waiting() {
        let pause = Throttle::default();
        let start = Instant::now();
        pause.extend(5 * SECOND);
        let latest = |after: Duration| Some(start + after);
        assert_eq!(pause.wait(latest(4 * SECOND), || SECOND).await, Err(5 * SECOND));
        assert_eq!(pause.wait(latest(5 * SECOND), || SECOND).await, Err(5 * SECOND));
        assert_eq!(start.elapsed(), Duration::ZERO);
        // Jitter stays within the limit.
        pause.wait(latest(6 * SECOND), || 60 * SECOND).await.unwrap();
        assert!(start.elapsed() < 6 * SECOND, "{:?}", start.elapsed());
        // The delay becomes longer while a call waits.
        pause.extend(2 * SECOND);
        let (waited, ()) = tokio::join!(pause.wait(latest(60 * SECOND), || Duration::ZERO), async {
            tokio::time::sleep(SECOND).await;
            pause.extend(9 * SECOND);
        });
        waited.unwrap();
        assert_eq!(start.elapsed(), Duration::from_millis(5_500) + 10 * SECOND);
    }
}
