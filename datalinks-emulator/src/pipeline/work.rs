//! Working on the runs: all that can go on at a time.

use std::convert::Infallible;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::state::State;

/// Works for as long as it is polled.
pub(crate) async fn work(state: &Arc<State>) -> Infallible {
    let mut running = FuturesUnordered::new();
    loop {
        while let Some(run) = state.runs.next() {
            running.push(async move { run.go_on(state).await });
        }
        tokio::select! {
            () = state.runs.queued.notified() => {}
            Some(()) = running.next(), if !running.is_empty() => {}
        }
    }
}
