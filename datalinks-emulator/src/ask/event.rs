//! The events of a run, in the service's format.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::checkpoint::{Plan, Step};
use crate::response::api_response::sse;
use crate::response::{EventBytes, Problem};

/// One event of a run.
#[derive(Debug)]
pub(crate) enum Event {
    RunStarted {
        run: Uuid,
        conversation: Uuid,
    },
    PlanningStarted,
    Plan(Plan),
    StepStarted {
        index: usize,
        instruction: String,
    },
    QueryExecuting {
        index: usize,
    },
    Step {
        index: usize,
        step: Step,
    },
    AnswerStarted,
    Answer {
        response: String,
    },
    /// The run failed or was deleted.
    Failed(Problem),
}

/// A step as events and results contain it.
#[derive(Debug, Serialize)]
pub(crate) struct StepReport<'a> {
    instruction: &'a str,
    query: &'a str,
    reasoning: &'a str,
    data: &'a RawValue,
}

impl<'a> From<&'a Step> for StepReport<'a> {
    fn from(step: &'a Step) -> Self {
        Self {
            instruction: &step.instruction,
            query: &step.query,
            reasoning: &step.reasoning,
            data: &step.data,
        }
    }
}

impl Event {
    /// Returns the event as server-sent event.
    pub(crate) fn bytes(&self) -> EventBytes {
        match self {
            Self::RunStarted { run, conversation } => {
                sse("run-started", &Started { run_id: *run, conversation_id: *conversation })
            }
            Self::PlanningStarted => sse("planningStarted", &NoFields {}),
            Self::Plan(plan) => {
                let steps = plan.steps.iter().map(|step| step.instruction.as_str()).collect();
                sse("plan", &Planned { steps, reasoning: &plan.reasoning })
            }
            Self::StepStarted { index, instruction } => {
                sse("stepStarted", &StepStarted { index: *index, instruction })
            }
            Self::QueryExecuting { index } => sse("queryExecuting", &QueryExecuting { index: *index }),
            Self::Step { index, step } => sse("step", &Done { index: *index, step: step.into() }),
            Self::AnswerStarted => sse("answerStarted", &NoFields {}),
            Self::Answer { response } => sse("answer", &Answered { response }),
            Self::Failed(problem) => sse("error", &Failed { message: &problem.message }),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Started {
    run_id: Uuid,
    conversation_id: Uuid,
}

#[derive(Serialize)]
struct NoFields {}

#[derive(Serialize)]
struct Planned<'a> {
    steps: Vec<&'a str>,
    reasoning: &'a str,
}

#[derive(Serialize)]
struct StepStarted<'a> {
    index: usize,
    instruction: &'a str,
}

#[derive(Serialize)]
struct QueryExecuting {
    index: usize,
}

#[derive(Serialize)]
struct Done<'a> {
    index: usize,
    #[serde(flatten)]
    step: StepReport<'a>,
}

#[derive(Serialize)]
struct Answered<'a> {
    response: &'a str,
}

#[derive(Serialize)]
struct Failed<'a> {
    message: &'a str,
}
