//! Working on one run: event by event, to its end.

use std::sync::Arc;
use std::time::Duration;

use crate::accounts::CallerView;
use crate::ask::{
    Checkpoint, Draft, End, Event, EventSender, History, Lease, Lost, Metered, QueuedRun, RejectedQuery,
    Responder, RunContext, Step,
};
use crate::concurrency::work::background;
use crate::faults::{AGENT_RUN, ActiveFault, Effect};
use crate::response::Problem;
use crate::response::panics::catch_as_problem;
use crate::state::State;

/// Maximum number of drafts of one query, including the first. A query that cannot be run is drafted again.
const DRAFTS: usize = 3;

/// The error of a run that has no checkpoint and that the fault `end-after` stopped.
const STOPPED: &str =
    "an injected fault stopped the work on the run, which has no checkpoint; ask again or clear the faults";

/// The work on one run, from its start or from a checkpoint to its end.
///
/// The driver holds a [`Lease`] of the run and returns it when it is dropped. A reader has no influence on the driver:
/// events that are not read yet wait in the [`EventFeed`](crate::ask::EventFeed), and the events of a reader that is gone
/// are discarded. A driver whose lease was lost stops at its next checkpoint, changes nothing, and sends no last
/// event.
pub(super) struct RunDriver {
    state: Arc<State>,
    job: RunContext,
    lease: Lease,
    responder: Arc<dyn Responder>,
    /// The plan and the completed steps; `None` before the plan.
    done: Option<Checkpoint>,
    next: Next,
    /// Whether the run has changed since the last commit.
    changed: bool,
    events: EventSender,
    pause: Duration,
}

/// The next event to produce.
enum Next {
    Started,
    /// The part that was completed last, again: its event may not have arrived when the stream broke.
    Again,
    Planning,
    Plan,
    Step,
    Query,
    Run(Draft),
    Answering,
    Answer,
    Nothing,
}

/// The reason why a run does not go on.
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
                Self::Failed(Problem::not_found("the run was deleted while it went on; ask again"))
            }
            Lost::Superseded => Self::Superseded,
        }
    }
}

impl RunDriver {
    pub(super) fn new(state: &Arc<State>, run: QueuedRun) -> Self {
        let QueuedRun {
            generation: _,
            lease,
            run,
            conversation,
            asked,
            caller,
            responder,
            checkpoint,
            pause,
            events,
        } = run;
        let history: Arc<dyn History> = state.agent_runs.clone();
        let job =
            RunContext { resources: Arc::clone(&state.resources), history, caller, run, conversation, asked };
        Self {
            state: Arc::clone(state),
            job,
            lease,
            responder,
            done: checkpoint,
            next: Next::Started,
            changed: false,
            events,
            pause,
        }
    }

    /// Drives the run to its end, or until the lease is lost.
    pub(super) async fn drive(mut self) {
        let state = Arc::clone(&self.state);
        // Waits for the commit of the request that queued the run. If that fails, the run is gone, and so is the reader.
        let _ = state.flush(state.state_store.rollbacks());
        if let Err(lost) = state.agent_runs.check(self.job.run, self.lease) {
            self.lost_before_the_start(lost);
            return;
        }
        let fault = state.faults.next(AGENT_RUN);
        if let Some(failed) = self.disturbed(fault.as_ref()).await {
            self.events.send(failed);
            return;
        }
        let stops_after = match fault.map(|fault| fault.effect) {
            Some(Effect::EndAfter(events)) => Some(events),
            _ => None,
        };
        let mut sent = 0;
        while stops_after != Some(sent) && !matches!(self.next, Next::Nothing) {
            if sent > 0 && !self.pause.is_zero() {
                tokio::time::sleep(self.pause).await;
            } else {
                // Requests are served between two events.
                tokio::task::yield_now().await;
            }
            let Some(event) = self.next().await else { return };
            self.events.send(event);
            sent += 1;
        }
        if !matches!(self.next, Next::Nothing) {
            state.agent_runs.stop(self.job.run, self.lease, STOPPED, state.clock.now());
            self.changed = true;
            // The stream has no last event, also if this cannot be kept.
            self.kept(None);
        }
    }

    /// Sends the events of a run that was taken over or deleted before its driver started. Every stream begins with
    /// `run-started`.
    fn lost_before_the_start(&self, lost: Lost) {
        self.events.send(self.started());
        if let Stop::Failed(problem) = Stop::from(lost) {
            self.events.send(Event::Failed(problem));
        }
    }

    fn started(&self) -> Event {
        Event::RunStarted { run: self.job.run, conversation: self.job.conversation }
    }

    /// Applies the part of an injected fault that acts before the first event. Returns the event of a run that failed.
    async fn disturbed(&mut self, fault: Option<&ActiveFault>) -> Option<Event> {
        let fault = fault?;
        if !fault.delay.is_zero() {
            tokio::time::sleep(fault.delay).await;
        }
        let Effect::Status(status) = fault.effect else { return None };
        let message = format!("status {status}, injected as a fault; ask again or clear the faults");
        let failed = self.fail(Problem::internal(message));
        self.kept(failed)
    }

    /// The next event; `None` after the last, and when the lease was lost.
    async fn next(&mut self) -> Option<Event> {
        // A panic ends the run, so that nothing goes on from where it left the driver.
        let done = catch_as_problem(self.go_on()).await;
        let event = match done.unwrap_or_else(|problem| Err(Stop::Failed(problem))) {
            Ok(event) => event,
            Err(Stop::Failed(problem)) => self.fail(problem),
            Err(Stop::Superseded) => None,
        };
        self.kept(event)
    }

    /// Commits what an event reports before it is sent. An event that reports no change of the run needs no commit.
    fn kept(&mut self, event: Option<Event>) -> Option<Event> {
        if !std::mem::take(&mut self.changed) {
            return event;
        }
        // The change was made in this poll, so nothing can have taken it back.
        let state = &self.state;
        let Err(error) = state.flush(state.state_store.rollbacks()) else { return event };
        let event = event?;
        let problem = Problem::from(error);
        self.next = Next::Nothing;
        self.state.agent_runs.mark_failed(self.job.run, self.lease, &problem.message);
        // An event that reports a deleted run stays as it is.
        Some(if matches!(event, Event::Failed(_)) { event } else { Event::Failed(problem) })
    }

    /// Ends the run. `None` if it is no longer this driver's to end.
    fn fail(&mut self, problem: Problem) -> Option<Event> {
        self.next = Next::Nothing;
        match self.end(End::Failed { message: problem.message.clone() }) {
            Err(Lost::Superseded) => None,
            Ok(()) | Err(Lost::Deleted) => Some(Event::Failed(problem)),
        }
    }

    async fn go_on(&mut self) -> Result<Option<Event>, Stop> {
        let (event, next) = match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::Started => (self.started(), if self.done.is_some() { Next::Again } else { Next::Planning }),
            Next::Again => {
                let done = self.done()?;
                let event = match done.steps.last() {
                    Some(step) => Event::Step { index: done.steps.len() - 1, step: step.clone() },
                    None => Event::Plan(done.plan.clone()),
                };
                (event, self.after_a_step())
            }
            Next::Planning => (Event::PlanningStarted, Next::Plan),
            Next::Plan => {
                let said = self.responder.plan(&self.job).await?;
                let plan = self.note(said);
                self.save(Checkpoint { plan: plan.clone(), steps: Vec::new() })?;
                (Event::Plan(plan), self.after_a_step())
            }
            Next::Step => {
                let (index, instruction) = self.step()?;
                (Event::StepStarted { index, instruction }, Next::Query)
            }
            Next::Query => {
                let said = self.responder.query(&self.job, self.done()?, &[]).await?;
                let draft = self.note(said);
                (Event::QueryExecuting { index: self.step()?.0 }, Next::Run(draft))
            }
            Next::Run(draft) => {
                let step = self.run(draft).await?;
                let mut done = self.done()?.clone();
                let index = done.steps.len();
                done.steps.push(step.clone());
                self.save(done)?;
                (Event::Step { index, step }, self.after_a_step())
            }
            Next::Answering => (Event::AnswerStarted, Next::Answer),
            Next::Answer => {
                let said = self.responder.answer(&self.job, self.done()?).await?;
                let response = self.note(said);
                self.end(End::Completed { response: response.clone() })?;
                (Event::Answer { response }, Next::Nothing)
            }
            Next::Nothing => return Ok(None),
        };
        self.next = next;
        Ok(Some(event))
    }

    /// Runs the query of a step. A query that cannot be run is drafted again.
    async fn run(&self, mut draft: Draft) -> Result<Step, Problem> {
        let (_, instruction) = self.step()?;
        let mut refused = Vec::new();
        loop {
            let query = draft.query.clone();
            let (store, caller) = (self.state.snapshot(), self.job.caller.clone());
            let (asked, instruction) = (self.job.asked.clone(), instruction.clone());
            let ran =
                background(move || Step::run(CallerView::new(&store, &caller), &asked, &instruction, draft));
            match ran.await {
                Ok(step) => return Ok(step),
                Err(problem) if refused.len() + 1 < DRAFTS => {
                    refused.push(RejectedQuery { query, reason: problem.message });
                }
                Err(problem) => return Err(problem),
            }
            draft = self.note(self.responder.query(&self.job, self.done()?, &refused).await?);
        }
    }

    /// The index and the instruction of the next step.
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

    fn after_a_step(&self) -> Next {
        match &self.done {
            Some(done) if done.steps.len() < done.plan.steps.len() => Next::Step,
            _ => Next::Answering,
        }
    }

    /// Counts the tokens that a text took.
    fn note<T>(&self, said: Metered<T>) -> T {
        let state = &self.state;
        state.usage.add(&self.job.caller.user, state.clock.now(), said.tokens);
        said.value
    }

    /// Passes a checkpoint, and writes it if checkpoints are configured.
    fn save(&mut self, checkpoint: Checkpoint) -> Result<(), Lost> {
        let state = &self.state;
        let saved = if state.settings.checkpoints {
            self.changed = true;
            state.agent_runs.save(self.job.run, self.lease, &checkpoint, state.clock.now())
        } else {
            state.agent_runs.check(self.job.run, self.lease)
        };
        self.done = Some(checkpoint);
        saved
    }

    fn end(&mut self, end: End) -> Result<(), Lost> {
        self.changed = true;
        let state = &self.state;
        state.agent_runs.end(self.job.run, self.lease, end, self.done.as_ref(), state.clock.now())
    }
}

impl Drop for RunDriver {
    fn drop(&mut self) {
        self.state.agent_runs.release(self.job.run, self.lease);
    }
}
