//! A gate that many pass at a time, and that somebody may close for a while.
//!
//! It is a lock for readers and a writer. Readers wait for it in a poll, without blocking their thread, and the writer
//! blocks a thread of its own. Writers in a row keep no reader out: who waited while the gate was closed enters before
//! it is closed again.

use std::marker::PhantomData;
use std::sync::{Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::lock::lock;

/// How long who wants to close the gate waits for those who are to enter first. They come at once, or are gone.
const TURN: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(crate) struct Gate {
    passage: Mutex<GateState>,
    /// Wakes the threads that want to close the gate, or that wait until everybody is outside.
    changed: Condvar,
    turn: Duration,
}

#[derive(Debug, Default)]
struct GateState {
    /// The number of guards.
    inside: usize,
    /// Whether somebody has the gate to themselves, or is the next one who does.
    closed: bool,
    /// Who waits to enter.
    waiting: Vec<Waker>,
    /// Those of them who were woken, and who enter before the gate is closed again.
    due: Vec<Waker>,
    /// When the gate was opened last.
    opened: Option<Instant>,
}

/// Keeps the gate from being closed. It stays on its thread, so that it is not held across an await.
#[derive(Debug)]
pub(crate) struct GateGuard<'a> {
    gate: &'a Gate,
    here: PhantomData<*const ()>,
}

/// Opens the gate again when it is dropped.
#[derive(Debug)]
pub(crate) struct ClosedGate<'a>(&'a Gate);

impl Default for Gate {
    fn default() -> Self {
        Self { passage: Mutex::default(), changed: Condvar::new(), turn: TURN }
    }
}

impl Gate {
    /// Enters, or wakes the task when the gate is open again.
    pub(crate) fn poll_enter(&self, context: &mut Context<'_>) -> Poll<GateGuard<'_>> {
        let mut passage = lock(&self.passage);
        if passage.closed {
            let waker = context.waker();
            if !passage.waiting.iter().any(|waiting| waiting.will_wake(waker)) {
                passage.waiting.push(waker.clone());
            }
            return Poll::Pending;
        }
        passage.inside += 1;
        if !passage.due.is_empty() {
            passage.due.retain(|due| !due.will_wake(context.waker()));
            if passage.due.is_empty() {
                self.changed.notify_all();
            }
        }
        Poll::Ready(GateGuard { gate: self, here: PhantomData })
    }

    /// Lets nobody enter any more, once those have entered who waited, and waits until nobody is inside. It blocks the
    /// thread.
    pub(crate) fn close(&self) -> ClosedGate<'_> {
        let wait = |passage| self.changed.wait(passage).unwrap_or_else(PoisonError::into_inner);
        let mut passage = lock(&self.passage);
        while passage.closed || !passage.due.is_empty() {
            if passage.closed {
                passage = wait(passage);
                continue;
            }
            let left =
                passage.opened.map_or(Duration::ZERO, |opened| self.turn.saturating_sub(opened.elapsed()));
            if left.is_zero() {
                passage.due.clear();
            } else {
                let waited = self.changed.wait_timeout(passage, left);
                passage = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
        passage.closed = true;
        while passage.inside > 0 {
            passage = wait(passage);
        }
        ClosedGate(self)
    }
}

impl Drop for GateGuard<'_> {
    fn drop(&mut self) {
        let mut passage = lock(&self.gate.passage);
        passage.inside -= 1;
        if passage.inside == 0 {
            self.gate.changed.notify_all();
        }
    }
}

impl Drop for ClosedGate<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut passage = lock(&self.0.passage);
            passage.closed = false;
            passage.opened = Some(Instant::now());
            let waiting = std::mem::take(&mut passage.waiting);
            passage.due.clone_from(&waiting);
            waiting
        };
        self.0.changed.notify_all();
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::mpsc;

    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn who_comes_to_a_closed_gate_waits_without_blocking() {
        let gate = Gate::default();
        let closed = gate.close();
        let mut entering = Box::pin(poll_fn(|context| gate.poll_enter(context)));
        assert!((&mut entering).now_or_never().is_none());
        drop(closed);
        assert!((&mut entering).now_or_never().is_some());
    }

    #[test]
    fn who_waits_is_woken() {
        let gate = Gate::default();
        let (waits, is_waiting) = mpsc::channel();
        std::thread::scope(|scope| {
            let closed = gate.close();
            scope.spawn(|| {
                let enter = poll_fn(|context| {
                    let entered = gate.poll_enter(context).map(drop);
                    let _ = waits.send(());
                    entered
                });
                crate::concurrency::work::tests::block_on(enter);
            });
            is_waiting.recv().unwrap();
            drop(closed);
        });
    }

    #[test]
    fn who_waited_enters_before_the_gate_is_closed_again() {
        let gate = Gate { turn: Duration::from_secs(60), ..Gate::default() };
        let (closes, is_closed) = mpsc::channel();
        std::thread::scope(|scope| {
            let closed = gate.close();
            let mut entering = Box::pin(poll_fn(|context| gate.poll_enter(context)));
            assert!((&mut entering).now_or_never().is_none());
            drop(closed);
            scope.spawn(|| {
                let _closed = gate.close();
                closes.send(()).unwrap();
            });
            // Time for the other thread to close it, which it must not.
            assert!(is_closed.recv_timeout(Duration::from_millis(20)).is_err());
            assert!((&mut entering).now_or_never().is_some());
            is_closed.recv().unwrap();
        });
    }

    #[test]
    fn who_is_gone_keeps_the_gate_open_for_a_moment_only() {
        let gate = Gate { turn: Duration::ZERO, ..Gate::default() };
        let closed = gate.close();
        assert!(poll_fn(|context| gate.poll_enter(context)).now_or_never().is_none());
        drop(closed);
        drop(gate.close());
    }

    #[test]
    fn a_panic_opens_the_gate_again() {
        let gate = Gate::default();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _closed = gate.close();
            panic!("on purpose");
        }));
        assert!(panicked.is_err());
        assert!(poll_fn(|context| gate.poll_enter(context)).now_or_never().is_some());
        drop(gate.close());
    }

    #[test]
    fn one_closes_it_at_a_time_and_waits_for_those_inside() {
        let gate = Gate::default();
        let (closes, is_closed) = mpsc::channel();
        std::thread::scope(|scope| {
            let guard = poll_fn(|context| gate.poll_enter(context)).now_or_never();
            for _ in 0..2 {
                scope.spawn(|| {
                    let _closed = gate.close();
                    closes.send(()).unwrap();
                });
            }
            assert!(is_closed.try_recv().is_err());
            drop(guard);
            is_closed.recv().unwrap();
            is_closed.recv().unwrap();
        });
    }
}
