//! The driver of one agent run, from event to event.

use std::sync::Arc;
use std::time::Duration;

use crate::accounts::CallerView;
use crate::ask::{
    Checkpoint, Draft, End, Event, EventSender, History, Lease, LeasedRun, Lost, Metered, QueuedRun,
    RejectedQuery, Responder, RunContext, Step,
};
use crate::concurrency::work::background;
use crate::faults::{AGENT_RUN, ActiveFault, Effect};
use crate::response::Problem;
use crate::response::panics::catch_as_problem;
use crate::state::State;

/// Maximum number of drafts of one query. A query that cannot be run is drafted again.
const MAX_DRAFTS: usize = 3;

/// The error of a run without a checkpoint that the fault `end-after` stopped.
const STOPPED: &str =
    "an injected fault stopped the work on the run, which has no checkpoint; ask again or clear the faults";

/// Drives one run from its start, or from a checkpoint, to its end.
///
/// The driver holds a [`Lease`] of the run and releases it when it is dropped. Readers do not influence the driver:
/// unread events are buffered in the [`EventFeed`](crate::ask::EventFeed), and events for a disconnected reader are
/// discarded. If the lease is lost, the driver stops at its next checkpoint, changes nothing, and sends no terminal
/// event.
pub(super) struct RunDriver {
    state: Arc<State>,
    context: RunContext,
    lease: Lease,
    responder: Arc<dyn Responder>,
    /// The plan and the completed steps, or `None` before the plan.
    done: Option<Checkpoint>,
    next: Next,
    /// Set if the run has changed since the last commit.
    changed: bool,
    events: EventSender,
    delay: Duration,
}

/// The next event to produce.
enum Next {
    Started,
    /// Repeats the event of the last completed item, which may not have arrived before the stream broke.
    Repeat,
    Planning,
    Plan,
    Step,
    Query,
    Run(Draft),
    Answering,
    Answer,
    Finished,
}

/// The reason why a run stops.
enum Stop {
    /// The run failed or was deleted.
    Failed(Problem),
    /// The lease was lost.
    Superseded,
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl From<Lost> for Stop {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Deleted => {
                Self::Failed(Problem::not_found("the run was deleted before it ended; ask again"))
            }
            Lost::Superseded => Self::Superseded,
        }
    }
}

impl RunDriver {
    pub(super) fn new(state: &Arc<State>, run: QueuedRun) -> Self {
        let QueuedRun { generation: _, leased, caller, responder, delay, events } = run;
        let LeasedRun { lease, run, conversation, asked, checkpoint } = leased;
        let history: Arc<dyn History> = state.agent_runs.clone();
        let context =
            RunContext { resources: Arc::clone(&state.resources), history, caller, run, conversation, asked };
        Self {
            state: Arc::clone(state),
            context,
            lease,
            responder,
            done: checkpoint,
            next: Next::Started,
            changed: false,
            events,
            delay,
        }
    }

    /// Drives the run to its end, or until the lease is lost.
    pub(super) async fn drive(mut self) {
        let state = Arc::clone(&self.state);
        // Waits for the commit of the request that queued the run. If the commit fails, neither the run nor its reader
        // exists anymore.
        let _ = state.flush(state.state_store.rollbacks());
        if let Err(lost) = state.agent_runs.check(self.context.run, self.lease) {
            self.report_lost_lease(lost);
            return;
        }
        let fault = state.faults.next(AGENT_RUN);
        if let Some(failed) = self.inject_fault(fault.as_ref()).await {
            self.events.send(failed);
            return;
        }
        let stops_after = match fault.map(|fault| fault.effect) {
            Some(Effect::EndAfter(events)) => Some(events),
            _ => None,
        };
        let mut sent = 0;
        while stops_after != Some(sent) && !matches!(self.next, Next::Finished) {
            if sent > 0 && !self.delay.is_zero() {
                tokio::time::sleep(self.delay).await;
            } else {
                // Lets requests be served between two events.
                tokio::task::yield_now().await;
            }
            let Some(event) = self.next().await else { return };
            self.events.send(event);
            sent += 1;
        }
        if !matches!(self.next, Next::Finished) {
            state.agent_runs.stop(self.context.run, self.lease, STOPPED, state.clock.now());
            self.changed = true;
            // The stream has no terminal event, even if this commit fails.
            self.commit(None);
        }
    }

    /// Sends the events of a run that was taken over or deleted before its driver started. Every stream begins with
    /// `run-started`.
    fn report_lost_lease(&self, lost: Lost) {
        self.events.send(self.started());
        if let Stop::Failed(problem) = Stop::from(lost) {
            self.events.send(Event::Failed(problem));
        }
    }

    fn started(&self) -> Event {
        Event::RunStarted { run: self.context.run, conversation: self.context.conversation }
    }

    /// Applies the effects of an injected fault that precede the first event. Returns the event of a failed run, if the
    /// fault fails it.
    async fn inject_fault(&mut self, fault: Option<&ActiveFault>) -> Option<Event> {
        let fault = fault?;
        if !fault.delay.is_zero() {
            tokio::time::sleep(fault.delay).await;
        }
        let Effect::Status(status) = fault.effect else { return None };
        let message = format!("status {status}, injected as a fault; ask again or clear the faults");
        let failed = self.fail(Problem::internal(message));
        self.commit(failed)
    }

    /// Returns the next event, or `None` after the last one or if the lease was lost.
    async fn next(&mut self) -> Option<Event> {
        // A panic ends the run, because the state of the driver may be inconsistent.
        let done = catch_as_problem(self.advance()).await;
        let event = match done.unwrap_or_else(|problem| Err(Stop::Failed(problem))) {
            Ok(event) => event,
            Err(Stop::Failed(problem)) => self.fail(problem),
            Err(Stop::Superseded) => None,
        };
        self.commit(event)
    }

    /// Commits the changes that an event reports, before it is sent. An event without changes needs no commit.
    fn commit(&mut self, event: Option<Event>) -> Option<Event> {
        if !std::mem::take(&mut self.changed) {
            return event;
        }
        // The change was made in this poll, so it cannot have been rolled back.
        let state = &self.state;
        let Err(error) = state.flush(state.state_store.rollbacks()) else { return event };
        let event = event?;
        let problem = Problem::from(error);
        self.next = Next::Finished;
        self.state.agent_runs.mark_failed(self.context.run, self.lease, &problem.message);
        // The event of a deleted run is not replaced.
        Some(if matches!(event, Event::Failed(_)) { event } else { Event::Failed(problem) })
    }

    /// Ends the run as failed. Returns `None` if the lease was lost.
    fn fail(&mut self, problem: Problem) -> Option<Event> {
        self.next = Next::Finished;
        match self.end(End::Failed { message: problem.message.clone() }) {
            Err(Lost::Superseded) => None,
            Ok(()) | Err(Lost::Deleted) => Some(Event::Failed(problem)),
        }
    }

    async fn advance(&mut self) -> Result<Option<Event>, Stop> {
        let (event, next) = match std::mem::replace(&mut self.next, Next::Finished) {
            Next::Started => {
                (self.started(), if self.done.is_some() { Next::Repeat } else { Next::Planning })
            }
            Next::Repeat => {
                let done = self.done()?;
                let event = match done.steps.last() {
                    Some(step) => Event::Step { index: done.steps.len() - 1, step: step.clone() },
                    None => Event::Plan(done.plan.clone()),
                };
                (event, self.after_step())
            }
            Next::Planning => (Event::PlanningStarted, Next::Plan),
            Next::Plan => {
                let text = self.responder.plan(&self.context).await?;
                let plan = self.count_tokens(text);
                self.save(Checkpoint { plan: plan.clone(), steps: Vec::new() })?;
                (Event::Plan(plan), self.after_step())
            }
            Next::Step => {
                let (index, instruction) = self.step()?;
                (Event::StepStarted { index, instruction }, Next::Query)
            }
            Next::Query => {
                let text = self.responder.query(&self.context, self.done()?, &[]).await?;
                let draft = self.count_tokens(text);
                (Event::QueryExecuting { index: self.step()?.0 }, Next::Run(draft))
            }
            Next::Run(draft) => {
                let step = self.run(draft).await?;
                let mut done = self.done()?.clone();
                let index = done.steps.len();
                done.steps.push(step.clone());
                self.save(done)?;
                (Event::Step { index, step }, self.after_step())
            }
            Next::Answering => (Event::AnswerStarted, Next::Answer),
            Next::Answer => {
                let text = self.responder.answer(&self.context, self.done()?).await?;
                let response = self.count_tokens(text);
                self.end(End::Completed { response: response.clone() })?;
                (Event::Answer { response }, Next::Finished)
            }
            Next::Finished => return Ok(None),
        };
        self.next = next;
        Ok(Some(event))
    }

    /// Runs the query of a step. If it cannot be run, requests another draft.
    async fn run(&self, mut draft: Draft) -> Result<Step, Problem> {
        let (_, instruction) = self.step()?;
        let mut rejected = Vec::new();
        loop {
            let query = draft.query.clone();
            let (store, caller) = (self.state.snapshot(), self.context.caller.clone());
            let (asked, instruction) = (self.context.asked.clone(), instruction.clone());
            let ran =
                background(move || Step::run(CallerView::new(&store, &caller), &asked, &instruction, draft));
            match ran.await {
                Ok(step) => return Ok(step),
                Err(problem) if rejected.len() + 1 < MAX_DRAFTS => {
                    rejected.push(RejectedQuery { query, reason: problem.message });
                }
                Err(problem) => return Err(problem),
            }
            draft = self.count_tokens(self.responder.query(&self.context, self.done()?, &rejected).await?);
        }
    }

    /// Returns the index and the instruction of the next step.
    fn step(&self) -> Result<(usize, String), Problem> {
        let done = self.done()?;
        let index = done.steps.len();
        let planned =
            done.plan.steps.get(index).ok_or_else(|| Problem::internal("the plan has no more steps"))?;
        Ok((index, planned.instruction.clone()))
    }

    fn done(&self) -> Result<&Checkpoint, Problem> {
        self.done.as_ref().ok_or_else(|| Problem::internal("the run has no plan"))
    }

    fn after_step(&self) -> Next {
        match &self.done {
            Some(done) if done.steps.len() < done.plan.steps.len() => Next::Step,
            _ => Next::Answering,
        }
    }

    /// Adds the tokens of a text to the user's usage and returns the text.
    fn count_tokens<T>(&self, text: Metered<T>) -> T {
        let state = &self.state;
        state.usage.add(&self.context.caller.user, state.clock.now(), text.tokens);
        text.value
    }

    /// Advances to a checkpoint, and stores it if checkpoints are configured.
    fn save(&mut self, checkpoint: Checkpoint) -> Result<(), Lost> {
        let state = &self.state;
        let saved = if state.settings.checkpoints {
            self.changed = true;
            state.agent_runs.save(self.context.run, self.lease, &checkpoint, state.clock.now())
        } else {
            state.agent_runs.check(self.context.run, self.lease)
        };
        self.done = Some(checkpoint);
        saved
    }

    fn end(&mut self, end: End) -> Result<(), Lost> {
        self.changed = true;
        let state = &self.state;
        state.agent_runs.end(self.context.run, self.lease, end, self.done.as_ref(), state.clock.now())
    }
}

impl Drop for RunDriver {
    fn drop(&mut self) {
        self.state.agent_runs.release(self.context.run, self.lease);
    }
}
