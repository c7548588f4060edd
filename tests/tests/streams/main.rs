//! Streams through bad networks: every event once and in order, or an error that says what happened.

mod ends;
mod schedules;

use std::time::Duration;

use datalinks::{DataLinks, IngestProxy, Reconnect, ResumePolicy, RetryPolicy};

fn dl(origin: &str) -> DataLinks {
    let builder = DataLinks::builder(format!("{origin}/api/v1"), "k").retry(RetryPolicy::never());
    builder.idle_timeout(Duration::from_millis(200)).build().unwrap()
}

fn proxy(origin: &str) -> IngestProxy {
    let builder = IngestProxy::builder(origin, "k").retry(RetryPolicy::never());
    builder.idle_timeout(Duration::from_millis(200)).build().unwrap()
}

fn reconnect() -> Reconnect {
    Reconnect::default().backoff(Duration::ZERO, Duration::ZERO)
}

fn resume() -> ResumePolicy {
    ResumePolicy::default().backoff(Duration::ZERO, Duration::ZERO)
}
