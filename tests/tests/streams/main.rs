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

use datalinks_tests::clock::until_limit;
use futures::{Stream, StreamExt as _};

use datalinks::{DataLinks, IngestProxy, RetryPolicy, ask::ResumePolicy, pipeline::ReconnectPolicy};

/// Idle limit of the clients. It never ends by itself: a test lets the time pass ([`after_silence`]).
const IDLE: Duration = Duration::from_secs(600);

fn dl(origin: &str) -> DataLinks {
    let builder = DataLinks::builder(format!("{origin}/api/v1"), "k").retry(RetryPolicy::never());
    builder.idle_timeout(IDLE).build().unwrap()
}

fn proxy(origin: &str) -> IngestProxy {
    let builder = IngestProxy::builder(origin, "k").retry(RetryPolicy::never());
    builder.idle_timeout(IDLE).build().unwrap()
}

fn reconnect() -> ReconnectPolicy {
    ReconnectPolicy::default().backoff(Duration::ZERO, Duration::ZERO)
}

fn resume() -> ResumePolicy {
    ResumePolicy::default()
        .backoff(Duration::ZERO, Duration::ZERO)
        .poll_backoff(Duration::ZERO, Duration::ZERO)
}

/// Awaits the next item of a stream that has yielded all that its silent server sent.
async fn after_silence<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    until_limit(IDLE, stream.next()).await
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
