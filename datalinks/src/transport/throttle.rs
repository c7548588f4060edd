//! One pause for all clones of a client.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// After a 429 nobody sends until the wait is over.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<Option<Instant>>);

impl Throttle {
    /// Nobody sends for `wait` from now; a longer pause that is set already stays.
    pub(crate) fn extend(&self, wait: Duration) {
        let Some(until) = Instant::now().checked_add(wait) else { return };
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *guard = Some(guard.map_or(until, |set| set.max(until)));
    }

    /// Waits until the pause is over, and then for what `jitter` returns, so that those who waited do not all send in
    /// the same instant. Does not wait if no pause is set.
    ///
    /// # Errors
    ///
    /// Returns how long the pause still lasts if it does not end before `latest`. Returns at once then.
    pub(crate) async fn wait(
        &self,
        latest: Option<Instant>,
        mut jitter: impl FnMut() -> Duration,
    ) -> Result<(), Duration> {
        loop {
            // Copied out: the lock is not held while waiting, and the pause may grow meanwhile.
            let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let Some(until) = until.filter(|until| *until > now) else { return Ok(()) };
            let room = latest.map(|latest| latest.saturating_duration_since(until));
            if room.is_some_and(|room| room.is_zero()) {
                return Err(until.saturating_duration_since(now));
            }
            // Jitter does not make a call late that would have been in time.
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
    async fn everyone_waits_for_the_longest_pause() {
        let pause = Throttle::default();
        let start = Instant::now();
        pause.wait(None, || SECOND).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        pause.extend(5 * SECOND);
        pause.extend(2 * SECOND);
        pause.wait(None, || Duration::ZERO).await.unwrap();
        assert_eq!(start.elapsed(), 5 * SECOND);
        // One that cannot be told from none.
        pause.extend(Duration::MAX);
        pause.wait(None, || SECOND).await.unwrap();
        assert_eq!(start.elapsed(), 5 * SECOND);
    }

    /// 32 calls left in the same instant after the pause.
    #[tokio::test(start_paused = true)]
    async fn those_who_waited_leave_one_after_the_other() {
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
    async fn a_pause_that_is_too_long_is_not_waited_for() {
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
        // A pause that grows while somebody waits.
        pause.extend(2 * SECOND);
        let (waited, ()) = tokio::join!(pause.wait(latest(60 * SECOND), || Duration::ZERO), async {
            tokio::time::sleep(SECOND).await;
            pause.extend(9 * SECOND);
        });
        waited.unwrap();
        assert_eq!(start.elapsed(), Duration::from_millis(5_500) + 10 * SECOND);
    }
}
