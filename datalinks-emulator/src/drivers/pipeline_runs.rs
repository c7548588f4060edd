//! Driving the pipeline runs: all that can go on at a time.

use std::convert::Infallible;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::pipeline::{PipelineRun, work_out};
use crate::response::panics::catch_as_problem;
use crate::state::State;

/// Works for as long as it is polled.
pub(crate) async fn work(state: &Arc<State>) -> Infallible {
    let mut running = FuturesUnordered::new();
    loop {
        loop {
            // A replacement brings runs of its own. None of them must be taken for one of the state before.
            let (generation, next) = {
                let _guard = state.generations.hold().await;
                (state.generations.current(), state.pipeline_runs.next())
            };
            let Some(run) = next else { break };
            let work = async move {
                if let Err(problem) = catch_as_problem(Box::pin(go_on(&run, state))).await {
                    // The state may have been read from its folder since, where the run would go on, and panic anew.
                    state.fail_after_panic(|| {
                        state.pipeline_runs.mark_failed(run.id(), problem, state.clock.now())
                    });
                }
            };
            running.push(state.generations.within(generation, work));
        }
        tokio::select! {
            () = state.pipeline_runs.queued.notified() => {}
            Some(_) = running.next(), if !running.is_empty() => {}
        }
    }
}

/// Carries a run out until it waits for a person, or ends.
async fn go_on(run: &PipelineRun, state: &Arc<State>) {
    if !run.claim() {
        return;
    }
    while let Some((stage, job)) = run.due() {
        let user = job.caller.user.clone();
        let session = state.session(&user);
        let watch = state.clock.watch();
        // A stage works on a copy of the job, and what it changes is changed in its turn.
        let done = catch_as_problem(work_out(&state.resources, stage, job, session.as_ref())).await;
        let done = done.unwrap_or_else(|problem| Err(problem.into()));
        let told = session.map(|session| session.take_calls()).unwrap_or_default();
        let kept = state.transaction(|| {
            let ms = watch.elapsed().as_secs_f64() * 1000.0;
            run.end_stage(state.clock.now(), stage, told, ms, done);
        });
        if let Err(error) = kept {
            state.pipeline_runs.mark_failed(run.id(), error.into(), state.clock.now());
        }
    }
}
