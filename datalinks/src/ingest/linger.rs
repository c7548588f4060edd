//! How long a partial batch waits for more rows.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// The time limit of the batch that is being filled. It runs from its first row.
#[derive(Debug)]
pub(super) struct Linger {
    limit: Option<Duration>,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Linger {
    /// Without a limit, a partial batch waits until its source ends.
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self { limit, since: None, timer: None }
    }

    /// A row came. Only the first of a batch counts.
    pub(super) fn row_came(&mut self) {
        if self.since.is_none() && self.limit.is_some() {
            self.since = Some(Instant::now());
        }
    }

    /// The batch was taken, and the next one has no row yet.
    pub(super) fn reset(&mut self) {
        self.since = None;
    }

    /// Returns `true` if the batch has waited long enough, else the task is woken when it has.
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(end) = self.since.zip(self.limit).and_then(|(since, limit)| since.checked_add(limit)) else {
            // No row, no limit, or one that is never reached.
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
