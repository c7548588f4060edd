//! Waiting for the end of an attempt of a run.

use std::time::Duration;

use tokio::sync::futures::Notified;

use crate::platform::clock::{Instant, timeout_at};

/// Waits until an attempt ends, at most until `at`, which counts from `start`.
///
/// `ended` is created before the state is read that leads to the wait, so that no notification is lost.
pub(super) async fn ended_before(ended: Notified<'_>, start: Instant, at: Option<Duration>) {
    // A time beyond the range of `Instant` is never reached.
    match at.and_then(|at| start.checked_add(at)) {
        Some(at) => drop(timeout_at(at, ended).await),
        None => ended.await,
    }
}
