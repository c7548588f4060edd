//! Working on the runs: all that can go on at a time.

use std::convert::Infallible;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::caught::caught;
use crate::state::State;

/// Works for as long as it is polled.
pub(crate) async fn work(state: &Arc<State>) -> Infallible {
    let mut running = FuturesUnordered::new();
    loop {
        loop {
            // Asked for first, so that a run of an earlier state is not taken for one of a later state.
            let generation = state.generations.current();
            let Some(run) = state.runs.next() else { break };
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
