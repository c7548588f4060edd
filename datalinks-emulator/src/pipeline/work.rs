//! Working on the runs: all that can go on at a time.

use std::convert::Infallible;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::concurrency::caught::caught;
use crate::state::State;

/// Works for as long as it is polled.
pub(crate) async fn work(state: &Arc<State>) -> Infallible {
    let mut running = FuturesUnordered::new();
    loop {
        loop {
            // A replacement brings runs of its own. None of them must be taken for one of the state before.
            let (generation, next) = {
                let _guard = state.generations.hold().await;
                (state.generations.current(), state.runs.next())
            };
            let Some(run) = next else { break };
            let work = async move {
                if let Err(problem) = caught(Box::pin(run.go_on(state))).await {
                    // The state may have been read from its folder since, where the run would go on, and panic anew.
                    state.fail_after_panic(|| state.runs.give_up(run.id(), problem, state.clock.now()));
                }
            };
            running.push(state.generations.within(generation, work));
        }
        tokio::select! {
            () = state.runs.queued.notified() => {}
            Some(_) = running.next(), if !running.is_empty() => {}
        }
    }
}
