//! One pause for all clones of a client.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// After a 429 nobody sends until the wait is over.
#[derive(Debug, Default)]
pub(crate) struct Pause(Mutex<Option<Instant>>);

impl Pause {
    /// Nobody sends for `wait` from now; a longer pause that is set already stays.
    pub(crate) fn extend(&self, wait: Duration) {
        let Some(until) = Instant::now().checked_add(wait) else { return };
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *guard = Some(guard.map_or(until, |set| set.max(until)));
    }

    /// Waits until the pause is over, if there is one.
    pub(crate) async fn wait(&self) {
        loop {
            // Copied out: the lock is not held while waiting, and the pause may grow meanwhile.
            let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match until {
                Some(until) if until > Instant::now() => tokio::time::sleep_until(until).await,
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn everyone_waits_for_the_longest_pause() {
        let pause = Pause::default();
        let start = Instant::now();
        pause.wait().await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        pause.extend(Duration::from_secs(5));
        pause.extend(Duration::from_secs(2));
        pause.wait().await;
        assert_eq!(start.elapsed(), Duration::from_secs(5));
    }
}
