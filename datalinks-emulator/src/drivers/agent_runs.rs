//! The driving of agent runs.

use std::convert::Infallible;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::run_driver::RunDriver;
use crate::ask::QueuedRun;
use crate::response::panics::catch_as_problem;
use crate::state::State;

/// Drives all runs to their ends while it is polled.
///
/// Dropping the future stops the work on all runs immediately. Committed changes are kept.
pub(crate) async fn work(state: &Arc<State>) -> Infallible {
    let queue = state.agent_runs.queue();
    let mut driven = FuturesUnordered::new();
    loop {
        while let Some(run) = queue.pop() {
            let work = drive(state, run);
            driven.push(state.generations.within(state.generations.current(), work));
        }
        tokio::select! {
            () = queue.queued.notified() => {}
            Some(_) = driven.next(), if !driven.is_empty() => {}
        }
    }
}

/// Drives a run to its end. If the driver panics, the run fails.
async fn drive(state: &Arc<State>, run: QueuedRun) {
    let (id, lease) = (run.run, run.lease);
    if let Err(problem) = catch_as_problem(RunDriver::new(state, run).drive()).await {
        state.fail_after_panic(|| state.agent_runs.mark_failed(id, lease, &problem.message));
    }
}
