//! Driving the pipeline runs: all that can go on at a time.

use std::convert::Infallible;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::pipeline::{Run, work_out};
use crate::response::caught::caught;
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
                if let Err(problem) = caught(Box::pin(go_on(&run, state))).await {
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

/// Carries a run out until it waits for a person, or ends.
async fn go_on(run: &Run, state: &Arc<State>) {
    if !run.claim() {
        return;
    }
    while let Some((stage, job)) = run.due() {
        let user = job.caller.user.clone();
        let asker = state.asker(&user);
        let watch = state.clock.watch();
        // A stage works on a copy of the job, and what it changes is changed in its turn.
        let done = caught(work_out(&state.resources, stage, job, asker.as_ref())).await;
        let done = done.unwrap_or_else(|problem| Err(problem.into()));
        let told = asker.map(|asker| asker.told()).unwrap_or_default();
        let kept = state.whole(|| {
            let ms = watch.elapsed().as_secs_f64() * 1000.0;
            run.end_stage(state.clock.now(), stage, told, ms, done);
        });
        if let Err(error) = kept {
            state.runs.give_up(run.id(), error.into(), state.clock.now());
        }
    }
}
