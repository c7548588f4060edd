//! Runs that wait for a driver, and the future that drives them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::Notify;
use uuid::Uuid;

use super::author::{Asked, Author};
use super::checkpoint::Checkpoint;
use super::event_feed::{EventFeed, EventSender, feed};
use super::lease::Lease;
use super::run_driver::RunDriver;
use crate::access::Caller;
use crate::caught::caught;
use crate::generation::Generation;
use crate::lock::lock;
use crate::state::State;

/// The runs that wait for a driver, in the order in which they came.
#[derive(Default)]
pub(super) struct RunQueue {
    waiting: Mutex<VecDeque<QueuedRun>>,
    /// Wakes [`work`].
    queued: Notify,
}

/// A run to be driven.
pub(super) struct QueuedRun {
    /// The state that the run belongs to.
    pub(super) generation: Generation,
    pub(super) lease: Lease,
    pub(super) run: Uuid,
    pub(super) conversation: Uuid,
    pub(super) asked: Asked,
    pub(super) caller: Caller,
    pub(super) author: Arc<dyn Author>,
    /// The checkpoint to go on from; `None` to start with the plan.
    pub(super) checkpoint: Option<Checkpoint>,
    /// The pause between two events.
    pub(super) pause: Duration,
    pub(super) events: EventSender,
}

/// A run whose lease was just granted, before it is queued.
#[derive(Debug)]
pub(crate) struct LeasedRun {
    pub(super) lease: Lease,
    pub(super) run: Uuid,
    pub(super) conversation: Uuid,
    pub(super) asked: Asked,
    pub(super) checkpoint: Option<Checkpoint>,
}

impl RunQueue {
    /// Hands a run of one state to the future that drives the runs. The caller is the user whose rights the run has.
    pub(super) fn push(
        &self,
        generation: Generation,
        leased: LeasedRun,
        caller: Caller,
        author: Arc<dyn Author>,
        pause: Duration,
    ) -> EventFeed {
        let LeasedRun { lease, run, conversation, asked, checkpoint } = leased;
        let (events, read) = feed(run, conversation);
        let queued = QueuedRun {
            generation,
            lease,
            run,
            conversation,
            asked,
            caller,
            author,
            checkpoint,
            pause,
            events,
        };
        lock(&self.waiting).push_back(queued);
        self.queued.notify_one();
        read
    }

    fn pop(&self) -> Option<QueuedRun> {
        lock(&self.waiting).pop_front()
    }
}

/// Drives all runs, each to its end, for as long as it is polled.
///
/// Dropping the future ends the work on all runs at once. What was committed stays.
pub(crate) async fn work(state: &Arc<State>) -> Infallible {
    let queue = state.memory.queue();
    let mut driven = FuturesUnordered::new();
    loop {
        while let Some(run) = queue.pop() {
            driven.push(state.generations.within(run.generation, drive(state, run)));
        }
        tokio::select! {
            () = queue.queued.notified() => {}
            Some(_) = driven.next(), if !driven.is_empty() => {}
        }
    }
}

/// Drives a run to its end. A run whose driver panics has failed.
async fn drive(state: &Arc<State>, run: QueuedRun) {
    let (id, lease) = (run.run, run.lease);
    if let Err(problem) = caught(RunDriver::new(state, run).drive()).await {
        state.fail_after_panic(|| state.memory.give_up(id, lease, &problem.message));
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::Emulator;
    use crate::ask::{Event, Script, Wishes};
    use crate::label::Label;
    use crate::store::Namespace;

    #[tokio::test]
    async fn a_run_ends_with_the_state_for_which_it_was_queued() {
        let emulator = Emulator::start().await.unwrap();
        let state = emulator.state();
        let drive = |generation| {
            let asked =
                Asked { space: Namespace::new("ana", "n"), question: "?".into(), wishes: Wishes::default() };
            let caller = Caller { user: "ana".into(), ..Caller::anonymous() };
            let now = DateTime::UNIX_EPOCH;
            let run = state.memory.begin(&state.ids, &caller, asked, None, Label::Scripted, now).unwrap();
            state.memory.drive(generation, run, caller, Arc::new(Script), Duration::ZERO)
        };
        let before = state.generations.current();
        state.reset().unwrap();
        assert!(drive(before).next().await.is_none(), "nobody works on it");
        let begun = drive(state.generations.current()).next().await;
        assert!(matches!(begun, Some(Event::RunStarted { .. })), "{begun:?}");
    }
}
