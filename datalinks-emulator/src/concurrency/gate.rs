//! A gate that many tasks can pass, and that one thread can close for a while.
//!
//! The gate is a readers-writer lock. Readers are futures and wait without blocking their thread, while the writer blocks a
//! separate thread. Consecutive writers do not starve readers: readers that waited while the gate was closed enter before it
//! is closed again.

use std::marker::PhantomData;
use std::sync::{Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::lock::lock;

/// Longest time to wait for readers that may enter first. A reader whose future still exists enters much earlier.
const TURN: Duration = Duration::from_millis(50);

/// A readers-writer lock whose readers wait asynchronously.
#[derive(Debug)]
pub(crate) struct Gate {
    passage: Mutex<GateState>,
    /// Wakes the threads that wait to close the gate.
    changed: Condvar,
    turn: Duration,
}

#[derive(Debug, Default)]
struct GateState {
    /// The number of guards.
    inside: usize,
    /// `true` if a thread has closed the gate, or waits for the last guard to be dropped.
    closed: bool,
    /// The tasks that wait to enter.
    waiting: Vec<Waker>,
    /// The woken tasks that may enter before the gate is closed again.
    due: Vec<Waker>,
    /// The time at which the gate was last opened.
    opened: Option<Instant>,
}

/// A guard that keeps the gate open. The type is not `Send`, so that it cannot be held across an await.
#[derive(Debug)]
pub(crate) struct GateGuard<'a> {
    gate: &'a Gate,
    here: PhantomData<*const ()>,
}

/// A guard of a closed gate. Dropping it opens the gate.
#[derive(Debug)]
pub(crate) struct ClosedGate<'a>(&'a Gate);

impl Default for Gate {
    fn default() -> Self {
        Self { passage: Mutex::default(), changed: Condvar::new(), turn: TURN }
    }
}

impl Gate {
    /// Enters the gate, or wakes the task when the gate is open again.
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

    /// Closes the gate after the waiting tasks have entered, and waits until all guards are dropped. Blocks the thread.
    pub(crate) fn close(&self) -> ClosedGate<'_> {
        let wait = |passage| self.changed.wait(passage).unwrap_or_else(PoisonError::into_inner);
        let mut passage = lock(&self.passage);
        while passage.closed || !passage.due.is_empty() {
            if passage.closed {
                passage = wait(passage);
                continue;
            }
            let remaining =
                passage.opened.map_or(Duration::ZERO, |opened| self.turn.saturating_sub(opened.elapsed()));
            if remaining.is_zero() {
                passage.due.clear();
            } else {
                let waited = self.changed.wait_timeout(passage, remaining);
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
    fn task_waits_at_a_closed_gate_without_blocking() {
        let gate = Gate::default();
        let closed = gate.close();
        let mut entering = Box::pin(poll_fn(|context| gate.poll_enter(context)));
        assert!((&mut entering).now_or_never().is_none());
        drop(closed);
        assert!((&mut entering).now_or_never().is_some());
    }

    #[test]
    fn opening_the_gate_wakes_waiting_tasks() {
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
    fn waiting_task_enters_before_the_gate_is_closed_again() {
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
            // Gives the other thread time to close the gate, which it must not do.
            assert!(is_closed.recv_timeout(Duration::from_millis(20)).is_err());
            assert!((&mut entering).now_or_never().is_some());
            is_closed.recv().unwrap();
        });
    }

    #[test]
    fn dropped_task_delays_closing_only_briefly() {
        let gate = Gate { turn: Duration::ZERO, ..Gate::default() };
        let closed = gate.close();
        assert!(poll_fn(|context| gate.poll_enter(context)).now_or_never().is_none());
        drop(closed);
        drop(gate.close());
    }

    #[test]
    fn panic_opens_the_gate() {
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
    fn close_is_exclusive_and_waits_for_guards() {
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
