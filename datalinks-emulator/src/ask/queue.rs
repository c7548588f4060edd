//! The queue of runs that wait for a driver.

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

/// The runs that wait for a driver, in order of arrival.
#[derive(Default)]
pub(crate) struct RunQueue {
    waiting: Mutex<VecDeque<QueuedRun>>,
    /// Wakes [`work`](crate::drivers::agent_runs::work) after a run was queued.
    pub(crate) queued: Notify,
}

/// A run in the queue.
pub(crate) struct QueuedRun {
    /// The state that the run belongs to.
    pub(crate) generation: Generation,
    pub(crate) leased: LeasedRun,
    pub(crate) caller: Caller,
    pub(crate) responder: Arc<dyn Responder>,
    /// Delay between two events.
    pub(crate) delay: Duration,
    pub(crate) events: EventSender,
}

/// A run whose lease has been granted.
#[derive(Debug)]
pub(crate) struct LeasedRun {
    pub(crate) lease: Lease,
    pub(crate) run: Uuid,
    pub(crate) conversation: Uuid,
    pub(crate) asked: AskRequest,
    /// The checkpoint to continue from, or `None` to start with the plan.
    pub(crate) checkpoint: Option<Checkpoint>,
}

impl RunQueue {
    /// Queues a run of one state and returns the feed of its events. The run has the rights of `caller`.
    pub(crate) fn push(
        &self,
        generation: Generation,
        leased: LeasedRun,
        caller: Caller,
        responder: Arc<dyn Responder>,
        delay: Duration,
    ) -> EventFeed {
        let (events, read) = feed(leased.run, leased.conversation);
        let queued = QueuedRun { generation, leased, caller, responder, delay, events };
        lock(&self.waiting).push_back(queued);
        self.queued.notify_one();
        read
    }

    pub(crate) fn pop(&self) -> Option<QueuedRun> {
        lock(&self.waiting).pop_front()
    }
}
