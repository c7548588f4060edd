//! The number of the state in memory, and work that belongs to one state.
//!
//! A reset, an import and a restore replace the whole state. Ids are part of the state, so the next one may use the
//! ids of the last one again. Work that outlives a replacement must therefore not touch the state that follows. Every
//! poll of such work is inside a gate, and a replacement closes the gate until it is done. A poll sees one state as a
//! whole, and work on an earlier state ends at its next poll.
//!
//! Replacements take long for large states, so they run on threads for blocking work. What is polled waits for the gate
//! without blocking its thread, which serves meanwhile what needs no state.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use super::gate::{Gate, GateGuard};

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
    gate: Gate,
    #[cfg(test)]
    pub(crate) pauses: crate::concurrency::pause::Pauses,
}

impl Generations {
    /// The generation of the state in memory.
    pub(crate) fn current(&self) -> Generation {
        Generation(self.current.load(Ordering::Acquire))
    }

    /// Keeps the state from being replaced until the guard is dropped, once no replacement is in progress.
    ///
    /// Nobody may enter twice on one thread: a replacement that waits in between would deadlock both. The guard must not
    /// be held across an await.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
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
    /// This method is cancel safe.
    pub(crate) async fn enter(&self, generation: Generation) -> Result<GateGuard<'_>, Replaced> {
        std::future::poll_fn(|context| self.poll_enter(generation, context)).await
    }

    /// Like [`Generations::enter`], in a poll.
    pub(crate) fn poll_enter(
        &self,
        generation: Generation,
        context: &mut Context<'_>,
    ) -> Poll<Result<GateGuard<'_>, Replaced>> {
        let guard = ready!(self.gate.poll_enter(context));
        Poll::Ready(if self.current() == generation { Ok(guard) } else { Err(Replaced) })
    }

    /// Runs `act` while no work is polled. The generation stays. It blocks the thread until polls in progress have ended.
    pub(crate) fn alone<T>(&self, act: impl FnOnce() -> T) -> T {
        let _closed = self.gate.close();
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

    /// Drives work on the state that is there when the work is polled first. Such work must not be nested.
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
        assert!(matches!(generations.enter(before).now_or_never(), Some(Ok(_))));
    }

    #[test]
    fn work_that_waits_for_a_replacement_is_on_the_new_state() {
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
    fn work_that_began_before_a_replacement_ends() {
        let generations = Generations::default();
        let mut work = Box::pin(generations.within_current(|_| tokio::task::yield_now()));
        assert!((&mut work).now_or_never().is_none());
        generations.replace(|| Ok::<_, ()>(())).unwrap();
        assert!(matches!((&mut work).now_or_never(), Some(Err(Replaced))));
    }
}
