//! Runs that wait for a driver, and the future that drives them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use super::checkpoint::Checkpoint;
use super::event_feed::{EventFeed, EventSender, feed};
use super::lease::Lease;
use super::request::AskRequest;
use super::responder::Responder;
use crate::accounts::Caller;
use crate::concurrency::Generation;
use crate::concurrency::lock::lock;

/// The runs that wait for a driver, in the order in which they came.
#[derive(Default)]
pub(crate) struct RunQueue {
    waiting: Mutex<VecDeque<QueuedRun>>,
    /// Wakes [`work`](crate::drivers::agent_runs::work).
    pub(crate) queued: Notify,
}

/// A run to be driven.
pub(crate) struct QueuedRun {
    /// The state that the run belongs to.
    pub(crate) generation: Generation,
    pub(crate) lease: Lease,
    pub(crate) run: Uuid,
    pub(crate) conversation: Uuid,
    pub(crate) asked: AskRequest,
    pub(crate) caller: Caller,
    pub(crate) responder: Arc<dyn Responder>,
    /// The checkpoint to go on from; `None` to start with the plan.
    pub(crate) checkpoint: Option<Checkpoint>,
    /// The pause between two events.
    pub(crate) pause: Duration,
    pub(crate) events: EventSender,
}

/// A run whose lease was just granted, before it is queued.
#[derive(Debug)]
pub(crate) struct LeasedRun {
    pub(crate) lease: Lease,
    pub(crate) run: Uuid,
    pub(crate) conversation: Uuid,
    pub(crate) asked: AskRequest,
    pub(crate) checkpoint: Option<Checkpoint>,
}

impl RunQueue {
    /// Hands a run of one state to the future that drives the runs. The caller is the user whose rights the run has.
    pub(crate) fn push(
        &self,
        generation: Generation,
        leased: LeasedRun,
        caller: Caller,
        responder: Arc<dyn Responder>,
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
            responder,
            checkpoint,
            pause,
            events,
        };
        lock(&self.waiting).push_back(queued);
        self.queued.notify_one();
        read
    }

    pub(crate) fn pop(&self) -> Option<QueuedRun> {
        lock(&self.waiting).pop_front()
    }
}
