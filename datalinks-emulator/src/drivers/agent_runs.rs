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
            driven.push(state.generations.within(run.generation, drive(state, run)));
        }
        tokio::select! {
            () = queue.queued.notified() => {}
            Some(_) = driven.next(), if !driven.is_empty() => {}
        }
    }
}

/// Drives a run to its end. If the driver panics, the run fails.
async fn drive(state: &Arc<State>, run: QueuedRun) {
    let (id, lease) = (run.leased.run, run.leased.lease);
    if let Err(problem) = catch_as_problem(RunDriver::new(state, run).drive()).await {
        state.fail_after_panic(|| state.agent_runs.mark_failed(id, lease, &problem.message));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;

    use super::*;
    use crate::Emulator;
    use crate::accounts::Caller;
    use crate::ask::{AskOptions, AskRequest, Event, RuleResponder};
    use crate::response::Label;
    use crate::store::Namespace;

    #[tokio::test]
    async fn run_ends_with_the_state_for_which_it_was_queued() {
        let emulator = Emulator::start().await.unwrap();
        let state = emulator.state();
        let drive = |generation| {
            let asked = AskRequest {
                space: Namespace::new("ana", "n"),
                question: "?".into(),
                options: AskOptions::default(),
            };
            let caller = Caller { user: "ana".into(), ..Caller::anonymous() };
            let now = DateTime::UNIX_EPOCH;
            let run = state.agent_runs.begin(&state.ids, &caller, asked, None, Label::Scripted, now).unwrap();
            state.agent_runs.drive(generation, run, caller, Arc::new(RuleResponder), Duration::ZERO)
        };
        let before = state.generations.current();
        state.reset().unwrap();
        assert!(drive(before).next().await.is_none(), "no driver works on the run");
        let begun = drive(state.generations.current()).next().await;
        assert!(matches!(begun, Some(Event::RunStarted { .. })), "{begun:?}");
    }
}
