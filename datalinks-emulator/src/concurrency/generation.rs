//! Generations of the state, and work that is bound to one generation.
//!
//! A reset, an import or a restore replaces the whole state. Ids are part of the state, so a new state may use the ids of
//! the previous one again. Therefore work that outlives a replacement must not use the new state. Every poll of such work
//! holds a gate open, and a replacement closes the gate until it is complete. A poll sees only one state, and work on an
//! earlier state ends at its next poll.
//!
//! Replacing a large state takes long, so it runs on a thread for blocking work. Futures wait for the gate without blocking
//! the serving thread, which can process requests that do not use the state.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use super::gate::{Gate, GateGuard};

/// The number of one state, which increases with each replacement. It is not persisted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Generation(u64);

/// The error of work whose state was replaced.
#[derive(Debug)]
pub(crate) struct Replaced;

/// Separates work on the state from replacements of the state.
#[derive(Debug, Default)]
pub(crate) struct Generations {
    current: AtomicU64,
    gate: Gate,
    #[cfg(test)]
    pub(crate) pauses: crate::concurrency::pause::Pauses,
}

impl Generations {
    /// Returns the generation of the state in memory.
    pub(crate) fn current(&self) -> Generation {
        Generation(self.current.load(Ordering::Acquire))
    }

    /// Waits until no replacement is in progress, and prevents replacements until the guard is dropped.
    ///
    /// A thread must not hold two guards: a replacement that begins to wait in between would cause a deadlock. The guard
    /// must not be held across an await.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped future holds no guard.
    pub(crate) async fn hold(&self) -> GateGuard<'_> {
        std::future::poll_fn(|context| self.gate.poll_enter(context)).await
    }

    /// Like [`Generations::hold`], for the state of one generation.
    ///
    /// # Errors
    ///
    /// Returns [`Replaced`] if that state was replaced.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped future holds no guard.
    pub(crate) async fn enter(&self, generation: Generation) -> Result<GateGuard<'_>, Replaced> {
        std::future::poll_fn(|context| self.poll_enter(generation, context)).await
    }

    /// Polls [`Generations::enter`].
    pub(crate) fn poll_enter(
        &self,
        generation: Generation,
        context: &mut Context<'_>,
    ) -> Poll<Result<GateGuard<'_>, Replaced>> {
        let guard = ready!(self.gate.poll_enter(context));
        Poll::Ready(if self.current() == generation { Ok(guard) } else { Err(Replaced) })
    }

    /// Runs `act` while no work is polled, without a change of the generation. Blocks the thread until polls in progress
    /// have ended.
    pub(crate) fn alone<T>(&self, act: impl FnOnce() -> T) -> T {
        let _closed = self.gate.close();
        act()
    }

    /// Replaces the state while no work is polled. The generation does not change if `act` fails.
    pub(crate) fn replace<T, E>(&self, act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.alone(|| {
            let done = act()?;
            self.current.fetch_add(1, Ordering::Release);
            Ok(done)
        })
    }

    /// Runs work on the state that is current at its first poll. Such work must not be nested.
    ///
    /// # Errors
    ///
    /// Returns [`Replaced`] at the first poll after a replacement. The work is dropped.
    pub(crate) async fn within_current<W: Future>(
        &self,
        begin: impl FnOnce(Generation) -> W,
    ) -> Result<W::Output, Replaced> {
        let mut begin = Some(begin);
        let mut own = self.current();
        let mut work = pin!(None);
        std::future::poll_fn(|context| {
            let _guard = ready!(self.gate.poll_enter(context));
            if let Some(begin) = begin.take() {
                own = self.current();
                work.set(Some(begin(own)));
            }
            match work.as_mut().as_pin_mut() {
                Some(work) if self.current() == own => work.poll(context).map(Ok),
                _ => Poll::Ready(Err(Replaced)),
            }
        })
        .await
    }

    /// Runs work on the state of one generation. Such work must not be nested.
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
        std::future::poll_fn(|context| {
            let _guard = ready!(self.gate.poll_enter(context));
            if self.current() == generation {
                work.as_mut().poll(context).map(Ok)
            } else {
                Poll::Ready(Err(Replaced))
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn work_ends_at_its_next_poll_after_a_replacement() {
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
    fn failed_replacement_does_not_end_work() {
        let generations = Generations::default();
        let before = generations.current();
        assert_eq!(generations.replace(|| Err::<(), _>("unreadable")), Err("unreadable"));
        assert!(matches!(generations.enter(before).now_or_never(), Some(Ok(_))));
    }

    #[test]
    fn work_first_polled_during_a_replacement_uses_the_new_state() {
        let generations = Generations::default();
        let before = generations.current();
        let mut work = Box::pin(generations.within_current(|generation| async move { generation }));
        generations
            .replace(|| {
                assert!((&mut work).now_or_never().is_none());
                Ok::<_, ()>(())
            })
            .unwrap();
        let on = (&mut work).now_or_never();
        assert!(matches!(on, Some(Ok(on)) if on != before && on == generations.current()));
    }

    #[test]
    fn work_begun_before_a_replacement_ends() {
        let generations = Generations::default();
        let mut work = Box::pin(generations.within_current(|_| tokio::task::yield_now()));
        assert!((&mut work).now_or_never().is_none());
        generations.replace(|| Ok::<_, ()>(())).unwrap();
        assert!(matches!((&mut work).now_or_never(), Some(Err(Replaced))));
    }
}
