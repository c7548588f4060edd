//! Working on the runs: all that can go on at a time.

use std::convert::Infallible;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::caught::caught;
use crate::problem::Problem;
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
                if let Err(problem) = caught(run.go_on(state)).await {
                    give_up(state, run.id(), problem);
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

/// Lets a run fail that panicked. The state may have been read from its folder since, where the run goes on.
fn give_up(state: &State, id: &str, problem: Problem) {
    let kept = state.whole(|| state.runs.give_up(id, problem, state.clock.now()));
    if let Err(error) = kept {
        tracing::warn!(run = id, %error, "the end of a run that panicked is not kept");
    }
}
