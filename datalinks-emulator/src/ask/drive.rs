//! How a run goes on: event by event, as somebody reads them.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::BoxStream;
use uuid::Uuid;

use super::author::{Author, Job, Refused, Said};
use super::checkpoint::{Checkpoint, Draft, Step};
use super::event::Event;
use super::run::End;
use crate::access::Sight;
use crate::answer::EventBytes;
use crate::lock::read;
use crate::problem::Problem;

/// A query that cannot be run is written anew so often, the first time included.
const DRAFTS: usize = 3;

/// A run that somebody reads. When they stop before its end, it stays where it is, to be resumed.
pub(crate) struct Drive {
    job: Job,
    author: Arc<dyn Author>,
    /// `None`: there is no plan yet.
    done: Option<Checkpoint>,
    next: Next,
}

/// What comes next.
enum Next {
    Started,
    /// The part that was done last, again: its event may not have arrived when the stream broke.
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

impl Drive {
    /// A run from its beginning, or from a checkpoint. It must be marked as open; it is left when this is dropped.
    pub(crate) fn new(job: Job, author: Arc<dyn Author>, done: Option<Checkpoint>) -> Self {
        Self { job, author, done, next: Next::Started }
    }

    /// The id of the run.
    pub(crate) fn run_id(&self) -> Uuid {
        self.job.run
    }

    /// The events that follow, as they are sent.
    pub(crate) fn events(self) -> BoxStream<'static, EventBytes> {
        futures::stream::unfold(self, |mut drive| async {
            let event = drive.next().await?;
            Some((event.bytes(), drive))
        })
        .boxed()
    }

    /// The next event; nothing after the last.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        let went_on = self.go_on().await;
        // What an event tells is kept before it is told.
        let kept = self.job.state.keep().map_err(Problem::from);
        match kept.and(went_on) {
            Ok(event) => event,
            Err(problem) => {
                self.next = Next::Nothing;
                self.end(End::Failed { message: problem.message.clone() });
                Some(Event::Failed(problem))
            }
        }
    }

    async fn go_on(&mut self) -> Result<Option<Event>, Problem> {
        let (event, next) = match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::Started => {
                let event = Event::RunStarted { run: self.job.run, conversation: self.job.conversation };
                (event, if self.done.is_some() { Next::Again } else { Next::Planning })
            }
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
                let said = self.author.plan(&self.job).await?;
                let plan = self.note(said);
                self.save(Checkpoint { plan: plan.clone(), steps: Vec::new() })?;
                (Event::Plan(plan), self.after_a_step())
            }
            Next::Step => {
                let (index, instruction) = self.step()?;
                (Event::StepStarted { index, instruction }, Next::Query)
            }
            Next::Query => {
                let said = self.author.query(&self.job, self.done()?, &[]).await?;
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
                let said = self.author.answer(&self.job, self.done()?).await?;
                let response = self.note(said);
                if !self.end(End::Completed { response: response.clone() }) {
                    return Err(deleted());
                }
                (Event::Answer { response }, Next::Nothing)
            }
            Next::Nothing => return Ok(None),
        };
        self.next = next;
        Ok(Some(event))
    }

    /// Runs the query of a step; one that cannot be run is written anew.
    async fn run(&self, mut draft: Draft) -> Result<Step, Problem> {
        let (_, instruction) = self.step()?;
        let mut refused = Vec::new();
        loop {
            let query = draft.query.clone();
            let ran = {
                let store = read(&self.job.state.store);
                let sight = Sight::new(&store, &self.job.caller);
                Step::run(sight, &self.job.asked, &instruction, draft)
            };
            match ran {
                Ok(step) => return Ok(step),
                Err(problem) if refused.len() + 1 < DRAFTS => {
                    refused.push(Refused { query, reason: problem.message });
                }
                Err(problem) => return Err(problem),
            }
            draft = self.note(self.author.query(&self.job, self.done()?, &refused).await?);
        }
    }

    /// The step that is due: its number and instruction.
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

    /// Counts what something took.
    fn note<T>(&self, said: Said<T>) -> T {
        let state = &self.job.state;
        state.usage.add(&self.job.caller.user, state.clock.now(), said.tokens);
        said.what
    }

    fn save(&mut self, checkpoint: Checkpoint) -> Result<(), Problem> {
        let state = &self.job.state;
        let saved = state.memory.save(self.job.run, &checkpoint, state.clock.now());
        self.done = Some(checkpoint);
        if saved { Ok(()) } else { Err(deleted()) }
    }

    fn end(&self, end: End) -> bool {
        let state = &self.job.state;
        state.memory.end(self.job.run, end, state.clock.now())
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        self.job.state.memory.leave(self.job.run);
    }
}

fn deleted() -> Problem {
    Problem::not_found("the run was deleted while it went on; ask again")
}
