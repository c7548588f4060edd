//! The agent `assistant`: translates the events of a run into updates of a task.
//!
//! The run is a run of `ask`. Its id is the id of the task, and its conversation is the context.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::{self, BoxStream};

use super::part::{Data, Part};
use super::update::{StepMetadata, TaskIds, Update};
use crate::ask::{Event, EventFeed};
use crate::state::State;

/// Returns the updates of a run. The stream has no terminal update if the run was taken over or stopped.
pub(crate) fn updates(state: Arc<State>, feed: EventFeed) -> BoxStream<'static, Update> {
    let ids = TaskIds { task: feed.run_id(), context: feed.conversation_id().to_string() };
    let mut translator = Translator { state, ids, started: false };
    feed.into_events().flat_map(move |event| stream::iter(translator.updates(event))).boxed()
}

struct Translator {
    state: Arc<State>,
    ids: TaskIds,
    /// Set once the task itself has been sent.
    started: bool,
}

impl Translator {
    fn updates(&mut self, event: Event) -> Vec<Update> {
        let now = self.state.clock.now();
        let mut updates = Vec::new();
        if !std::mem::replace(&mut self.started, true) {
            // A run that fails immediately sends no event before its error.
            updates.push(self.ids.submitted(now));
        }
        match event {
            Event::RunStarted { .. } => updates.push(self.ids.working(now)),
            Event::PlanningStarted | Event::QueryExecuting { .. } | Event::AnswerStarted => {}
            Event::Plan(plan) => {
                let steps = plan.steps.into_iter().map(|step| step.instruction).collect();
                let parts = vec![Part::Text(plan.reasoning), Part::Data(Data::InferenceSteps { steps })];
                updates.push(self.ids.working_with(now, "plan", parts));
            }
            Event::StepStarted { index, instruction } => {
                let parts = vec![Part::Text(instruction)];
                updates.push(self.ids.working_with(now, &format!("step-{index}"), parts));
            }
            Event::Step { index, step } => {
                let parts = vec![Part::Text(step.query), Part::Data(Data::Rows { rows: step.data })];
                let metadata =
                    StepMetadata { index, instruction: step.instruction, reasoning: step.reasoning };
                updates.push(self.ids.artifact(format!("step-{index}"), parts, Some(metadata)));
            }
            Event::Answer { response } => {
                updates.push(self.ids.artifact("answer".to_owned(), vec![Part::Text(response)], None));
                updates.push(self.ids.completed(now));
            }
            Event::Failed(problem) => updates.push(self.ids.failed(now, problem.message)),
        }
        updates
    }
}
