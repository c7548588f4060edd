//! The time limit for partial batches.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use crate::platform::clock::{Instant, Sleep, sleep_until};

/// The time limit of the batch that is being filled, counted from its first row.
#[derive(Debug)]
pub(super) struct Linger {
    limit: Option<Duration>,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Linger {
    /// Creates a time limit. With `None`, a partial batch waits until its source ends.
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self { limit, since: None, timer: None }
    }

    /// Starts the time limit if this is the first row of the batch.
    pub(super) fn row_came(&mut self) {
        if self.since.is_none() && self.limit.is_some() {
            self.since = Some(Instant::now());
        }
    }

    /// Resets the time limit for an empty batch.
    pub(super) fn reset(&mut self) {
        self.since = None;
    }

    /// Returns `true` if the time limit has passed. Otherwise, the task is woken when it passes.
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(end) = self.since.zip(self.limit).and_then(|(since, limit)| since.checked_add(limit)) else {
            // The batch is empty, or the limit is absent or never reached.
            return false;
        };
        if Instant::now() >= end {
            return true;
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if timer.deadline() != end {
            timer.as_mut().reset(end);
        }
        timer.as_mut().poll(cx) == Poll::Ready(())
    }
}
