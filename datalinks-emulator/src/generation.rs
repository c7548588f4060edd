//! The number of the state in memory, and work that belongs to one state.
//!
//! A reset, an import and a restore replace the whole state. Ids are part of the state, so the next one may use the
//! ids of the last one again. Work that outlives a replacement must therefore not touch the state that follows. Every
//! poll of such work holds a shared lock, and a replacement takes the same lock exclusively. A poll sees one state as a
//! whole, and work on an earlier state ends at its next poll.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::task::Poll;

use crate::problem::Problem;

/// The number of one state. It rises with each replacement, and is written nowhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Generation(u64);

/// The state was replaced while work on it was in progress.
#[derive(Debug)]
pub(crate) struct Replaced;

/// Separates work on the state from replacements of the state.
#[derive(Debug, Default)]
pub(crate) struct Generations {
    current: AtomicU64,
    gate: RwLock<()>,
}

impl Generations {
    /// The generation of the state in memory.
    pub(crate) fn current(&self) -> Generation {
        Generation(self.current.load(Ordering::Acquire))
    }

    /// Keeps the state from being replaced until the guard is dropped.
    ///
    /// A thread must not enter twice: a replacement that waits in between would deadlock both.
    pub(crate) fn enter(&self, generation: Generation) -> Result<RwLockReadGuard<'_, ()>, Replaced> {
        let guard = self.hold();
        if self.current() == generation { Ok(guard) } else { Err(Replaced) }
    }

    /// Like [`Generations::enter`], for the state that is there now.
    pub(crate) fn hold(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `act` while no work is polled. The generation stays.
    pub(crate) fn alone<T>(&self, act: impl FnOnce() -> T) -> T {
        let _guard = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        act()
    }

    /// Replaces the state while no work is polled. The generation stays if `act` fails.
    pub(crate) fn replace<T, E>(&self, act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.alone(|| {
            let done = act()?;
            self.current.fetch_add(1, Ordering::Release);
            Ok(done)
        })
    }

    /// Drives work on the state of one generation. Such work must not be nested.
    ///
    /// # Errors
    ///
    /// Returns [`Replaced`] at the first poll after a replacement. The work is dropped.
    pub(crate) async fn within<T>(
        &self,
        generation: Generation,
        work: impl Future<Output = T>,
    ) -> Result<T, Replaced> {
        let mut work = pin!(work);
        std::future::poll_fn(|context| match self.enter(generation) {
            Ok(_guard) => work.as_mut().poll(context).map(Ok),
            Err(replaced) => Poll::Ready(Err(replaced)),
        })
        .await
    }
}

impl From<Replaced> for Problem {
    fn from(_: Replaced) -> Self {
        Self::conflict(
            "the state of the emulator was replaced by a reset, an import or a restore while it worked on this request, \
             so that changes of the request are gone with the earlier state; send the request again if the new state \
             should have them",
        )
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn work_on_an_earlier_state_ends_at_its_next_poll() {
        let generations = Generations::default();
        let mut done = false;
        let mut work = Box::pin(generations.within(generations.current(), async {
            tokio::task::yield_now().await;
            done = true;
        }));
        assert!((&mut work).now_or_never().is_none());
        generations.replace(|| Ok::<_, ()>(())).unwrap();
        assert!(matches!((&mut work).now_or_never(), Some(Err(Replaced))));
        drop(work);
        assert!(!done);
    }

    #[test]
    fn a_replacement_that_fails_ends_no_work() {
        let generations = Generations::default();
        let before = generations.current();
        assert_eq!(generations.replace(|| Err::<(), _>("unreadable")), Err("unreadable"));
        assert!(generations.enter(before).is_ok());
    }

    #[test]
    fn a_replacement_waits_for_the_poll_in_progress() {
        let generations = Generations::default();
        let (replaced, is_replaced) = mpsc::channel();
        std::thread::scope(|scope| {
            let guard = generations.hold();
            scope.spawn(|| {
                generations.alone(|| replaced.send(()).unwrap());
            });
            assert!(is_replaced.try_recv().is_err());
            drop(guard);
            is_replaced.recv().unwrap();
        });
    }
}
