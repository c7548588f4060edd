//! The driving of pipeline runs. All runs that are due are driven concurrently.

use std::convert::Infallible;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::pipeline::{PipelineRun, run_stage};
use crate::response::panics::catch_as_problem;
use crate::state::State;

/// Drives pipeline runs while it is polled.
pub(crate) async fn work(state: &Arc<State>) -> Infallible {
    let mut running = FuturesUnordered::new();
    loop {
        loop {
            // A replaced state has its own runs. They must not be driven under the generation of the earlier state.
            let (generation, next) = {
                let _guard = state.generations.hold().await;
                (state.generations.current(), state.pipeline_runs.next())
            };
            let Some(run) = next else { break };
            let work = async move {
                if let Err(problem) = catch_as_problem(Box::pin(drive(&run, state))).await {
                    // The state may have been reloaded from its directory since. The run would then continue, and panic
                    // again.
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

/// Drives a run until it waits for a person or ends.
async fn drive(run: &PipelineRun, state: &Arc<State>) {
    if !run.claim() {
        return;
    }
    while let Some((stage, job)) = run.due() {
        let user = job.caller.user.clone();
        let session = state.session(&user);
        let watch = state.clock.watch();
        // A stage works on a copy of the job. Its changes are applied afterwards, in a transaction.
        let done = catch_as_problem(run_stage(&state.resources, stage, job, session.as_ref())).await;
        let done = done.unwrap_or_else(|problem| Err(problem.into()));
        let model_calls = session.map(|session| session.take_calls()).unwrap_or_default();
        let committed = state.transaction(|| {
            let ms = watch.elapsed().as_secs_f64() * 1000.0;
            run.end_stage(state.clock.now(), stage, model_calls, ms, done);
        });
        if let Err(error) = committed {
            state.pipeline_runs.mark_failed(run.id(), error.into(), state.clock.now());
        }
    }
}
