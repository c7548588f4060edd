//! Streams over faulty networks: every event once and in order, or an error that describes the failure.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod agents;
mod ends;
mod runs;
mod schedules;
mod takeover;
mod typed;
mod waits;

use std::time::Duration;

use futures::{Stream, StreamExt as _};

use datalinks::{DataLinks, IngestProxy, RetryPolicy, ask::ResumePolicy, pipeline::ReconnectPolicy};

fn dl(origin: &str) -> DataLinks {
    let builder = DataLinks::builder(format!("{origin}/api/v1"), "k").retry(RetryPolicy::never());
    builder.idle_timeout(Duration::from_millis(200)).build().unwrap()
}

fn proxy(origin: &str) -> IngestProxy {
    let builder = IngestProxy::builder(origin, "k").retry(RetryPolicy::never());
    builder.idle_timeout(Duration::from_millis(200)).build().unwrap()
}

fn reconnect() -> ReconnectPolicy {
    ReconnectPolicy::default().backoff(Duration::ZERO, Duration::ZERO)
}

fn resume() -> ResumePolicy {
    ResumePolicy::default()
        .backoff(Duration::ZERO, Duration::ZERO)
        .poll_backoff(Duration::ZERO, Duration::ZERO)
}

/// Awaits the next item, and drops the wait repeatedly while there is none, which must not lose an item.
async fn impatiently<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    loop {
        tokio::select! {
            biased;
            item = stream.next() => return item,
            () = tokio::task::yield_now() => {}
        }
    }
}
